"""Calls of layers: every node of the graph is made here, but for inputs and outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mtg.catalog import Entry
from mtg.graph.graph import Graph
from mtg.graph.layers import KerasLayer, Layer, NestedModel
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.layers import make_instance
from mtg.semantics.expansion.tensors import take_refs, take_tensor
from mtg.semantics.values import (
    ERROR,
    Error,
    Frame,
    Results,
    TensorGroup,
    TensorTuple,
    Value,
    is_error,
)
from mtg.text.diagnostics import Label
from mtg.text.source import Span
from mtg.text.suggest import NO_SUGGESTION, Suggestion, suggest_spelling


@dataclass(eq=False, slots=True)
class Callee:
    """How messages speak of a model or a block that takes tensors.

    Attributes:
        name: Its name.
        shown: What it is, with its name.
        lacks: What is said of a tensor that it does not take.
        labels: Where it says what it takes.
        notes: What it takes.
    """

    name: str
    shown: str
    lacks: str
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()


def add_call(
    layer: Layer,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    span: Span,
    context: Context,
    frame: Frame,
) -> Results:
    """Add a call to the graph."""
    if context.models or frame.uses or context.replays or context.loops:
        # What the text says once is bounded by the text; only what it multiplies is counted.
        context.budget.spend(span)
    return Results(context.graph.add_call(layer, args, kwargs, span, frame.uses, frame.rounds))


def call_new(
    create: Callable[[], Layer | Error],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    span: Span,
    context: Context,
    frame: Frame,
) -> Value:
    """Add a call of a new instance to the graph, or of the one that a shared chain has there."""
    layer = make_instance(create, context, frame)
    return (
        ERROR if isinstance(layer, Error) else add_call(layer, args, kwargs, span, context, frame)
    )


def apply_layer(
    layer: Layer | Error, value: Value, span: Span, context: Context, frame: Frame
) -> Value:
    """Call a layer on what flows into it; `ERROR` where either could not be made."""
    if isinstance(layer, Error) or is_error(value):
        return ERROR
    entry = layer.entry if isinstance(layer, KerasLayer) else None
    if isinstance(layer, NestedModel):
        if isinstance(value, TensorTuple):
            value = TensorGroup(value.tensors, {})
        elif not isinstance(value, TensorGroup):
            value = TensorGroup((value,), {})
        return _apply_model(layer, layer.graph, value, span, context, frame)
    if not isinstance(value, TensorGroup):
        ref = take_tensor(value, span, context, frame)
        return ERROR if ref is None else add_call(layer, (ref,), {}, span, context, frame)
    if len(value.args) == 1 and value.args[0] in ([], ()) and not value.kwargs:
        context.reporter(frame)(
            "MTG307",
            f"`{layer.shown}` is given an empty list of tensors",
            span,
            label="nothing comes in here",
        )
        return ERROR
    args = take_refs(value.args, span, context, frame)
    kwargs = take_refs(value.kwargs, span, context, frame)
    if is_error(args) or is_error(kwargs):
        return ERROR
    if entry is not None and not _accepts(entry, args, kwargs, value.spans, span, context, frame):
        return ERROR
    if entry is not None and len(args) > 1 and entry.gathers:
        # Keras's `call(self, inputs)` takes several tensors as one list.
        args = (list(args),)
    return add_call(layer, args, kwargs, span, context, frame)


def _accepts(
    entry: Entry,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    spans: Mapping[str, Span],
    span: Span,
    context: Context,
    frame: Frame,
) -> bool:
    """Return whether a layer's call takes these arguments; report where it does not."""
    names = [parameter.name for parameter in entry.call]
    if entry.variadic or any(name in ("args", "kwargs") for name in names):
        return True
    for name in kwargs:
        if name not in names:
            suggestion = (
                suggest_spelling(name, names, spans[name]) if name in spans else NO_SUGGESTION
            )
            if entry.gathers and len(kwargs) > 1 and not args:
                suggestion = Suggestion(
                    help=f"give the tensors without names: `(a, b) -> {entry.name}(…)`",
                    fix=None,
                )
            context.reporter(frame)(
                "MTG401",
                f"a call of `{entry.name}` takes no `{name}`",
                spans.get(name, span),
                label="no argument of the call",
                labels=(Label(span, "this call"),) if name in spans else (),
                notes=(f"it takes {', '.join(names)}",),
                **suggestion,
            )
            return False
        if name in names[: len(args)] and not entry.gathers:
            context.reporter(frame)(
                "MTG403",
                f"`{name}` of the call of `{entry.name}` is given twice",
                spans.get(name, span),
                notes=(f"by position it takes {', '.join(names)}",),
            )
            return False
    missing = [p.name for p in entry.call if p.required and p.name not in kwargs][len(args) :]
    if missing and not (args and entry.gathers):
        context.reporter(frame)(
            "MTG402",
            f"a call of `{entry.name}` needs `{missing[0]}`",
            span,
            notes=(f"it takes {', '.join(names)}",),
        )
        return False
    return True


def _apply_model(
    layer: Layer, graph: Graph, given: TensorGroup, span: Span, context: Context, frame: Frame
) -> Value:
    """Call a nested model on its inputs, given by position or by name."""
    names = [call.layer.name for call in graph.inputs]
    # What Keras takes for every call of a model.
    apart = {"training", "mask"} - set(names)
    settings = {name: value for name, value in given.kwargs.items() if name in apart}
    tensors = {name: value for name, value in given.kwargs.items() if name not in apart}
    taker = Callee(
        layer.cls,
        f"`{layer.cls}`",
        "has no input",
        notes=(f"its inputs are {', '.join(names)}",),
    )
    group = TensorGroup(given.args, tensors, given.spans)
    matched = match_tensors(names, group, taker, span, context, frame)
    if matched is None:
        return ERROR
    refs = [take_tensor(matched[name], span, context, frame) for name in names]
    kwargs = take_refs(settings, span, context, frame)
    if any(ref is None for ref in refs) or is_error(kwargs):
        return ERROR
    args = (refs,) if len(refs) > 1 else (refs[0],)
    return add_call(layer, args, kwargs, span, context, frame)


def match_tensors(
    names: Sequence[str],
    group: TensorGroup,
    taker: Callee,
    span: Span,
    context: Context,
    frame: Frame,
) -> dict[str, Value] | None:
    """Return the argument for each tensor of a model or block, by position or by name.

    None where that is wrong, which is reported.
    """
    items: Sequence[Value] = group.args
    if len(items) == 1 and isinstance(items[0], list):
        items = items[0]
    given = dict(zip(names, items, strict=False))
    for name, value in group.kwargs.items():
        if name in names and name not in given:
            given[name] = value
            continue
        doubled = name in given
        context.reporter(frame)(
            "MTG403" if doubled else "MTG401",
            f"`{name}` of `{taker.name}` is given twice"
            if doubled
            else f"{taker.shown} {taker.lacks} `{name}`",
            group.spans.get(name, span),
            labels=taker.labels,
            notes=taker.notes,
            **(
                NO_SUGGESTION
                if doubled or name not in group.spans
                else suggest_spelling(name, names, group.spans[name], sure=())
            ),
        )
        return None
    count = len(given) + max(0, len(items) - len(names))
    if count != len(names):
        context.reporter(frame)(
            "MTG307",
            f"{taker.shown} takes {len(names)} tensor{'s' * (len(names) != 1)}, "
            f"and {count} {'is' if count == 1 else 'are'} given",
            span,
            labels=taker.labels,
            notes=taker.notes,
        )
        return None
    return given
