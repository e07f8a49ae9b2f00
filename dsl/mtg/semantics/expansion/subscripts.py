"""Indices and slices, of values and of tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.graph.describe import describe
from mtg.graph.values import DataArray
from mtg.semantics import constant_evaluation as compute
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate, evaluate_node, evaluate_value
from mtg.semantics.expansion.ops import call_op
from mtg.semantics.expansion.tensors import results_of, take_tensor
from mtg.semantics.modules import Declared
from mtg.semantics.values import (
    ERROR,
    Ends,
    Frame,
    LayerClass,
    Results,
    TensorTuple,
    Value,
    is_error,
    is_tensor,
    kind_of,
)
from mtg.syntax import ast


@evaluate_node.register(ast.SubscriptExpr)
def evaluate_subscript(
    node: ast.SubscriptExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return an item or a slice of a value, or a slice of a tensor."""
    if isinstance(node.value, ast.NameExpr) and len(node.items) == 1:
        ends = frame.find(node.value.name)
        if isinstance(ends, Ends):
            key = evaluate_value(node.items[0], context, frame)
            return ERROR if key is ERROR else ends.model.get(ends.word, key, node, context, frame)
    value = evaluate(node.value, context, frame)
    if value is ERROR or isinstance(value, (LayerClass, Declared)):
        return ERROR  # a class with brackets is reported when names are resolved
    if isinstance(value, Results) and (several := results_of(value, context)) is not None:
        value = several
    if isinstance(value, TensorTuple):
        value = list(value.tensors)
    if is_tensor(value) or isinstance(value, DataArray):
        return _slice_tensor(value, node, context, frame)
    if len(node.items) != 1:
        raise compute.CannotCompute(
            f"{kind_of(value)} takes one index", help="index an item of it: `NAME[0][:, 1]`"
        )
    key = evaluate_value(node.items[0], context, frame)
    return ERROR if key is ERROR else compute.index(value, key)


@evaluate_node.register(ast.SliceExpr)
def evaluate_slice(
    node: ast.SliceExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return a slice: `start:stop:step` between the brackets of an index."""
    parts = [node.start, node.stop, node.step]
    values = [None if part is None else evaluate_value(part, context, frame) for part in parts]
    return ERROR if is_error(values) else slice(*values)


def _slice_tensor(value: Value, node: ast.SubscriptExpr, context: Context, frame: Frame) -> Value:
    """Return a slice of a tensor, `tokens[:, 0]`: an op of Keras."""
    ref = take_tensor(value, node.value.span, context, frame)
    key: list[Any] = []
    for item in node.items:
        part = evaluate_value(item, context, frame)
        if part is ERROR:
            return ERROR
        bounds = [part.start, part.stop, part.step] if isinstance(part, slice) else [part]
        for bound in bounds:
            if isinstance(bound, bool) or not (
                bound is None or bound is ... or isinstance(bound, int)
            ):
                context.reporter(frame)(
                    "MTG404",
                    f"an index of a tensor must be a whole number, not {describe(bound)}",
                    item.span,
                )
                return ERROR
        key.append(part)
    if ref is None:
        return ERROR
    return call_op("getitem", "slice", (ref, tuple(key)), {}, node.span, context, frame)
