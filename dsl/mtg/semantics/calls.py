"""Calls of layers: every node of the graph is made here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mtg.catalog import Entry
from mtg.graph.graph import Graph
from mtg.graph.layers import KerasLayer, Layer, NestedModel
from mtg.graph.values import TensorRef
from mtg.semantics.instances import Instances
from mtg.semantics.values import (
    ERROR,
    Error,
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
from mtg.text.suggest import NO_SUGGESTION, Suggestion, suggest_spelling


@dataclass(frozen=True, slots=True)
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


class Calls(Instances):
    """Makes instances and calls them on tensors."""

    #: Layers that are being made again by another use of a shared chain, innermost last.
    recorders: list[Replay]
    #: The models around this one, outermost first.
    models: tuple[str, ...]
    #: How many loops are being gone through.
    loop_depth: int = 0

    def tensor(self, thing: Value, span: Span, frame: Frame) -> TensorRef | None:
        """Return the one tensor that a thing is, or None; what it is instead is reported."""
        if isinstance(thing, Tensor):
            return thing.ref
        if isinstance(thing, Results):
            return TensorRef(thing.call.id)
        if is_error(thing):
            return None
        if isinstance(thing, TensorTuple):
            use = thing.use
            names = ", ".join("abcdefgh"[: len(thing.tensors)])
            self.reporter(frame)(
                "MTG208",
                f"`{use.block}` has {len(thing.tensors)} results here, but one is used",
                use.span,
                labels=(Label(span, "expected one tensor"),) if span != use.span else (),
                help=f"end the flow here and name the results: `{names} = … -> {use.block}(…)`; "
                "`_` for one that is not used",
            )
        elif isinstance(thing, TensorGroup):
            self.reporter(frame)(
                "MTG207",
                "expected one tensor, found a group of tensors",
                span,
                help="put a layer after it, such as `(a, b) -> Attention()`, or merge them: "
                "`concat(a, b)`",
            )
        else:
            self.report_no_tensor(thing, span, frame)
        return None

    def report_no_tensor(self, thing: Value, span: Span, frame: Frame) -> None:
        """Report a value, or an instance, that stands where a tensor is needed."""
        self.reporter(frame)(
            "MTG207",
            f"expected a tensor, found {kind_of(thing)}",
            span,
            label=f"this is {kind_of(thing)}",
            help=f"put a tensor before it: `x -> {thing.name.name}`"
            if isinstance(thing, SharedLayer)
            else "",
        )

    def _refs(self, value: Value, span: Span, frame: Frame) -> Any:
        """Return a value with tensors replaced by what the graph calls them."""
        if is_tensor(value):
            ref = self.tensor(value, span, frame)
            return ERROR if ref is None else ref
        if isinstance(value, list):
            return [self._refs(item, span, frame) for item in value]
        if isinstance(value, tuple):
            return tuple(self._refs(item, span, frame) for item in value)
        if isinstance(value, dict):
            return {key: self._refs(item, span, frame) for key, item in value.items()}
        if isinstance(value, range):
            return list(value)
        return value

    def make(self, create: Callable[[], Layer | Error], frame: Frame) -> Layer | Error:
        """Return a new instance for the current statement, or the one of a shared chain."""
        layer = self._created(create, len(self.recorders) - 1)
        if isinstance(layer, Layer):
            frame.naming.parts.append(layer)
        return layer

    def _created(self, create: Callable[[], Layer | Error], level: int) -> Layer | Error:
        if level < 0:
            return create()
        recorder = self.recorders[level]
        if recorder.known is not None:
            return recorder.next()
        layer = self._created(create, recorder.level - 1)
        recorder.layers.append(layer)
        return layer

    def apply(self, layer: Layer, thing: Value, span: Span, frame: Frame) -> Value:
        """Call a layer on what flows into it."""
        if is_error(thing):
            return ERROR
        entry = layer.entry if isinstance(layer, KerasLayer) else None
        if isinstance(layer, NestedModel):
            if isinstance(thing, TensorTuple):
                thing = TensorGroup(thing.tensors, {})
            elif not isinstance(thing, TensorGroup):
                thing = TensorGroup((thing,), {})
            return self._apply_model(layer, layer.graph, thing, span, frame)
        if not isinstance(thing, TensorGroup):
            ref = self.tensor(thing, span, frame)
            return ERROR if ref is None else self.add_call(layer, (ref,), {}, span, frame)
        args = self._refs(thing.args, span, frame)
        kwargs = self._refs(thing.kwargs, span, frame)
        if is_error(args) or is_error(kwargs):
            return ERROR
        if entry is not None and not self._takes(entry, args, kwargs, thing.spans, span, frame):
            return ERROR
        if entry is not None and len(args) > 1 and entry.call and entry.call[0].name == "inputs":
            # Keras's `call(self, inputs)` takes several tensors as one list.
            args = (list(args),)
        return self.add_call(layer, args, kwargs, span, frame)

    def _takes(
        self,
        entry: Entry,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        spans: Mapping[str, Span],
        span: Span,
        frame: Frame,
    ) -> bool:
        names = [parameter.name for parameter in entry.call]
        if entry.variadic or any(name in ("args", "kwargs") for name in names):
            return True
        for name in kwargs:
            if name not in names:
                suggestion = (
                    suggest_spelling(name, names, spans[name]) if name in spans else NO_SUGGESTION
                )
                if names[0] == "inputs" and len(kwargs) > 1 and not args:
                    suggestion = Suggestion(
                        help=f"give the tensors without names: `(a, b) -> {entry.name}(…)`",
                        fix=None,
                    )
                self.reporter(frame)(
                    "MTG401",
                    f"a call of `{entry.name}` takes no `{name}`",
                    spans.get(name, span),
                    label="no argument of the call",
                    labels=(Label(span, "this call"),) if name in spans else (),
                    notes=(f"it takes {', '.join(names)}",),
                    **suggestion,
                )
                return False
            if name in names[: len(args)] and names[0] != "inputs":
                self.reporter(frame)(
                    "MTG403",
                    f"`{name}` of the call of `{entry.name}` is given twice",
                    spans.get(name, span),
                    notes=(f"by position it takes {', '.join(names)}",),
                )
                return False
        missing = [p.name for p in entry.call if p.required and p.name not in kwargs][len(args) :]
        if missing and not (args and names[:1] == ["inputs"]):
            self.reporter(frame)(
                "MTG402",
                f"a call of `{entry.name}` needs `{missing[0]}`",
                span,
                notes=(f"it takes {', '.join(names)}",),
            )
            return False
        return True

    def _apply_model(
        self, layer: Layer, graph: Graph, thing: TensorGroup, span: Span, frame: Frame
    ) -> Value:
        """Return the inputs of a nested model, given by position or by name."""
        names = [call.layer.name for call in graph.inputs]
        # What Keras takes for every call of a model.
        apart = {"training", "mask"} - set(names)
        settings = {name: value for name, value in thing.kwargs.items() if name in apart}
        tensors = {name: value for name, value in thing.kwargs.items() if name not in apart}
        taker = Callee(
            layer.cls,
            f"`{layer.cls}`",
            "has no input",
            notes=(f"its inputs are {', '.join(names)}",),
        )
        group = TensorGroup(thing.args, tensors, thing.spans)
        given = self.tensors_by_name(names, group, taker, span, frame)
        if given is None:
            return ERROR
        refs = [self.tensor(given[name], span, frame) for name in names]
        kwargs = self._refs(settings, span, frame)
        if any(ref is None for ref in refs) or is_error(kwargs):
            return ERROR
        args = (refs,) if len(refs) > 1 else (refs[0],)
        return self.add_call(layer, args, kwargs, span, frame)

    def tensors_by_name(
        self, names: Sequence[str], group: TensorGroup, taker: Callee, span: Span, frame: Frame
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
            self.reporter(frame)(
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
            self.reporter(frame)(
                "MTG307",
                f"{taker.shown} takes {len(names)} tensor{'s' * (len(names) != 1)}, "
                f"and {count} {'is' if count == 1 else 'are'} given",
                span,
                labels=taker.labels,
                notes=taker.notes,
            )
            return None
        return given

    def add_call(
        self,
        layer: Layer | Error,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        span: Span,
        frame: Frame,
    ) -> Results | Error:
        """Add a call to the graph; of a layer that could not be made there is none."""
        if isinstance(layer, Error):
            return layer
        if self.models or frame.uses or self.recorders or self.loop_depth:
            # What the text says once is bounded by the text; only what it multiplies is counted.
            self.budget.spend(span)
        return Results(self.graph.add_call(layer, args, kwargs, span, frame.uses))


class Replay:
    """The layers that one use of a shared chain makes, or makes again.

    `level` is how many recorders were at work where the chain was declared: a chain that a block
    declares is itself made again where another chain makes the block again.
    """

    def __init__(self, known: list[Layer | Error] | None, level: int) -> None:
        self.known = known
        self.level = level
        self.layers: list[Layer | Error] = []
        self._position = 0

    def next(self) -> Layer | Error:
        """Return the next layer that the first use made."""
        assert self.known is not None
        if self._position >= len(self.known):
            return ERROR  # the first use ended early, in an error that is reported
        self._position += 1
        return self.known[self._position - 1]
