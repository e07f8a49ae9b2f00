"""Families: alike branches that one call takes in a row, as items of a comprehension.

A branch is a tree of calls, each of which only the next one takes; what it takes from outside is
the same tensor at every branch, or one of a row of tensors. What differs among the branches becomes
the variables of the comprehension. Where several calls take the same branches, in the same order,
the family has a name.

Trees are told apart by a number for each, which is made of the key of its last call and of the
numbers of what that takes, so that a search costs about one step a call.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mtg.graph.layers import Application, NestedModel
from mtg.graph.values import leaves
from mtg.outline.blocks import Column, columns, copied, parameters_of
from mtg.outline.draft import Body, BodyInput, Maker, Node, NodeResult, Path, Slot, Values
from mtg.outline.ir import Stage, Value, params_in
from mtg.outline.layer_maker import LayerMaker
from mtg.outline.loops import LoopMaker, is_plain
from mtg.outline.names import Names
from mtg.outline.rows import Row, rows_of, take_families
from mtg.outline.tidy import value_key

#: How many branches make a family without a name, and how many calls a branch may have: one that
#: forks is read as one only where it is short.
_FEW, _LARGE, _LARGE_FORK = 3, 8, 4
#: How often families are looked for in a body: those of families come after these.
_PASSES = 20


class FamilyMaker(Maker):
    """Makes a list of tensors: `item`, a body of one end, once a round.

    The heads of the item are the tensors that all rounds take, then the one that is another in each
    round, where `walks` says that there is one. `variables` have the values `rounds` beside it.
    """

    __slots__ = ("item", "key", "rounds", "variables", "walks")

    is_list = True

    def __init__(
        self,
        item: Body,
        variables: tuple[str, ...] = (),
        rounds: tuple[tuple[Value, ...], ...] = (),
        *,
        walks: bool = False,
    ) -> None:
        self.item = item
        self.variables = variables
        self.rounds = rounds
        self.walks = walks
        place: dict[Any, int] = {head: -1 - number for number, head in enumerate(item.heads)}
        place |= {node: number for number, node in enumerate(item.nodes)}
        self.key: Hashable = (
            "family",
            tuple(
                (node.key, *((place[ref.node], ref.result) for ref in node.inputs))
                for node in item.nodes
            ),
            variables,
            value_key(rounds),
            walks,
        )

    @property
    def word(self) -> str:
        return self.item.nodes[-1].maker.word if self.item.nodes else "column"

    def stage(self, values: Values) -> Stage:
        raise AssertionError("a family is a list of tensors, and no stage")

    def default(self, path: Path) -> Value:
        _, number, *rest = path
        return self.item.nodes[number].maker.default(tuple(rest))

    def item_with(self, values: Values) -> Body:
        """Return the item with the values that a node has for it."""
        heads = {NodeResult(head): NodeResult(head) for head in self.item.heads}
        nodes = copied(self.item.nodes, heads)
        ends = [NodeResult(nodes[-1])] if nodes else self.item.ends
        for number, node in enumerate(nodes):
            node.values = {
                path[2:]: value for path, value in values.items() if path[:2] == ("s", number)
            }
        return Body(self.item.heads, nodes, ends)


def fold_families(body: Body, *, lone: bool = False) -> bool:
    """Make families of the alike branches in a body; returns whether there were any.

    With `lone` one branch is a family too, where a like call has a family of such branches.
    """
    changed = False
    for _ in range(_PASSES):
        found = list(_Search(body, lone=lone).groups())
        if not found:
            break
        changed = True
        _replace(body, found)
    return changed


@dataclass(slots=True)
class _Group:
    """The last tensors of branches that become a family, and the family."""

    refs: list[NodeResult]
    family: Node
    inside: set[Node]


class _Search:
    """Looks for families in a body as it stands."""

    def __init__(self, body: Body, *, lone: bool = False) -> None:
        self.body = body
        self.lone = lone
        self.uses = body.uses()
        self.ends = set(body.ends)
        #: Rows, each with the call that takes it.
        self.rows: list[tuple[Node, Row]] = []
        #: Where each tensor stands in rows.
        self.places: dict[NodeResult, list[tuple[int, int]]] = {}
        for node in body.nodes:
            for row in rows_of(node):
                number = len(self.rows)
                self.rows.append((node, row))
                for index, ref in enumerate(row):
                    if ref is not None:
                        self.places.setdefault(ref, []).append((number, index))
        numbers: dict[Hashable, int] = {}
        #: What tree of calls ends in each node, and of how many calls.
        self.trees: dict[Node, tuple[int, int]] = {}
        for node in body.nodes:
            if may_be_inside(node):
                inner = [self._inner(ref) for ref in node.inputs]
                tree = (node.key, tuple(number for number, _ in inner))
                number = numbers.setdefault(tree, len(numbers) + 1)
                self.trees[node] = number, 1 + sum(size for _, size in inner)
        self.taken: set[Node] = set()
        #: The families that there are, up to what they take.
        self.families = {node.full_key() for node in body.nodes if node.is_list}
        #: What takes families, and what these are up to the values in them.
        self.taken_by: dict[Hashable, set[Hashable]] = {}
        for node in body.nodes:
            for ref in node.inputs:
                if isinstance(ref.node, Node) and ref.node.is_list:
                    self.taken_by.setdefault(node.maker.key, set()).add(ref.node.key)
        #: The parameters that values mention, for whose names no variable may have.
        self.said = {
            p.name for node in body.nodes for v in node.values.values() for p in params_in(v)
        }

    def _inner(self, ref: NodeResult) -> tuple[int, int]:
        """Return the number and the size of the tree that only one call takes, else zeros."""
        node = ref.node
        if not isinstance(node, Node) or ref in self.ends or len(self.uses[ref]) != 1:
            return 0, 0
        return self.trees.get(node, (0, 0))

    def groups(self) -> Iterator[_Group]:
        """Yield what becomes families, none of which takes a call of another."""
        for _, row in self.rows:
            start = 0
            while start < len(row):
                end = start + 1
                if self._may_end(row[start]):
                    while end < len(row) and self._goes_on(row, start, end):
                        end += 1
                    refs = [ref for ref in row[start:end] if ref is not None]
                    # The first or the last may be another than the rest.
                    tries = (refs, refs[1:], refs[:-1]) if len(refs) > 2 else (refs,)
                    group = next(filter(None, map(self._group, tries)), None)
                    if group is not None and self._is_apart(group):
                        self.taken |= group.inside
                        yield group
                start = end

    def _is_apart(self, group: _Group) -> bool:
        """Return whether a family has nothing to do with those found before it."""
        takers = {self.rows[number][0] for number, _ in self.places[group.refs[0]]}
        near = group.inside | takers | {ref.node for ref in group.family.inputs}
        return not near & self.taken

    def _may_end(self, ref: NodeResult | None) -> bool:
        """Return whether a tensor may be one of a family: rows alone take it."""
        if ref is None or not isinstance(ref.node, Node) or ref in self.ends:
            return False
        return ref.node in self.trees and len(self.uses[ref]) == len(self.places[ref])

    def _goes_on(self, row: Row, start: int, end: int) -> bool:
        """Return whether what stands in a row goes on as it began, in all rows that it is in."""
        one, other = row[start], row[end]
        if not self._may_end(other) or one is None or other is None:
            return False
        assert isinstance(one.node, Node)
        assert isinstance(other.node, Node)
        if self.trees[one.node][0] != self.trees[other.node][0]:
            return False
        moved = [(number, index + end - start) for number, index in self.places[one]]
        return self.places[other] == moved

    def _group(self, refs: list[NodeResult]) -> _Group | None:
        """Return the family of branches that end in these, if it is worth one."""
        if not refs or not self._may_end(refs[0]):
            return None
        first = refs[0].node
        assert isinstance(first, Node)
        size = self.trees[first][1]
        takers = [self.rows[number] for number, _ in self.places[refs[0]]]
        count, named = len(refs), len(takers) > 1
        if count == 1 and (not self.lone or named or takers[0][0].maker.key not in self.taken_by):
            return None
        if size > _LARGE:
            return None
        if any(taker.is_list and len(row) != count for taker, row in takers):
            return None  # a family walks over the whole of another
        branches = [self._branch(ref) for ref in refs]
        if size > _LARGE_FORK and any(
            sum(bool(self._inner(ref)[0]) for ref in node.inputs) > 1 for node in branches[0]
        ):
            return None
        outside = [
            [ref for node in nodes for ref in node.inputs if ref.node not in set(nodes)]
            for nodes in branches
        ]
        rows = [list(column) for column in zip(*outside, strict=True)]
        if any(isinstance(ref.node, Node) and ref.node.is_list for row in rows for ref in row):
            return None
        walked = {tuple(row) for row in rows if len(set(row)) > 1}
        if len(walked) > 1:
            return None
        found = columns(branches)
        varying = [column for column in found if not is_same(column)]
        if not all(map(may_vary, varying)):
            return None
        said, parameters = parameters_of(varying, Names(self.said))
        constants = list(dict.fromkeys(row[0] for row in rows if len(set(row)) == 1))
        steps = list(walked.pop()) if walked else []
        if len(set(steps)) < len(steps) or (steps and steps[0] in constants):
            return None
        # A row of alike tensors becomes a family of its own, over which this one walks.
        steps_cost = bool(steps) and not self._are_alike(steps)
        if steps_cost and any(isinstance(ref.node, Node) for ref in steps):
            return None  # a person would not gather so what is made in several ways
        variables = len(parameters) + steps_cost
        lines = 1 if named else size
        saved = (count - 1) * lines - 1 - 0.5 * count * max(0, variables - 1) - steps_cost + named
        enough = count >= (2 if named else _FEW) and saved >= 1
        if not enough and not self.families:
            return None
        heads = {ref: NodeResult(BodyInput("")) for ref in constants}
        if steps:
            heads[steps[0]] = NodeResult(BodyInput(""))
        nodes = copied(branches[0], heads)
        made = [ref.node for ref in heads.values() if isinstance(ref.node, BodyInput)]
        item = Body(made, nodes, [NodeResult(nodes[-1])])
        values: Values = {("n",): count}
        for column in found:
            where = (column.node, column.path)
            if where in said or any(column.path in nodes[column.node].values for nodes in branches):
                values["s", column.node, *column.path] = said.get(where, column.values[0])
        maker = FamilyMaker(
            item,
            tuple(parameter.name for parameter, _ in parameters),
            tuple(zip(*(given for _, given in parameters), strict=True)),
            walks=bool(steps),
        )
        # Names of layers carry keys such as names of inputs, which may begin alike.
        keyed = any(isinstance(ref.node, BodyInput) for ref in steps) or any(
            isinstance(row[0], str) for row in maker.rounds if row
        )
        family = Node(
            maker,
            [*constants, *steps],
            (
                tuple(map(Slot, range(len(constants)))),
                [Slot(len(constants) + number) for number in range(len(steps))],
            ),
            {},
            values,
            fixed=any(node.fixed for nodes in branches for node in nodes),
            calls=tuple(call for nodes in branches for node in nodes for call in node.calls),
            tensors=(None,),
            items=() if keyed else tuple(ref.tensor for ref in refs),
        )
        # What is a family elsewhere is one here too, be it short; so is one that like calls have,
        # of another number of branches.
        known = family.full_key() in self.families or all(
            family.key in self.taken_by.get(taker.maker.key, ()) for taker, _ in takers
        )
        if not enough and not known:
            return None
        return _Group(refs, family, {node for nodes in branches for node in nodes})

    def _branch(self, ref: NodeResult) -> list[Node]:
        """Return the calls of the tree that ends in a tensor, each after those it takes."""
        assert isinstance(ref.node, Node)
        found, stack = [], [ref.node]
        while stack:
            node = stack.pop()
            found.append(node)
            for inner in node.inputs:
                if self._inner(inner)[0]:
                    assert isinstance(inner.node, Node)
                    stack.append(inner.node)
        return found[::-1]

    def _are_alike(self, row: Sequence[NodeResult]) -> bool:
        """Return whether these tensors may be a family: ends of alike trees, for the same rows."""
        trees = {self.trees.get(r.node, (0, 0))[0] if isinstance(r.node, Node) else 0 for r in row}
        rows = {tuple(sorted(self._row_behind(node) for node, _ in self.uses[r])) for r in row}
        return len(trees) == len(rows) == 1 and not self.ends & set(row) and 0 not in trees

    def _row_behind(self, node: Node) -> int:
        """Return the number of the row to which a chain of calls leads; -1 where there is none."""
        for _ in range(_LARGE):
            ref = NodeResult(node)
            uses = self.uses.get(ref, [])
            if len(uses) != 1 or ref in self.ends or node.results != 1:
                return -1
            if ref in self.places:
                return self.places[ref][0][0]
            node = uses[0][0]
        return -1


def inner_nodes(node: Node) -> list[Node]:
    """Return the nodes that a loop or a family has inside."""
    maker = node.maker
    if isinstance(maker, FamilyMaker):
        return maker.item.nodes
    return maker.nodes if isinstance(maker, LoopMaker) else []


def may_be_inside(node: Node) -> bool:
    """Return whether a call may stand in a branch: it has one result, and no name to keep."""
    maker = node.maker
    if node.results != 1 or node.is_list or ("name",) in node.values:
        return False
    if node.has_lists:
        return False
    return not (
        isinstance(maker, LayerMaker)
        and isinstance(maker.layer, (NestedModel, Application))
        and maker.again is None
    )


def is_same(column: Column) -> bool:
    """Return whether the values of a column are the same in every round."""
    return len({value_key(value) for value in column.values}) == 1


def may_vary(column: Column) -> bool:
    """Return whether a table may hold the values of a column."""
    return column.is_literal and all(map(is_plain, leaves(column.values)))


def _replace(body: Body, groups: list[_Group]) -> None:
    """Put families into the rows in which their branches stand."""
    gone = {node for group in groups for node in group.inside}
    #: For each tensor of a branch the family that stands for the first of them, None for the rest.
    families: dict[NodeResult, NodeResult | None] = {}
    for group in groups:
        families |= dict.fromkeys(group.refs)
        families[group.refs[0]] = NodeResult(group.family)
    body.nodes = [node for node in body.nodes if node not in gone]
    for node in body.nodes:
        if any(ref in families for ref in node.inputs):
            take_families(node, families)
    body.nodes += [group.family for group in groups]
    body.sort()
