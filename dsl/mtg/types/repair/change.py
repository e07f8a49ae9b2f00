"""A change of a graph that may fix a shape, and the graph with the change."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from mtg.graph.graph import Call, Graph
from mtg.graph.layers import (
    KerasLayer,
    Layer,
    NestedModel,
    PythonLayer,
)
from mtg.graph.values import TensorRef, Value, map_leaves
from mtg.text.source import NOWHERE
from mtg.types.repair.advice import names_of


@dataclass(frozen=True, slots=True)
class Repair:
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
    def give(cls, layers: list[Layer], **settings: Any) -> Repair:
        """Return arguments for some layers."""
        shown = ", ".join(f"{name}={source(value)}" for name, value in settings.items())
        return cls(
            f"give {names_of([layer.name for layer in layers])} `{shown}`",
            settings=tuple((layer, settings) for layer in layers),
        )


def source(value: Value) -> str:
    """Return a value as a program writes it."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(source, value))}]"
    return repr(value)


def changed(graph: Graph, call: Call, change: Repair) -> Graph:
    """Return a copy of a graph with a change; the numbers of calls stay."""
    places = {id(layer): settings for layer, settings in change.settings}
    at = {layer.span: settings for layer, settings in change.settings if layer.span != NOWHERE}
    made: dict[int, Layer] = {}

    def other(layer: Layer) -> Layer:
        """Return the layer with its changes, those of a layer inside it included."""
        if id(layer) not in made:
            made[id(layer)] = _other(layer)
        return made[id(layer)]

    def _other(layer: Layer) -> Layer:
        arguments = {
            name: other(value) if isinstance(value, Layer) else value
            for name, value in layer.arguments.items()
        }
        settings = places.get(id(layer)) or at.get(layer.span)
        if settings is not None and not isinstance(layer, (NestedModel, PythonLayer)):
            arguments |= settings
        if change.swapped is not None and change.swapped[0].span == layer.span:
            return KerasLayer(
                layer.name, change.swapped[1], {}, layer.span, trainable=layer.trainable
            )
        return layer.with_arguments(arguments)

    keywords = {each.span: values for each, values in change.keywords}
    result = copy(graph)
    result.calls = []
    result.forget_edges()  # they are those of the graph before
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
        layer = KerasLayer("inserted", cls, arguments, NOWHERE)
        new = graph.add_call(layer, (given,), {}, NOWHERE)
        args, kwargs = _swapped((each.args, each.kwargs), given, TensorRef(new.id))
        graph.calls[each.id] = replace(each, args=args, kwargs=kwargs)


def _swapped(value: Value, old: TensorRef, new: TensorRef) -> Any:
    return map_leaves(
        lambda leaf: new if isinstance(leaf, TensorRef) and leaf == old else leaf, value
    )
