"""From what an expression stands for to the tensors of the graph."""

from __future__ import annotations

from typing import Any

from mtg.graph.values import TensorRef
from mtg.semantics.expansion.context import Context
from mtg.semantics.naming import end_statement
from mtg.semantics.values import (
    ERROR,
    Frame,
    Results,
    SharedLayer,
    Tensor,
    TensorGroup,
    TensorTuple,
    Value,
    is_error,
    is_tensor,
    kind_of,
)
from mtg.text.diagnostics import Label
from mtg.text.source import Span


def take_tensor(value: Value, span: Span, context: Context, frame: Frame) -> TensorRef | None:
    """Return the one tensor that a value is, or None; what it is instead is reported."""
    if isinstance(value, Tensor):
        return value.ref
    if isinstance(value, Results):
        return TensorRef(value.call.id)
    if is_error(value):
        return None
    if isinstance(value, TensorTuple):
        use = value.use
        names = ", ".join("abcdefgh"[: len(value.tensors)])
        context.reporter(frame)(
            "MTG208",
            f"`{use.block}` has {len(value.tensors)} results here, but one is used",
            use.span,
            labels=(Label(span, "expected one tensor"),) if span != use.span else (),
            help=f"end the flow here and name the results: `{names} = … -> {use.block}(…)`; "
            "`_` for one that is not used",
        )
    elif isinstance(value, TensorGroup):
        context.reporter(frame)(
            "MTG207",
            "expected one tensor, found a group of tensors",
            span,
            help="put a layer after it, such as `(a, b) -> Attention()`, or merge them: "
            "`concat(a, b)`",
        )
    else:
        report_no_tensor(value, span, context, frame)
    return None


def take_refs(value: Value, span: Span, context: Context, frame: Frame) -> Any:
    """Return a value with tensors replaced by what the graph calls them."""
    if is_tensor(value):
        ref = take_tensor(value, span, context, frame)
        return ERROR if ref is None else ref
    if isinstance(value, list):
        return [take_refs(item, span, context, frame) for item in value]
    if isinstance(value, tuple):
        return tuple(take_refs(item, span, context, frame) for item in value)
    if isinstance(value, dict):
        return {key: take_refs(item, span, context, frame) for key, item in value.items()}
    if isinstance(value, range):
        return list(value)
    return value


def report_no_tensor(value: Value, span: Span, context: Context, frame: Frame) -> None:
    """Report a value, or an instance, that stands where a tensor is needed."""
    context.reporter(frame)(
        "MTG207",
        f"expected a tensor, found {kind_of(value)}",
        span,
        label=f"this is {kind_of(value)}",
        help=f"put a tensor before it: `x -> {value.name.name}`"
        if isinstance(value, SharedLayer)
        else "",
    )


def note_end(value: Value, context: Context, frame: Frame) -> None:
    """Note that a value is what the flow of the current statement ends with."""
    if isinstance(value, Results):
        end_statement(frame.naming, value.call.layer)
    elif isinstance(value, Tensor):
        end_statement(frame.naming, context.graph.calls[value.ref.call].layer)
