"""Expressions: the one way in, whatever kind of node an expression is.

What a kind of node means is registered with `evaluate_node` by the file that knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch
from typing import cast

from mtg.catalog import catalog
from mtg.graph.layers import Layer
from mtg.graph.values import DataArray, KerasObject
from mtg.graph.values import Value as Constant
from mtg.limits import MAX_NESTING
from mtg.semantics import constant_evaluation as compute
from mtg.semantics.budget import TooLarge
from mtg.semantics.expansion.context import Context
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


@singledispatch
def evaluate_node(
    node: ast.SyntaxNode, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return what a node stands for; a file registers this function for each kind it knows.

    It is called by `evaluate`, which counts. Call that.
    """
    raise TypeError(f"{type(node).__name__} is no expression")


def evaluate(
    node: ast.Expression, context: Context, frame: Frame, kinds: Sequence[str] = ()
) -> Value:
    """Return what an expression stands for: a value, a tensor, a layer, or `ERROR`.

    Args:
        kinds: The objects of Keras that its place takes.
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
        if kinds:
            value = _as_kind(value, kinds)
        long = isinstance(value, (str, list, tuple, dict, range))
        context.budget.step(node.span, 1 + compute.weight(value) if long else 1)
        return value
    except compute.CannotCompute as error:
        context.reporter(frame)(
            "MTG406", str(error), node.span, label="has no value", help=error.help
        )
        return ERROR
    finally:
        context.depth -= 1


def _as_kind(value: Value, kinds: Sequence[str]) -> Value:
    """Return an object of Keras as what its place takes, where a class of its name is of that kind.

    An object that stands in a table is looked up where it is used: `MeanSquaredError()` is a loss
    in one place and a metric in another.
    """
    if isinstance(value, list):
        return [_as_kind(item, kinds) for item in value]
    if not isinstance(value, KerasObject) or value.kind in kinds:
        return value
    known = set(kinds) & set(catalog().kinds())
    kind = next((k for k in kinds if k in known and catalog().find(k, value.name)), None)
    return value if kind is None else replace(value, kind=kind)


def evaluate_value(node: ast.Expression, context: Context, frame: Frame) -> Constant | Error:
    """Return the compile-time value of an expression, or `ERROR`: a tensor, or a layer, has none.

    A list may hold tensors, and is as good a value as any where its length is asked for.
    """
    value = evaluate(node, context, frame)
    if is_tensor(value) or isinstance(value, (Layer, SharedLayer)):
        context.reporter(frame)(
            "MTG404",
            f"expected a compile-time value, found {kind_of(value)}",
            node.span,
            label=f"this is {kind_of(value)}",
            help=_of_values(node) if is_tensor(value) else "",
        )
        return ERROR
    return ERROR if is_error(value) else cast("Constant", value)


def evaluate_test(node: ast.Expression, context: Context, frame: Frame) -> bool | None:
    """Return whether a condition holds; None where that has no value, which is reported."""
    value = evaluate_value(node, context, frame)
    if isinstance(value, DataArray):
        context.reporter(frame)("MTG404", f"{kind_of(value)} is neither true nor false", node.span)
        return None
    return None if isinstance(value, Error) else bool(value)


def _of_values(node: ast.Expression) -> str:
    """Return what to write where a tensor stands in place of a value."""
    if isinstance(node, ast.ComparisonExpr):
        return (
            "a tensor has no value before the model runs: to choose between tensors by what "
            "they hold, write `ops.where(condition, a, b)`"
        )
    return "a tensor has no value before the model runs"
