"""What mtg proposes is mtg: every fix leaves a program that parses, and so does every piece of a
program that a help line shows."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import error_cases
import pytest
from goldens import CASES
from mtg.compiler import Compiler
from mtg.syntax.parser import parse
from mtg.text.diagnostics import Diagnostic, Diagnostics
from mtg.text.edits import apply
from mtg.text.keywords import RESERVED
from mtg.text.source import Source

ROOT = Path(__file__).parents[1]
FOLDERS = ("syntax/errors", "crashers")

#: Where a piece of a program may stand.
AROUND = [
    "{}",
    "model M {{ {} }}",
    "model M {{ y = {} }}",
    "model M {{ y = x {} }}",
    "model M {{ y = x -> {} }}",
    "model M {{ {} = x }}",
    "model M {{ output y{} = x }}",
    "model M {{ input x: {} }}",
    "model M {{ y = f({}) }}",
    "model M {{ y = a[{}] }}",
    "block x -> f() {{ {} }}",
]


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.chdir(ROOT)
    yield
    monkeypatch.chdir(ROOT)


def parses(text: str) -> bool:
    return parse(Source("a.mtg", text), Diagnostics()) is not None


def is_mtg(piece: str) -> bool:
    """Whether a piece is a part of some program; `…` stands for what the reader fills in."""
    filled = piece.replace("{ … ", "{ ").replace("(…)", "()").replace("[…]", "[1]")
    filled = filled.replace("input …", "input x: a[1]").replace("output …", "output y = x")
    filled = filled.replace("…", "x")
    return any(parses(around.format(filled)) for around in AROUND)


def is_no_program(piece: str) -> bool:
    """A sign, words of the language, an option, or a part of the name of a file."""
    if not re.search(r"\w", piece) or set(piece.split()) <= RESERVED:
        return True
    return piece.startswith(("--", "mtg ")) or re.fullmatch(r"\{\w+\}", piece) is not None


def programs_with_faults() -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((CASES / folder).glob("*.mtg")):
            yield path.read_bytes().decode("utf-8", "replace")
    yield from (case.source for case in error_cases.cases())


def broken_programs() -> Iterator[str]:
    import diagnostics
    from mutations import KINDS, mutant

    chance = random.Random(7)
    sources = diagnostics.programs()
    weights = [len(each.text) for each in sources]
    for kind in KINDS:
        for _ in range(4):
            made = mutant(kind, chance.choices(sources, weights)[0], chance)
            if made is not None:
                yield made.text


def look(text: str) -> tuple[int, int]:
    """Check what is proposed for a program; gives how many fixes and how many pieces there are."""
    compiler = Compiler("a.mtg", data=text.encode())
    found = [each for each in compiler.check() if each.span.source is compiler.source]
    assert compiler.source is not None
    readable, fixes, pieces = parses(text), 0, 0
    for each in found:
        for piece in re.findall(r"`([^`]+)`", each.help):
            pieces += 1
            assert is_no_program(piece) or is_mtg(piece), (each.help, each.message)
        if each.fix is not None:
            fixes += 1
            _look_at_fix(compiler.source, each, readable)
    return fixes, pieces


def _look_at_fix(source: Source, found: Diagnostic, readable: bool) -> None:
    mended, (fix,) = apply(source, [found], unsafe=True)
    assert mended != source.text
    if readable:
        assert parses(mended), (found.message, mended)
    # What is put in has its brackets in pairs, unless it mends brackets.
    for edit in fix.edits:
        if found.code != "MTG002":
            assert all(edit.text.count(a) == edit.text.count(b) for a, b in ("()", "[]", "{}"))


def test_of_programs_with_known_faults() -> None:
    counts = [look(text) for text in programs_with_faults() if len(text) < 20_000]
    assert sum(fixes for fixes, _ in counts) > 150
    assert sum(pieces for _, pieces in counts) > 400


def test_of_programs_broken_at_random() -> None:
    counts = [look(text) for text in broken_programs()]
    assert sum(fixes for fixes, _ in counts) > 80
    assert sum(pieces for _, pieces in counts) > 120


def test_what_is_no_piece_of_a_program_is_told_apart() -> None:
    assert is_mtg("x -> Dense(3)")
    assert is_mtg("model NAME { … }")
    assert not is_mtg("1 - 3) * 2")
    assert not is_mtg("x0 * (x -> for i in range(3) { Dense(8)) + x }")
