"""Values that came from outside a program, told where something is wrong with what they made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from mtg.graph.describe import short
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostic
from mtg.text.source import Span

#: How long a marked text may be whose words are looked at: an expression, not a whole model.
_LONGEST = 200
_WORD = re.compile(r"\w+")


def with_given(
    found: Iterable[Diagnostic], model: ast.ModelDecl, parameters: Mapping[str, Any]
) -> list[Diagnostic]:
    """Return diagnostics; those that mark a parameter with a value from outside say so.

    Such a value stands nowhere in the text, whose own default may well be right.

    Args:
        found: What is wrong with the program.
        model: The model that the values are for.
        parameters: The values, by the names of its parameters.
    """
    return [_with_given(each, model.span, parameters) for each in found]


def _with_given(found: Diagnostic, model: Span, parameters: Mapping[str, Any]) -> Diagnostic:
    marked = [found.span, *(label.span for label in found.labels)]
    words = {
        word
        for span in marked
        if span.source is model.source and model.start <= span.start and span.end <= model.end
        if span.end - span.start <= _LONGEST
        for word in _WORD.findall(span.text)
    }
    notes = tuple(
        f"`{name}` is given from outside: {short(value)}"
        for name, value in parameters.items()
        if name in words
    )
    return replace(found, notes=(*notes, *found.notes)) if notes else found
