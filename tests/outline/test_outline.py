"""The outline says the graph: what it expands to is the graph it was made of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mtg
import pytest
from expander import expand, same
from hypothesis import example, given
from hypothesis import strategies as st
from mtg.catalog.applications import application_names
from mtg.graph.graph import Graph, Output, tensors_in
from mtg.graph.layers import Application, InputLayer, KerasLayer, Layer, Op
from mtg.graph.values import TensorRef
from mtg.outline.ir import (
    Apply,
    Bind,
    Block,
    BlockCall,
    Flow,
    New,
    Outline,
    Reference,
    Repeat,
    Stage,
    flows_in,
)
from mtg.outline.outline import outline
from mtg.text.source import NOWHERE
from mtg.types.infer import application_graph
from random_programs import programs

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mtg"))


def application(name: str) -> Graph:
    made = Application("base", name, {"weights": None}, NOWHERE)
    graph = application_graph(made)
    assert graph is not None
    return graph


def stages(flow: Flow) -> Iterator[Stage]:
    """Every stage in a flow, those in loops and arguments too."""
    found = list(flow.stages)
    if isinstance(flow.source, Apply):
        found.append(flow.source.stage)
        for inner in flow.source.flows():
            yield from stages(inner)
    while found:
        stage = found.pop()
        yield stage
        if isinstance(stage, Repeat):
            found += stage.stages


def every_stage(found: Outline) -> list[Stage]:
    flows = [each.flow for model in found.models for each in model.body]
    for block in found.blocks:
        flows += [*(each.flow for each in block.body), *flows_in(block.returns)]
    return [stage for flow in flows for stage in stages(flow)]


def size(found: Outline) -> int:
    """About how many lines it takes: a stage is one, and so are a block's head and its end."""
    return len(every_stage(found)) + 2 * len(found.blocks) + 2 * len(found.models)


def text(source: str, **settings: Any) -> Graph:
    return mtg.load(source, **settings)


# ---- exact ---------------------------------------------------------------------------------------


#: One of each family; `MTG_LONG_TESTS=1` takes them all.
FAMILIES = [
    *("ConvNeXtTiny", "DenseNet121", "EfficientNetB3", "EfficientNetV2S", "InceptionResNetV2"),
    *("InceptionV3", "MobileNet", "MobileNetV2", "MobileNetV3Large", "NASNetMobile", "ResNet50"),
    *("ResNet50V2", "VGG16", "Xception"),
]


@pytest.mark.parametrize("name", application_names() if LONG else FAMILIES)
def test_applications(name: str) -> None:
    graph = application(name)
    assert same(graph, expand(outline(graph, structure=False)))
    assert same(graph, expand(outline(graph)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    graph = mtg.load(path)
    for found in (outline(graph, structure=False), outline(graph), outline(graph, python=True)):
        assert same(graph, expand(found))


#: A node of a random graph: its class, the value in it, and the two nodes that it takes, counted
#: back from it; and how often the stretch that it stands in is repeated.
nodes = st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(1, 3), st.integers(1, 5))
stretches = st.lists(
    st.tuples(st.lists(nodes, min_size=1, max_size=6), st.integers(1, 4)), min_size=1, max_size=4
)


def random_graph(parts: list[tuple[list[tuple[int, int, int, int]], int]], ends: int) -> Graph:
    graph = Graph("random")
    for number in range(2):
        given = {"shape": (4,), "dtype": "float32"}
        graph.add_call(InputLayer(f"in{number}", given, NOWHERE), (), {}, NOWHERE)
    shared: dict[int, Layer] = {}
    for part, times in parts:
        for which, value, back, other in [node for _ in range(times) for node in part]:
            last = len(graph.calls)
            one, two = TensorRef(max(0, last - back)), TensorRef(max(0, last - other))
            name = f"l{last}"
            if which == 0:
                made = KerasLayer(name, "Add", {}, NOWHERE)
                graph.add_call(made, ([one, two],), {}, NOWHERE)
            elif which == 1:
                op = Op(name, "multiply", {}, NOWHERE)
                graph.add_call(op, (one, value), {}, NOWHERE)
            elif which == 2:
                made = shared.setdefault(value, KerasLayer(f"s{value}", "ReLU", {}, NOWHERE))
                graph.add_call(made, (one,), {}, NOWHERE)
            elif which == 3:
                made = KerasLayer(name, "BatchNormalization", {}, NOWHERE)
                graph.add_call(made, (one,), {"training": bool(value)}, NOWHERE)
            else:
                units = {"units": 4 * (value + 1) if which == 4 else 4}
                made = KerasLayer(name, "Dense", units, NOWHERE)
                graph.add_call(made, (one,), {}, NOWHERE)
    for number in range(min(ends, len(graph.calls) - 2)):
        ref = TensorRef(len(graph.calls) - 1 - number)
        graph.outputs.append(Output(f"out{number}", ref, NOWHERE))
    return graph


@given(stretches, st.integers(1, 3))
def test_random_graphs(parts: list[tuple[list[tuple[int, int, int, int]], int]], ends: int) -> None:
    graph = random_graph(parts, ends)
    assert same(graph, expand(outline(graph, structure=False)))
    found = outline(graph)
    assert same(graph, expand(found))
    # Nor does the order in which the calls were made show in it.
    assert size(outline(in_another_order(graph))) == size(found)
    compile(mtg.to_python(graph), "made.py", "exec")


#: A node of a part that is applied again and again: its class, its value, and what it takes: the
#: tensors that come in (below 3), or nodes before it.
inner_nodes = st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 6), st.integers(0, 6))


@given(
    st.lists(inner_nodes, min_size=3, max_size=6),
    st.lists(st.integers(0, 7), min_size=2, max_size=3),
    st.lists(st.integers(0, 1), min_size=3, max_size=6),
    st.integers(0, 4),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2)), max_size=2),
)
def test_random_parts_that_carry_several_tensors(
    part: list[tuple[int, int, int, int]],
    carried: list[int],
    values: list[int],
    ends: int,
    gathered: list[tuple[int, int]],
) -> None:
    """Each application takes several tensors, and gives them, or what it took, to the next.

    Some of what is made in each is gathered, and added at the end but for the first so many.
    """
    graph = Graph("random")
    given = {"shape": (4,), "dtype": "float32"}
    tensors = [
        TensorRef(graph.add_call(InputLayer(f"in{n}", given, NOWHERE), (), {}, NOWHERE).id)
        for n in range(2)
    ]
    carries = [tensors[n % 2] for n in range(len(carried))]
    rows: list[list[TensorRef]] = [[] for _ in gathered]
    for varying in values:
        known = list(carries)
        for which, value, one, two in part:
            first, second = known[one % len(known)], known[two % len(known)]
            name = f"l{len(graph.calls)}"
            if which == 0:
                made = KerasLayer(name, "Add", {}, NOWHERE)
                call = graph.add_call(made, ([first, second],), {}, NOWHERE)
            elif which == 1:
                call = graph.add_call(
                    Op(name, "subtract", {}, NOWHERE), (first, second), {}, NOWHERE
                )
            else:
                rate = {"rate": 0.1 * (varying if which == 2 else value)}
                made = KerasLayer(name, "Dropout", rate, NOWHERE)
                call = graph.add_call(made, (first,), {}, NOWHERE)
            known.append(TensorRef(call.id))
        carries = [known[-1 - number % len(known)] for number in carried]
        for row, (which, _) in zip(rows, gathered, strict=True):
            row.append(known[-1 - which % len(known)])
    for row, (_, first) in zip(rows, gathered, strict=True):
        made = KerasLayer(f"l{len(graph.calls)}", "Add", {}, NOWHERE)
        carries.append(TensorRef(graph.add_call(made, (row[first:],), {}, NOWHERE).id))
    last = [ref for ref in dict.fromkeys(carries) if ref not in tensors] or [known[-1]]
    for number, ref in enumerate(
        [*last, *(TensorRef(call.id) for call in graph.calls[-ends:] if ends)]
    ):
        graph.outputs.append(Output(f"out{number}", ref, NOWHERE))
    for python in (False, True):
        assert same(graph, expand(outline(graph, python=python)))
    compile(mtg.to_python(graph), "made.py", "exec")


@example([(0, 0)], [0, 0, 0, 0], 2, [])  # the first of a list are a family
@example([(0, 0), (1, 0)], [0, 0, 0, 1, 0, 0, 1], 0, [1])  # a block takes the list of another
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=3),
    st.lists(st.integers(0, 1), min_size=3, max_size=7),
    st.integers(0, 2),
    st.lists(st.integers(0, 9), max_size=2),
)
def test_random_lists_that_grow(
    part: list[tuple[int, int]], values: list[int], first: int, taken: list[int]
) -> None:
    """Each round takes all that was made before, and some of that is taken by itself besides."""
    graph = Graph("random")
    given = {"shape": (4,), "dtype": "float32"}
    made = [TensorRef(graph.add_call(InputLayer("x", given, NOWHERE), (), {}, NOWHERE).id)]

    def add(cls: str, arguments: dict[str, Any], args: Any) -> TensorRef:
        layer = KerasLayer(f"l{len(graph.calls)}", cls, arguments, NOWHERE)
        return TensorRef(graph.add_call(layer, (args,), {}, NOWHERE).id)

    for number, varying in enumerate(values):
        x = made[0] if number < first else add("Add", {}, list(made))
        for which, value in part:
            x = add("Dropout", {"rate": 0.1 * (varying if which == 0 else value)}, x)
        made.append(x)
    ends = [add("Concatenate", {}, list(made)), *(made[1:][n % len(values)] for n in taken)]
    for number, ref in enumerate(dict.fromkeys(ends)):
        graph.outputs.append(Output(f"out{number}", ref, NOWHERE))
    for python in (False, True):
        assert same(graph, expand(outline(graph, python=python)))
    compile(mtg.to_python(graph), "made.py", "exec")


#: Of each head how many experts it has of its own, what its gate takes, and how wide its end is.
heads = st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(1, 2))


@example([(1, 0, 1), (3, 0, 1), (2, 0, 2)], 2, 1, False)  # one expert, where others have several
@example([(2, 1, 1), (2, 1, 1), (2, 1, 1), (2, 2, 1)], 2, 2, True)  # a mixture becomes a block
@given(st.lists(heads, min_size=3, max_size=5), st.integers(0, 3), st.integers(1, 2), st.booleans())
def test_random_heads_that_take_lists(
    heads: list[tuple[int, int, int]], common: int, levels: int, joint: bool
) -> None:
    """Each head mixes experts of its own with those that all share, level by level."""
    graph = Graph("random")
    given = {"shape": (4,), "dtype": "float32"}
    x = TensorRef(graph.add_call(InputLayer("x", given, NOWHERE), (), {}, NOWHERE).id)

    def dense(taken: TensorRef, units: int) -> TensorRef:
        layer = KerasLayer(f"l{len(graph.calls)}", "Dense", {"units": units}, NOWHERE)
        return TensorRef(graph.add_call(layer, (taken,), {}, NOWHERE).id)

    def mixed(gate: TensorRef, experts: list[TensorRef]) -> TensorRef:
        op = Op(f"l{len(graph.calls)}", "stack", {}, NOWHERE)
        pool = TensorRef(graph.add_call(op, (experts,), {"axis": 1}, NOWHERE).id)
        layer = KerasLayer(f"l{len(graph.calls)}", "Dot", {"axes": 1}, NOWHERE)
        taken = [dense(gate, len(experts)), pool]
        return TensorRef(graph.add_call(layer, (taken,), {}, NOWHERE).id)

    states, state = [x for _ in heads], x
    for level in range(levels):
        shared = [dense(state, 4) for _ in range(common)]
        own = [
            [dense(taken, 4 + (which == 2)) for _ in range(count)]
            for taken, (count, which, _) in zip(states, heads, strict=True)
        ]
        rows = [[*each, *shared] or [x] for each in own]
        gates = [x if which == 1 else s for s, (_, which, _) in zip(states, heads, strict=True)]
        if joint and level + 1 < levels:
            state = mixed(state, [*(each for row in own for each in row), *shared] or [x])
        states = [mixed(gate, row) for gate, row in zip(gates, rows, strict=True)]
    for number, (taken, (_, _, units)) in enumerate(zip(states, heads, strict=True)):
        graph.outputs.append(Output(f"out{number}", dense(taken, units), NOWHERE))
    for python in (False, True):
        assert same(graph, expand(outline(graph, python=python)))
    compile(mtg.to_python(graph), "made.py", "exec")


@given(programs())
def test_random_programs(program: str) -> None:
    """Blocks of the program beside what the search finds: alike, nested, of several results."""
    graph = mtg.load(program, model="M")
    for structure in (False, True):
        for python in (False, True):
            assert same(graph, expand(outline(graph, structure=structure, python=python)))
    compile(mtg.to_python(graph), "made.py", "exec")


#: Blocks that say the same up to values: two of one sequence, one that is the whole of a model,
#: one that is the half of another.
ALIKE = {
    "towers": ("Dense(64) -> Dense(16)", "Dense(32) -> Dense(16)", ""),
    "experts of one size": ("Dense(64) -> Dense(16)", "Dense(64) -> Dense(16)", ""),
    "long towers": (
        "Dense(64) -> ReLU() -> Dropout(0.1) -> Dense(32) -> ReLU() -> Dense(16)",
        "Dense(96) -> ReLU() -> Dropout(0.2) -> Dense(48) -> ReLU() -> Dense(16)",
        "",
    ),
    "beside a chain": (
        "Dense(64) -> Dense(16)",
        "Dense(32) -> Dense(16)",
        " -> Dense(8) -> Dense(1)",
    ),
    "one in the other": (
        "Dense(9) -> ReLU() -> Dense(16)",
        "Dense(9) -> ReLU() -> Dense(16) -> Dense(9) -> ReLU() -> Dense(16)",
        "",
    ),
    "with a fork": ("add(x -> Dense(4), x -> Dense(4))", "add(x -> Dense(4), x -> Dense(4))", ""),
}


@pytest.mark.parametrize("name", ALIKE)
def test_blocks_alike(name: str) -> None:
    """Two blocks of one sequence of layers: as in MMoE, and in every model of two towers."""
    first, second, rest = ALIKE[name]
    flows = [flow if "x ->" in flow else f"x -> {flow}" for flow in (first, second)]
    program = f"""
block x -> user() {{ return {flows[0]} }}
block x -> item() {{ return {flows[1]} }}
model M {{
  input u: float32[8]
  input i: float32[9]
  output y = dot(u -> user(), i -> item()){rest}
}}
"""
    graph = text(program)
    found = outline(graph)
    assert same(graph, expand(found))
    assert {"user", "item"} <= {block.name for block in found.blocks}


def in_another_order(graph: Graph) -> Graph:
    """The same graph, made in another order: whatever is ready last comes first."""
    other = Graph(graph.name)
    number: dict[int, int] = {}
    left = [call for call in graph.calls if not isinstance(call.layer, InputLayer)]

    def moved(value: Any) -> Any:
        if isinstance(value, TensorRef):
            return TensorRef(number[value.call], value.result)
        return [moved(item) for item in value] if isinstance(value, list) else value

    for call in graph.inputs:
        number[call.id] = other.add_call(call.layer, (), {}, NOWHERE).id
    while left:
        call = next(
            each
            for each in reversed(left)
            if all(ref.call in number for ref in tensors_in(each.args))
        )
        left.remove(call)
        args = tuple(moved(value) for value in call.args)
        number[call.id] = other.add_call(call.layer, args, call.kwargs, NOWHERE).id
    other.outputs = [Output(output.name, moved(output.tensor), NOWHERE) for output in graph.outputs]
    return other


# ---- what tells graphs apart ---------------------------------------------------------------------

PAIR = """
model M {
  input a: float32[4]
  input b: float32[4]
  shared s = Dense(4)
  x = a -> s
  output y = add(x, b -> s) -> Dense(3)
}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Dense(3)", "Dense(2)"),
        ("Dense(3)", 'Dense(3, activation="relu")'),
        ("Dense(3)", "Dense(3, trainable=False)"),
        ("add(", "concat("),
        ("add(x, b -> s)", "add(b -> s, x)"),
        ("b -> s)", "b -> Dense(4))"),
        ("input a", "input c"),
        ("output y", "output z"),
        ("Dense(3)", "repeat 2 { Dense(3) }"),
    ],
)
def test_what_is_another_model_is_not_the_same(old: str, new: str) -> None:
    changed = PAIR.replace(old, new)
    if old == "input a":
        changed = changed.replace("x = a", "x = c")
    assert not same(text(PAIR), text(changed))


def test_a_default_that_is_written_is_the_same() -> None:
    assert same(text(PAIR), text(PAIR.replace("Dense(4)", "Dense(4, use_bias=True)")))


# ---- readable ------------------------------------------------------------------------------------


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
    graph = text(source)
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
    found = outline(text(source))
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
    graph = text(source)
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
    graph = text(source)
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
    graph = text(source)
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
    graph = text(source)
    for python in (False, True):
        found = outline(graph, python=python)
        assert same(graph, expand(found))
        assert all(isinstance(block, Block) for block in found.blocks)
        names = {entrance.name for entrance in found.main.inputs}
        names |= {result.name for result in found.main.results}
        assert names & {"lambda", "class"} == (set() if python else {"lambda", "class"})
        assert "add" in names  # data has keys
