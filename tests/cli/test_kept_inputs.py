"""A result never takes the place of a file that it is made of."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mtg
import pytest
from mtg.cli import main

Capture = pytest.CaptureFixture[str]

PROGRAM = """\
from "lib" import tower
model M {
  input words: string[1]
  input x: float32[4]
  ids = words -> StringLookup(vocabulary="words.txt") -> Embedding(5, 4) -> Flatten()
  output y = concat(x, ids) -> tower()
}
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.mtg").write_text(PROGRAM, encoding="utf-8")
    Path("lib.mtg").write_text("block x -> tower() { return x -> Dense(3) }\n", encoding="utf-8")
    Path("words.txt").write_text("a\nb\n", encoding="utf-8")
    Path("plain.mtg").write_text(
        "model P { input x: float32[4] output y = x -> Dense(3) }\n", encoding="utf-8"
    )
    assert main(["compile", "plain.mtg", "-o", "b.json"]) == 0
    Path("link.json").symlink_to("b.json")
    os.link("m.mtg", "hard.py")
    Path("w.weights.h5").write_bytes(b"weights")
    Path("m.svg").symlink_to("m.mtg")


def _contents() -> Iterator[tuple[str, bytes]]:
    return ((path.name, path.read_bytes()) for path in sorted(Path().iterdir()))


@pytest.mark.parametrize(
    "line",
    [
        "compile m.mtg --format py -o m.mtg",
        "compile m.mtg --format json -o ./m.mtg",
        "compile m.mtg --format json -o lib.mtg",
        "compile m.mtg --format py -o words.txt",
        "compile m.mtg -o hard.py",
        "compile m.mtg",
        "compile plain.mtg --weights w.weights.h5 --format keras -o w.weights.h5",
        "render m.mtg --format svg -o m.mtg",
        "render m.mtg --format dot -o lib.mtg",
        "render m.mtg",
        "decompile b.json -o b.json",
        "decompile b.json -o link.json",
        "decompile link.json -o b.json",
    ],
)
def test_an_input_is_not_replaced(line: str, capsys: Capture) -> None:
    before = dict(_contents())
    capsys.readouterr()
    assert main(line.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "it was read for this, and would be lost" in said.err
    assert dict(_contents()) == before


def test_other_files_are_replaced() -> None:
    Path("old.mtg").write_text("old", encoding="utf-8")
    assert main(["decompile", "b.json", "-o", "old.mtg"]) == 0
    assert Path("old.mtg").read_text(encoding="utf-8") != "old"
    assert main(["decompile", "b.json", "-o", "/dev/null"]) == 0
    assert main(["compile", "m.mtg", "-o", "n.json"]) == 0
    assert main(["compile", "m.mtg", "-o", "n.json"]) == 0


def test_what_standard_input_reads_is_not_replaced() -> None:
    before = Path("b.json").read_bytes()
    with Path("b.json").open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "mtg", "decompile", "-", "-o", "b.json"], stdin=file, check=False
        )
    assert done.returncode == 2
    assert Path("b.json").read_bytes() == before


def test_nor_is_it_by_a_picture_that_python_asks_for() -> None:
    before = dict(_contents())
    with pytest.raises(OSError, match=r"lib\.mtg: it was read for this"):
        mtg.render("m.mtg", "lib.mtg", format="dot")
    assert dict(_contents()) == before
