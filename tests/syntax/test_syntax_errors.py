"""What is said of text that does not parse: a golden for every typical mistake."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import mtg
import pytest
from goldens import CASES, expect
from mtg.report.text import render_all
from mtg.syntax import patterns, size_checks
from mtg.syntax.parser import parse
from mtg.syntax.recovery import tokens
from mtg.syntax.size_checks import count_tokens
from mtg.text.diagnostics import Diagnostic, Diagnostics
from mtg.text.edits import apply
from mtg.text.source import Source

ERRORS = CASES / "syntax" / "errors"


def faults(text: str) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    assert parse(Source("a.mtg", text), diagnostics) is None
    assert diagnostics.has_errors
    return diagnostics.sorted()


@pytest.mark.parametrize("path", sorted(ERRORS.glob("*.mtg")), ids=lambda path: path.stem)
def test_mistakes(path: object) -> None:
    name = getattr(path, "name", "")
    text = (ERRORS / name).read_bytes().decode()
    diagnostics = Diagnostics()
    assert parse(Source(name, text), diagnostics) is None
    expect(render_all(diagnostics.sorted()), f"syntax/errors/{name.removesuffix('.mtg')}.txt")


@pytest.mark.parametrize("path", sorted(ERRORS.glob("*.mtg")), ids=lambda path: path.stem)
def test_fixes_leave_fewer_faults(path: object) -> None:
    text = (ERRORS / getattr(path, "name", "")).read_bytes().decode()
    before = Diagnostics()
    source = Source("a.mtg", text)
    parse(source, before)
    mended, fixes = apply(source, before.sorted())
    after = Diagnostics()
    parse(Source("a.mtg", mended), after)
    assert len(after) <= len(before) - len(fixes)


@pytest.mark.parametrize("name", ["functional", "sequential", "towers"])
def test_what_a_script_of_keras_is_in_mtg_is_a_program_of_mtg(name: str, tmp_path: Path) -> None:
    text = (ERRORS / f"python_{name}.mtg").read_text(encoding="utf-8")
    (found,) = faults(text)
    model = found.help.removeprefix("write `").removesuffix("`")
    (tmp_path / "model.mtg").write_text(model, encoding="utf-8")
    assert [each.message for each in mtg.check(tmp_path / "model.mtg")] == []


def test_a_name_with_dashes_is_mended_everywhere() -> None:
    text = (
        "model M {\n  input x: float32[8]\n  my-long-name = x -> Dense(3)  # my-long-name\n"
        "  a-my-long-name-b = x\n  output y = concat(my-long-name, my - long - name)\n}\n"
    )
    (found, *_) = faults(text)
    assert found.fix is not None
    assert [edit.span.source.line_column(edit.span.start) for edit in found.fix.edits] == [
        (3, 3),
        (5, 21),
    ]
    assert {edit.text for edit in found.fix.edits} == {"my_long_name"}


def test_a_text_that_parses_needs_nothing_of_the_recovery() -> None:
    """Most texts parse, and `mtg check` starts faster without it."""
    for text, needed in (("model M {}", False), ("model M {", True)):
        code = (
            "import sys\n"
            "from mtg.syntax.parser import parse\n"
            "from mtg.text.diagnostics import Diagnostics\n"
            "from mtg.text.source import Source\n"
            f"parse(Source('a.mtg', {text!r}), Diagnostics())\n"
            f"assert ('mtg.syntax.recovery' in sys.modules) == {needed}\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True)


BROKEN = ("x -> Dense(3 4)", "x -> -> Dense(3)", "x -> Dense(3", "x ->", "x -> repeat 3 { Dense(1)")


@pytest.mark.parametrize("first", BROKEN)
@pytest.mark.parametrize("second", BROKEN)
def test_two_faults_are_two_errors(first: str, second: str) -> None:
    text = (
        "model M {\n  input x: float32[8]\n"
        f"  a = {first}\n  b = x -> Dense(1)\n  c = {second}\n  output y = b -> Dense(1)\n}}\n"
    )
    assert [found.span.source.line_column(found.span.start)[0] for found in faults(text)] == [3, 5]


def test_every_declaration_is_tried_once() -> None:
    text = "model M {\n" + "  a = b ->\n" * 30 + "}\n"
    assert len(faults(text)) == 20


def test_two_models_with_faults() -> None:
    text = "model A {\n  input x float32[1]\n}\n\nmodel {\n}\n\nmodel C {\n  a = (1\n  b = 2\n}\n"
    assert [found.span.source.line_column(found.span.start)[0] for found in faults(text)] == [
        2,
        5,
        9,
    ]


def test_lines_are_those_of_editors() -> None:
    text = 'let a = "\x0c\x85\u2028"\r\nlet b = \x0c 1 +\rlet c = 2 )\n'
    assert [found.location for found in faults(text)] == ["a.mtg:2:13", "a.mtg:3:11"]


@pytest.mark.parametrize("quotes", ['"', "'", '"""', "'''"])
def test_an_open_string_is_one_token(quotes: str) -> None:
    """Its quotes and brackets are looked at once, not each as the beginning of another string."""
    assert count_tokens(quotes + "\\\"\\'(" * 1000) == 1


@pytest.mark.parametrize("quotes", ['"', "'", '"""', "'''"])
@pytest.mark.parametrize(
    "pattern",
    [patterns.BRACKETS, size_checks._SKIPPED, tokens._TOKENS],
    ids=["brackets", "limit", "tokens"],
)
def test_every_scan_takes_an_open_string_at_once(pattern: re.Pattern[str], quotes: str) -> None:
    """One match to the end: a scan that tries each quote anew looks as often as there are quotes,
    which no count of calls would show."""
    (found,) = pattern.finditer(quotes + "\\\"\\'( " * 1000)
    assert len(found[0]) == len(found.string)
