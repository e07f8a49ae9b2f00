"""Operators, comparisons, conditional expressions and f-strings, of values and of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.catalog.operators import OPERATORS
from mtg.graph.describe import describe
from mtg.graph.layers import Layer
from mtg.graph.values import DataArray
from mtg.lengths.dims import Length
from mtg.semantics import constant_evaluation as compute
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import (
    evaluate,
    evaluate_node,
    evaluate_test,
    evaluate_value,
)
from mtg.semantics.expansion.ops import call_op
from mtg.semantics.expansion.stages import report_half_arrow
from mtg.semantics.expansion.tensors import take_tensor
from mtg.semantics.source_text import shown
from mtg.semantics.values import (
    ERROR,
    Error,
    Frame,
    SharedLayer,
    Value,
    is_error,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Fix
from mtg.text.edits import flow_at

#: What stands for the words between tensors.
_LOGICAL = {"and": "logical_and", "or": "logical_or", "not": "logical_not"}


@evaluate_node.register(ast.OperationExpr)
def evaluate_operation(
    node: ast.OperationExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the value of an operation, or the tensor that an op of Keras makes."""
    if report_half_arrow(node, context, frame):
        return ERROR
    if node.operator in ("and", "or"):
        # As in Python, the second operand counts only where the first does not decide.
        left = evaluate(node.operands[0], context, frame)
        if is_tensor(left):
            return _report_words(node, node.operator, context, frame)
        if left is ERROR or bool(left) == (node.operator == "or"):
            return left
        right = evaluate(node.operands[1], context, frame)
        return _report_words(node, node.operator, context, frame) if is_tensor(right) else right
    operands = [evaluate(each, context, frame) for each in node.operands]
    if any(map(is_error, operands)):
        return ERROR
    if any(map(_is_tensor, operands)):
        if node.operator == "not":
            return _report_words(node, "not", context, frame)
        if len(operands) == 1:
            if node.operator == "+":
                return operands[0]
            return _call("negative", node, operands, context, frame)
        return _call(OPERATORS[node.operator], node, operands, context, frame)
    _refuse_layers(operands)
    return compute.operate(node.operator, operands)


@evaluate_node.register(ast.ComparisonExpr)
def evaluate_comparison(
    node: ast.ComparisonExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return whether a comparison holds, or the tensor that an op of Keras makes."""
    if _report_backward_arrow(node, context, frame) or report_half_arrow(node, context, frame):
        return ERROR
    operands = [evaluate(each, context, frame) for each in node.operands]
    if any(map(is_error, operands)):
        return ERROR
    if len(operands) == 2 and node.operators[0] in ("==", "!=") and None in operands:
        same = operands[0] is None and operands[1] is None
        return same == (node.operators[0] == "==")
    if any(map(_is_tensor, operands)):
        if len(operands) > 2 or node.operators[0] not in OPERATORS:
            return _report_words(node, node.operators[0], context, frame)
        return _call(OPERATORS[node.operators[0]], node, operands, context, frame)
    _refuse_layers(operands)
    return all(
        compute.compare(symbol, left, right)
        for symbol, left, right in zip(node.operators, operands[:-1], operands[1:], strict=True)
    )


def _refuse_layers(operands: Sequence[Value]) -> None:
    for value in operands:
        if isinstance(value, (Layer, SharedLayer)):
            raise compute.CannotCompute(f"{kind_of(value)} has no value to compute with")


def _call(
    op: str,
    node: ast.OperationExpr | ast.ComparisonExpr,
    operands: Sequence[Value],
    context: Context,
    frame: Frame,
) -> Value:
    """Return what an op of Keras makes of operands, of which one is a tensor."""
    args: list[Any] = []
    for operand, value in zip(node.operands, operands, strict=True):
        if _is_tensor(value):
            ref = take_tensor(value, operand.span, context, frame)
            if ref is None:
                return ERROR
            args.append(ref)
        elif _is_number(value):
            args.append(value)
        else:
            symbol = node.operator if isinstance(node, ast.OperationExpr) else node.operators[0]
            context.reporter(frame)(
                "MTG404",
                f"`{symbol}` does not take a tensor and {kind_of(value)}",
                operand.span,
                label=f"this is {kind_of(value)}",
                help="to compute with each item, write a comprehension: "
                f"`[x {symbol} item for item in {shown(operand) or 'items'}]`"
                if isinstance(value, (list, tuple))
                else "",
            )
            return ERROR
    return call_op(op, f"ops.{op}", tuple(args), {}, node.span, context, frame)


def _is_tensor(value: object) -> bool:
    """Return whether an operand is a tensor, or the array of one."""
    return is_tensor(value) or isinstance(value, DataArray)


def _is_number(value: object) -> bool:
    """Return whether a value may be an operand beside a tensor: a number, or numbers in lists."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_is_number, value))
    return isinstance(value, (int, float, Length))


def _as_ops(node: ast.Expression) -> str:
    """Return a condition between tensors as mtg writes it; empty where it is long."""
    op = _LOGICAL.get(node.operator) if isinstance(node, ast.OperationExpr) else None
    if op is None or not isinstance(node, ast.OperationExpr):
        return shown(node)
    parts = [_as_ops(each) for each in node.operands]
    return f"ops.{op}({', '.join(parts)})" if all(parts) else ""


def _report_words(
    node: ast.OperationExpr | ast.ComparisonExpr, word: str, context: Context, frame: Frame
) -> Error:
    """Report `and`, `or`, `not`, `in` and `a < b < c` with tensors."""
    op = _LOGICAL.get(word)
    texts = [_as_ops(each) for each in node.operands]
    text, help = "", ""
    if op is not None and all(texts):
        text = f"ops.{op}({', '.join(texts)})"
    elif isinstance(node, ast.ComparisonExpr) and len(texts) == 3 and all(texts):
        first, second = node.operators
        if first in OPERATORS and second in OPERATORS:
            text = f"ops.logical_and({texts[0]} {first} {texts[1]}, {texts[1]} {second} {texts[2]})"
    elif word in ("in", "not in"):
        help = "compare with each: `ops.any(ops.equal(x, items))`"
    chain = op is None and word not in ("in", "not in")
    context.reporter(frame)(
        "MTG207",
        f"{'a chain of comparisons' if chain else f'`{word}`'} is for values, not for tensors",
        node.span,
        help=f"write `{text}`" if text else help,
        fix=Fix.replace(node.span, text, safe=False) if text else None,
    )
    return ERROR


@evaluate_node.register(ast.ConditionalExpr)
def evaluate_conditional(
    node: ast.ConditionalExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the side that the condition takes; the other is not looked at."""
    test = evaluate_test(node.test, context, frame)
    if test is None:
        return ERROR
    return evaluate(node.then if test else node.otherwise, context, frame, kinds)


@evaluate_node.register(ast.FormattedExpr)
def evaluate_formatted(
    node: ast.FormattedExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the string that an f-string makes of values."""
    texts: list[str] = []
    for part in node.parts:
        value = evaluate_value(part, context, frame)
        if isinstance(value, Error):
            return ERROR
        if compute.holds_others(value):
            raise compute.CannotCompute(f"{describe(value)} has no text")
        texts.append(compute.as_text(value))
    return compute.sized("".join(texts))


def _report_backward_arrow(node: ast.ComparisonExpr, context: Context, frame: Frame) -> bool:
    """Report `Dense(1) <- x`, which reads as `Dense(1) < -x`, and return whether it is."""
    if node.operators != ("<",):
        return False
    left, right = node.operands
    source = node.span.source
    between = source.text[left.span.end : right.span.start + 1].replace(" ", "")
    is_negative = isinstance(right, ast.OperationExpr) and right.operator == "-"
    if between != "<-" or not is_negative or not isinstance(left, ast.CallExpr):
        return False
    assert isinstance(right, ast.OperationExpr)
    if len(right.operands) != 1:
        return False
    flow = flow_at(node.span, f"{right.operands[0].span.text} -> {left.span.text}")
    context.reporter(frame)(
        "MTG406",
        "a flow is read from left to right",
        node.span,
        label="expected `->`, found `<-`",
        help=f"write `{flow}`",
        fix=Fix.replace(node.span, flow),
    )
    return True
