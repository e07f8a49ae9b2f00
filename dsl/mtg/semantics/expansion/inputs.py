"""Inputs of models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtg.catalog import catalog
from mtg.graph.describe import describe
from mtg.graph.graph import Call
from mtg.graph.layers import InputLayer
from mtg.graph.values import TensorRef
from mtg.lengths.dims import UNKNOWN, Length
from mtg.semantics import hints
from mtg.semantics.arguments import match_entry
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_names
from mtg.semantics.expansion.ends import declare_end
from mtg.semantics.expansion.evaluation import evaluate_value
from mtg.semantics.expansion.parameters import take_arguments
from mtg.semantics.expansion.unpacking import unpack, unpacked_items
from mtg.semantics.mentions import declared_by
from mtg.semantics.values import ERROR, MISSING, Error, Frame, Tensor, Value, is_error
from mtg.syntax import ast
from mtg.text.source import Span
from mtg.text.suggest import replaced, suggest_spelling

DTYPES = (
    *("float32", "float16", "float64", "bfloat16", "bool", "string"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (32, 64, 8, 16)),
    *("complex64", "complex128", "float8_e4m3fn", "float8_e5m2"),
)


@declare_names.register(ast.InputDecl)
def declare_input(statement: ast.InputDecl, context: Context, frame: Frame) -> Mapping[str, Value]:
    """Return the tensor of an input, and add the input to the graph."""
    ends = context.ends
    assert ends is not None
    before = ends.wrong
    name = declare_end("inputs", statement, context, frame)
    call = None if name is None else _make_input(name, statement, context, frame)
    if name is None or call is None:
        context.graph.complete = False
        return {each.name: ERROR for each in declared_by(statement)}
    ends.wrong = before
    tensor = Tensor(TensorRef(call.id))
    ends.found["inputs"][name].value = tensor
    return {each.name: tensor for each in declared_by(statement)}


def _make_input(name: str, statement: ast.InputDecl, context: Context, frame: Frame) -> Call | None:
    """Add an input to the graph; None where it is wrong, which is reported."""
    dtype = statement.dtype.name
    if dtype not in DTYPES and frame.find(dtype) is not MISSING:
        held = evaluate_value(ast.NameExpr(statement.dtype.span, dtype), context, frame)
        if isinstance(held, Error):
            return None
        dtype = held if isinstance(held, str) else dtype
    if dtype not in DTYPES:
        span = statement.dtype.span
        other = hints.other_word(dtype, ("dtype_policy",), DTYPES)
        suggestion = replaced(other, span) if other else suggest_spelling(dtype, DTYPES, span)
        context.reporter(frame)(
            "MTG405",
            f"unknown dtype `{dtype}`",
            statement.dtype.span,
            help=suggestion["help"]
            or "the common ones are `float32`, `int32`, `string` and `bool`",
            fix=suggestion["fix"],
        )
        return None
    shape: list[Any] = []
    for node in statement.dims:
        if isinstance(node, ast.UnpackedExpr):
            items = unpacked_items(node, context, frame)
            if items is None:
                return None
            shape += [_as_length(item, node.span, context, frame) for item in items]
        else:
            shape.append(_take_length(node, context, frame))
    entry = catalog().find("input", "Input")
    assert entry is not None
    stated = ("shape", "dtype", "name", "batch_shape", "tensor")
    parameters = [p for p in entry.parameters if p.name not in stated]
    what = f"the input `{name}`"
    given = unpack(statement.arguments, context, frame)
    if given is None:
        return None
    for argument in given:
        if argument.name is not None and argument.name.name in stated:
            context.reporter(frame)(
                "MTG401",
                f"{what} takes no `{argument.name.name}`",
                argument.name.span,
                help="an input is declared `input NAME: DTYPE[LENGTHS]`: that is all it needs",
            )
            return None
    matched = match_entry(
        what,
        parameters,
        given,
        statement.name.span,
        context.reporter(frame),
        positional=0,
    )
    arguments = None if matched is None else take_arguments(what, entry, matched, context, frame)
    if arguments is None or is_error(shape):
        return None
    layer = InputLayer(
        name,
        {"shape": tuple(shape), "dtype": dtype, **arguments},
        statement.name.span,
    )
    frame.naming.parts.append(layer)
    frame.naming.last = layer
    return context.graph.add_call(layer, (), {}, statement.span, rounds=frame.rounds)


def _take_length(node: ast.Expression, context: Context, frame: Frame) -> Any:
    """Return the length of an axis, or `ERROR`."""
    return _as_length(evaluate_value(node, context, frame), node.span, context, frame)


def _as_length(value: Value, span: Span, context: Context, frame: Frame) -> Any:
    """Return a value as the length of an axis, or `ERROR`."""
    if value is ERROR or value is UNKNOWN or isinstance(value, Length):
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        help = "write `?` for a length that is not known" if value in (None, -1) else ""
        context.reporter(frame)(
            "MTG404",
            f"a length must be a whole number, a `dim` or `?`, not {describe(value)}",
            span,
            help=help,
        )
        return ERROR
    if value == 0:
        context.reporter(frame)(
            "MTG404",
            "a length must be 1 or more: an axis of length 0 has no values",
            span,
            help="write `?` for a length that is not known",
        )
        return ERROR
    return value
