"""Lints: what is legal, and almost certainly not meant. One file a subject, one function a lint.

A lint is a pure function of a graph and its types that yields warnings. It says nothing where it is
not certain: of a type that is not known, of a layer written in Python, of an activation whose range
it does not know. Each gives its reason, which the tests hold against Keras.

To add a lint, write a function in the file of its subject, and decorate it with `@task_lint` if it
looks at outputs and losses, which it does for the model that is trained, or with `@graph_lint` if
it looks at calls, which it does for the models inside too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

from mtg.graph.graph import Graph
from mtg.graph.layers import NestedModel
from mtg.text.diagnostics import Diagnostic, Diagnostics
from mtg.types.types import Types

Lint = Callable[[Graph, Types], Iterator[Diagnostic]]

#: Lints of tasks, and lints of any graph.
_TASKS: list[Lint] = []
_GRAPHS: list[Lint] = []

_FILES = (
    *("losses", "metrics", "training", "targets", "merges", "lookups", "channels", "masks"),
    "call_training",
)


def task_lint(function: Lint) -> Lint:
    """Register a lint of outputs and their losses: it runs over the model that is trained."""
    _TASKS.append(function)
    return function


def graph_lint(function: Lint) -> Lint:
    """Register a lint of calls: it runs over the model, and over those inside it."""
    _GRAPHS.append(function)
    return function


def lint(graph: Graph, types: Types, diagnostics: Diagnostics) -> None:
    """Report what is legal in a graph and almost certainly not meant."""
    _load()
    for look in _TASKS:
        for found in look(graph, types):
            diagnostics.add(found)
    for each in _inside(types):
        for look in _GRAPHS:
            for found in look(each.graph, each):
                diagnostics.add(found)


@cache
def _load() -> None:
    for name in _FILES:
        import_module(f"{__name__}.{name}")


def _inside(types: Types) -> Iterator[Types]:
    """Yield the types of a graph and of the models in it, except Keras's applications."""
    seen: set[int] = set()
    stack = [types]
    while stack:
        each = stack.pop()
        if id(each.graph) in seen:
            continue
        seen.add(id(each.graph))
        yield each
        stack += [inner for layer, inner in each.nested.items() if isinstance(layer, NestedModel)]
