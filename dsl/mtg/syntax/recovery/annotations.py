"""Annotations, as Python writes them: `h: float32[16] = …`, `width: int = 3`, `-> Tensor`."""

from __future__ import annotations

import re

from mtg.syntax.recovery.context import FORMS, ErrorContext, Mistake
from mtg.syntax.recovery.tokens import Token

_TYPE = r"[^\W\d][\w.]*(?:[ \t]*\[[^\[\](){}=\r\n]*\])?"
_TYPES = rf"{_TYPE}(?:[ \t]*\|[ \t]*{_TYPE})*|\"[^\"\r\n]*\"|'[^'\r\n]*'"
_ANNOTATION = re.compile(rf":[ \t]*(?:{_TYPES})(?=\s*(=(?!=)|,|\)|->))")
_RESULT = re.compile(rf"->[ \t]*{_TYPE}(?=\s*\{{)")


def find_annotation(context: ErrorContext) -> Mistake | None:
    """Find an annotation: in mtg an input has a dtype and lengths, and nothing else has."""
    here, before = context.here, context.before
    text = context.structure.source.text
    if here.text == "->" and before.text == ")" and context.keyword in ("model", "block"):
        match = _RESULT.match(text, here.start)
        return _annotation(context, match) if match is not None else None
    match = _ANNOTATION.match(text, here.start) if here.text == ":" else None
    if match is None or context.keyword == "input":
        return None
    follows = match[1]
    if "ASSIGN" in context.error.expected and context.keyword in ("output", "shared", "let", ""):
        return _annotation(context, match) if follows == "=" else None
    opening, _ = context.enclosing()
    if context.keyword in ("model", "block"):
        inside = opening is not None and opening.text == "("
        return _annotation(context, match) if inside or follows == "->" else None
    # `f(units: int = 3)`; of `f(units: n)` it is `=` that is meant.
    inside = opening is not None and opening.text == "(" and before.kind == "word"
    return _annotation(context, match) if inside and follows == "=" else None


_DTYPE = r"(?:(?:b?float|u?int|complex)\d+|bool|string)"
_INPUT = re.compile(rf":[ \t]*{_DTYPE}[ \t]*\[[^\[\]{{}}=\r\n]*\](?!\s*(?:=|->|\[))")


def find_missing_input(context: ErrorContext) -> Mistake | None:
    """Find `x: float32[8]` without `input`."""
    here, before = context.here, context.before
    if (
        here.text != ":"
        or context.keyword
        or not before.first
        or "ASSIGN" not in context.error.expected
    ):
        return None
    if _INPUT.match(context.structure.source.text, here.start) is None:
        return None
    return Mistake(
        f"`input` is missing before `{before.text}`",
        before,
        before,
        help=FORMS["input"],
        edits=((before.start, before.start, "input "),),
    )


def _annotation(context: ErrorContext, match: re.Match[str]) -> Mistake:
    """Return what to say of an annotation."""
    token = Token("punctuation", match[0], match.start(), context.here.line, 0, False)
    return Mistake(
        "mtg has no annotations: the kind of a name follows from its value",
        token,
        token,
        "only an `input` has a dtype and lengths",
        f"remove `{match[0]}`",
        edits=((context.before.end, match.end(), ""),),
    )
