"""Whatever a graph is made of, its outline says it: graphs that are made at random."""

from __future__ import annotations

from typing import Any

import mtg
from expander import expand, same
from hypothesis import example, given
from hypothesis import strategies as st
from mtg.graph.graph import Graph, Output, tensors_in
from mtg.graph.layers import InputLayer, KerasLayer, Layer, Op
from mtg.graph.values import TensorRef
from mtg.outline.outline import outline
from mtg.text.source import NOWHERE
from outline.reading import size
from random_programs import programs

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
