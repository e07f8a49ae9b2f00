"""The fast walk of Lark's tables: it reads what Lark reads, as Lark does, and refuses the rest."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from lark import UnexpectedInput
from mtg.syntax import parser
from mtg.syntax.driver import Driver, Refused
from mtg.text.source import Source

ROOT = Path(__file__).parents[2]
PATHS = [
    path
    for folder in ("examples", "benchmarks/programs", "dsl/mtg/std", "tests/cases")
    for path in sorted((ROOT / folder).rglob("*.mtg"))
]
TEXTS = [path.read_bytes().decode("utf-8", "replace") for path in PATHS]
_TOKEN = re.compile(r'"[^"\n]*"|\w+|->|\s+|.', re.DOTALL)


def read_twice(text: str) -> tuple[str | None, str | None]:
    """The tree that the walk makes of a text, and that of Lark, with all places; None where it is
    refused."""
    lark = parser._parser()
    parser._LOWER.source = Source("a.mtg", text)
    parser._LOWER.problems = []
    found: list[str | None] = []
    for read in (Driver(lark).parse, lark.parse):
        try:
            found.append(repr(read(text)))
        except (Refused, UnexpectedInput):
            found.append(None)
    return found[0], found[1]


def test_this_lark_has_the_tables_that_are_walked() -> None:
    assert parser._driver() is not None


@pytest.mark.parametrize("number", range(4))
def test_programs_are_read_as_lark_reads_them(number: int) -> None:
    read = 0
    for text in TEXTS[number::4]:
        ours, larks = read_twice(text)
        assert ours == larks, text
        read += ours is not None
    assert read > 10


def test_broken_programs_are_refused_as_lark_refuses_them() -> None:
    chance = random.Random(7)
    refused = 0
    for _ in range(400):
        tokens = _TOKEN.findall(chance.choice(TEXTS))[:300]
        at = chance.randrange(len(tokens) + 1)
        other = chance.choice(_TOKEN.findall(chance.choice(TEXTS)) or [""])
        tokens[at : at + chance.randrange(3)] = [other] * chance.randrange(3)
        ours, larks = read_twice("".join(tokens))
        assert ours == larks, "".join(tokens)
        refused += ours is None
    assert 50 < refused < 400


def test_nothing_and_blanks_are_read() -> None:
    for text in ("", " ", "# a\n", "\n\n", "\x00", "model"):
        ours, larks = read_twice(text)
        assert ours == larks
