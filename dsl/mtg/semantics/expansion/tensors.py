"""From what an expression stands for to the tensors of the graph."""

from __future__ import annotations

from typing import Any

from mtg.graph.describe import short
from mtg.graph.graph import Binding
from mtg.graph.layers import KerasLayer, Layer, NestedModel, Op
from mtg.graph.values import DataArray, TensorRef
from mtg.semantics.expansion.context import Context
from mtg.semantics.naming import end_statement
from mtg.semantics.values import (
    ERROR,
    Frame,
    LayerClass,
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
    if isinstance(value, DataArray):
        value = context.add_constant(value, span, context, frame)
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


def shape_of(
    value: Tensor | Results | DataArray, owner: Span, span: Span, context: Context, frame: Frame
) -> Value:
    """Return the static shape of a tensor, batch axis first, as Keras gives it.

    Args:
        value: What the shape is asked of; an array has no batch axis.
        owner: Where it stands.
        span: Where its shape is asked for.
    """
    if isinstance(value, DataArray):
        return value.shape
    ref = take_tensor(value, owner, context, frame)
    if ref is None or context.measure is None:
        return ERROR
    shapes = context.shapes_of(context.graph.calls[ref.call])
    if shapes is None:
        context.graph.complete = False
        return ERROR  # what does not fit is reported with the types
    shape = shapes[ref.result] if ref.result < len(shapes) else None
    if shape is None:
        context.reporter(frame)(
            "MTG406", f"the shape of `{owner.text}` is not known before the model runs", span
        )
        return ERROR
    found: list[Value] = [*shape]
    return tuple(found)


def results_of(value: Results, context: Context) -> list[Value] | None:
    """Return the several results of a call as a list of tensors; None where it has one.

    That a list is asked for says that the program takes all of them.
    """
    call = value.call
    count = call.results
    if count == 1:
        if not _may_have_several(call.layer, call.kwargs) or context.measure is None:
            return None
        shapes = context.shapes_of(call)
        count = 1 if shapes is None else len(shapes)
        if count == 1:
            return None
        call.results = count
    return [Tensor(TensorRef(call.id, index)) for index in range(count)]


def _may_have_several(layer: Layer, kwargs: dict[str, Any]) -> bool:
    """Return whether a call may have several results, so that it is worth to look."""
    if isinstance(layer, NestedModel):
        return len(layer.graph.outputs) > 1
    if isinstance(layer, Op):
        return layer.cls in _SEVERAL
    return isinstance(layer, KerasLayer) and any(
        name.startswith("return_") for name in (*layer.arguments, *kwargs)
    )


#: Functions of `keras.ops` with several results.
_SEVERAL = (
    *("split", "array_split", "unstack", "top_k", "meshgrid", "moments"),
    *("qr", "svd", "eig", "eigh", "slogdet", "nonzero", "histogram", "stft", "fft", "fft2", "rfft"),
    *("lu_factor", "ifft2"),
)


def bind_name(binding: Binding, context: Context, frame: Frame) -> None:
    """Note a name of a tensor in the graph, and where the text binds it."""
    context.graph.bindings.append(binding)
    if context.ends is not None:
        context.ends.bindings.append(frame.naming.place)


def hold(value: Value, span: Span, context: Context, frame: Frame) -> Value:
    """Return what a name holds that is given a value, or `ERROR`, which is reported.

    A name holds a tensor, a value, a shared instance, a block or a class, or a list or dict of what
    names hold; a layer that is made is for one place alone.
    """
    if isinstance(value, TensorTuple):
        return list(value.tensors)
    if isinstance(value, TensorGroup):
        take_tensor(value, span, context, frame)
        return ERROR
    if isinstance(value, Layer):
        report_no_tensor(value, span, context, frame)
        return ERROR
    return ERROR if is_error(value) else value


def take_refs(value: Value, span: Span, context: Context, frame: Frame) -> Any:
    """Return a value with tensors replaced by what the graph calls them."""
    if isinstance(value, Results) and (several := results_of(value, context)) is not None:
        value = several
    if is_tensor(value) or isinstance(value, DataArray):
        ref = take_tensor(value, span, context, frame)
        return ERROR if ref is None else ref
    if isinstance(value, (SharedLayer, Layer, LayerClass)):
        report_no_tensor(value, span, context, frame)
        return ERROR
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
    help = ""
    if isinstance(value, SharedLayer):
        help = f"put a tensor before it: `x -> {value.name.name}`"
    elif isinstance(value, dict) and value and all(map(is_tensor, value.values())):
        owner = span.text if span.text.isidentifier() else "tensors"
        help = (
            f"one of them is `{owner}[{short(next(iter(value)))}]`, and `{owner}.values()` are all"
        )
    context.reporter(frame)(
        "MTG207",
        f"expected a tensor, found {kind_of(value)}",
        span,
        label=f"this is {kind_of(value)}",
        help=help,
    )


def note_end(value: Value, context: Context, frame: Frame) -> None:
    """Note that a value is what the flow of the current statement ends with."""
    if isinstance(value, Results):
        end_statement(frame.naming, value.call.layer)
    elif isinstance(value, Tensor):
        end_statement(frame.naming, context.graph.calls[value.ref.call].layer)
