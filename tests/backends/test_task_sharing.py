"""`mtg tasks`: what tasks share. Keras's gradients are the oracle of which weights a task uses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import mtg
import networkx as nx
import numpy as np
import pytest
from goldens import expect
from mtg.backends.families import MOST_TASKS
from mtg.backends.summary.as_json import summary_json
from mtg.backends.tasks.as_json import tasks_object
from mtg.backends.tasks.picture import tasks_dot
from mtg.backends.tasks.sharing import Sharing, sharing
from mtg.cli import main
from mtg.text.diagnostics import Diagnostics
from mtg.types.infer import infer

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mtg"))
SHOWN = ["tweets_joint", "tweets_separate", "news_headline", "mmoe"]

Capture = pytest.CaptureFixture[str]


def found_in(program: Path | str) -> Sharing:
    graph = mtg.load(program)
    return sharing(graph, infer(graph, Diagnostics()))


@pytest.mark.parametrize("name", SHOWN)
def test_text(name: str, root: Path, capsys: Capture) -> None:
    assert main(["tasks", str(root / "examples" / f"{name}.mtg")]) == 0
    expect(capsys.readouterr().out, f"tasks/{name}.txt")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_parts_are_the_whole(path: Path) -> None:
    found = found_in(path)
    total = json.loads(_summary(path))["total_params"]
    if total is None:
        return
    own = sum(task.own_parameters or 0 for task in found.tasks)
    assert own + sum(part.parameters or 0 for part in found.parts) == total
    spent, macs = json.loads(_summary(path))["macs"], [task.macs for task in found.tasks]
    if isinstance(spent, int):  # a task costs no more than all do, and together they do all
        numbers = [each for each in macs if isinstance(each, int)]
        assert len(numbers) == len(macs)
        assert max(numbers) <= spent <= sum(numbers)
    for number, task in enumerate(found.tasks):
        row = found.matrix[number]
        assert row[number] == (task.own_parameters or 0) + (task.common_parameters or 0)
        assert row == tuple(other[number] for other in found.matrix)


def _summary(path: Path) -> str:
    graph = mtg.load(path)
    return summary_json(graph, infer(graph, Diagnostics()))


@pytest.mark.keras
@pytest.mark.parametrize("name", ["mmoe", "esmm", "news_headline"])
def test_gradients_reach_the_weights_that_a_task_uses(name: str, root: Path) -> None:
    import tensorflow as tf

    path = root / "examples" / f"{name}.mtg"
    model = mtg.compile(path)
    found = found_in(path)
    given = [
        np.ones([1, *(length or 3 for length in each.shape[1:])], each.dtype)
        for each in model.inputs
    ]
    used: list[set[int]] = []
    with tf.GradientTape(persistent=True) as tape:
        results = model(given)
        results = results if isinstance(results, list) else [results]
    for result in results:
        gradients = tape.gradient(result, [each.value for each in model.trainable_weights])
        used.append({at for at, each in enumerate(gradients) if each is not None})
    sizes = [int(np.prod(weight.shape)) for weight in model.trainable_weights]
    counts = [[sum(sizes[at] for at in one & other) for other in used] for one in used]
    assert counts == [list(row) for row in found.matrix]


def words_of(body: str) -> list[str]:
    words: list[str] = tasks_object(found_in(f"model M {{\n{body}\n}}"))["words"]
    return words


TWO = "input a: float32[4]\n input b: float32[4]\n"


def test_in_words() -> None:
    assert words_of(f"{TWO} output y = concat(a, b) -> Dense(1)") == [
        "A model of one task shares nothing."
    ]
    apart = f"{TWO} output y = a -> Dense(1)\n output z = b -> Dense(1)"
    assert words_of(apart) == [
        "`y` sees `a`; `z` sees `b`.",
        "They share no layer: the model is several models side by side.",
    ]
    both = f"{TWO} shared e = Dense(3)\n h = a -> e\n output y = h\n output z = add(h, b -> e)"
    assert words_of(both) == [
        "`y` sees `a`; `z` sees `a` and `b`.",
        "They share `e` (15 parameters): the weights, and some of what is computed with them.",
    ]
    three = (
        f"{TWO} h = add(a, b)\n g = h -> Dense(3)\n output x = g -> Dense(1)\n"
        "output y = g -> Dense(1)\n output z = h -> Dense(1)"
    )
    assert words_of(three) == [
        "All 3 tasks see both inputs: `h` brings them together.",
        "They share `h`, computed once for all of them.",
        "`x` and `y` share `g` (15 parameters), computed once for all of them.",
    ]


def test_a_layer_that_is_also_wrapped_is_one() -> None:
    found = found_in(
        "model M { input a: float32[4]\n input b: float32[5, 4]\n shared e = Dense(3)\n"
        "output y = a -> e\n output z = b -> TimeDistributed(e) }"
    )
    assert found.matrix == ((15, 15), (15, 15))
    assert [part.how for part in found.parts] == ["weights"]


def test_json(root: Path, capsys: Capture) -> None:
    path = root / "examples" / "tweets_separate.mtg"
    assert main(["tasks", str(path), "--format", "json"]) == 0
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert said["format"] == 1
    assert said["shared"] == [
        {
            "tasks": ["cheerful", "well_known"],
            "layers": ["encoder"],
            "params": 82176,
            "how": "weights",
        }
    ]
    assert said["params_in_common"] == [[82241, 82176], [82176, 82241]]
    assert [task["inputs"] for task in said["tasks"]] == [["tweet_a"], ["tweet_b"]]


@pytest.mark.parametrize("name", ["tweets_joint", "tweets_separate", "esmm", "celeba_attributes"])
def test_picture(name: str, root: Path, capsys: Capture) -> None:
    path = str(root / "examples" / f"{name}.mtg")
    assert main(["tasks", path, "--format", "dot"]) == 0
    lines = capsys.readouterr().out.splitlines(keepends=True)
    assert [line.split()[0] for line in lines[1:4]] == ["graph", "node", "edge"]
    expect("".join(lines[4:]), f"tasks/{name}.dot")  # how every picture looks is left out


def test_lines_of_the_picture_are_ways_of_the_graph(root: Path) -> None:
    """From every input of a task a way leads to the task, and from no other input."""
    for path in EXAMPLES:
        graph = mtg.load(path)
        found = sharing(graph, infer(graph, Diagnostics()))
        if len(found.tasks) > MOST_TASKS:
            continue
        drawn = nx.DiGraph(re.findall(r"^\t(\w+) -> (\w+)", tasks_dot(graph, found), re.MULTILINE))
        by_box = {
            node: set(words.split(", "))
            for node, words in re.findall(
                r'^\t(inputs\d+) .*tooltip="?([^"\]]*?)(?: · [^"]*)?"?\]$',
                tasks_dot(graph, found),
                re.MULTILINE,
            )
        }
        for number, task in enumerate(found.tasks):
            before = nx.ancestors(drawn, f"task{number}") & by_box.keys()
            seen = set().union(*(by_box[node] for node in before))
            weights_alone = any(part.how != "computation" for part in found.parts)
            if not any("more" in name for name in seen):
                assert seen >= set(task.inputs)
                assert weights_alone or seen == set(task.inputs)


def test_forms(tmp_path: Path, root: Path, capsys: Capture) -> None:
    """By suffix, by format, to a file and to standard output; the same from Python."""
    path = root / "examples" / "tweets_separate.mtg"
    for suffix in ("txt", "json", "svg", "png", "pdf", "dot"):
        made = tmp_path / f"made.{suffix}"
        assert main(["tasks", str(path), "-o", str(made)]) == 0
        assert capsys.readouterr().err == f"wrote {made}\n"
        mine = tmp_path / f"mine.{suffix}"
        report = mtg.tasks(path, mine)
        assert mine.read_bytes() == made.read_bytes()
    assert main(["tasks", str(path)]) == 0
    assert capsys.readouterr().out == str(report) == (tmp_path / "made.txt").read_text("utf-8")
    assert report.to_json() == (tmp_path / "made.json").read_text("utf-8")
    assert report.matrix == ((82241, 82176), (82176, 82241))
    assert main(["tasks", str(path), "-o", str(tmp_path / "made.jpg")]) == 2
    assert "cannot tell the format" in capsys.readouterr().err
    with pytest.raises(ValueError, match="unsupported format 'jpg'"):
        mtg.tasks(path, tmp_path / "made.jpg")
    assert not (tmp_path / "made.jpg").exists()


def test_a_file_of_keras(tmp_path: Path, root: Path, capsys: Capture) -> None:
    path = root / "examples" / "mmoe.mtg"
    (tmp_path / "m.json").write_text(mtg.to_json(path), encoding="utf-8")
    assert main(["tasks", str(tmp_path / "m.json")]) == 0
    theirs = capsys.readouterr().out
    assert main(["tasks", str(path)]) == 0
    assert capsys.readouterr().out == theirs


def test_the_page_shows_what_is_printed(root: Path) -> None:
    text = (root / "docs" / "tasks.md").read_text(encoding="utf-8")
    shown = re.findall(r"\$ mtg tasks examples/(\w+)\.mtg\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in shown] == ["tweets_joint", "tweets_separate"]
    for name, output in shown:
        assert output == (root / "tests" / "cases" / "tasks" / f"{name}.txt").read_text("utf-8")
