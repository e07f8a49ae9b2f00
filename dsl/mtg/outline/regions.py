"""Stretches of the canonical order that repeat, up to the values in them.

A region is a stretch of a body that takes at most three tensors from outside and gives one, that of
its last node. Two regions are alike if their nodes have the same keys and are wired alike, inside
and to what comes from outside. Regions of one length are grouped by what they are, and only groups
of two or more are looked at a node further; so the cost is about the summed length of what repeats,
and a body in which nothing repeats costs one step a node.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from mtg.outline.comprehensions import FamilyMaker
from mtg.outline.draft import Body, Node, NodeResult

#: How many tensors a region may take, how long it may be, and how many steps one search may take.
MAX_TENSORS, MAX_LENGTH, MAX_STEPS = 3, 400, 400_000

_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class RegionStart:
    """Where a region stands: from node `start` of a body."""

    body: int
    start: int


@dataclass(slots=True)
class Region:
    """Alike regions that do not overlap."""

    length: int
    tensors: int
    places: list[RegionStart]


class Index:
    """A body as numbers: what each node is, what it takes, and who takes it last."""

    def __init__(self, body: Body, numbers: dict[Hashable, int]) -> None:
        self.body = body
        self.named = body.named_after_outputs()
        position = {node: i for i, node in enumerate(body.nodes)}
        self.keys = [numbers.setdefault(node.key, len(numbers)) for node in body.nodes]
        self.last = [0] * len(body.nodes)
        #: What each node takes: the position of its maker, and which result; the ref if a head.
        self.inputs: list[tuple[tuple[int, int | NodeResult], ...]] = []
        for number, node in enumerate(body.nodes):
            taken: list[tuple[int, int | NodeResult]] = []
            for ref in node.inputs:
                if isinstance(ref.node, Node):
                    maker = position[ref.node]
                    self.last[maker] = number
                    taken.append((maker, ref.result))
                else:
                    taken.append((-1, ref))
            self.inputs.append(tuple(taken))
        for ref in body.ends:
            if isinstance(ref.node, Node):
                self.last[position[ref.node]] = _NEVER

    def gives_list(self, number: int) -> bool:
        """Return whether a node gives a list of tensors."""
        return number >= 0 and self.body.nodes[number].is_list

    def gives_family(self, number: int) -> bool:
        """Return whether a node gives a family, which no block takes or returns."""
        return number >= 0 and isinstance(self.body.nodes[number].maker, FamilyMaker)


@dataclass(slots=True)
class _Start:
    """One place, looked at up to some length: what comes from outside, and who ends it."""

    body: int
    start: int
    outside: dict[tuple[int, int | NodeResult], int] = field(default_factory=dict)
    #: The last that takes anything but the last node's tensor.
    open: int = -1


def repeated(indexes: list[Index]) -> Iterator[Region]:
    """Yield the regions that stand in two places or more, shorter ones first."""
    groups: list[list[_Start]] = [
        [_Start(b, i) for b, index in enumerate(indexes) for i in range(len(index.keys))]
    ]
    steps = 0
    for length in range(1, MAX_LENGTH + 1):
        longer: list[list[_Start]] = []
        for group in groups:
            found: dict[Hashable, list[_Start]] = {}
            for start in group:
                token = _extend(start, length, indexes[start.body])
                if token is not None:
                    found.setdefault(token, []).append(start)
            steps += len(group)
            longer += [each for each in found.values() if _apart(each, length)]
        groups = longer
        if length > 1:
            for group in groups:
                closed = [s for s in group if s.open < s.start + length]
                closed = [s for s in closed if _gives_one(s, length, indexes)]
                places = _without_overlap(closed, length)
                if len(places) > 1:
                    yield Region(length, len(group[0].outside), places)
        if not groups or steps > MAX_STEPS:
            return


def _extend(start: _Start, length: int, index: Index) -> Hashable | None:
    """Return what the next node adds to a region, or None where the region cannot go on."""
    number = start.start + length - 1
    if number >= len(index.keys) or index.body.nodes[number].fixed:
        return None
    if length > 1:
        start.open = max(start.open, index.last[number - 1])
    wiring: list[int] = []
    for taken in index.inputs[number]:
        maker, result = taken
        if maker >= start.start:
            assert isinstance(result, int)
            wiring += (maker - start.start, result)
        else:
            outside = start.outside.setdefault(taken, len(start.outside))
            if outside >= MAX_TENSORS or index.gives_family(maker):
                return None
            wiring += (-1, outside)
    return (index.keys[number], *wiring)


def _gives_one(start: _Start, length: int, indexes: list[Index]) -> bool:
    nodes = indexes[start.body].body.nodes
    # A block takes some tensor, and is more than the whole of another.
    last = nodes[start.start + length - 1]
    return bool(start.outside) and last.results == 1 and not isinstance(last.maker, FamilyMaker)


def _apart(group: list[_Start], length: int) -> bool:
    """Return whether two of these do not overlap."""
    if len(group) < 2:
        return False
    first, last = group[0], group[-1]
    return first.body != last.body or last.start - first.start >= length


def _without_overlap(starts: list[_Start], length: int) -> list[RegionStart]:
    """As many as there are without overlap, from the left."""
    places: list[RegionStart] = []
    for start in starts:
        if not places or places[-1].body != start.body or start.start >= places[-1].start + length:
            places.append(RegionStart(start.body, start.start))
    return places


def is_power(index: Index, start: int, length: int) -> bool:
    """Return whether a region is a shorter one several times, which a loop says better."""
    for part in range(1, length // 2 + 1):
        if length % part or index.keys[start] != index.keys[start + part]:
            continue
        tokens = [_tokens(index, begin, part) for begin in range(start, start + length, part)]
        if tokens[0] is not None and all(each == tokens[0] for each in tokens):
            return True
    return False


def _tokens(index: Index, begin: int, length: int) -> list[Hashable] | None:
    """Return a region node by node, where it takes one tensor only, else None."""
    state = _Start(0, begin)
    found: list[Hashable] = []
    for number in range(1, length + 1):
        token = _extend(state, number, index)
        if token is None:
            return None
        found.append(token)
    return found if len(state.outside) == 1 and state.open < begin + length else None
