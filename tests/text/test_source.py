"""Lines and columns, as editors count them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from mtg.text.source import Source, Span


@given(st.text(alphabet="ab\r\n\x0c\x85\u2028é", max_size=40))
def test_every_offset_has_its_line(text: str) -> None:
    source = Source("a.mtg", text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [source.line(i + 1) for i in range(source.line_count)] == lines
    for offset in range(len(text) + 1):
        line, column = source.line_column(offset)
        before = text[:offset]
        if before.endswith("\r") and text[offset : offset + 1] == "\n":
            continue  # inside a line ending
        ended = before.replace("\r\n", "\n").replace("\r", "\n")
        assert (line, column) == (ended.count("\n") + 1, len(ended.rpartition("\n")[2]) + 1)


def test_locations() -> None:
    source = Source("a.mtg", "one\r\ntwo\n")
    assert Span(source, 5, 8).text == "two"
    assert Span(source, 5, 8).location == "a.mtg:2:1"
    assert Span(source, 9, 9).location == "a.mtg:3:1"
    assert Span(source, 0, 3).to(Span(source, 5, 8)).text == "one\r\ntwo"
