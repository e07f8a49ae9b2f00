"""What of a graph Keras does not save."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mtg.catalog import catalog
from mtg.catalog.dropped import dropped
from mtg.graph.graph import Graph, Layer
from mtg.graph.values import KerasObject


def unsaved(graph: Graph) -> list[tuple[str, str]]:
    """Class and argument of what a saved model has lost, each once."""
    found: dict[tuple[str, str], None] = {}
    for kind, name, arguments in _made(graph, set()):
        entry = catalog().find(kind, name)
        for parameter in dropped(kind, name):
            known = None if entry is None else entry.parameter(parameter)
            if known is not None and arguments.get(parameter, known.default) != known.default:
                found[name, parameter] = None
    return list(found)


def _made(thing: Any, done: set[int]) -> Iterator[tuple[str, str, Any]]:
    """The layers and objects in a graph: kind, class and arguments."""
    if isinstance(thing, (Graph, Layer)):
        if id(thing) in done:
            return
        done.add(id(thing))
    if isinstance(thing, Graph):
        for call in thing.calls:
            yield from _made(call.layer, done)
        for output in thing.outputs:
            yield from _made([output.loss, output.metrics], done)
        if thing.train is not None:
            yield from _made(thing.train.compile, done)
    elif isinstance(thing, Layer):
        if thing.kind == "layer":
            yield "layer", thing.cls, thing.arguments
        yield from _made(thing.arguments, done)
        yield from _made(thing.graph, done)
    elif isinstance(thing, KerasObject):
        yield thing.kind, thing.name, thing.arguments
        yield from _made(thing.arguments, done)
    elif isinstance(thing, dict):
        yield from _made(list(thing.values()), done)
    elif isinstance(thing, (list, tuple)):
        for item in thing:
            yield from _made(item, done)
