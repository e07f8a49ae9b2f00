"""What is said of a command line that is wrong: one line on what, and one on where to read more."""

from __future__ import annotations

from pathlib import Path

import pytest
from mtg.cli import main

Capture = pytest.CaptureFixture[str]

NEEDY = """\
model Needy(width) {
  input x: float32[8]
  a = x -> Dense(width) -> Conv2D(3, 3)
  output y = concat(a, x -> Dropout("much"))
}
model Other {
  input x: float32[8]
  output y = x -> Dense(1)
}
"""


@pytest.fixture(autouse=True)
def _file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("two.mtg").write_text(NEEDY, encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "said", "command"),
    [
        ("chek two.mtg", "mtg: unknown command `chek`; did you mean `check`?", ""),
        (
            "two.mtg",
            "mtg: unknown command `two.mtg`; did you mean `mtg check two.mtg`, or "
            "`mtg compile two.mtg`?",
            "",
        ),
        ("", "mtg: the following arguments are required: COMMAND", ""),
        (
            "check --modle A two.mtg",
            "mtg check: unknown option `--modle`; did you mean `--model`?",
            "check",
        ),
        (
            "check --modle=A two.mtg",
            "mtg check: unknown option `--modle`; did you mean `--model`?",
            "check",
        ),
        ("check", "mtg check: the following arguments are required: FILE", "check"),
        ("summary a.mtg b.mtg", "mtg summary: unexpected argument `b.mtg`", "summary"),
        (
            "check --set width two.mtg",
            "mtg check: argument --set: `width` is not NAME=VALUE",
            "check",
        ),
        (
            "check --set width=[1,2 two.mtg",
            "mtg check: argument --set: `[1,2` is not a value; to pass a string, write "
            "`--set width='\"[1,2\"'`",
            "check",
        ),
        ("check --set width='a two.mtg", "mtg check: argument --set: `'a` is not a value", "check"),
        (
            f"check --set width={'9' * 5000} two.mtg",
            f"mtg check: argument --set: `{'9' * 39}…` is not a value",
            "check",
        ),
        (
            f"check --set width={'(' * 5000} two.mtg",
            f"mtg check: argument --set: `{'(' * 39}…` is not a value",
            "check",
        ),
        (
            "check --set a=true two.mtg",
            "mtg check: argument --set: `true` is written `True`",
            "check",
        ),
    ],
)
def test_wrong_usage(line: str, said: str, command: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as left:
        main(line.split())
    assert left.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"{said}\nSee `{f'mtg {command}'.strip()} --help`.\n"


def test_a_word_that_is_no_command_near_to_none(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["xyzzy"])
    assert "there are compile, check, " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "units"), [("3", 3), ("0x10", 16), ("1_0", 10), ("2 + 0", None), ("relu", None)]
)
def test_values_of_parameters(value: str, units: int | None, capsys: Capture) -> None:
    Path("one.mtg").write_text(
        "model M(width=2) {\n  input x: float32[8]\n  output y = x -> Dense(width)\n}\n",
        encoding="utf-8",
    )
    if value == "2 + 0":  # no literal, and no string anybody means
        with pytest.raises(SystemExit):
            main(["summary", "one.mtg", "--set", f"width={value}"])
        return
    code = main(["summary", "one.mtg", "--set", f"width={value}"])
    said = capsys.readouterr()
    if units is None:
        assert code == 1
        assert "not the string" in said.err
    else:
        assert code == 0
        assert f"(None, {units})" in said.out


def test_a_model_that_needs_values_is_checked_as_far_as_that_goes(capsys: Capture) -> None:
    assert main(["check", "two.mtg"]) == 1
    said = capsys.readouterr().err
    assert "MTG404" in said  # the rate that is a string
    assert "MTG402" not in said
    assert "MTG302" not in said  # that needs the value
    assert main(["check", "two.mtg", "--model", "Needy", "--set", "width=3"]) == 1
    assert "MTG302" in capsys.readouterr().err
