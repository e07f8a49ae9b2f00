"""Notes: what a program may well mean. They fail no run, unless they are denied."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import pytest
from mtg.cli import main

PROGRAM = """model M {
  input color: string[1]
  output y = color -> StringLookup()
}
"""


@pytest.fixture
def program(tmp_path: Path) -> str:
    path = tmp_path / "m.mtg"
    path.write_text(PROGRAM, encoding="utf-8")
    return str(path)


def test_a_vocabulary_that_comes_with_the_weights(
    program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layer = keras.layers.StringLookup()
    layer.adapt(["red", "blue"])
    color = keras.Input((1,), dtype="string")
    keras.Model(color, layer(color)).save(tmp_path / "x.keras")
    given = ["--weights", str(tmp_path / "x.keras"), "-o", str(tmp_path / "y.keras")]
    assert main(["compile", program, *given]) == 0
    said = capsys.readouterr().err
    assert "MTG216" not in said
    assert "cannot load" not in said
    assert main(["compile", program, "-o", str(tmp_path / "z.keras")]) == 0
    assert "MTG216" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "exit", "severity"),
    [
        ([], 0, "note"),
        (["-W", "error"], 0, "note"),
        (["--deny", "no-vocabulary"], 1, "error"),
        (["--warn", "MTG216"], 0, "warning"),
        (["--allow", "MTG216"], 0, None),
        (["-W", "error", "--deny", "MTG216", "--allow", "MTG216"], 0, None),
    ],
)
def test_what_a_note_comes_to(
    options: list[str],
    exit: int,
    severity: str | None,
    program: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", program, "--format", "json", *options]) == exit
    found = json.loads(capsys.readouterr().out)
    assert [each["severity"] for each in found["diagnostics"]] == ([severity] if severity else [])
    counted = {"error": "errors", "warning": "warnings", "note": "notes"}
    for word, name in counted.items():
        assert found[name] == (word == severity)


@pytest.mark.parametrize(
    ("format", "begins"),
    [
        ("text", "note[MTG216]: `StringLookup` has no `vocabulary` yet"),
        ("github", "::notice file="),
        ("concise", ""),
        ("sarif", ""),
    ],
)
def test_notes_in_each_format(
    format: str, begins: str, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", program, "--format", format]) == 0
    shown = "".join(capsys.readouterr())
    assert shown.startswith(begins)
    assert "note" in shown.lower()
    if format == "sarif":
        assert json.loads(shown)["runs"][0]["results"][0]["level"] == "note"
    if format == "text":
        assert "\n\n1 note\n" in shown


def test_what_has_notes_is_drawn_and_summed_up(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["summary", program]) == 0
    assert "note[MTG216]" in capsys.readouterr().err
