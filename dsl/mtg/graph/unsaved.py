"""What of a graph Keras does not save, or saves and cannot read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mtg.catalog import catalog
from mtg.catalog.dropped import dropped, loses_policy
from mtg.catalog.unloadable import unloadable
from mtg.graph.graph import Graph
from mtg.graph.layers import KerasLayer, Layer, PythonLayer
from mtg.graph.values import KerasObject, PythonObject
from mtg.graph.walk import parts


def unsaved(graph: Graph) -> list[tuple[str, str]]:
    """Class and argument of what a saved model has lost, each once."""
    found: dict[tuple[str, str], None] = {}
    for kind, name, arguments in _of_keras(graph):
        entry = catalog().find(kind, name)
        for parameter in dropped(kind, name):
            known = None if entry is None else entry.parameter(parameter)
            if known is not None and arguments.get(parameter, known.default) != known.default:
                found[name, parameter] = None
        if kind == "layer" and loses_policy(name, arguments.get("dtype")):
            found[name, "dtype"] = None
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
    """Return the Python classes and functions of a graph, which Keras needs for loading."""
    names = [name for kind, name, _ in _made(graph) if kind == "python"]
    return list(dict.fromkeys(names))


def _of_keras(graph: Graph) -> Iterator[tuple[str, str, Any]]:
    return (each for each in _made(graph) if each[0] != "python")


def _made(graph: Graph) -> Iterator[tuple[str, str, Any]]:
    """Yield the layers and objects in a graph: kind (`python` for Python's), class, arguments."""
    for part in parts(graph, models=True):
        if isinstance(part, Layer) and isinstance(part, (KerasLayer, PythonLayer)):
            yield part.kind, part.cls, part.arguments
        elif isinstance(part, KerasObject):
            yield part.kind, part.name, part.arguments
        elif isinstance(part, PythonObject) and part.arguments is None:
            yield "python", part.name, {}
