"""Functions of `keras.ops`: `ops.mean(x, axis=1)`."""

from __future__ import annotations

from typing import Any

from mtg.catalog import catalog
from mtg.catalog.names import snake_case
from mtg.graph.layers import Layer, Op
from mtg.graph.values import DataArray
from mtg.semantics import hints
from mtg.semantics.arguments import match_entry
from mtg.semantics.builtins import op_elsewhere
from mtg.semantics.expansion.calls import call_new
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate
from mtg.semantics.expansion.layers import configure_layer
from mtg.semantics.expansion.tensors import shape_of, take_refs
from mtg.semantics.expansion.unpacking import unpack
from mtg.semantics.values import (
    ERROR,
    Frame,
    Results,
    SharedLayer,
    Tensor,
    Value,
    is_error,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.source import Span
from mtg.text.suggest import Suggestion, replaced, suggest_spelling


def evaluate_op(node: ast.CallExpr, path: list[str], context: Context, frame: Frame) -> Value:
    """Return what a function of `keras.ops` makes of tensors and values."""
    name = ".".join(path)
    entry = catalog().find("op", name)
    if entry is None:
        assert isinstance(node.callee, ast.AttributeExpr)
        span = node.callee.name.span
        elsewhere = op_elsewhere(name)
        if hints.is_random(["ops", *path]):
            suggestion = Suggestion(help=hints.OF_RANDOM, fix=None)
        elif elsewhere is not None:
            suggestion = replaced(elsewhere[0], span, safe=elsewhere[1])
            suggestion["help"] = f"did you mean `ops.{elsewhere[0]}`?"
        else:
            suggestion = suggest_spelling(name, catalog().names("op"), span)
        if len(path) > 1:
            suggestion["fix"] = None  # the place is that of the last part alone
        context.reporter(frame)("MTG108", f"`keras.ops` has no `{name}`", span, **suggestion)
        return ERROR
    what = f"`ops.{name}`"
    given = unpack(node.arguments, context, frame)
    if given is None:
        return ERROR
    matched = match_entry(
        what,
        entry.parameters,
        given,
        node.brackets,
        context.reporter(frame),
        positional=entry.positional or None,
        variadic=entry.variadic,
    )
    if matched is None:
        return ERROR
    if name in _TELLS_OF_TENSORS:
        return _tell(name, given[0], node, context, frame)
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for argument in given:
        value = _take_op_argument(argument, context, frame)
        if is_error(value):
            return ERROR
        if argument.name is None:
            args.append(value)
        else:
            kwargs[argument.name.name] = value
    return call_op(name, f"ops.{name}", tuple(args), kwargs, node.span, context, frame)


#: Functions that say something of a tensor, and so make none and no layer.
_TELLS_OF_TENSORS = ("shape", "dtype", "is_tensor")


def _tell(
    name: str, argument: ast.Argument, node: ast.CallExpr, context: Context, frame: Frame
) -> Value:
    """Return the shape of a tensor, which `ops.shape(x)` is in Keras too; report the others."""
    value = evaluate(argument.value, context, frame)
    if is_error(value):
        return ERROR
    if name == "shape" and isinstance(value, (Tensor, Results, DataArray)):
        return shape_of(value, argument.value.span, node.span, context, frame)
    context.reporter(frame)(
        "MTG108",
        f"`ops.{name}` makes no tensor",
        node.span,
        notes=() if name == "shape" else ("of a tensor, only its `.shape` is a value in mtg",),
    )
    return ERROR


def call_op(
    name: str,
    shown: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    span: Span,
    context: Context,
    frame: Frame,
) -> Value:
    """Add a call of a function of `keras.ops` to the graph, and return its result.

    Args:
        shown: What messages call it.
        args: What it takes by position, tensors as `TensorRef`.
        kwargs: The same by name.
    """
    op = Op(snake_case(name), name, {}, span, shown=shown)
    return call_new(lambda: configure_layer(op, context, frame), args, kwargs, span, context, frame)


def add_constant(array: DataArray, span: Span, context: Context, frame: Frame) -> Value:
    """Return the tensor that an array of a data file is, which every place that uses it makes.

    An array of strings is none.
    """
    if array.dtype == "string":
        context.reporter(frame)(
            "MTG207",
            f"`{array.name}` is an array of strings, and no tensor",
            span,
            label="expected a tensor",
            help="a vocabulary may be one: `StringLookup(vocabulary=…)`",
        )
        return ERROR
    name = "convert_to_tensor"
    return call_op(name, f"ops.{name}", (array,), {}, span, context, frame)


def _take_op_argument(argument: ast.Argument, context: Context, frame: Frame) -> Any:
    """Return an argument as the graph holds it, or `ERROR`."""
    value = evaluate(argument.value, context, frame)
    if isinstance(value, (Layer, SharedLayer)):
        context.reporter(frame)(
            "MTG404",
            f"`ops` takes tensors and values, not {kind_of(value)}",
            argument.value.span,
        )
        return ERROR
    return take_refs(value, argument.value.span, context, frame)
