"""Inputs of models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtg.catalog import catalog
from mtg.graph.describe import describe
from mtg.graph.layers import InputLayer
from mtg.graph.values import TensorRef
from mtg.lengths.dims import UNKNOWN, Length
from mtg.semantics import hints
from mtg.semantics.arguments import match_entry
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_names
from mtg.semantics.expansion.evaluation import evaluate_value
from mtg.semantics.expansion.parameters import take_arguments
from mtg.semantics.values import ERROR, Frame, Tensor, Value, is_error
from mtg.syntax import ast
from mtg.text.suggest import replaced, suggest_spelling

DTYPES = (
    *("float32", "float16", "float64", "bfloat16", "bool", "string"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (32, 64, 8, 16)),
    *("complex64", "complex128", "float8_e4m3fn", "float8_e5m2"),
)


@declare_names.register(ast.InputDecl)
def declare_input(statement: ast.InputDecl, context: Context, frame: Frame) -> Mapping[str, Value]:
    """Return the tensor of an input, and add the input to the graph."""
    name = statement.name.name
    dtype = statement.dtype.name
    if dtype not in DTYPES:
        span = statement.dtype.span
        other = hints.other_word(dtype, ("dtype_policy",), DTYPES)
        suggestion = replaced(other, span) if other else suggest_spelling(dtype, DTYPES, span)
        context.diagnostics.report(
            "MTG405",
            f"unknown dtype `{dtype}`",
            statement.dtype.span,
            help=suggestion["help"]
            or "the common ones are `float32`, `int32`, `string` and `bool`",
            fix=suggestion["fix"],
        )
        return {name: ERROR}
    shape = [_take_length(node, context, frame) for node in statement.dims]
    entry = catalog().find("input", "Input")
    assert entry is not None
    stated = ("shape", "dtype", "name", "batch_shape", "tensor")
    parameters = [p for p in entry.parameters if p.name not in stated]
    what = f"the input `{name}`"
    for argument in statement.arguments:
        if argument.name is not None and argument.name.name in stated:
            context.diagnostics.report(
                "MTG401",
                f"{what} takes no `{argument.name.name}`",
                argument.name.span,
                help="an input is declared `input NAME: DTYPE[LENGTHS]`: that is all it needs",
            )
            return {name: ERROR}
    matched = match_entry(
        what,
        parameters,
        statement.arguments,
        statement.name.span,
        context.diagnostics.report,
        positional=0,
    )
    arguments = None if matched is None else take_arguments(what, entry, matched, context, frame)
    if arguments is None or is_error(shape):
        return {name: ERROR}
    layer = InputLayer(
        name,
        {"shape": tuple(shape), "dtype": dtype, **arguments},
        statement.name.span,
    )
    frame.naming.parts.append(layer)
    frame.naming.last = layer
    call = context.graph.add_call(layer, (), {}, statement.span)
    return {name: Tensor(TensorRef(call.id))}


def _take_length(node: ast.Expression, context: Context, frame: Frame) -> Any:
    """Return the length of an axis, or `ERROR`."""
    value = evaluate_value(node, context, frame)
    if value is ERROR or value is UNKNOWN or isinstance(value, Length):
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        help = "write `?` for a length that is not known" if value in (None, -1) else ""
        context.diagnostics.report(
            "MTG404",
            f"a length must be a whole number, a `dim` or `?`, not {describe(value)}",
            node.span,
            help=help,
        )
        return ERROR
    if value == 0:
        context.diagnostics.report(
            "MTG404",
            "a length must be 1 or more: an axis of length 0 has no values",
            node.span,
            help="write `?` for a length that is not known",
        )
        return ERROR
    return value
