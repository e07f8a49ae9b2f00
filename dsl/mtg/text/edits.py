"""Edits of a text: what a statement takes up in it, and fixes applied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mtg.text.diagnostics import Diagnostic, Edit, Fix
from mtg.text.source import Source, Span


class Range(NamedTuple):
    """The characters `start` up to, not including, `end` of a text."""

    start: int
    end: int


def apply(
    source: Source, diagnostics: Iterable[Diagnostic], *, unsafe: bool = False
) -> tuple[str, list[Fix]]:
    """Apply the fixes of some diagnostics to a source; return the text and those applied.

    A fix is left out if one of its edits is of another source, or touches one that comes before:
    what it says may be true no more, and the next check says it again if it is.

    Args:
        source: The source to mend.
        diagnostics: What was said of it.
        unsafe: Whether fixes are applied that may not be what is meant.
    """
    applied: list[Fix] = []
    taken: list[Range] = []
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        if any(edit.span.source is not source for edit in fix.edits):
            continue
        wanted = [Range(edit.span.start, edit.span.end) for edit in fix.edits]
        if any(touch(one, other) for one in wanted for other in taken):
            continue
        taken += wanted
        applied.append(fix)
    edits = [edit for fix in applied for edit in fix.edits]
    return edited(source.text, edits), applied


def with_comma(span: Span) -> Span:
    """Return the span of one of several items in parentheses, with the comma before it.

    Where it is the first, with the comma after it.
    """
    text, start, end = span.source.text, span.start, span.end
    before = start
    while before and text[before - 1].isspace():
        before -= 1
    if before and text[before - 1] == ",":
        return Span(span.source, before - 1, end)
    after = end
    while after < len(text) and text[after].isspace():
        after += 1
    if text[after : after + 1] == ",":
        after += 1
        while after < len(text) and text[after] in " \t":
            after += 1
        return Span(span.source, start, after)
    return span


#: What stands before a place where a flow may stand, and after it.
_BEFORE_FLOW = re.compile(r"(?:[(,{:]|(?<![=<>!])=|\breturn|(?<![\w)\]])\[)\s*\Z")
_AFTER_FLOW = re.compile(
    r"(?:\s|\#[^\r\n]*)*(?:[)\]},]|->|\Z|(?!(?:if|else|and|or|not|in)\b)[^\W\d])"
)


def flow_at(span: Span, flow: str) -> str:
    """Return a flow as text for a place, in parentheses unless it needs none."""
    text = span.source.text
    before = _BEFORE_FLOW.search(text, max(0, span.start - 40), span.start)
    if before is not None and _AFTER_FLOW.match(text, span.end):
        return flow
    return f"({flow})"


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text after edits that do not touch each other."""
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def moved(places: Iterable[Range], edits: Sequence[Edit]) -> tuple[Range, ...]:
    """Return the places of a text after edits of it, and behind them those that were inserted.

    Blanks around what was inserted are left out.
    """
    ordered = sorted(edits, key=lambda edit: edit.span.start)

    def shift(offset: int) -> int:
        before = (edit for edit in ordered if edit.span.end <= offset)
        return sum(len(edit.text) - (edit.span.end - edit.span.start) for edit in before)

    found = [
        Range(place.start + shift(place.start), place.end + shift(place.end)) for place in places
    ]
    for edit in ordered:
        if edit.text.strip():
            before = [each for each in ordered if each.span.end <= edit.span.start and each != edit]
            by = sum(len(each.text) - (each.span.end - each.span.start) for each in before)
            start = edit.span.start + by + len(edit.text) - len(edit.text.lstrip())
            found.append(Range(start, start + len(edit.text.strip())))
    return tuple(found)


def touch(a: Range, b: Range) -> bool:
    """Return whether two places have a character in common, or one ends where the other begins."""
    return a.start <= b.end and b.start <= a.end


def whole_line(span: Span) -> Span:
    """Return a statement with its line, where it is alone in that but for comments."""
    text = span.source.text
    start = span.start
    while start and text[start - 1] in " \t":
        start -= 1
    end = span.end
    while end < len(text) and text[end] in " \t":
        end += 1
    if end < len(text) and text[end] == "#":
        while end < len(text) and text[end] not in "\r\n":
            end += 1
    if (start and text[start - 1] not in "\r\n") or (end < len(text) and text[end] not in "\r\n"):
        return span
    return Span(
        span.source, start, min(len(text), end + (2 if text[end : end + 2] == "\r\n" else 1))
    )
