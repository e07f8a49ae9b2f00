"""Lists of tensors as nodes: what stands in a list, what is one of it, and lists that grow.

Where each layer takes all that the layers before it have made, as in a DenseNet, the rows that
calls take are one another with a tensor more. They are set apart: each is a node, the row before it
and that tensor. Then the calls are alike, and a block takes and gives a list as it does a tensor:

    made = [a, b] -> repeat 5 { grown() }     block xs -> grown() { return [*xs, concat(xs) -> …] }

Rows with families that several calls take are set apart too, as those of the gates of PLE: each
gate weighs other experts, a family of one task's and those that all share, and is one block.

    (x, [*own, *shared]) -> mixture(4)      block (x, xs) -> mixture(units) { … ops.stack(xs) … }

What is in no block at the end is put back into the calls that take it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any

from mtg.outline.draft import Body, BodyInput, Maker, Node, NodeResult, Path, Slot, Spread, Values
from mtg.outline.ir import Stage, Value

#: How many rows are set apart of which each is the one before and a tensor more, and how many of
#: like calls that have lists in them.
_FEW = 3


class ListMaker(Maker):
    """Makes a list of the tensors that it takes, and of all that is in the lists that it takes."""

    key: Hashable = "list"
    is_list = True

    @property
    def word(self) -> str:
        return "list"

    def stage(self, values: Values) -> Stage:
        raise AssertionError("a list of tensors is no stage")

    def default(self, path: Path) -> Value:
        raise AssertionError("a list of tensors has no values")


class RowMaker(ListMaker):
    """Makes the list that is the row of a call."""

    is_apart = True


class ItemMaker(Maker):
    """Makes the tensor of a list that has this number."""

    __slots__ = ("key", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.key: Hashable = ("item", number)

    @property
    def word(self) -> str:
        return "item"

    def stage(self, values: Values) -> Stage:
        raise AssertionError("an item of a list is no stage")

    def default(self, path: Path) -> Value:
        raise AssertionError("an item of a list has no values")


def set_growing_apart(body: Body) -> bool:
    """Make nodes of the rows that grow by a tensor from call to call; returns whether any do."""
    rows = {tuple(node.inputs): node for node in body.nodes if _is_row(node)}
    lists: dict[tuple[NodeResult, ...], NodeResult] = {}
    for row in rows:
        chain = [row]
        while chain[-1][:-1] in rows and chain[-1] not in lists:
            chain.append(chain[-1][:-1])
        if chain[-1] not in lists and len(chain) < _FEW:
            continue
        for each in reversed(chain):
            before = lists.get(each[:-1])
            if each not in lists:
                lists[each] = NodeResult(_list(each) if before is None else _longer(before, each))
    if not lists:
        return False
    for node in body.nodes:
        made = lists.get(tuple(node.inputs)) if _is_row(node) else None
        if made is not None:
            _take(node, [made], ([Spread(0)],))
    body.nodes += [made.node for made in lists.values() if isinstance(made.node, Node)]
    body.sort()
    return True


def set_rows_apart(bodies: Iterable[Body]) -> None:
    """Make nodes of the rows of like calls in which lists stand that several nodes take."""
    found: dict[Hashable, list[tuple[Body, Node, int]]] = {}
    for body in bodies:
        takers = Counter(ref for node in body.nodes for ref in node.inputs if ref.is_list)
        for node in body.nodes:
            place = _place_of_row(node)
            # A list that only the call takes may be made in the block.
            if place is not None and any(
                takers[ref] > 1 or isinstance(ref.node, BodyInput) for ref in node.inputs
            ):
                found.setdefault((node.maker.key, place), []).append((body, node, place))
    for calls in found.values():
        if len(calls) < _FEW:
            continue
        for body, node, place in calls:
            row = Node(RowMaker(), node.inputs, (node.args[place],), {}, {}, tensors=(None,))
            args = (*node.args[:place], [Spread(0)], *node.args[place + 1 :])
            _take(node, [NodeResult(row)], args)
            body.nodes.append(row)
        for body in dict.fromkeys(body for body, _, _ in calls):
            body.sort()


def _place_of_row(node: Node) -> int | None:
    """Return which argument of a call is a row that has all that it takes, with a list in it."""
    if node.is_list or node.is_whole or node.fixed or not node.has_lists:
        return None
    rows = [n for n, each in enumerate(node.args) if isinstance(each, list)]
    if len(rows) != 1 or node.maker.declares is not None:
        return None
    slots = [each for each in node.args[rows[0]] if isinstance(each, (Slot, Spread))]
    whole = [each.number for each in slots] == list(range(len(node.inputs)))
    return rows[0] if whole and len(slots) == len(node.args[rows[0]]) else None


def put_lists_back(body: Body) -> None:
    """Let calls take the tensors of lists that no block and no loop takes or gives; in place."""
    for node in body.nodes:
        if node.is_whole or isinstance(node.maker, ListMaker):
            continue
        if len(node.inputs) == 1 and _is_literal(node.inputs[0]) and [Spread(0)] in node.args:
            inputs, row = _flat(node.inputs[0])
            _take(node, inputs, tuple(row if a == [Spread(0)] else a for a in node.args))
    for node in body.nodes:
        if node.is_whole and any(_is_literal(ref) for ref in node.inputs):
            taken: list[NodeResult] = []
            args: list[Any] = []
            for arg in node.args:
                own, whole = [], arg
                if isinstance(arg, Slot):
                    ref = node.inputs[arg.number]
                    own, whole = _flat(ref) if _is_literal(ref) else ([ref], Slot(0))
                args.append(_moved(whole, len(taken)))
                taken += own
            node.inputs, node.args = taken, tuple(args)
    for number, ref in enumerate(body.ends):
        if _is_literal(ref):
            inputs, row = _flat(ref)
            body.ends[number] = NodeResult(_made(inputs, row))
            made = body.ends[number].node
            assert isinstance(made, Node)
            body.nodes.append(made)
    body.sort()


def _is_row(node: Node) -> bool:
    """Return whether all that a call takes is one row of two tensors or more."""
    slots = [Slot(number) for number in range(len(node.inputs))]
    plain = len(slots) > 1 and node.args == (slots,) and not node.kwargs and not node.fixed
    return plain and not any(ref.is_list for ref in node.inputs)


def _list(row: tuple[NodeResult, ...]) -> Node:
    return _made(list(row), [Slot(number) for number in range(len(row))])


def _longer(before: NodeResult, row: tuple[NodeResult, ...]) -> Node:
    return _made([before, row[-1]], [Spread(0), Slot(1)])


def _made(inputs: list[NodeResult], row: list[Any]) -> Node:
    return Node(ListMaker(), inputs, (row,), {}, {}, tensors=(None,))


def _take(node: Node, inputs: list[NodeResult], args: tuple[Any, ...]) -> None:
    node.inputs, node.args, node.key = inputs, args, None
    node.__post_init__()


def _moved(row: Any, by: int) -> Any:
    """Return a slot, or a row of slots, for tensors that stand so many places behind."""
    if isinstance(row, list):
        return [_moved(each, by) for each in row]
    return type(row)(row.number + by)


def _is_literal(ref: NodeResult) -> bool:
    return isinstance(ref.node, Node) and isinstance(ref.node.maker, ListMaker)


def _flat(ref: NodeResult) -> tuple[list[NodeResult], list[Any]]:
    """Return what is in a list: tensors, and the lists that a block or a loop gives."""
    found: list[tuple[NodeResult, bool]] = []
    whole = True
    while whole and _is_literal(ref):
        assert isinstance(ref.node, Node)
        inputs, row = ref.node.inputs, ref.node.args[0]
        found += [(inputs[each.number], isinstance(each, Spread)) for each in reversed(row[1:])]
        ref, whole = inputs[row[0].number], isinstance(row[0], Spread)
    found.append((ref, whole))
    found.reverse()
    slots = [Spread(n) if is_list else Slot(n) for n, (_, is_list) in enumerate(found)]
    return [ref for ref, _ in found], slots
