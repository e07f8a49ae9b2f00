"""Arithmetic that somebody writes with tensors, as mtg writes it: `a - b` is `subtract(a, b)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mtg.semantics.values import Error
from mtg.syntax import ast
from mtg.syntax.patterns import STRING
from mtg.text.source import Span

#: Of two tensors; the merges among them take more than two.
_MERGES = {"+": "add", "-": "subtract", "*": "multiply"}
_MANY = ("add", "multiply")
#: Of a tensor and a value, or of two tensors where there is no merge.
_OPS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "//": "floor_divide",
    "%": "mod",
    "**": "power",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}
_UNARY = {"-": "negative", "not": "logical_not"}

#: Texts of operands that are longer are not repeated.
_LONG = 60


class Operand(NamedTuple):
    """What an operand of arithmetic is: whether it is a tensor, and how mtg writes it."""

    is_tensor: bool
    text: str


class OfTensors(Error):
    """What arithmetic with tensors stands for: nothing, and what it was meant for can be written.

    `operands` has what each operand is, by the identity of its node.
    """

    def __init__(self, operands: Mapping[int, Operand]) -> None:
        self.operands = operands


def is_arithmetic(node: ast.SyntaxNode) -> bool:
    """Return whether a node computes with operands, so that tensors among them matter to it."""
    return isinstance(node, ast.ComparisonExpr) or (
        isinstance(node, ast.OperationExpr) and node.operator not in ("and", "or")
    )


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


def written(node: ast.Expression, operands: Mapping[int, Operand]) -> str:
    """Arithmetic with tensors as a flow of mtg; empty where that is not plain.

    Args:
        node: The arithmetic.
        operands: What its operands are; one that is missing here makes the text empty.
    """
    found = _written(node, operands)
    return found.text if found.is_tensor else ""


def _written(node: ast.Expression, operands: Mapping[int, Operand]) -> Operand:
    if id(node) in operands:
        return operands[id(node)]
    if not isinstance(node, (ast.OperationExpr, ast.ComparisonExpr)):
        return Operand(True, "")
    parts = [_written(each, operands) for each in node.operands]
    if not any(part.is_tensor for part in parts):
        return Operand(False, shown(node))
    if not all(part.text for part in parts):
        return Operand(True, "")
    if isinstance(node, ast.ComparisonExpr) and len(node.operators) > 1:
        return Operand(True, "")
    symbol = node.operator if isinstance(node, ast.OperationExpr) else node.operators[0]
    if len(parts) == 1:
        name = _UNARY.get(symbol, "")
        return Operand(True, f"ops.{name}({parts[0].text})" if name else "")
    merge = _MERGES.get(symbol) if all(part.is_tensor for part in parts) else None
    if merge is None:
        name = _OPS.get(symbol, "")
        return Operand(True, f"ops.{name}({parts[0].text}, {parts[1].text})" if name else "")
    first, second = parts[0].text, parts[1].text
    left = node.operands[0]
    again = isinstance(left, ast.OperationExpr) and left.operator == symbol  # `a + b + c`
    if merge in _MANY and again and first.startswith(f"{merge}("):
        return Operand(True, f"{first[:-1]}, {second})")
    return Operand(True, f"{merge}({first}, {second})")
