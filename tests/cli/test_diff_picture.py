"""`mtg diff A B -o diff.svg`: both models in one picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise, permutations
from pathlib import Path
from xml.etree import ElementTree

import mtg
import pytest
from diff_edits import EDITS, OLD
from goldens import expect
from hypothesis import given, settings
from mtg.backends.picture.both_models import both_models
from mtg.backends.picture.difference import difference_dot
from mtg.backends.picture.draw import drawn
from mtg.cli import main
from mtg.graph.graph import Graph
from mtg.graph.values import TensorRef
from random_programs import programs

SVG = "{http://www.w3.org/2000/svg}"

Capture = pytest.CaptureFixture[str]

#: A deep network, of which most is equal.
DEEP = """\
block x -> residual(filters) {
  h = x -> Conv2D(filters, 3, padding="same") -> BatchNormalization() -> ReLU()
  return x + (h -> Conv2D(filters, 3, padding="same")) -> ReLU()
}
model Deep(extra=False, rounds=6) {
  input image: float32[32, 32, 8]
  h = image -> repeat rounds { residual(8) }
  output kind = h -> if extra { SpatialDropout2D(0.2) } -> repeat rounds { residual(8) }
    -> GlobalAveragePooling2D() -> Dense(10)
}
"""


def picture(one: str | Graph, other: str | Graph) -> str:
    a, b = (mtg.load(each) if isinstance(each, str) else each for each in (one, other))
    return difference_dot(both_models(a, b), "a → b")


def boxes(dot: str) -> list[tuple[str, str, str]]:
    """The key, the status and the name of every box."""
    found = []
    for line in re.findall(r"^\t(?:b|a|end|old|equal)\w* \[.*$", dot, re.MULTILINE):
        key = line.split()[0]
        status = re.search(r"class=(\w+)", line)
        words = re.search(r'tooltip=(?:"([^"]*)"|(\w+))', line)
        assert status
        assert words
        name, *_ = (words[1] or words[2]).split(" · ")
        found.append((key, status[1], name))
    return found


@pytest.mark.parametrize("name", EDITS)
def test_goldens(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.mtg").write_text(OLD, encoding="utf-8")
    (tmp_path / "new.mtg").write_text(EDITS[name](OLD), encoding="utf-8")
    assert main(["diff", "old.mtg", "new.mtg", "--format", "dot"]) == (name != "equal")
    lines = capsys.readouterr().out.splitlines(keepends=True)
    assert [line.split()[0] for line in lines[1:4]] == ["graph", "node", "edge"]
    expect("".join(lines[4:]), f"diff/{name}.dot")  # how every picture looks is left out


def test_much_that_is_equal_is_few_boxes() -> None:
    dot = picture(DEEP, mtg.load(DEEP, extra=True))
    statuses = [status for _, status, _ in boxes(dot)]
    assert statuses.count("added") == 1
    assert statuses.count("changed") == statuses.count("removed") == 0
    assert len(statuses) < 15
    assert "equal layers" in dot
    calls = len(mtg.load(DEEP, extra=True).calls)
    folded = sum(int(count) for count in re.findall(r"([\d,]+) equal layers", dot))
    shown = [key for key, *_ in boxes(dot) if key[0] in "ab"]
    assert folded + len(shown) == calls


def ways(dot: str) -> list[tuple[str, str]]:
    return re.findall(r"^\t(\w+) -> (\w+)", dot, re.MULTILINE)


@pytest.mark.parametrize("extra", [False, True])
def test_boxes_of_what_is_equal_close_no_circle(extra: bool) -> None:
    import networkx as nx

    dot = picture(mtg.load(DEEP, extra=extra), mtg.load(DEEP, extra=not extra))
    assert nx.is_directed_acyclic_graph(nx.DiGraph(ways(dot)))


def test_what_one_way_adds_the_other_removes() -> None:
    made: list[Callable[[str], str]] = list(EDITS.values())
    for one, other in pairwise(made):
        a, b = mtg.load(one(OLD)), mtg.load(other(OLD))
        there, back = boxes(picture(a, b)), boxes(picture(b, a))
        for status, opposite in permutations(("added", "removed")):
            assert sorted(name for _, how, name in there if how == status) == sorted(
                name for _, how, name in back if how == opposite
            )


@settings(max_examples=30)
@given(programs(), programs())
def test_boxes_are_the_changes(one: str, other: str) -> None:
    """What `mtg diff` says is added or removed has a box each, and nothing else has."""
    a, b = mtg.load(one, model="M"), mtg.load(other, model="M")
    drawn = boxes(picture(a, b))
    changes = [change for change in mtg.diff(a, b).changes if not change.path]
    for status in ("added", "removed"):
        told = [each.name for each in changes if each.kind == status]
        assert len(told) == sum(how == status for _, how, _ in drawn)
    equal = boxes(picture(a, a))
    assert {how for _, how, _ in equal} == {"same"}


@settings(max_examples=20)
@given(programs(), programs())
def test_lines_are_those_of_the_second_model(one: str, other: str) -> None:
    """Walked in the graph itself: what the second model takes is equal or added, no more."""
    graph = mtg.load(other, model="M")
    both = both_models(mtg.load(one, model="M"), graph)
    lines = {
        (both.boxes[tail].name, both.boxes[head].name)
        for (tail, head), how in both.lines.items()
        if how != "removed" and both.boxes[head].layer is not None
    }
    needed = graph.reaching_outputs()
    assert lines == {
        (_giver(graph, ref), call.layer.name)
        for call in graph.calls
        if call.id in needed and call.layer.cls != "Identity"
        for ref in call.tensors()
    }


def _giver(graph: Graph, ref: TensorRef) -> str:
    """What gives a tensor; an `Identity` only names it, and is no layer of the comparison."""
    call = graph.calls[ref.call]
    if call.layer.cls != "Identity":
        return call.layer.name
    (taken,) = call.tensors()
    return _giver(graph, taken)


def test_any_name_is_drawn() -> None:
    """What Graphviz, HTML or XML would read in a name is text."""
    program = """model M(name) {
      input x: float32[4]
      output f"{name}" = x -> Dense(1)
    }"""
    for name in ("<b>", "&lt;", "]]>", "ä é 名", "a|b{c}", "%s", "price paid", '"', "'"):
        graph = mtg.load(program, parameters={"name": name})
        svg = drawn(picture(OLD, graph), "svg", name, name)
        texts = [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]
        assert any(name in text for text in texts), name


def test_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """By suffix and by format; the same from Python, which keeps what it has read."""
    monkeypatch.chdir(tmp_path)
    Path("old.mtg").write_text(OLD, encoding="utf-8")
    Path("new.mtg").write_text(EDITS["inserted"](OLD), encoding="utf-8")
    for suffix in ("txt", "json", "svg", "png", "pdf", "dot"):
        assert main(["diff", "old.mtg", "new.mtg", "-o", f"made.{suffix}"]) == 1
        assert capsys.readouterr() == ("", f"wrote made.{suffix}\n")
        found = mtg.diff("old.mtg", "new.mtg", f"mine.{suffix}")
        assert Path(f"mine.{suffix}").read_bytes() == Path(f"made.{suffix}").read_bytes()
    assert main(["diff", "old.mtg", "new.mtg"]) == 1
    assert capsys.readouterr().out == f"{found}\n" == Path("made.txt").read_text(encoding="utf-8")
    assert main(["diff", "old.mtg", "new.mtg", "-o", "new.mtg", "--format", "svg"]) == 2
    assert "new.mtg" in capsys.readouterr().err
    assert Path("new.mtg").read_text(encoding="utf-8") == EDITS["inserted"](OLD)
    with pytest.raises(OSError, match=r"old\.mtg"):
        mtg.diff("old.mtg", "new.mtg", "old.mtg", format="svg")
    with pytest.raises(ValueError, match="unsupported format 'jpg'"):
        mtg.diff("old.mtg", "new.mtg", "made.jpg")
