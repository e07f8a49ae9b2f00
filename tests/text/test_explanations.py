"""Every code has an explanation; its wrong program provokes the code and its right one nothing."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import mtg
import pytest
from mtg.cli import main
from mtg.report.explain import explain
from mtg.text.codes import CODES
from mtg.text.explanations import explanation

#: Codes that no program alone provokes, and the tests that do.
COMMANDS = {
    "MTG003": "tests/test_bad_input.py",
    "MTG309": "tests/backends/test_keras.py",
    "MTG310": "tests/catalog/test_installed.py",
    "MTG604": "tests/test_trust.py",
    "MTG606": "tests/cases/errors/MTG606.md",
    "MTG608": "tests/test_errors.py",
    "MTG609": "tests/test_errors.py",
    "MTG610": "tests/backends/test_keras.py",
    "MTG611": "tests/backends/test_config.py",
    **dict.fromkeys(["MTG640", "MTG641", "MTG642", "MTG643"], "tests/test_trust.py"),
    "MTG630": "tests/decompile/test_of_ones_own.py",
    "MTG631": "tests/decompile/test_of_ones_own.py",
    "MTG632": "tests/decompile/test_names_of_outputs.py",
}

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("code", CODES)
def test_the_examples_are_what_they_say(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = explanation(code)
    assert found.kind == ("console" if code in COMMANDS else "mtg")
    if found.kind == "console":
        return
    monkeypatch.chdir(tmp_path)
    Path("main.mtg").write_text(found.wrong + "\n", encoding="utf-8")
    assert [each.code for each in mtg.check("main.mtg")] == [code]
    Path("main.mtg").write_text(found.right + "\n", encoding="utf-8")
    assert mtg.check("main.mtg") == []


def test_there_is_no_explanation_without_a_code(root: Path) -> None:
    folder = root / "dsl" / "mtg" / "text" / "explanations"
    assert {path.stem for path in folder.glob("*.md")} == set(CODES)


@pytest.mark.parametrize("code", COMMANDS)
def test_the_tests_of_the_others_are_there(code: str, root: Path) -> None:
    assert code in (root / COMMANDS[code]).read_text(encoding="utf-8")


def test_the_page_is_current(root: Path) -> None:
    """`python docs/errors.py` writes it again."""
    page = runpy.run_path(str(root / "docs" / "errors.py"))["page"]()
    assert (root / "docs" / "errors.md").read_text(encoding="utf-8") == page


@pytest.mark.parametrize("word", ["MTG301", "mtg301", "shape-mismatch", "shapes"])
def test_explain(word: str, capsys: Capture) -> None:
    assert main(["explain", word]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out == explain("MTG301")
    assert said.out.startswith("error[MTG301]: shape-mismatch: The shapes do not fit.\n\n")
    assert "\n    model M {\n      input image: float32[32, 32, 3]\n" in said.out


def test_explain_several_and_all(capsys: Capture) -> None:
    assert main(["explain", "MTG101", "unknown-name", "MTG105"]) == 0
    said = capsys.readouterr().out
    assert said == explain("MTG101") + "\n" + explain("MTG105")
    assert main(["explain"]) == 0
    said = capsys.readouterr().out
    assert re.findall(r"^  (MTG\d{3}) [EWN] ", said, re.M) == list(CODES)


@pytest.mark.parametrize(
    ("word", "meant"), [("MTG3O1", "MTG301"), ("unknwon-name", "unknown-name"), ("qqq", "")]
)
def test_explain_what_is_no_code(word: str, meant: str, capsys: Capture) -> None:
    assert main(["explain", word]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"mtg: unknown code `{word}`; " in said.err
    assert (f"did you mean `{meant}`?" if meant else "`mtg explain` lists them") in said.err


def test_errors_say_where_to_read_more(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "a.mtg"
    path.write_text(
        "model M {\n  input x: float32[8]\n  output z = x -> Dens(1)\n  output y = q\n}\n",
        encoding="utf-8",
    )
    assert main(["check", str(path)]) == 1
    assert capsys.readouterr().err.endswith("\nmore: mtg explain MTG101 MTG102\n\n")
