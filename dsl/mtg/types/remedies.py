"""Changes that would mend a shape, found by trying them.

A remedy is a change of the arguments of one layer, or a layer put before the call. The graph with
the change is inferred again, and the remedy is proposed only if the error is gone, what the call
gives is known, and nothing else is wrong that was not before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from mtg.graph.graph import Call, Graph, Layer
from mtg.graph.values import TensorRef
from mtg.text.diagnostics import Diagnostic, Diagnostics, Edit, Fix, Label, TooMany
from mtg.text.source import NOWHERE, Span
from mtg.types.advice import names_of
from mtg.types.infer import infer
from mtg.types.types import Types

#: Errors that are looked into, changes tried for each, and calls inferred again for all of them.
MAX_ERRORS, MAX_CHANGES, MAX_CALLS = 5, 24, 20_000

#: The codes of errors that another shape would mend.
_OF_SHAPES = {"MTG301", "MTG302", "MTG304", "MTG305"}


@dataclass(frozen=True, slots=True)
class Change:
    """A change of arguments, and of a layer before the call.

    Attributes:
        settings: Arguments to give to layers, and to all that are made in the same place: a block
            makes as many there as it has uses.
        keywords: The same for arguments of calls, such as those of `ops`.
        inserted: A class, its arguments, and the tensor of the call that it is to be given.
        swapped: Another class for a layer.
        help: What it is, as an instruction.
    """

    help: str
    settings: tuple[tuple[Layer, dict[str, Any]], ...] = ()
    keywords: tuple[tuple[Call, dict[str, Any]], ...] = ()
    inserted: tuple[str, dict[str, Any], TensorRef] | None = None
    swapped: tuple[Layer, str] | None = None

    @classmethod
    def give(cls, layers: list[Layer], **settings: Any) -> Change:
        """Arguments for some layers."""
        shown = ", ".join(f"{name}={source(value)}" for name, value in settings.items())
        return cls(
            f"give {names_of([layer.name for layer in layers])} `{shown}`",
            settings=tuple((layer, settings) for layer in layers),
        )


def source(value: Any) -> str:
    """A value as a program writes it."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(source, value))}]"
    return repr(value)


def propose(types: Types, diagnostics: Diagnostics) -> None:
    """Add to errors about shapes what would mend them, where that is found."""
    errors = [
        (each, call, found)
        for each in _inside(types)
        for call, found in each.misfits
        if found.code in _OF_SHAPES
    ]
    calls = 0
    seen: Faults = set()
    for each, call, found in errors:
        if (found.code, found.span) in seen:
            continue  # another use of the same block
        seen.add((found.code, found.span))
        if len(seen) > MAX_ERRORS:
            return
        size = _size(each)
        before = _faults(each)
        for change in islice(_candidates(each, call, found), MAX_CHANGES):
            calls += size
            if calls > MAX_CALLS:
                return
            if _mends(change, each, call, before - {(found.code, found.span)}):
                diagnostics.improve(_with(found, change))
                break


def _size(types: Types) -> int:
    """The calls of a graph and of all graphs in it, each graph once."""
    sizes: dict[int, int] = {}
    stack = [types]
    while stack:
        each = stack.pop()
        if id(each.graph) not in sizes:
            sizes[id(each.graph)] = len(each.graph.calls)
            stack += each.nested.values()
    return sum(sizes.values())


def _inside(types: Types) -> list[Types]:
    """The types of a graph and of the models in it, each once."""
    found: list[Types] = []
    seen: set[int] = set()
    stack = [types]
    while stack:
        each = stack.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        found.append(each)
        stack += [inner for layer, inner in each.nested.items() if layer.kind == "model"]
    return found


def _candidates(types: Types, call: Call, found: Diagnostic) -> Iterator[Change]:
    from mtg.types.candidates import candidates

    return candidates(types, call, found.code)


Faults = set[tuple[str, Span]]


def _faults(types: Types) -> Faults:
    return {(found.code, found.span) for _, found in types.misfits}


def _mends(change: Change, types: Types, call: Call, allowed: Faults) -> bool:
    """Whether nothing is wrong after a change that is not among what is `allowed` to be."""
    graph = changed(types.graph, call, change)
    diagnostics = Diagnostics()
    try:
        again = infer(graph, diagnostics)
    except TooMany:
        return False
    outputs = again.outputs.get(call.id)
    if outputs is None or any(output.shape is None for output in outputs):
        return False
    return all((each.code, each.span) in allowed for each in diagnostics if each.is_error)


def changed(graph: Graph, call: Call, change: Change) -> Graph:
    """A copy of a graph with a change; the numbers of calls stay."""
    places = {id(layer): settings for layer, settings in change.settings}
    at = {layer.span: settings for layer, settings in change.settings if layer.span != NOWHERE}
    made: dict[int, Layer] = {}

    def other(layer: Layer) -> Layer:
        """The layer with its changes, those of a layer inside it included."""
        if id(layer) not in made:
            made[id(layer)] = _other(layer)
        return made[id(layer)]

    def _other(layer: Layer) -> Layer:
        arguments = {
            name: other(value) if isinstance(value, Layer) else value
            for name, value in layer.arguments.items()
        }
        settings = places.get(id(layer)) or at.get(layer.span)
        if settings is not None and layer.kind in (
            "layer",
            "op",
            "input",
            "application",
        ):
            arguments |= settings
        cls = layer.cls
        if change.swapped is not None and change.swapped[0].span == layer.span:
            cls, arguments = change.swapped[1], {}
        new = copy(layer)
        new.arguments, new.cls = arguments, cls
        return new

    keywords = {each.span: values for each, values in change.keywords}
    result = copy(graph)
    result.calls = []
    result.__dict__.pop("edges", None)  # those of the graph before
    for each in graph.calls:
        new = replace(each, layer=other(each.layer))
        if each.span in keywords:
            new.kwargs = {**each.kwargs, **keywords[each.span]}
        result.calls.append(new)
    result.inputs = [result.calls[each.id] for each in graph.inputs]
    if change.inserted is not None:
        _insert(result, change.inserted, call)
    return result


def _insert(graph: Graph, inserted: tuple[str, dict[str, Any], TensorRef], call: Call) -> None:
    """Put a layer between a call, the others from the same place, and a tensor of theirs."""
    cls, arguments, ref = inserted
    which = call.tensors().index(ref)
    graph.forwards = False
    for each in [each for each in graph.calls if each.span == call.span]:
        tensors = each.tensors()
        if which >= len(tensors):
            continue
        given = tensors[which]
        layer = Layer("inserted", "layer", cls, arguments, NOWHERE)
        new = graph.add_call(layer, (given,), {}, NOWHERE)
        swap = _swapper(given, TensorRef(new.id))
        graph.calls[each.id] = replace(each, args=swap(each.args), kwargs=swap(each.kwargs))


def _swapper(old: TensorRef, new: TensorRef) -> Callable[[Any], Any]:
    def swap(value: Any) -> Any:
        if isinstance(value, TensorRef):
            return new if value == old else value
        if isinstance(value, tuple):
            return tuple(map(swap, value))
        if isinstance(value, list):
            return list(map(swap, value))
        if isinstance(value, dict):
            return {key: swap(item) for key, item in value.items()}
        return value

    return swap


def _with(found: Diagnostic, change: Change) -> Diagnostic:
    """A diagnostic that proposes a change."""
    labels = tuple(
        Label(layer.span, f"here {', '.join(f'`{n}={source(v)}`' for n, v in settings.items())}")
        for layer, settings in change.settings
        if layer.kind != "input"
        and layer.span.source is not NOWHERE.source
        and layer.span != found.span
    )
    places = {label.span for label in labels}
    kept = tuple(label for label in found.labels if label.span not in places)
    own = [layer for layer, _ in change.settings if layer.span == found.span]
    help = change.help
    if own and len(change.settings) == 1:
        help = help.replace(f"`{own[0].name}`", "it", 1)
    return replace(
        found, help=f"{help}; then the shapes fit", labels=(*labels, *kept), fix=_fix(change)
    )


def _fix(change: Change) -> Fix | None:
    """The edits of a change, where it only gives arguments to layers."""
    if not change.settings or change.keywords or change.inserted or change.swapped:
        return None
    edits: list[Edit] = []
    for layer, settings in change.settings:
        text = layer.span.text
        if not text.endswith(")") or "(" not in text or text.startswith("("):
            return None  # a bare name, or parentheses that are not those of the call
        for name, value in settings.items():
            span = layer.spans.get(name)
            if span is not None:
                edits.append(Edit(span, source(value)))
                continue
            inner = text[:-1].rstrip()
            end = layer.span.start + len(inner)
            comma = "" if inner.endswith(("(", ",")) else ", "
            gap = " " if inner.endswith(",") else ""
            place = Span(layer.span.source, end, end)
            edits.append(Edit(place, f"{comma}{gap}{name}={source(value)}"))
    return Fix(change.help, tuple(edits), safe=False)
