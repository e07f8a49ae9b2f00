"""Chains of layers that are shared as one: a frame with a number for each call, drawn once.

The layers of a shared chain are called again in the same order. Where each call takes one tensor
from outside, and gives one, the numbers need not stand on every layer: they stand at the entrance
and at the exit of a frame around all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtg.graph.layers import Layer
from mtg.graph.values import TensorRef

if TYPE_CHECKING:
    from mtg.backends.families import Families
    from mtg.graph.graph import Call, Graph


@dataclass(eq=False, slots=True)
class SharedChain:
    """Layers that are called together.

    Attributes:
        layers: The layers, in the order of their first calls.
        times: How often they are called.
        last: The layer whose result leaves the frame.
    """

    layers: list[Layer]
    times: int
    last: Layer


def shared_chains(
    graph: Graph, families: Families, calls: dict[Layer, list[Call]], alone: set[Layer]
) -> dict[Layer, SharedChain]:
    """Return the chain of each layer that stands in one.

    Args:
        graph: The graph.
        families: What is shown of it.
        calls: The calls of each layer that are shown.
        alone: Layers that stand in no chain, such as those in boxes of blocks.
    """
    turns = {call.id: turn for its in calls.values() for turn, call in enumerate(its)}
    shared = [layer for layer, its in calls.items() if len(its) > 1 and layer not in alone]
    groups = _Groups(shared)
    for layer in shared:
        for before in _layers_before(graph, families, calls[layer]):
            if len(calls.get(before, ())) == len(calls[layer]) and before not in alone:
                pairs = _turns(graph, families, before, calls[layer], turns)
                if all(one == other for one, other in pairs):
                    groups.join(before, layer)
    takers: dict[int, list[tuple[int, Call | None]]] = {}  # of each call: which result, and by whom
    for its in calls.values():
        for call in its:
            for ref in map(families.first, call.tensors()):
                takers.setdefault(ref.call, []).append((ref.result, call))
    for output in graph.outputs:
        ref = families.first(output.tensor)
        takers.setdefault(ref.call, []).append((ref.result, None))
    found: dict[Layer, SharedChain] = {}
    for layers in groups.found():
        last = _exit(layers, calls, takers)
        if last is not None and _equal_calls(layers, families, graph, calls, turns):
            chain = SharedChain(layers, len(calls[last]), last)
            found |= dict.fromkeys(layers, chain)
    return found


def _layers_before(graph: Graph, families: Families, its: list[Call]) -> dict[Layer, None]:
    return dict.fromkeys(
        graph.calls[ref.call].layer for call in its for ref in map(families.first, call.tensors())
    )


def _turns(
    graph: Graph, families: Families, before: Layer, its: list[Call], turns: dict[int, int]
) -> list[tuple[int, int]]:
    """Return the numbers of the calls at both ends of the edges from one layer to another."""
    return [
        (turns[ref.call], turns[call.id])
        for call in its
        for ref in map(families.first, call.tensors())
        if graph.calls[ref.call].layer is before
    ]


def _exit(
    layers: list[Layer],
    calls: dict[Layer, list[Call]],
    takers: dict[int, list[tuple[int, Call | None]]],
) -> Layer | None:
    """Return the only layer of a group whose only result others take, or None."""
    inside = set(layers)
    leaving = {
        (layer, result)
        for layer in layers
        for call in calls[layer]
        for result, taker in takers.get(call.id, [])
        if taker is None or taker.layer not in inside
    }
    if len(leaving) != 1:
        return None
    ((last, result),) = leaving
    return last if result == 0 else None


def _equal_calls(
    layers: list[Layer],
    families: Families,
    graph: Graph,
    calls: dict[Layer, list[Call]],
    turns: dict[int, int],
) -> bool:
    """Return whether all calls of a group are wired alike, each from one tensor outside."""
    inside = set(layers)
    taken: dict[int, set[TensorRef]] = {}
    for layer in layers:
        wired = set()
        for call in calls[layer]:
            wires: list[tuple[Layer, int] | None] = []
            for ref in map(families.first, call.tensors()):
                before = graph.calls[ref.call].layer
                if before not in inside:
                    taken.setdefault(turns[call.id], set()).add(ref)
                    wires.append(None)
                elif turns[ref.call] == turns[call.id]:
                    wires.append((before, ref.result))
                else:
                    return False
            wired.add(tuple(wires))
        if len(wired) != 1:
            return False
    return len(taken) == len(calls[layers[0]]) and all(len(refs) == 1 for refs in taken.values())


class _Groups:
    """Layers in groups that grow together."""

    def __init__(self, layers: list[Layer]) -> None:
        self._of: dict[Layer, list[Layer]] = {layer: [layer] for layer in layers}

    def join(self, one: Layer, other: Layer) -> None:
        ours, theirs = self._of[one], self._of[other]
        if ours is theirs:
            return
        if len(ours) < len(theirs):
            ours, theirs = theirs, ours
        ours += theirs
        for layer in theirs:
            self._of[layer] = ours

    def found(self) -> list[list[Layer]]:
        """Return the groups of several layers, each in the order in which they were given."""
        order = {layer: number for number, layer in enumerate(self._of)}
        groups = {id(group): group for group in self._of.values() if len(group) > 1}
        return [sorted(group, key=order.__getitem__) for group in groups.values()]
