"""Expressions: the one way in, whatever kind of node an expression is.

What a kind of node means is registered with `evaluate_node` by the file that knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any, cast

from mtg.graph.layers import Layer
from mtg.graph.values import Value as Constant
from mtg.limits import MAX_NESTING
from mtg.semantics import constant_evaluation as compute
from mtg.semantics.budget import TooLarge
from mtg.semantics.expansion.context import Context
from mtg.semantics.tensor_operators import OfTensors, Operand, shown, written
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


@singledispatch
def evaluate_node(
    node: ast.SyntaxNode, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return what a node stands for; a file registers this function for each kind it knows.

    It is called by `evaluate` and `evaluate_operand`, which count. Call these.
    """
    raise TypeError(f"{type(node).__name__} is no expression")


def evaluate(
    node: ast.Expression, context: Context, frame: Frame, kinds: Sequence[str] = ()
) -> Value:
    """Return what an expression stands for: a value, a tensor, a layer, or `ERROR`.

    Args:
        kinds: The objects of Keras that its place takes.
    """
    value = evaluate_operand(node, context, frame, kinds)
    if isinstance(value, OfTensors):
        _report_arithmetic(node, value, context, frame)
        return ERROR
    return value


def evaluate_operand(
    node: ast.Expression, context: Context, frame: Frame, kinds: Sequence[str] = ()
) -> Value:
    """Evaluate an expression without reporting arithmetic with tensors.

    `OfTensors` tells it to the place where the expression is used.
    """
    context.depth += 1
    try:
        if context.depth > 3 * MAX_NESTING:
            context.reporter(frame)(
                "MTG606", f"this is nested more than {3 * MAX_NESTING} deep", node.span
            )
            raise TooLarge
        # Not by a call of `evaluate_node`, which takes C's stack wherever expressions nest.
        meaning = evaluate_node.registry.get(type(node), evaluate_node)
        value = meaning(node, context, frame, kinds)
        long = isinstance(value, (str, list, tuple, dict, range))
        context.budget.step(node.span, 1 + compute.weight(value) if long else 1)
        return value
    except compute.CannotCompute as error:
        context.reporter(frame)("MTG406", str(error), node.span, label="has no value")
        return ERROR
    finally:
        context.depth -= 1


def evaluate_value(node: ast.Expression, context: Context, frame: Frame) -> Constant | Error:
    """Return the compile-time value of an expression, or `ERROR`."""
    value = evaluate_operand(node, context, frame)
    of_tensors = is_tensor(value) or isinstance(value, OfTensors)
    if of_tensors or isinstance(value, (Layer, SharedLayer)):
        kind = "a tensor" if isinstance(value, OfTensors) else kind_of(value)
        context.reporter(frame)(
            "MTG404",
            f"expected a compile-time value, found {kind}",
            node.span,
            label=f"this is {kind}",
            help="a tensor has no value before the model runs" if of_tensors else "",
        )
        return ERROR
    return ERROR if is_error(value) else cast("Constant", value)


def evaluate_operands(
    nodes: Sequence[ast.Expression], context: Context, frame: Frame
) -> list[Any] | Error:
    """Return the values of what an operator or a function computes with.

    Tensors have none: `OfTensors` says what each of the nodes is, and nothing is reported yet.
    """
    values: list[Any] = []
    found: dict[int, Operand] = {}
    of_tensors = False
    for node in nodes:
        value = evaluate_operand(node, context, frame)
        if isinstance(value, (Layer, SharedLayer)):
            raise compute.CannotCompute(f"{kind_of(value)} has no value to compute with")
        if isinstance(value, OfTensors):
            found.update(value.operands)
        elif is_error(value):
            return ERROR
        else:
            found[id(node)] = Operand(is_tensor(value), shown(node))
        of_tensors = of_tensors or is_tensor(value) or isinstance(value, OfTensors)
        values.append(value)
    return OfTensors(found) if of_tensors else values


def _report_arithmetic(
    node: ast.Expression, found: OfTensors, context: Context, frame: Frame
) -> None:
    """Report arithmetic with tensors: the whole of it once, however deep they are in it."""
    text = written(node, found.operands)
    help = f"write `{text}`" if text else "name the tensors, and write `ops.add(a, b)`"
    # A factor may be a layer, which keeps it in the model's config.
    if (
        isinstance(node, ast.OperationExpr)
        and node.operator == "*"
        and (parts := [found.operands.get(id(each)) for each in node.operands])
        and isinstance(node.operands[1], ast.LiteralExpr)
        and parts[0] is not None
        and parts[0].text
    ):
        help += f" or `{parts[0].text} -> Rescaling({shown(node.operands[1])})`"
    context.reporter(frame)(
        "MTG207",
        "operators are not defined for tensors",
        node.span,
        help=help,
        fix=Fix.replace(node.span, text, safe=False) if text else None,
    )
