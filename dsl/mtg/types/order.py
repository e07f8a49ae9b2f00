"""The order in which Keras keeps the layers of a functional model, and so its weights."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.graph import Call, Graph
from mtg.graph.layers import Layer
from mtg.graph.values import TensorRef, leaves
from mtg.types.tensor import Weight


def keras_order(graph: Graph) -> list[Layer]:
    """Return the layers and ops that outputs depend on, in the order of `Functional.operations`.

    They are sorted by depth, the number of steps to the furthest output, and within a depth by
    the order in which a walk back from the outputs meets them (`keras/src/ops/function.py`,
    `map_graph`). Inputs that no output depends on stand at depth 0, before the others.
    """
    finished, seen = _walk_back(graph)
    depth = dict.fromkeys(finished, 0)
    layer_depth: dict[Layer, int] = {}
    for number in reversed(finished):
        layer = graph.calls[number].layer
        deepest = max(depth[number], layer_depth.get(layer, 0))
        depth[number] = layer_depth[layer] = deepest
        for ref in _tensors(graph.calls[number]):
            depth[ref.call] = max(depth[ref.call], deepest + 1)
    for call in graph.inputs:
        if call.layer not in layer_depth:
            layer_depth[call.layer], seen[call.layer] = 0, -1
    return sorted(layer_depth, key=lambda layer: (-layer_depth[layer], seen[layer]))


def _walk_back(graph: Graph) -> tuple[list[int], dict[Layer, int]]:
    """Return the calls in order, and when each layer is first met on the way back."""
    finished: list[int] = []
    met: set[int] = set()
    seen: dict[Layer, int] = {}
    for output in graph.outputs:
        stack: list[tuple[int, Iterator[TensorRef]]] = []
        waiting: int | None = output.tensor.call
        while True:
            if waiting is not None and waiting not in met:
                met.add(waiting)
                call = graph.calls[waiting]
                seen.setdefault(call.layer, len(seen))
                stack.append((waiting, _tensors(call)))
            if not stack:
                break
            number, refs = stack[-1]
            ref = next(refs, None)
            waiting = None if ref is None else ref.call
            if ref is None:
                finished.append(number)
                stack.pop()
    return finished, seen


def _tensors(call: Call) -> Iterator[TensorRef]:
    """Return the tensors of a call in Keras's order: it sorts dicts, and so keywords, by key."""
    found = leaves((call.args, call.kwargs), lambda keys: sorted(keys, key=str))
    return (leaf for leaf in found if isinstance(leaf, TensorRef))


def distinct(weights: list[Weight]) -> tuple[Weight, ...]:
    """Return the weights, one that several layers share named once."""
    return tuple({id(weight): weight for weight in weights}.values())
