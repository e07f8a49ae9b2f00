"""Any text at all: a tree, or an error with a place in it; never an exception."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mtg.report.text import render_all
from mtg.syntax.parser import parse
from mtg.syntax.patterns import CLOSER, OPENER
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Source
from steps import growth

EXAMPLES = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[2] / "examples").glob("**/*.mtg"))
]
WORDS = [
    "model",
    "block",
    "input",
    "output",
    "shared",
    "train",
    "let",
    "dim",
    "from",
    "import",
    "python",
    "return",
    "repeat",
    "for",
    "in",
    "if",
    "else",
    "and",
    "or",
    "not",
    "True",
    "False",
    "None",
    "x",
    "y",
    "Dense",
    "Dense(",
    "x:",
    "float32[3]",
    "->",
    "=",
    "==",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "?",
    ".",
    "...",
    "+",
    "-",
    "*",
    "**",
    "/",
    "//",
    "%",
    "<",
    ">",
    "<=",
    "!=",
    "1",
    "2.5",
    "0x1",
    "'a'",
    '"b"',
    '"""c"""',
    "#",
    '"',
    "'",
    ";",
    "$",
    "→",
    "=>",
    "é",
    "日",
    "\x00",
    "\x85",
    "\xa0",
    "\u202e",
    "\\",
    "!",
    "&",
    "@",
]
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def survives(text: str) -> None:
    """Parse a text, and look at what is said of it."""
    diagnostics = Diagnostics()
    program = parse(Source("a.mtg", text), diagnostics)
    found = diagnostics.sorted()
    assert (program is None) == diagnostics.has_errors
    for each in found:
        for span in (each.span, *(label.span for label in each.labels)):
            assert 0 <= span.start <= span.end <= len(text)
        assert each.message
    assert len({(each.span.start, each.message) for each in found}) == len(found)
    render_all(found)


@MANY
@given(st.lists(st.sampled_from(WORDS), max_size=60), st.sampled_from(["", " ", "\n"]))
def test_soups_of_tokens(words: list[str], between: str) -> None:
    survives(between.join(words))


@MANY
@given(st.lists(st.sampled_from(WORDS), max_size=30), st.lists(st.sampled_from(WORDS), max_size=30))
def test_soups_in_a_model(head: list[str], body: list[str]) -> None:
    survives(f"model M {' '.join(head)} {{\n  {' '.join(body)}\n  output y = x\n}}\n")


@MANY
@given(st.text(max_size=200))
def test_any_characters(text: str) -> None:
    survives(text)


@MANY
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    survives(data.decode("utf-8", errors="surrogateescape").encode("utf-8", "replace").decode())


@MANY
@given(st.sampled_from(EXAMPLES), st.randoms(use_true_random=False), st.integers(1, 4))
def test_examples_with_other_characters(text: str, chance: random.Random, count: int) -> None:
    for _ in range(count):
        at = chance.randrange(len(text))
        kind = chance.randrange(3)
        new = chance.choice(WORDS) if kind else ""
        text = text[:at] + new + text[at + (kind != 1) :]
    survives(text)


@MANY
@given(st.sampled_from(EXAMPLES), st.randoms(use_true_random=False), st.integers(1, 4))
def test_examples_with_other_tokens(text: str, chance: random.Random, count: int) -> None:
    tokens = re.findall(r"\s+|\w+|->|[^\w\s]", text)
    for _ in range(count):
        at, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        kind = chance.randrange(3)
        if kind == 0:
            tokens[at] = ""
        elif kind == 1:
            tokens[at] += chance.choice(WORDS)
        else:
            tokens[at], tokens[other] = tokens[other], tokens[at]
    survives("".join(tokens))


@MANY
@given(st.sampled_from(EXAMPLES), st.randoms(use_true_random=False))
def test_a_missing_bracket_is_one_error_near_it(text: str, chance: random.Random) -> None:
    """What one missing bracket spoils is one declaration, so it gives one error, or none."""
    plain = re.sub(
        r"#[^\n]*|\"[^\"\n]*\"", lambda m: "_" * len(m[0]) if m[0][0] == "#" else m[0], text
    )
    places = [m.start() for m in re.finditer(r"[()\[\]{}]", plain)]
    at = chance.choice(places)
    diagnostics = Diagnostics()
    broken = text[:at] + " " + text[at + 1 :]
    parse(Source("a.mtg", broken), diagnostics)
    errors = [each for each in diagnostics if each.is_error]
    assert len(errors) <= 2, render_all(errors)
    assert OPENER[CLOSER["("]] == "("


def test_every_beginning_of_a_program() -> None:
    for text in EXAMPLES[:4]:
        for end in range(0, len(text), 3):
            survives(text[:end])


@pytest.mark.parametrize("broken", [False, True], ids=["right", "broken"])
@pytest.mark.parametrize(
    "line",
    ["# c\n", "# c\r\n", "\n", " \t# (c\r", "#\n\n"],
    ids=["lf", "crlf", "blank", "cr", "gaps"],
)
def test_lines_of_comments_are_looked_at_together(line: str, broken: bool) -> None:
    """They are as many steps however many they are: five megabytes of them are read at once."""

    def work(count: int) -> Callable[[], object]:
        lines = line * count
        flow = "-> -> Dense(1" if broken else "-> Dense(1)"
        head = f"model M {{\n  input x: int32[1]\n{lines}"
        text = f"{lines}{head}  output y = x {flow}\n{lines}}}\n{lines}"
        return lambda: parse(Source("a.mtg", text), Diagnostics())

    work(1)()
    assert growth(work, 100, 1600) < 1 / 8
