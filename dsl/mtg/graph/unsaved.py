"""What of a graph Keras does not save, or saves and cannot read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mtg.catalog import catalog
from mtg.catalog.dropped import dropped
from mtg.catalog.unloadable import unloadable
from mtg.graph.graph import Graph, Layer
from mtg.graph.values import KerasObject, PythonObject


def unsaved(graph: Graph) -> list[tuple[str, str]]:
    """Class and argument of what a saved model has lost, each once."""
    found: dict[tuple[str, str], None] = {}
    for kind, name, arguments in _of_keras(graph):
        entry = catalog().find(kind, name)
        for parameter in dropped(kind, name):
            known = None if entry is None else entry.parameter(parameter)
            if known is not None and arguments.get(parameter, known.default) != known.default:
                found[name, parameter] = None
    return list(found)


def unread(graph: Graph) -> list[tuple[str, str, str]]:
    """Class, argument and reason of what Keras saves and its own loader refuses, each once."""
    found: dict[tuple[str, str, str], None] = {}
    for kind, name, arguments in _of_keras(graph):
        entry = catalog().find(kind, name)
        if entry is not None:
            for parameter, reason in unloadable(kind, entry.name, arguments):
                found[name, parameter, reason] = None
    return list(found)


def python_names(graph: Graph) -> list[str]:
    """The classes and functions of Python in a graph, which Keras must be told when it loads."""
    names = [name for kind, name, _ in _made(graph, set()) if kind == "python"]
    return list(dict.fromkeys(names))


def _of_keras(graph: Graph) -> Iterator[tuple[str, str, Any]]:
    return (each for each in _made(graph, set()) if each[0] != "python")


def _made(thing: Any, done: set[int]) -> Iterator[tuple[str, str, Any]]:
    """The layers and objects in a graph: kind (`python` for what is Python's), class, arguments."""
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
        if thing.kind in ("layer", "python"):
            yield thing.kind, thing.cls, thing.arguments
        yield from _made(thing.arguments, done)
        yield from _made(thing.graph, done)
    elif isinstance(thing, KerasObject):
        yield thing.kind, thing.name, thing.arguments
        yield from _made(thing.arguments, done)
    elif isinstance(thing, PythonObject):
        if thing.arguments is None:
            yield "python", thing.name, {}
    elif isinstance(thing, dict):
        yield from _made(list(thing.values()), done)
    elif isinstance(thing, (list, tuple)):
        for item in thing:
            yield from _made(item, done)
