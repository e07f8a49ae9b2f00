"""Diagnostics as text: where the marks stand, what is shown of the source, and what is not."""

from __future__ import annotations

import random
import re

import pytest
from goldens import expect
from mtg.report.concise import concise
from mtg.report.text import render, render_all
from mtg.text.diagnostics import Diagnostic, Diagnostics, Label
from mtg.text.source import NOWHERE, Source, Span
from mtg.text.visible import width

NEWS = Source(
    "news.mtg",
    """\
model News {
  input headline: int32[100]
  input context: float32[5]

  encoded = headline -> Embedding(10, 512) -> LSTM(32)
  both = concat(encoded, context)
  tall = headline
    -> Dense(1,
         activation="relu",
         use_bias=True,
         name="x",
    )
  z = 1


  q = 2


  encoded = 3
}
""",
)


def at(text: str, number: int = 0, source: Source = NEWS) -> Span:
    """The span of the text where it stands in the source for the `number`th time, from 0."""
    start = -1
    for _ in range(number + 1):
        start = source.text.index(text, start + 1)
    return Span(source, start, start + len(text))


def error(message: str, span: Span, code: str = "MTG301", **more: object) -> Diagnostic:
    return Diagnostic(code, message, span, **more)  # type: ignore[arg-type]


def line(text: str, marked: str, **more: object) -> str:
    """What is printed of a diagnostic on one line of source."""
    source = Source("a.mtg", text)
    return render(error("wrong", at(marked, source=source), **more))


CASES = {
    "labels_in_one_line": error(
        "`concat` cannot join these",
        at("concat(encoded, context)"),
        label="their first axes differ",
        labels=(
            Label(at("encoded", 1), "`[32]`"),
            Label(at("context", 1), "`[5, 5]`"),
            Label(at("LSTM(32)"), "made here"),
        ),
        notes=("axis 1 is 5 here\nand 32 there",),
        help="write `axis=1`",
    ),
    "label_far_away": error(
        "`encoded` is declared twice",
        at("encoded", 2),
        "MTG103",
        label="again here",
        labels=(Label(at("encoded"), "first here"),),
    ),
    "label_in_another_file": error(
        "an import circle",
        at("News"),
        "MTG603",
        labels=(Label(Span(Source("b.mtg", "from a import b\n"), 0, 6), "and back"),),
    ),
    "several_lines": error(
        "this bracket is never closed",
        Span(NEWS, at("(1,").start, at(")\n  z").start + 1),
        "MTG002",
        label="this call",
        labels=(Label(at('"relu"'), "inside"),),
    ),
    "many_lines": error(
        "this statement is wrong",
        Span(NEWS, at("tall =").start, at(")\n  z").start + 1),
        "MTG001",
        label="all of it",
        help="write another",
    ),
    "two_places_of_several_lines": error(
        "these two overlap",
        Span(NEWS, at("tall =").start, at("use_bias").start),
        label="the one",
        labels=(Label(Span(NEWS, at("Dense").start, at(")\n  z").start + 1), "the other"),),
    ),
    "whole_file": error("unused", Span(NEWS, 0, len(NEWS.text)), "MTG105", label="all"),
    "end_of_file": error(
        "the text ends here", Span(NEWS, len(NEWS.text), len(NEWS.text)), "MTG001", label="expected"
    ),
    "empty_file": error(
        "the file declares no model", Span(Source("empty.mtg", ""), 0, 0), "MTG004", help="do"
    ),
    "nowhere": error("a cycle", NOWHERE, "MTG201", label="here", notes=("`a` needs `b`",)),
    "several_lines_of_message": error("first\nsecond\n  third", at("News")),
    "long_line": error(
        "a long line",
        at("bad", source=(long := Source("l.mtg", f"x = {'a' * 300} bad {'b' * 300} worse"))),
        label="here",
        labels=(Label(at("worse", source=long), "and there"),),
    ),
    "control_characters": error(
        "a \x1b[31mred\x1b[0m name",
        at("bad", source=Source("c.mtg", "x = \x1b[31m\u202e\u200b \x00 bad\x7f\r\nnext")),
        label="here\x07",
        notes=("tab\tand \x9b",),
    ),
    "wide_characters": error(
        "unknown `foo`",
        at("foo", source=(wide := Source("w.mtg", "\t漢字 = x\u0301ｙ 🙂\tfoo"))),
        label="here",
        labels=(
            Label(at("漢字", source=wide), "wide"),
            Label(at("x\u0301", source=wide), "with a mark above"),
            Label(at("🙂", source=wide), "a face"),
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    expect(render(CASES[name]) + "\n", f"report/{name}.txt")


def test_golden_of_colours() -> None:
    expect(render_all(list(CASES.values())[:4], color=True), "report/colors.ansi")


def test_colour_adds_nothing_but_colour() -> None:
    for case in CASES.values():
        plain = re.sub(r"\x1b\[[\d;]*m", "", render(case, color=True))
        assert [row.rstrip() for row in plain.splitlines()] == render(case).splitlines()
        assert "\x1b" not in render(case)


@pytest.mark.parametrize("name", sorted(CASES))
def test_str_of_a_diagnostic_is_its_concise_form(name: str) -> None:
    assert f"{CASES[name]}\n" == concise([CASES[name]])


# ---- several -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "closing"),
    [
        (["MTG101"], "1 error"),
        (["MTG105"], "1 warning"),
        (["MTG101", "MTG105", "MTG102"], "2 errors, 1 warning"),
        (["MTG105", "MTG505"], "2 warnings"),
    ],
)
def test_closing_line(codes: list[str], closing: str) -> None:
    text = render_all(error("wrong", at("News"), code) for code in codes)
    assert text.endswith(f"\n\n{closing}\n")
    assert text.count("news.mtg:1:7") == len(codes)


def test_nothing_to_say() -> None:
    assert render_all(Diagnostics()) == ""


# ---- columns -------------------------------------------------------------------------------------


def test_one_line() -> None:
    assert line("x = foo(1)", "foo", label="what?") == (
        "error[MTG301]: wrong\n"
        " --> a.mtg:1:5\n"
        "  |\n"
        "1 | x = foo(1)\n"
        "  |     ^^^ what?"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "marked", "rows"),
    [
        ("\tfoo", "foo", ["    foo", "    ^^^"]),
        ("a\tfoo", "foo", ["a   foo", "    ^^^"]),
        ("a\tfoo", "\t", ["a   foo", " ^^^"]),
        ("漢字 foo", "foo", ["漢字 foo", "     ^^^"]),
        ("漢字 foo", "漢字", ["漢字 foo", "^^^^"]),
        ("e\u0301e\u0301 foo", "foo", ["e\u0301e\u0301 foo", "   ^^^"]),
        ("\x00 foo", "foo", ["␀ foo", "  ^^^"]),
        ("\u202e foo", "foo", ["<U+202E> foo", "         ^^^"]),
        ("foo\r\nbar", "foo", ["foo", "^^^"]),
        ("foo\rbar", "bar", ["bar", "^^^"]),
        ("foo", "", ["foo", "^"]),
    ],
)
def test_marks_stand_below_what_they_mark(text: str, marked: str, rows: list[str]) -> None:
    printed = [row[4:] for row in line(text, marked).splitlines()[3:5]]
    assert printed == rows


def test_an_empty_span_between_two_lines() -> None:
    source = Source("a.mtg", "foo\nbar\n")
    assert "1 | foo\n  |    ^" in render(error("wrong", Span(source, 3, 3)))
    assert "1 | foo\n  |    ^" in render(error("wrong", Span(source, 3, 4)))
    assert "2 | bar\n  | ^" in render(error("wrong", Span(source, 4, 4)))


def test_a_line_of_a_megabyte_takes_no_time() -> None:
    source = Source("a.mtg", "x" * 600_000 + " bad " + "y" * 600_000)
    text = render(error("wrong", at("bad", source=source), label="here"))
    assert max(map(width, text.splitlines())) < 120
    _, shown, marks = text.rpartition("1 | ")[2].partition("\n")[0], *text.splitlines()[-2:]
    assert marks.index("^^^") == shown.index("bad")


def test_any_spans_of_any_text() -> None:
    """Whatever the spans, it prints, no row is too long, and no text of the source is obeyed."""
    chance = random.Random(7)
    letters = "ab \n\n\t\r漢é\u0301\x1b\x00\u202e\u2028🙂"
    for _ in range(400):
        text = "".join(chance.choices(letters, k=chance.randrange(1, 120)))
        if chance.random() < 0.2:
            text = text.replace("\n", "x" * 90)
        sources = [Source("a.mtg", text), Source("b.mtg", text[::-1])]

        starts = [chance.randrange(len(text) + 1) for _ in range(chance.randrange(1, 5))]
        spans = [Span(chance.choice(sources), at, at + chance.randrange(60)) for at in starts]
        labels = tuple(Label(span, "label") for span in spans[1:])
        shown = render(error("m", spans[0], label="first", labels=labels))
        assert not set(shown) & set("\x1b\x00\t\r\u202e\u2028")
        assert max(map(width, shown.splitlines())) < 130
        assert shown.count("label") == len(labels)
        assert shown.count("first") == 1


def test_spans_outside_the_text_are_brought_back() -> None:
    source = Source("a.mtg", "foo\n")
    assert "^" in render(error("wrong", Span(source, 0, 999)))
    assert "^" in render(error("wrong", Span(source, 4, 2)))
