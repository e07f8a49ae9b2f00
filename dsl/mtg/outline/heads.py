"""Heads: outputs that differ in their names and in values, as a loop that declares them.

A head is all the calls that one output alone depends on, or a few that follow each other, such as
the class and the box at a level of a pyramid. Heads that follow each other in the order of the
outputs and are alike are rounds of one loop. What they take from outside is the same tensor or list
at every head, or one of a row of tensors, or of lists: the experts of a task.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mtg.graph.graph import Output
from mtg.graph.layers import Application, NestedModel
from mtg.outline.blocks import Column, columns, copied, outside_of, parameters_of
from mtg.outline.comprehensions import is_same, may_vary
from mtg.outline.draft import Body, BodyInput, Maker, Node, NodeResult, Path, Slot, Values
from mtg.outline.head_names import HeadNames, names_of_rounds
from mtg.outline.ir import Stage, Value, params_in
from mtg.outline.layer_maker import LayerMaker
from mtg.outline.names import Names

#: How many rounds make a loop, how many lines it must save, and how many outputs a round may have.
_FEW, _WORTH, _MOST = 3, 2, 4
#: How many nodes one search may compare.
_MAX_STEPS = 200_000
#: What an output says of how it is trained.
_SETTINGS = ("loss", "weight", "metrics")


class OutputLoopMaker(Maker):
    """Makes the outputs of a loop: `body`, a body with an end for each of them, once a round.

    The heads of the body are the tensors and lists that all rounds take, then the one that is
    another in each round, where `walks` says that there is one. `results` have the settings of the
    outputs of a round, with a `Param` for what the variables have; the variables have the values
    `rounds`.
    """

    __slots__ = ("body", "key", "names", "outputs", "results", "rounds", "variables", "walks")

    def __init__(
        self,
        body: Body,
        variables: tuple[str, ...],
        rounds: tuple[tuple[Value, ...], ...],
        results: tuple[Output, ...],
        outputs: tuple[Output, ...],
        *,
        walks: bool,
    ) -> None:
        self.body = body
        self.variables = variables
        self.rounds = rounds
        self.results = results
        self.outputs = outputs
        self.walks = walks
        count = len(results)
        called = [output.name for output in outputs]
        self.names: HeadNames = names_of_rounds(
            [called[start : start + count] for start in range(0, len(called), count)]
        )
        self.key: Hashable = ("outputs", id(self))

    @property
    def declares(self) -> Body:
        return self.body

    @property
    def word(self) -> str:
        return "output"

    def stage(self, values: Values) -> Stage:
        raise AssertionError("a loop of declarations is no stage")

    def default(self, path: Path) -> Value:
        raise AssertionError("the values of a loop of declarations stand in its body")


class _Head(NamedTuple):
    """The nodes that some outputs alone depend on, and these outputs."""

    nodes: list[Node]
    ends: list[NodeResult]
    outputs: list[Output]


@dataclass(slots=True)
class _Loop:
    """A loop of the heads of outputs from `start` to `end`, and about how many lines it saves."""

    start: int
    end: int
    saved: float
    node: Node
    heads: list[_Head]


def fold_heads(body: Body) -> None:
    """Make loops of the alike heads of a model, in place."""
    if len(body.outputs) < _FEW:
        return
    said = {p.name for node in body.nodes for v in node.values.values() for p in params_in(v)}
    search = _Search(body, said)
    found = [
        loop
        for size in range(1, min(_MOST, len(body.outputs) // _FEW) + 1)
        for offset in range(size)
        for loop in search.loops(size, offset)
    ]
    gone: set[Node] = set()
    ends = list(body.ends)
    done: set[int] = set()
    for loop in sorted(found, key=lambda each: -each.saved):
        covered = range(loop.start, loop.end)
        if done.isdisjoint(covered):
            done.update(covered)
            body.nodes.append(loop.node)
            ends[loop.start : loop.end] = [
                NodeResult(loop.node, number) for number in range(len(covered))
            ]
            gone.update(node for head in loop.heads for node in head.nodes)
    body.ends = ends
    body.nodes = [node for node in body.nodes if node not in gone]
    body.sort()


class _Search:
    """Looks for loops of heads in a body as it stands."""

    def __init__(self, body: Body, said: set[str]) -> None:
        self.body = body
        self.said = said
        self.steps = 0

    def loops(self, size: int, offset: int) -> Iterator[_Loop]:
        """Yield the loops whose rounds have so many outputs, the first of which is given."""
        heads = _heads(self.body, size, offset)
        start = 0
        while start + 1 < len(heads) and self.steps < _MAX_STEPS:
            one, two = heads[start : start + 2]
            if one is None or two is None:
                start += 1
                continue
            # The shorter says how far each goes back: the last exit of a network alone depends on
            # all that comes after the exit before.
            like = min(one, two, key=lambda head: len(head.nodes))
            rounds = self.alike(heads, start, like)
            made = _loop(rounds, self.said) if len(rounds) >= _FEW else None
            if made is not None:
                node, saved = made
                first = offset + start * size
                yield _Loop(first, first + len(rounds) * size, saved, node, rounds)
            whole = made is not None or len(one.nodes) == len(two.nodes)
            start += max(1, len(rounds)) if whole else 1

    def alike(self, heads: Sequence[_Head | None], start: int, like: _Head) -> list[_Head]:
        """Return the heads from `start` on as much of which is like one."""
        found: list[_Head] = []
        for number in range(start, len(heads)):
            head = heads[number]
            self.steps += len(like.nodes)
            alike = None if head is None else _cut(head, like)
            if alike is None:
                break
            found.append(alike)
        return found


def _cut(head: _Head, like: _Head) -> _Head | None:
    """Return as much of a head as is like another one; None where it is not.

    A list of tensors stands for a list.
    """
    nodes: dict[Node, Node] = {}
    outside: dict[NodeResult, NodeResult] = {}
    stack = list(zip(like.ends, head.ends, strict=True))
    inside, own = set(like.nodes), set(head.nodes)
    while stack:
        wanted, ref = stack.pop()
        if wanted.node not in inside:
            if outside.setdefault(wanted, ref) != ref or wanted.is_list != ref.is_list:
                return None
            continue
        assert isinstance(wanted.node, Node)
        if not isinstance(ref.node, Node) or ref.node not in own or wanted.result != ref.result:
            return None
        if wanted.node in nodes:
            if nodes[wanted.node] is not ref.node:
                return None
            continue
        if wanted.node.key != ref.node.key:
            return None
        nodes[wanted.node] = ref.node
        stack += zip(wanted.node.inputs, ref.node.inputs, strict=True)
    found = set(nodes.values())
    rest = own - found
    if len(found) < len(nodes) or len(set(outside.values())) < len(outside):
        return None
    if any(ref.node in found for node in rest for ref in node.inputs):
        return None
    return _Head([nodes[node] for node in like.nodes], head.ends, head.outputs)


def _heads(body: Body, size: int, offset: int) -> list[_Head | None]:
    """Return the head of each so many outputs; None where something else takes one of them."""
    count = (len(body.ends) - offset) // size
    takers: dict[Node, set[int]] = {node: set() for node in body.nodes}
    for number, ref in enumerate(body.ends):
        group = (number - offset) // size
        if isinstance(ref.node, Node):
            takers[ref.node].add(group if 0 <= group < count else -2 - number)
    inside: list[list[Node]] = [[] for _ in range(count)]
    shared = -1
    for node in reversed(body.nodes):
        owners = takers[node]
        owner = next(iter(owners)) if len(owners) == 1 else shared
        for ref in node.inputs:
            if isinstance(ref.node, Node):
                takers[ref.node].add(owner)
        if owner >= 0:
            inside[owner].append(node)
    taken = {ref for node in body.nodes for ref in node.inputs}
    found: list[_Head | None] = []
    for number, nodes in enumerate(inside):
        part = slice(offset + number * size, offset + (number + 1) * size)
        ends, known = body.ends[part], set(nodes)
        outputs = [output for output in body.outputs[part] if output is not None]
        # An output that something takes, or that is one twice, is declared by itself.
        alone = all(ref.node in known and ref not in taken for ref in ends)
        whole = alone and len(set(ends)) == len(outputs) == size
        may = whole and all(map(_may_be_inside, nodes))
        found.append(_Head(nodes[::-1], ends, outputs) if may else None)
    return found


def _may_be_inside(node: Node) -> bool:
    """Return whether a call may stand in a loop of declarations: it has no name to keep."""
    if ("name",) in node.values or node.maker.declares is not None:
        return False
    maker = node.maker
    return not (
        isinstance(maker, LayerMaker)
        and isinstance(maker.layer, (NestedModel, Application))
        and maker.again is None
    )


def _loop(heads: list[_Head], said: set[str]) -> tuple[Node, float] | None:
    """Return the loop of heads, if it is worth one, and about how many lines it saves."""
    first, count = heads[0], len(heads)
    rows = [list(row) for row in zip(*(outside_of(head.nodes) for head in heads), strict=True)]
    constants = [row[0] for row in rows if len(set(row)) == 1]
    walked = {tuple(row) for row in rows if len(set(row)) > 1}
    steps = list(walked.pop()) if len(walked) == 1 else []
    if walked or (steps and steps[0] in constants):
        return None
    found = columns([head.nodes for head in heads])
    settings = [
        Column(-1 - number, ("o", name), [getattr(head.outputs[number], name) for head in heads])
        for number in range(len(first.outputs))
        for name in _SETTINGS
    ]
    varying = [column for column in (*found, *settings) if not is_same(column)]
    if not all(map(may_vary, varying)):
        return None
    replaced, parameters = parameters_of(varying, Names(said | {"task"}))
    trained = any(o.loss is not None or o.metrics for head in heads for o in head.outputs)
    results, size = len(first.outputs), len(first.nodes)
    lines = size if trained else max(results, size - 2 * results)
    saved = count * lines - (lines + 2) - 0.25 * count * (len(parameters) + bool(steps))
    if saved < _WORTH:
        return None
    outside = [*constants, *steps[:1]]
    entrances = {ref: NodeResult(BodyInput("", ref.is_list)) for ref in outside}
    nodes = copied(first.nodes, entrances)
    for column in found:
        where = (column.node, column.path)
        if where in replaced:
            nodes[column.node].values[column.path] = replaced[where]
        elif any(column.path in head.nodes[column.node].values for head in heads):
            nodes[column.node].values[column.path] = column.values[0]
    changes: list[dict[str, Any]] = [{} for _ in first.outputs]
    for column in settings:
        if (column.node, column.path) in replaced:
            changes[-1 - column.node][column.path[1]] = replaced[column.node, column.path]
    instead = dict(zip(first.nodes, nodes, strict=True))
    ends = [NodeResult(instead[r.node], r.result) for r in first.ends if isinstance(r.node, Node)]
    made = [ref.node for ref in entrances.values() if isinstance(ref.node, BodyInput)]
    maker = OutputLoopMaker(
        Body(made, nodes, ends),
        tuple(parameter.name for parameter, _ in parameters),
        tuple(zip(*(given for _, given in parameters), strict=True)),
        tuple(replace(o, **own) for o, own in zip(first.outputs, changes, strict=True)),
        tuple(output for head in heads for output in head.outputs),
        walks=bool(steps),
    )
    slots = tuple(map(Slot, range(len(constants))))
    row = [Slot(len(constants) + number) for number in range(len(steps))]
    calls = tuple(call for head in heads for node in head.nodes for call in node.calls)
    taken, results = [*constants, *steps], count * results
    node = Node(maker, taken, (slots, row), {}, {}, results, True, calls, tensors=(None,))
    return node, saved
