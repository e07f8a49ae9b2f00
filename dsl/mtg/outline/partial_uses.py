"""Places that want some results of a block only, and so lack what only the others need.

The last layer of a WaveNet makes a skip and nothing that goes on; the last level of PLE has no
shared gate. Written by hand, each is the block of the layers before it, one of whose results
nothing takes: neither language builds what no output depends on.

The nodes that some ends of a region need are a pattern. It is looked for from its first end: back
along what nodes take, and from there forward to the further ends. What is missing at a place is
added to it as a copy that stands in no body.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from mtg.outline.blocks import columns, copied
from mtg.outline.draft import Body, Node, NodeResult
from mtg.outline.wiring import Wiring

#: How many pairs of nodes one search may compare.
_MAX_STEPS = 100_000


@dataclass(slots=True)
class BlockPlace:
    """Where a region stands: its body, its nodes, and what it takes in the order of the heads."""

    body: int
    nodes: list[Node]
    outside: list[NodeResult]


def partial_places(
    bodies: Sequence[Body],
    places: Sequence[BlockPlace],
    ends: Sequence[tuple[int, int]],
    only: Collection[frozenset[Node]] | None = None,
) -> list[BlockPlace]:
    """Return the places that lack what only some of the ends need, each with copies of that.

    Args:
        places: Those of the whole region, the most general first.
        ends: What the region gives: numbers of nodes in it, and of their results.
        only: The nodes that each place must have, where not any will do.
    """
    if len(ends) < 2 or (only is not None and not only):
        return []
    search = _Search(bodies, {node for place in places for node in place.nodes})
    found: list[BlockPlace] = []
    for count in range(len(ends) - 1, 0, -1):
        for kept in combinations(ends, count):
            pattern = _pattern(places[0], kept)
            if pattern is None:
                continue
            for number, match in search.matches(pattern):
                if only is not None and frozenset(match.nodes.values()) not in only:
                    continue
                search.gone.update(match.nodes.values())
                outside = [match.heads[ref] for ref in places[0].outside]
                found.append(_completed(BlockPlace(number, [], outside), match, places))
    return found


@dataclass(slots=True)
class _Pattern:
    """The nodes that some ends of a region need, in its order; they take all of its heads."""

    nodes: list[Node]
    ends: list[NodeResult]


def _pattern(place: BlockPlace, kept: Sequence[tuple[int, int]]) -> _Pattern | None:
    """Return the pattern of some ends; None of one that is too small to know the block by."""
    ends = [NodeResult(place.nodes[number], result) for number, result in kept]
    inside, needed = set(place.nodes), {end.node for end in ends}
    taken: set[NodeResult] = set()
    for node in reversed(place.nodes):
        if node in needed:
            taken.update(node.inputs)
            needed.update(ref.node for ref in node.inputs if ref.node in inside)
    nodes = [node for node in place.nodes if node in needed]
    calls, of_all = (sum(len(node.calls) for node in each) for each in (nodes, place.nodes))
    if len(nodes) < 2 or calls * 2 <= of_all or not taken.issuperset(place.outside):
        return None
    return _Pattern(nodes, ends)


@dataclass(slots=True)
class _Match:
    """What stands for the nodes of a pattern, and for what they take from outside."""

    nodes: dict[Node, Node] = field(default_factory=dict)
    heads: dict[NodeResult, NodeResult] = field(default_factory=dict)


class _Search:
    """Looks for patterns in bodies, but for the nodes that are gone."""

    def __init__(self, bodies: Sequence[Body], gone: set[Node]) -> None:
        self.bodies = bodies
        self.gone = gone.union(*(body.named_after_outputs() for body in bodies))
        self.wirings = [Wiring(body) for body in bodies]
        self.steps = 0

    def matches(self, pattern: _Pattern) -> Iterator[tuple[int, _Match]]:
        """Yield the places of a pattern, none of which has a node of another."""
        first = pattern.ends[0].node
        assert isinstance(first, Node)
        for number, body in enumerate(self.bodies):
            for node in body.nodes:
                if node.key == first.key and self.steps < _MAX_STEPS:
                    match = self._match(pattern, first, node, self.wirings[number])
                    if match is not None:
                        yield number, match

    def _match(self, pattern: _Pattern, first: Node, node: Node, wiring: Wiring) -> _Match | None:
        """Return the place of a pattern whose first end is made by this node."""
        inside = set(pattern.nodes)
        match = self._extended(_Match(), first, node, inside)
        while match is not None and len(match.nodes) < len(inside):
            match = self._forward(match, pattern, inside, wiring)
        if match is None:
            return None
        found = set(match.nodes.values())
        ends = {
            NodeResult(match.nodes[end.node], end.result)
            for end in pattern.ends
            if isinstance(end.node, Node)
        }
        if set(wiring.ends(list(found))) != ends or not wiring.is_convex(found):
            return None
        return match

    def _forward(
        self, match: _Match, pattern: _Pattern, inside: set[Node], wiring: Wiring
    ) -> _Match | None:
        """Return a match that goes on to a node which takes what one of it makes."""
        for wanted in pattern.nodes:
            made = [
                NodeResult(match.nodes[ref.node], ref.result)
                for ref in wanted.inputs
                if isinstance(ref.node, Node) and ref.node in match.nodes
            ]
            if wanted in match.nodes or not made:
                continue
            for node in wiring.takers.get(made[0], ()):
                longer = self._extended(match, wanted, node, inside)
                if longer is not None:
                    return longer
            return None
        return None

    def _extended(
        self, match: _Match, wanted: Node, node: Node, inside: set[Node]
    ) -> _Match | None:
        """Return a match in which a node, and all that it takes, stands for another one."""
        nodes, heads = dict(match.nodes), dict(match.heads)
        used = set(nodes.values())
        stack = [(wanted, node)]
        while stack:
            one, other = stack.pop()
            self.steps += 1
            if one in nodes:
                if nodes[one] is not other:
                    return None
                continue
            if other in used or other in self.gone or other.fixed or one.key != other.key:
                return None
            if one.results != other.results or len(one.inputs) != len(other.inputs):
                return None
            nodes[one] = other
            used.add(other)
            for ref, taken in zip(one.inputs, other.inputs, strict=True):
                if ref.node not in inside:
                    if heads.setdefault(ref, taken) != taken:
                        return None
                elif not isinstance(taken.node, Node) or ref.result != taken.result:
                    return None
                else:
                    assert isinstance(ref.node, Node)
                    stack.append((ref.node, taken.node))
        return _Match(nodes, heads)


def _completed(place: BlockPlace, match: _Match, places: Sequence[BlockPlace]) -> BlockPlace:
    """Return a place with copies of the nodes that it lacks, which say what the others say."""
    first = places[0]
    refs = dict(match.heads)
    for node in first.nodes:
        if node in match.nodes:
            made = match.nodes[node]
        else:
            (made,) = copied([node], refs)
            made.calls, made.tensors = (), (None,) * made.results
            made.origins = node.origins
        place.nodes.append(made)
        refs |= {NodeResult(node, n): NodeResult(made, n) for n in range(node.results)}
    here = set(match.nodes.values())
    known = {
        column.sign(): place.nodes[column.node].values[column.path]
        for column in columns([each.nodes for each in places])
        if column.path in place.nodes[column.node].values and place.nodes[column.node] in here
    }
    # A value that is that of another node at all other places is so here too.
    for column in columns([each.nodes for each in places]):
        node = place.nodes[column.node]
        if node not in here and (column.sign() in known or column.path in node.values):
            node.values[column.path] = known.get(column.sign(), column.values[-1])
    return place
