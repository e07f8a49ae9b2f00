"""The table of targets is what the command line and the API offer."""

from __future__ import annotations

from pathlib import Path

import mtg
import pytest
from mtg.backends.targets import PICTURES, TARGETS, Request
from mtg.cli import main
from mtg.text.diagnostics import Diagnostics
from mtg.types.infer import infer

PROGRAM = "model M {\n  input x: float32[4]\n  output y = x -> Dense(2)\n}\n"


@pytest.mark.parametrize("format", sorted(set(TARGETS) - {"keras"}))
def test_what_the_command_writes_is_what_the_target_emits(format: str, tmp_path: Path) -> None:
    program, written = tmp_path / "m.mtg", tmp_path / f"m.{format}"
    program.write_text(PROGRAM, encoding="utf-8")
    assert main(["compile", str(program), "-o", str(written)]) == 0
    graph = mtg.load(program)
    request = Request(str(written), format)
    made = TARGETS[format].emit(graph, infer(graph, Diagnostics()), request, Diagnostics())
    assert made is not None
    assert made.content == written.read_bytes()


def test_every_target_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    for command, formats in (("compile", TARGETS), ("render", PICTURES)):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        told = capsys.readouterr().out
        assert [format for format in formats if f".{format}" not in told] == []


def test_pictures_of_the_api_are_those_of_the_table() -> None:
    for format in PICTURES:
        assert mtg.render(mtg.load(PROGRAM), format=format)
    with pytest.raises(ValueError, match=", ".join(PICTURES)):
        mtg.render(mtg.load(PROGRAM), format="gif")
