"""Calls of layers: every node of the graph is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mtg.catalog import Entry, Parameter, catalog
from mtg.graph.graph import Graph, Layer, Use
from mtg.graph.values import KerasObject, PythonObject, TensorRef
from mtg.limits import MAX_CALLS, MAX_NESTING, MAX_USES
from mtg.semantics import evaluate as compute
from mtg.semantics.arguments import check_value, match, match_entry
from mtg.semantics.modules import Declared
from mtg.semantics.naming import BlockUse, Names, NamedStatement, snake_case
from mtg.semantics.things import (
    POISON,
    Frame,
    Grouped,
    Poison,
    Results,
    Reusable,
    Several,
    Tensor,
    Thing,
    holds_tensor,
    is_poisoned,
    is_tensor,
    sort_of,
)
from mtg.semantics.instances import Instances
from mtg.semantics.vocabulary import MERGES, OBJECT_KINDS, kinds_of
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Span
from mtg.text.suggest import did_you_mean


class Calls(Instances):
    """Makes instances and calls them on tensors."""

    #: Layers that are being made again by another use of a shared chain, innermost last.
    recorders: list[Recorder]

    def tensor(self, thing: Thing, span: Span, frame: Frame) -> TensorRef | None:
        """The one tensor that a thing is, or None; what it is instead is reported."""
        if isinstance(thing, Tensor):
            return thing.ref
        if isinstance(thing, Results):
            return TensorRef(thing.call.id)
        if is_poisoned(thing):
            return None
        if isinstance(thing, Several):
            names = ", ".join(f"r{i + 1}" for i in range(len(thing.tensors)))
            self.reporter(frame)(
                "MTG208",
                f"`{thing.made_by}` has {len(thing.tensors)} results, and one is needed here",
                span,
                help=f"give each a name: `{names} = …`; `_` for one that is not wanted",
            )
        elif isinstance(thing, Grouped):
            self.reporter(frame)(
                "MTG207",
                "a group of tensors stands where one is needed",
                span,
                help="put a layer after it, such as `(a, b) -> Attention()`, or merge them: "
                "`concat(a, b)`",
            )
        else:
            help = ""
            if isinstance(thing, Reusable):
                help = f"put a tensor before it: `x -> {thing.name.name}`"
            self.reporter(frame)(
                "MTG207",
                f"a tensor is needed here, not {sort_of(thing)}",
                span,
                label=f"this is {sort_of(thing)}",
                help=help,
            )
        return None

    def _refs(self, value: Any, span: Span, frame: Frame) -> Any:
        """A value with tensors replaced by what the graph calls them."""
        if is_tensor(value):
            ref = self.tensor(value, span, frame)
            return POISON if ref is None else ref
        if isinstance(value, list):
            return [self._refs(item, span, frame) for item in value]
        if isinstance(value, tuple):
            return tuple(self._refs(item, span, frame) for item in value)
        if isinstance(value, dict):
            return {key: self._refs(item, span, frame) for key, item in value.items()}
        if isinstance(value, range):
            return list(value)
        return value

    def make(self, create: Any, frame: Frame) -> Any:
        """A new instance for the statement at hand, or the one a shared chain made before."""
        layer = self._created(create, len(self.recorders) - 1)
        if isinstance(layer, Layer):
            frame.naming.parts.append(layer)
        return layer

    def _created(self, create: Any, level: int) -> Any:
        if level < 0:
            return create()
        recorder = self.recorders[level]
        if recorder.known is not None:
            return recorder.next()
        layer = self._created(create, level - 1)
        if isinstance(layer, Layer):
            recorder.layers.append(layer)
        return layer

    def apply(self, layer: Layer, thing: Thing, span: Span, frame: Frame) -> Thing:
        """Call a layer on what flows into it."""
        if is_poisoned(thing):
            return POISON
        entry = catalog().find("layer", layer.cls) if layer.kind == "layer" else None
        if not isinstance(thing, Grouped):
            ref = self.tensor(thing, span, frame)
            return POISON if ref is None else self.add_call(layer, (ref,), {}, span, frame)
        if layer.graph is not None:
            return self._apply_model(layer, layer.graph, thing, span, frame)
        args = self._refs(thing.args, span, frame)
        kwargs = self._refs(thing.kwargs, span, frame)
        if is_poisoned(args) or is_poisoned(kwargs):
            return POISON
        if entry is not None and not self._takes(entry, args, kwargs, span, frame):
            return POISON
        if entry is not None and len(args) > 1 and entry.call and entry.call[0].name == "inputs":
            # Keras's `call(self, inputs)` takes several tensors as one list.
            args = (list(args),)
        return self.add_call(layer, args, kwargs, span, frame)

    def _takes(
        self, entry: Entry, args: tuple[Any, ...], kwargs: dict[str, Any], span: Span, frame: Frame
    ) -> bool:
        names = [parameter.name for parameter in entry.call]
        if entry.variadic or any(name in ("args", "kwargs") for name in names):
            return True
        for name in kwargs:
            if name not in names:
                self.reporter(frame)(
                    "MTG401",
                    f"a call of `{entry.name}` takes no `{name}`",
                    span,
                    help=did_you_mean(name, names),
                    notes=(f"it takes {', '.join(names)}",),
                )
                return False
            if name in names[: len(args)] and names[0] != "inputs":
                self.reporter(frame)("MTG403", f"`{entry.name}` is given `{name}` twice", span)
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
        self, layer: Layer, graph: Any, thing: Grouped, span: Span, frame: Frame
    ) -> Thing:
        """A nested model takes its inputs by position in declared order, or by name."""
        names = [call.layer.name for call in graph.inputs]
        given = dict(zip(names, thing.args, strict=False))
        if len(thing.args) == 1 and isinstance(thing.args[0], list):
            given = dict(zip(names, thing.args[0], strict=False))
        for name, value in thing.kwargs.items():
            if name not in names or name in given:
                known = f"its inputs are {', '.join(names)}"
                self.reporter(frame)(
                    "MTG403" if name in given else "MTG401",
                    f"`{layer.cls}` is given `{name}` twice"
                    if name in given
                    else f"`{layer.cls}` has no input `{name}`",
                    span,
                    help=did_you_mean(name, names),
                    notes=(known,),
                )
                return POISON
            given[name] = value
        count = len(given) + max(0, len(thing.args) - len(names))
        if count != len(names):
            self.reporter(frame)(
                "MTG307",
                f"`{layer.cls}` takes {len(names)} tensor{'s' * (len(names) != 1)}, "
                f"and {count} {'is' if count == 1 else 'are'} given",
                span,
                notes=(f"its inputs are {', '.join(names)}",),
            )
            return POISON
        refs = [self.tensor(given[name], span, frame) for name in names]
        if any(ref is None for ref in refs):
            return POISON
        args = (refs,) if len(refs) > 1 else (refs[0],)
        return self.add_call(layer, args, {}, span, frame)

    def add_call(
        self, layer: Layer, args: tuple[Any, ...], kwargs: dict[str, Any], span: Span, frame: Frame
    ) -> Results:
        """Add a call to the graph."""
        self.budget.spend(span)
        return Results(self.graph.add_call(layer, args, kwargs, span, frame.uses))


class Recorder:
    """The layers that one use of a shared chain makes, or makes again."""

    def __init__(self, known: list[Layer] | None) -> None:
        self.known = known
        self.layers: list[Layer] = []
        self._position = 0

    def next(self) -> Layer | Poison:
        """The next layer that the first use made."""
        assert self.known is not None
        if self._position >= len(self.known):
            return POISON  # the first use ended early, in an error that is reported
        self._position += 1
        return self.known[self._position - 1]
