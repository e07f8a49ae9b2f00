"""Operators, comparisons and conditional expressions."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.semantics import constant_evaluation as compute
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import (
    evaluate,
    evaluate_node,
    evaluate_operands,
    evaluate_value,
)
from mtg.semantics.expansion.stages import report_half_arrow
from mtg.semantics.values import ERROR, Error, Frame, Value
from mtg.syntax import ast
from mtg.text.diagnostics import Fix
from mtg.text.edits import flow_at


@evaluate_node.register(ast.OperationExpr)
def evaluate_operation(
    node: ast.OperationExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the value of an operation; `OfTensors` where it has tensors."""
    if report_half_arrow(node, context, frame):
        return ERROR
    if node.operator in ("and", "or"):
        # As in Python, the second operand counts only where the first does not decide.
        left = evaluate_value(node.operands[0], context, frame)
        if left is ERROR or bool(left) == (node.operator == "or"):
            return left
        return evaluate_value(node.operands[1], context, frame)
    operands = evaluate_operands(node.operands, context, frame)
    if isinstance(operands, Error):
        return operands
    return compute.operate(node.operator, operands)


@evaluate_node.register(ast.ComparisonExpr)
def evaluate_comparison(
    node: ast.ComparisonExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return whether a comparison holds; `OfTensors` where it has tensors."""
    if _report_backward_arrow(node, context, frame) or report_half_arrow(node, context, frame):
        return ERROR
    operands = evaluate_operands(node.operands, context, frame)
    if isinstance(operands, Error):
        return operands
    return all(
        compute.compare(symbol, left, right)
        for symbol, left, right in zip(node.operators, operands[:-1], operands[1:], strict=True)
    )


@evaluate_node.register(ast.ConditionalExpr)
def evaluate_conditional(
    node: ast.ConditionalExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the side that the condition takes; the other is not looked at."""
    test = evaluate_value(node.test, context, frame)
    if test is ERROR:
        return ERROR
    return evaluate(node.then if test else node.otherwise, context, frame, kinds)


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
