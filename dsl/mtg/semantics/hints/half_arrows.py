"""`x > Dense(3)`, `x - Dense(3)`: one sign of the arrow for both."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from mtg.syntax import ast
from mtg.text.diagnostics import Edit, Fix
from mtg.text.edits import flow_at
from mtg.text.source import Span


class HalfArrow(NamedTuple):
    """What stands for an arrow, where it stands first, and the fix that writes arrows."""

    sign: str
    span: Span
    fix: Fix


def half_arrow(
    node: ast.OperationExpr | ast.ComparisonExpr,
    is_stage: Callable[[ast.Expression], bool],
    *,
    stage: bool = False,
) -> HalfArrow | None:
    """Return the sign that stands for the arrow, if what follows it may stand after an arrow only.

    Args:
        node: Arithmetic, or a comparison.
        is_stage: Whether an operand may stand after an arrow.
        stage: Whether the node stands after an arrow itself.
    """
    if isinstance(node, ast.ComparisonExpr):
        sign = ">" if set(node.operators) == {">"} else ""
    else:
        sign = "-" if node.operator == "-" and len(node.operands) == 2 else ""
    if not sign or not all(map(is_stage, node.operands[1:])):
        return None
    places = []
    for left, right in pairwise(node.operands):
        between = Span(node.span.source, left.span.end, right.span.start)
        found = re.fullmatch(rf"[ \t]*(\{sign})[ \t]*", between.text)
        if found is None:
            return None  # over several lines, or with comments
        start = between.start + found.start(1)
        places.append(Span(node.span.source, start, start + 1))
    # A layer is never greater than anything; whether one can be taken away depends on who reads.
    safe = sign == ">" and (stage or flow_at(node.span, "->") == "->")
    edits = tuple(Edit(place, "->") for place in places)
    return HalfArrow(sign, places[0], Fix("write `->`", edits, safe))
