"""Walks over all that values and graphs are made of."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.graph import Graph
from mtg.graph.layers import Layer, NestedModel, PythonLayer
from mtg.graph.values import KerasObject, PythonObject, leaves


def parts(value: object, *, models: bool = False) -> Iterator[object]:
    """Every leaf of a value, and of the arguments of its layers and objects, however deep.

    What has arguments comes before them.

    Args:
        value: A value, or a graph: its layers, losses, metrics and arguments of `compile`.
        models: Whether to enter the graphs of nested models; each graph and layer comes once then.
    """
    done: set[object] = set()
    stack = [leaves(value)]
    while stack:
        for part in stack[-1]:
            if models and isinstance(part, (Graph, Layer)):
                if part in done:
                    continue
                done.add(part)
            yield part
            if isinstance(part, (KerasObject, PythonObject, Layer, Graph)):
                stack.append(leaves(_inside(part, models)))
                break
        else:
            stack.pop()


def _inside(part: KerasObject | PythonObject | Layer | Graph, models: bool) -> object:
    if isinstance(part, Graph):
        settings = {} if part.train is None else part.train.compile
        return part.layers, [(output.loss, output.metrics) for output in part.outputs], settings
    if isinstance(part, Layer):
        if isinstance(part, NestedModel) and models:
            return part.arguments, part.graph
        if isinstance(part, PythonLayer):
            return part.arguments, part.positional
    return part.arguments


def layers_in(value: object) -> Iterator[Layer]:
    """Return the layers in a value, however deep, outer before inner ones; those of models not."""
    return (part for part in parts(value) if isinstance(part, Layer))


def layers_within(layer: Layer) -> Iterator[Layer]:
    """Return the layers in the arguments of a layer, as a wrapper or a stack of cells has them."""
    return layers_in(_inside(layer, models=False))


def all_layers(graph: Graph) -> Iterator[Layer]:
    """Every layer of a graph, those in wrappers and in models of it included; each once."""
    return (part for part in parts(graph, models=True) if isinstance(part, Layer))


def graphs_in(graph: Graph) -> Iterator[Graph]:
    """Return a graph and the graphs of the models in it, each once, the outermost first."""
    return (part for part in parts(graph, models=True) if isinstance(part, Graph))
