"""What `validate` says of a graph that no text says: one made by a program."""

from __future__ import annotations

import pytest
from mtg.graph.graph import Binding, Graph, Output
from mtg.graph.layers import InputLayer, KerasLayer, Layer
from mtg.graph.validate import validate
from mtg.graph.values import TensorRef
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE


def layer(name: str) -> Layer:
    return KerasLayer(name, "Dense", {}, NOWHERE)


def graph_of(**calls: tuple[str, ...]) -> Graph:
    """A graph of one layer a name, called on those named; `x` is an input, `y` the output."""
    graph, number = Graph("G"), {name: index for index, name in enumerate(calls)}
    for name, before in calls.items():
        made = layer(name) if before else InputLayer(name, {}, NOWHERE)
        graph.add_call(made, tuple(TensorRef(number[one]) for one in before), {}, NOWHERE)
        graph.bindings.append(Binding(name, TensorRef(number[name]), NOWHERE))
    graph.outputs.append(Output("y", TensorRef(number["y"]), NOWHERE))
    return graph


def codes(graph: Graph) -> list[str]:
    diagnostics = Diagnostics()
    validate(graph, diagnostics)
    return [found.code for found in diagnostics]


def test_a_graph_with_nothing_to_say() -> None:
    assert codes(graph_of(x=(), a=("x",), y=("a", "x"))) == []


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (graph_of(x=(), a=("b", "x"), b=("a",), y=("b",)), ["MTG201"]),
        (graph_of(x=(), a=("a", "x"), y=("a",)), ["MTG201"]),
        (graph_of(x=(), z=(), y=("x",)), ["MTG202"]),
        (graph_of(x=(), a=("x",), y=("x",)), ["MTG204"]),
    ],
)
def test_faults(graph: Graph, expected: list[str]) -> None:
    assert codes(graph) == expected


def test_a_cycle_shows_the_way_round() -> None:
    diagnostics = Diagnostics()
    validate(graph_of(x=(), a=("c", "x"), b=("a",), c=("b",), y=("c",)), diagnostics)
    (found,) = diagnostics
    assert found.notes == ("the cycle: a -> b -> c -> a",)


def test_two_layers_of_one_name() -> None:
    graph = graph_of(x=(), a=("x",), y=("a",))
    graph.calls[1].layer.name = "y"
    assert codes(graph) == ["MTG107"]


def test_nothing_is_unused_where_the_graph_is_not_complete() -> None:
    graph = graph_of(x=(), z=(), a=("x",), y=("x",))
    graph.complete = False
    assert codes(graph) == []


def test_reach_and_order() -> None:
    graph = graph_of(x=(), z=(), a=("x",), b=("a", "z"), dead=("z",), y=("b",))
    assert [call.layer.name for call in graph.order()][-1] in ("y", "dead")
    names = {call.id: call.layer.name for call in graph.calls}
    assert {names[node] for node in graph.reaching_outputs()} == {"x", "z", "a", "b", "y"}
    assert {names[node] for node in graph.reached_from_inputs()} == set(names.values())
