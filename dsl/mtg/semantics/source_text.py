"""The text of pieces of a program in one line, for what a message suggests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mtg.syntax import ast
from mtg.syntax.patterns import STRING
from mtg.text.source import Span

#: Texts of operands that are longer are not repeated.
_LONG = 60


def leaves(node: ast.Expression) -> Iterator[ast.Expression]:
    """Yield the operands of arithmetic that are no arithmetic themselves, from left to right."""
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, (ast.OperationExpr, ast.ComparisonExpr)):
            stack += reversed(each.operands)
        else:
            yield each


def shown(node: ast.SyntaxNode) -> str:
    """Return the text of an operand in one line, without parentheses around it.

    Empty where it is long, or has comments.
    """
    text = shown_text(node.span)
    while (
        not isinstance(node, ast.GroupExpr) and text.startswith("(") and _closes(text) == len(text)
    ):
        text = text[1:-1].strip()
    return text


_SIGNS = re.compile(rf"{STRING}|[()]")


def _closes(text: str) -> int:
    """Return where the parenthesis ends that a text begins with."""
    depth = 0
    for sign in _SIGNS.finditer(text):
        depth += (sign[0] == "(") - (sign[0] == ")")
        if not depth:
            return sign.end()
    return -1


def shown_text(span: Span) -> str:
    """Return the text of a place in one line; empty where it is long, or has comments."""
    text = span.text
    line = " ".join(text.split())
    return "" if "#" in text or len(line) > _LONG else line
