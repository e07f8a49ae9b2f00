"""Pictures, vocabularies, numbers and folders at their limits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import mtg
import pytest
from mtg.backends.picture import layout
from mtg.cli import main
from mtg.files import CannotRead, read_below
from mtg.graph.graph import Call

PROGRAM = "model M {\n  input x: float32[8]\n  output y = x -> Dens(1)\n}\n"


def fan(count: int) -> str:
    inputs = "".join(f"  input i{n}: float32[8]\n" for n in range(count))
    names = ", ".join(f"i{n}" for n in range(count))
    return f"model M {{\n{inputs}  output y = concat({names}) -> Dense(1)\n}}"


def dense(count: int) -> str:
    """Each layer takes what all before it gave, as in a DenseNet that keeps every line."""
    lines = [
        f"  h{n + 1} = concat({', '.join(f'h{m}' for m in range(n + 1))}, h0) -> Dense(1)"
        for n in range(count)
    ]
    body = "\n".join(lines)
    return (
        f"model M {{\n  input x: float32[8]\n  h0 = x\n{body}\n  output y = h{count} -> ReLU()\n}}"
    )


def test_lines_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A merge of many: what it takes is not gone through again for each of its lines."""
    asked: list[Call] = []
    plain = Call.tensors
    monkeypatch.setattr(Call, "tensors", lambda call: asked.append(call) or plain(call))
    counts = []
    for inputs in (300, 600):
        graph = mtg.load(fan(inputs))
        asked.clear()
        mtg.render(graph, format="dot")
        counts.append(len(asked) / len(graph.calls))
    assert counts[1] < 1.1 * counts[0]
    assert counts[0] < 20  # a pass each, for a few ways to fold it


def test_a_picture_that_is_too_crowded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    started = []
    monkeypatch.setattr(layout, "_drawn", lambda *given: started.append(given) or (b"", b""))
    graph = mtg.load(dense(80))
    with pytest.raises(layout.LayoutError, match="too many lines side by side"):
        mtg.render(graph)
    assert mtg.render(graph, format="dot").startswith(b"digraph")
    (tmp_path / "a.mtg").write_text(dense(80), encoding="utf-8")
    assert main(["render", str(tmp_path / "a.mtg"), "-o", str(tmp_path / "a.svg")]) == 2
    assert "too many lines side by side" in capsys.readouterr().err
    assert not started


@pytest.mark.parametrize(("text", "few"), [(dense(30), True), (dense(8), False), (fan(900), False)])
def test_a_crowded_picture_takes_fewer_steps(
    text: str, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []
    drawn = (b"", b"")
    monkeypatch.setattr(layout, "_drawn", lambda source, format: given.append(source) or drawn)
    mtg.render(text)
    assert ("nslimit" in given[0]) is few


def test_a_crowded_picture_is_drawn() -> None:
    assert mtg.render(dense(30)).count(b'class="edge"') > 400


def test_a_large_vocabulary() -> None:
    words = ", ".join(f'"a rather long word {n}"' for n in range(60_000))
    text = f"model M {{ input x: string[1]\n output y = x -> StringLookup(vocabulary=[{words}]) }}"
    assert mtg.check(text) == []
    more = text.replace(words, ", ".join([words, words]))
    assert [each.code for each in mtg.check(more)] == ["MTG605"]


def test_a_link_that_is_put_there_later(tmp_path: Path) -> None:
    """What is opened decides, and not what was looked at before."""
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret.mtg").write_text("let a = 1\n", encoding="utf-8")
    (project / "part.mtg").symlink_to(tmp_path / "secret.mtg")
    with pytest.raises(CannotRead, match="outside the project's folder"):
        read_below(project / "part.mtg", [project])
    (project / "part.mtg").unlink()
    (project / "part.mtg").write_text("let b = 1\n", encoding="utf-8")
    assert read_below(project / "part.mtg", [project]) == b"let b = 1\n"


def test_numbers_without_end_are_json() -> None:
    """JSON of other readers than Python's; Keras makes the same of it."""

    def refused(word: str) -> None:
        raise AssertionError(word)

    text = "model M { input x: float32[8]\n output y = x -> Rescaling(1e400) -> Rescaling(-1e400) }"
    config = json.loads(mtg.to_json(text), parse_constant=refused)
    scales = [layer["config"].get("scale") for layer in config["config"]["layers"]]
    assert scales == [None, float("inf"), float("-inf")]
    compile(mtg.to_python(text), "m.py", "exec")
    json.loads(mtg.diff(text, text.replace("-1e400", "1.0")).to_json(), parse_constant=refused)
    with pytest.raises(mtg.MtgError, match="JSON has no word for `nan`"):
        mtg.to_json(text.replace("-1e400", "1e400 - 1e400"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("check {}/a.mtg", 0),
        ("summary {}/a.mtg", 0),
        ("render {}/a.mtg -o {}/a.svg", 0),
        ("compile {}/a.mtg -o {}/a.json", 0),
        ("compile {}/a.mtg -o {}/a.py", 0),
        ("diff {}/a.mtg {}/a.mtg", 0),
        ("check - < {}/a.mtg", 0),
        ("explain MTG301", 0),
        ("render {}/a.mtg", 2),
        ("check a.mtg", 2),
        ("check --include . {}/a.mtg", 2),
    ],
)
def test_the_current_folder_is_deleted(command: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    (tmp_path / "a.mtg").write_text(PROGRAM.replace("Dens", "Dense"), encoding="utf-8")
    script = f"cd {tmp_path}/gone && rmdir ../gone && {sys.executable} -P -m mtg {command}"
    done = subprocess.run(
        ["bash", "-c", script.replace("{}", str(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr


def test_a_fix_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mtg"
    path.write_text(PROGRAM, encoding="utf-8")
    # As it is for others than the superuser.
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    assert main(["check", "--fix", str(path)]) == 2
    said = capsys.readouterr().err
    assert "cannot write" in said
    assert "no problems" not in said
    assert path.read_text(encoding="utf-8") == PROGRAM
