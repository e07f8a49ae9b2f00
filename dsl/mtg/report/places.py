"""Places of a diagnostic as numbers, for the formats that machines read."""

from __future__ import annotations

from typing import NamedTuple

from mtg.text.source import NOWHERE, Span


class Place(NamedTuple):
    """A span in lines and columns, both from 1; the end is the first column behind it."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


def place(span: Span) -> Place | None:
    """Return where a span stands, or None where no text says it."""
    source = span.source
    if source is NOWHERE.source:
        return None
    size = len(source.text)
    start = max(0, min(span.start, size))
    end = max(start, min(span.end, size))
    return Place(source.name, *source.line_column(start), *source.line_column(end))
