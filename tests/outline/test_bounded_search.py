"""The search for structure is bounded, whatever a graph looks like; steps are counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from expander import expand, same
from mtg.graph.graph import Graph, Output
from mtg.graph.layers import InputLayer, KerasLayer
from mtg.graph.values import TensorRef
from mtg.outline.outline import outline
from mtg.text.source import NOWHERE
from steps import growth


class Made(Graph):
    """A graph of one input, with an output for each of `ends`."""

    def __init__(self) -> None:
        super().__init__("made")
        given = {"shape": (8,), "dtype": "float32"}
        self.x = TensorRef(self.add_call(InputLayer("x", given, NOWHERE), (), {}, NOWHERE).id)

    def made(self, cls: str, taken: Any, **arguments: Any) -> TensorRef:
        layer = KerasLayer(f"l{len(self.calls)}", cls, arguments, NOWHERE)
        return TensorRef(self.add_call(layer, (taken,), {}, NOWHERE).id)

    def end(self, *refs: TensorRef) -> Made:
        for number, ref in enumerate(refs):
            self.outputs.append(Output(f"out{number}", ref, NOWHERE))
        return self


def chain(count: int) -> Made:
    """Every layer is of another width but for the seventh before it."""
    graph = Made()
    x = graph.x
    for number in range(count):
        x = graph.made("Dense", x, units=number % 7 + 1)
    return graph.end(x)


def branches(count: int) -> Made:
    """Branches that are alike but for one layer somewhere in each."""
    graph, row = Made(), []
    for number in range(count // 6):
        x = graph.x
        for place in range(6):
            x = graph.made("ReLU", x) if place == number % 6 else graph.made("Dense", x, units=8)
        row.append(x)
    return graph.end(graph.made("Add", row))


def layered(count: int) -> Made:
    """Six nodes a layer, each of which takes all of the layer before."""
    graph = Made()
    before = [graph.made("Dense", graph.x, units=8) for _ in range(6)]
    for _ in range(count // 12):
        before = [graph.made("Dense", graph.made("Add", before), units=8) for _ in range(6)]
    return graph.end(graph.made("Add", before))


def growing(count: int) -> Made:
    """Each layer takes all that is before it, and every third is of another kind."""
    graph = Made()
    row = [graph.x]
    for number in range(count // 20):
        x = graph.made("Add", list(row)) if number else graph.x
        row.append(graph.made("Dense", x, units=8) if number % 3 else graph.made("ReLU", x))
    return graph.end(graph.made("Add", row))


def heads(count: int) -> Made:
    """Outputs of one layer, of two, and of three, which another layer feeds each."""
    graph, ends = Made(), []
    x = graph.x
    for number in range(count // 4):
        x = y = graph.made("Dense", x, units=8)
        for _ in range(number % 3 + 1):
            y = graph.made("Dense", y, units=number % 5 + 1)
        ends.append(y)
    return graph.end(*ends)


def carried(count: int) -> Made:
    """Two tensors that change places; every fifth round lacks a layer."""
    graph = Made()
    x, y, row = graph.x, graph.made("Dense", graph.x, units=8), []
    for number in range(count // 5):
        one = graph.made("Dense", x, units=8)
        two = graph.made("Add", [one, y]) if number % 5 else one
        row.append(graph.made("ReLU", two))
        x, y = graph.made("Add", [two, x]), one
    return graph.end(graph.made("Add", row), graph.made("Add", [x, y]))


GRAPHS: dict[str, Callable[[int], Made]] = {
    each.__name__: each for each in (chain, branches, layered, growing, heads, carried)
}


@pytest.mark.parametrize("name", GRAPHS)
def test_exact_and_bounded(name: str) -> None:
    """Three times the calls take less than twice as many steps for each: a square takes three."""
    made = {count: GRAPHS[name](count) for count in (150, 450)}
    assert same(made[150], expand(outline(made[150])))
    assert growth(lambda count: lambda: outline(made[count]), 150, 450) < 2
