"""Heads: outputs that differ in their names and in values, as a loop that declares them.

A head is all the calls that one output alone depends on. Heads that follow each other in the order
of the outputs, are alike and take the same tensors from outside are rounds of one loop.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

from mtg.graph.graph import Output
from mtg.graph.layers import Application, NestedModel
from mtg.outline.blocks import Column, columns, copied, parameters_of
from mtg.outline.comprehensions import is_same, may_vary
from mtg.outline.draft import (
    Body,
    BodyInput,
    LayerMaker,
    Maker,
    Node,
    NodeResult,
    Path,
    Slot,
    Values,
)
from mtg.outline.ir import Stage, Value, params_in
from mtg.outline.names import Names

#: How many outputs make a loop, and how many lines it must save.
_FEW, _WORTH = 3, 2
#: What an output says of how it is trained.
_SETTINGS = ("loss", "weight", "metrics")


class OutputLoopMaker(Maker):
    """Makes the outputs of a loop: `body`, a body of one end, once a round.

    `output` has the settings, with a `Param` for what the variables have. The first variable has
    the names of `outputs`, the others the values `rounds`.
    """

    __slots__ = ("body", "key", "output", "outputs", "rounds", "variables")

    def __init__(
        self,
        body: Body,
        variables: tuple[str, ...],
        rounds: tuple[tuple[Value, ...], ...],
        output: Output,
        outputs: tuple[Output, ...],
    ) -> None:
        self.body = body
        self.variables = variables
        self.rounds = rounds
        self.output = output
        self.outputs = outputs
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


def fold_heads(body: Body) -> None:
    """Make loops of the alike heads of a model, in place."""
    if len(body.outputs) < _FEW:
        return
    heads = _heads(body)
    signs = [
        None if output is None or nodes is None else _sign(nodes, end)
        for output, nodes, end in zip(body.outputs, heads, body.ends, strict=True)
    ]
    said = {p.name for node in body.nodes for v in node.values.values() for p in params_in(v)}
    gone: set[Node] = set()
    start = 0
    while start < len(signs):
        end = start + 1
        while end < len(signs) and signs[start] is not None and signs[end] == signs[start]:
            end += 1
        nodes = [each for each in heads[start:end] if each is not None]
        outputs = [each for each in body.outputs[start:end] if each is not None]
        loop = _loop(nodes, body.ends[start], outputs, said) if end - start >= _FEW else None
        if loop is not None:
            body.nodes.append(loop)
            body.ends[start:end] = [NodeResult(loop, number) for number in range(end - start)]
            gone.update(*nodes)
        start = end
    body.nodes = [node for node in body.nodes if node not in gone]
    body.sort()


def _heads(body: Body) -> list[list[Node] | None]:
    """Return the nodes that each output alone depends on; None where it ends in another's."""
    ends: dict[NodeResult, list[int]] = {}
    for number, ref in enumerate(body.ends):
        ends.setdefault(ref, []).append(number)
    takers: dict[Node, set[int]] = {node: set() for node in body.nodes}
    for ref, numbers in ends.items():
        if isinstance(ref.node, Node):
            # An output that something takes, or that is one twice, is declared by itself.
            takers[ref.node] |= set(numbers)
    found: list[list[Node] | None] = [[] for _ in body.ends]
    shared = -1
    for node in reversed(body.nodes):
        owners = takers[node]
        owner = next(iter(owners)) if len(owners) == 1 else shared
        for ref in node.inputs:
            if isinstance(ref.node, Node):
                takers[ref.node].add(owner)
        head = found[owner] if owner != shared else None
        if head is not None:
            head.append(node)
    taken = {ref for node in body.nodes for ref in node.inputs}
    for number, ref in enumerate(body.ends):
        head = found[number]
        if ref in taken or not head or ref.node not in head or not all(map(_may_be_inside, head)):
            found[number] = None
        else:
            head.reverse()
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


def _sign(nodes: Sequence[Node], end: NodeResult) -> Hashable:
    """Return what alike heads have in common; None where one takes a list from outside."""
    place: dict[Any, int] = {node: number for number, node in enumerate(nodes)}
    wires: list[tuple[object, int]] = []
    for node in nodes:
        for ref in node.inputs:
            if ref.node in place:
                wires.append((place[ref.node], ref.result))
            elif isinstance(ref.node, Node) and ref.node.is_list:
                return None
            else:
                wires.append((f"outside {id(ref.node)}", ref.result))
    return tuple(node.key for node in nodes), tuple(wires), place[end.node], end.result


def _loop(
    heads: list[list[Node]], end: NodeResult, outputs: list[Output], said: set[str]
) -> Node | None:
    """Return the loop of heads, if it is worth one."""
    found = columns(heads)
    settings = [
        Column(-1, ("o", name), [getattr(output, name) for output in outputs]) for name in _SETTINGS
    ]
    varying = [column for column in (*found, *settings) if not is_same(column)]
    if not all(map(may_vary, varying)):
        return None
    replaced, parameters = parameters_of(varying, Names(said | {"task"}))
    trained = any(output.loss is not None or output.metrics for output in outputs)
    count, size = len(heads), len(heads[0])
    lines = size if trained else max(1, size - 2)
    if count * lines - (lines + 2) - 0.25 * count * len(parameters) < _WORTH:
        return None
    first = heads[0]
    inside: set[Any] = set(first)
    outside = list(
        dict.fromkeys(ref for node in first for ref in node.inputs if ref.node not in inside)
    )
    entrances = {ref: NodeResult(BodyInput("")) for ref in outside}
    nodes = copied(first, entrances)
    for column in found:
        where = (column.node, column.path)
        if where in replaced:
            nodes[column.node].values[column.path] = replaced[where]
        elif any(column.path in each[column.node].values for each in heads):
            nodes[column.node].values[column.path] = column.values[0]
    changes: dict[str, Any] = {
        column.path[1]: replaced[column.node, column.path]
        for column in settings
        if (column.node, column.path) in replaced
    }
    last = next(number for number, node in enumerate(first) if node is end.node)
    made = [ref.node for ref in entrances.values() if isinstance(ref.node, BodyInput)]
    maker = OutputLoopMaker(
        Body(made, nodes, [NodeResult(nodes[last], end.result)]),
        tuple(parameter.name for parameter, _ in parameters),
        tuple(zip(*(given for _, given in parameters), strict=True)),
        replace(outputs[0], **changes),
        tuple(outputs),
    )
    calls = tuple(call for head in heads for node in head for call in node.calls)
    slots = tuple(map(Slot, range(len(outside))))
    return Node(maker, outside, (slots,), {}, {}, count, fixed=True, calls=calls, tensors=(None,))
