"""What a person reads in an outline: blocks, loops, chains and names."""

from __future__ import annotations

import mtg
import pytest
from expander import expand, same
from mtg.graph.graph import Graph, Output
from mtg.graph.layers import InputLayer, KerasLayer
from mtg.graph.values import TensorRef
from mtg.outline.ir import (
    Bind,
    Block,
    BlockCall,
    New,
    Reference,
    Repeat,
)
from mtg.outline.outline import outline
from mtg.text.source import NOWHERE
from outline.reading import application, every_stage, size, stages


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("ResNet152", 0.10),
        ("DenseNet201", 0.08),
        ("EfficientNetB7", 0.15),
        ("InceptionV3", 0.30),
        ("NASNetLarge", 0.17),
    ],
)
def test_structure_is_found(name: str, most: float) -> None:
    graph = application(name)
    found = outline(graph)
    assert size(found) / len(graph.calls) < most
    assert any(isinstance(stage, BlockCall) for stage in every_stage(found))


def test_resnet() -> None:
    """Blocks nest, what differs is a parameter, and widths are said by one."""
    found = outline(application("ResNet152"))
    names = [block.name for block in found.blocks]
    assert len(names) <= 5
    (output,) = found.main.body
    uses = [stage for stage in stages(output.flow) if isinstance(stage, BlockCall)]
    assert sorted(use.arguments["filters"] for use in uses)[-4:] == [256, 512, 1024, 2048]
    assert any(
        isinstance(stage, Repeat) and not isinstance(stage.count, int)
        for block in found.blocks
        for flow in block.returns
        for stage in stages(flow)
    )


def test_blocks_of_the_program_stay() -> None:
    source = """
block x -> head(width) {
  hidden = x -> Dense(width, activation="relu")
  return hidden -> Dropout(0.5), hidden
}
block x -> twice(width) {
  a, b = x -> head(width)
  return add(a, b) -> Dense(width)
}
model M {
  input x: float32[8]
  p, q = x -> head(16)
  output y = concat(p, q) -> twice(32) -> twice(8)
}
"""
    graph = mtg.load(source)
    found = outline(graph)
    assert same(graph, expand(found))
    assert {block.name for block in found.blocks} == {"head", "twice"}
    assert len(found.block("head").returns) == 2
    several = [s for s in found.main.body if isinstance(s, Bind) and len(s.names) == 2]
    assert [set(s.names) for s in several] == [{"p", "q"}]


def test_runs_are_loops() -> None:
    source = """
model M {
  input x: float32[8]
  output y = x
    -> repeat 4 { Dense(8) -> ReLU() }
    -> for n in [16, 32, 64] { Dense(n, activation="tanh") }
    -> Dense(1)
}
"""
    found = outline(mtg.load(source))
    (result,) = found.main.body
    loops = [stage for stage in result.flow.stages if isinstance(stage, Repeat)]
    assert [(loop.count, loop.values) for loop in loops] == [(4, ()), (3, (16, 32, 64))]


def test_shared_chains() -> None:
    source = """
model M {
  input a: int32[9]
  input b: int32[9]
  shared read = Embedding(50, 8) -> LSTM(4) -> Dense(2)
  output y = subtract(b -> read, a -> read)
}
"""
    graph = mtg.load(source)
    found = outline(graph)
    assert same(graph, expand(found))
    (shared,) = found.main.shared
    assert [stage.cls for stage in shared.stages if isinstance(stage, New)] == [
        "Embedding",
        "LSTM",
        "Dense",
    ]
    assert sum(isinstance(stage, Reference) for stage in every_stage(found)) == 2


def test_several_results() -> None:
    source = """
model M {
  input x: float32[5, 3]
  seq, h, c = x -> LSTM(4, return_sequences=True, return_state=True)
  _, last = x -> GRU(4, return_state=True)
  output y = (seq, initial_state=[h, c]) -> LSTM(4) -> Dense(2)
  output z = add(last, h)
}
"""
    graph = mtg.load(source)
    found = outline(graph)
    assert same(graph, expand(found))
    names = [s.names for s in found.main.body if isinstance(s, Bind) and len(s.names) > 1]
    assert sorted(names, key=len) == [(None, "last"), ("seq", "h", "c")]


def test_nested_models() -> None:
    source = """
model Inner(n=4) {
  input x: float32[8]
  output y = x -> Dense(n)
}
model M {
  input x: float32[8]
  one = x -> Inner()
  two = x -> Inner()
  three = x -> Inner(n=5)
  output y = concat(one, two, three)
}
"""
    graph = mtg.load(source)
    found = outline(graph)
    assert same(graph, expand(found))
    assert [model.name for model in found.models] == ["Inner", "Inner2", "M"]


def test_kept_names() -> None:
    graph = application("MobileNet")
    found = outline(graph, keep_names=True)
    assert not found.blocks
    names = {stage.name for stage in every_stage(found) if isinstance(stage, New)}
    assert names == {layer.name for layer in graph.layers if isinstance(layer, KerasLayer)}
    assert same(graph, expand(found))


def test_deep_chain() -> None:
    """As many layers as a model may have; the same, and each another."""
    for width in (lambda number: 8, lambda number: number % 97 + 1):
        graph = Graph("deep")
        given = {"shape": (8,), "dtype": "float32"}
        call = graph.add_call(InputLayer("x", given, NOWHERE), (), {}, NOWHERE)
        for number in range(10_000):
            layer = KerasLayer(f"d{number}", "Dense", {"units": width(number)}, NOWHERE)
            call = graph.add_call(layer, (TensorRef(call.id),), {}, NOWHERE)
        graph.outputs.append(Output("y", TensorRef(call.id), NOWHERE))
        found = outline(graph)
        assert same(graph, expand(found))


def test_names_do_not_clash() -> None:
    """A tensor is called as no block, nor word of either language, nor merge of the model is."""
    source = """
model M {
  input add: float32[8]
  input lambda: float32[8]
  output class = concat(add -> Dense(4), lambda -> Dense(4)) -> Dense(1)
}
"""
    graph = mtg.load(source)
    for python in (False, True):
        found = outline(graph, python=python)
        assert same(graph, expand(found))
        assert all(isinstance(block, Block) for block in found.blocks)
        names = {entrance.name for entrance in found.main.inputs}
        names |= {result.name for result in found.main.results}
        assert names & {"lambda", "class"} == (set() if python else {"lambda", "class"})
        assert "add" in names  # data has keys
