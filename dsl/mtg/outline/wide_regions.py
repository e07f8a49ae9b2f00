"""Stretches that repeat and give several tensors, or take one tensor twice at some place.

What `regions.py` finds gives one tensor, and is wired alike at every place to what comes from
outside. Here neither is asked. A layer of a WaveNet gives the tensor that goes on and a skip; the
first cross layer of a DCN takes its input twice, as `x0` and as `x`, where the others take two.
The place that takes the most tensors says what the heads of the block are; at another place two
heads may be given one tensor.

Three orders are searched: the canonical one, and those by depth and by height, in which what stands
side by side, as the expert groups of a level of PLE, is a stretch too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from mtg.outline.draft import Body, Node, NodeResult
from mtg.outline.regions import MAX_LENGTH, Index, RegionStart

#: How many tensors a region may take and give, and how many steps one search may take.
MAX_TENSORS, MAX_RESULTS, _MAX_STEPS = 4, 4, 200_000

#: What a node takes: the position of its maker, and which result; the ref if a head.
_Taken = tuple[int, int | NodeResult]


@dataclass(slots=True)
class WideRegion:
    """Alike regions that do not overlap, the one that takes the most tensors first.

    Attributes:
        outside: What each place takes from outside, in the order of the block's heads.
        ends: The tensors that are taken from outside at some place: numbers of nodes in the
            region, and of their results.
        links: How many places hand all their tensors to the next one, as the iterations of a loop
            do.
    """

    length: int
    places: list[RegionStart]
    outside: list[list[NodeResult]]
    ends: list[tuple[int, int]]
    links: int


@dataclass(slots=True)
class _Start:
    """One place, looked at up to some length: what it takes from outside, slot by slot."""

    body: int
    start: int
    slots: list[_Taken] = field(default_factory=list)
    #: The tensors made in it that are taken behind it, as far as it goes, with their last taker.
    open: dict[tuple[int, int], int] = field(default_factory=dict)

    def pattern(self) -> tuple[int, ...]:
        """Return which slots take one tensor: the number of the first slot of each."""
        first: dict[_Taken, int] = {}
        return tuple(first.setdefault(slot, len(first)) for slot in self.slots)


class _Takers:
    """Who takes each tensor of a body; what is an end of it is taken behind all nodes."""

    def __init__(self, index: Index) -> None:
        self.takers: list[dict[int, list[int]]] = [{} for _ in index.keys]
        for number, inputs in enumerate(index.inputs):
            for maker, result in inputs:
                if maker >= 0:
                    assert isinstance(result, int)
                    self.takers[maker].setdefault(result, []).append(number)
        position = {node: number for number, node in enumerate(index.body.nodes)}
        for ref in index.body.ends:
            if isinstance(ref.node, Node):
                found = self.takers[position[ref.node]].setdefault(ref.result, [])
                found.append(len(index.keys))

    def all_in(
        self, place: _Start, ends: Iterable[tuple[int, int]], inside: set[tuple[int, int]]
    ) -> bool:
        """Return whether what a place gives is taken in places only."""
        return all(
            (place.body, number) in inside
            for offset, result in ends
            for number in self.takers[place.start + offset].get(result, ())
        )


def by_depth(body: Body) -> list[Node]:
    """Return the nodes by the longest way from the inputs; at one depth in canonical order.

    What takes nothing, such as a tensor of fixed numbers, stands just before what takes it.
    """
    depth: dict[Node, int] = {}
    for node in body.nodes:
        makers = [ref.node for ref in node.inputs if isinstance(ref.node, Node)]
        depth[node] = 1 + max((depth[maker] for maker in makers), default=0)
    takers: dict[Node, int] = {}
    for node in body.nodes:
        for ref in node.inputs:
            if isinstance(ref.node, Node):
                takers[ref.node] = min(takers.get(ref.node, depth[node]), depth[node])
    for node in body.nodes:
        if not node.inputs and node in takers:
            depth[node] = takers[node] - 1
    return sorted(body.nodes, key=lambda node: depth[node])


def by_height(body: Body) -> list[Node]:
    """Return the nodes by the longest way to what nothing takes; at one height in canonical order.

    What a node takes of long before, as the older of the two cells that a cell of NASNet takes,
    does not draw it there.
    """
    height: dict[Node, int] = {}
    for node in reversed(body.nodes):
        own = height.setdefault(node, 0)
        for ref in node.inputs:
            if isinstance(ref.node, Node):
                height[ref.node] = max(height.get(ref.node, 0), own + 1)
    return sorted(body.nodes, key=lambda node: -height[node])


def wide_regions(indexes: list[Index]) -> Iterator[WideRegion]:
    """Yield the regions that stand in two places or more, shorter ones first.

    Those that `regions.py` finds are left out: those that give one tensor, wired alike at all
    places.
    """
    takers = [_Takers(index) for index in indexes]
    groups = [[_Start(b, i) for b, index in enumerate(indexes) for i in range(len(index.keys))]]
    steps = 0
    for length in range(1, MAX_LENGTH + 1):
        longer: list[list[_Start]] = []
        for group in groups:
            found: dict[Hashable, list[_Start]] = {}
            for start in group:
                token = _extend(start, length, indexes[start.body], takers[start.body])
                steps += 1 + len(start.open)
                if token is not None:
                    found.setdefault(token, []).append(start)
            longer += [each for each in found.values() if len(_apart(each, length)) > 1]
        groups = longer
        for group in groups if length > 1 else ():
            steps += len(group) * len(group[0].slots)
            if _is_connected(group[0], length, indexes[group[0].body]):
                yield from _regions(group, length, indexes, takers)
        if not groups or steps > _MAX_STEPS:
            return


def _extend(start: _Start, length: int, index: Index, takers: _Takers) -> Hashable | None:
    """Return what the next node adds to a region, or None where the region cannot go on."""
    number = start.start + length - 1
    if number >= len(index.keys) or index.body.nodes[number].fixed:
        return None
    if index.body.nodes[number] in index.named:
        return None
    wiring: list[int] = []
    for taken in index.inputs[number]:
        maker, result = taken
        if maker >= start.start:
            assert isinstance(result, int)
            wiring += (maker - start.start, result)
        elif index.gives_list(maker):
            return None
        else:
            start.slots.append(taken)
            wiring.append(-1)
    start.open = {ref: last for ref, last in start.open.items() if last > number}
    for result, found in takers.takers[number].items():
        start.open[length - 1, result] = found[-1]
    return (index.keys[number], *wiring)


def _is_connected(start: _Start, length: int, index: Index) -> bool:
    """Return whether the nodes of a region hang together; layers side by side are no block."""
    joined = {length - 1}
    # Backwards, what a node takes comes before it; what joins late is met again.
    grown = True
    while grown and len(joined) < length:
        before = len(joined)
        for number in range(length - 1, -1, -1):
            makers = {
                maker - start.start
                for maker, _ in index.inputs[start.start + number]
                if maker >= start.start
            }
            if number in joined:
                joined |= makers
            elif makers & joined:
                joined |= {number, *makers}
        grown = len(joined) > before
    return len(joined) == length


def _regions(
    group: list[_Start], length: int, indexes: list[Index], takers: list[_Takers]
) -> Iterator[WideRegion]:
    """Yield the regions of a group: for each way of wiring, with those that it covers."""
    patterns: dict[tuple[int, ...], list[_Start]] = {}
    for start in group:
        patterns.setdefault(start.pattern(), []).append(start)
    for pattern in patterns:
        count = max(pattern, default=-1) + 1
        if not 0 < count <= MAX_TENSORS:
            continue
        covered = [other for other in patterns if _covers(pattern, other)]
        places = _apart(
            sorted(
                (start for other in covered for start in patterns[other]),
                key=lambda start: (start.body, start.start),
            ),
            length,
        )
        ends = _ends(places)
        index = indexes[group[0].body]
        if any(index.gives_list(group[0].start + number) for number, _ in ends):
            continue
        plain = len(covered) == 1 and ends == [(length - 1, 0)] and count < MAX_TENSORS
        if len(places) < 2 or not 0 < len(ends) <= MAX_RESULTS or plain:
            continue
        general = next((place for place in places if place.pattern() == pattern), None)
        if general is None:
            continue
        heads = [pattern.index(head) for head in range(count)]
        outside = {id(place): [place.slots[slot] for slot in heads] for place in places}
        inside = {(p.body, n) for p in places for n in range(p.start, p.start + length)}
        links = sum(
            _hands_on(one, other, outside[id(one)], outside[id(other)], ends)
            and takers[one.body].all_in(one, ends, inside)
            for one, other in pairwise(places)
        )
        ordered = [general, *(place for place in places if place is not general)]
        yield WideRegion(
            length,
            [RegionStart(place.body, place.start) for place in ordered],
            [
                [_ref(taken, indexes[place.body]) for taken in outside[id(place)]]
                for place in ordered
            ],
            ends,
            links,
        )


def _ends(places: list[_Start]) -> list[tuple[int, int]]:
    """Return what is taken from outside at some place: first what another place takes."""
    taken = {(place.body, slot) for place in places for slot in place.slots}
    ends = {ref for place in places for ref in place.open}
    goes_on = {
        (number, result)
        for number, result in ends
        if any((place.body, (place.start + number, result)) in taken for place in places)
    }
    return [*sorted(goes_on), *sorted(ends - goes_on)]


def _covers(general: tuple[int, ...], special: tuple[int, ...]) -> bool:
    """Return whether slots that take one tensor in the one wiring do so in the other too."""
    heads: dict[int, int] = {}
    return all(
        heads.setdefault(head, taken) == taken for head, taken in zip(general, special, strict=True)
    )


def _hands_on(
    one: _Start,
    other: _Start,
    before: list[_Taken],
    after: list[_Taken],
    ends: Iterable[tuple[int, int]],
) -> bool:
    """Return whether a place takes all that the one before gives, or what that one took."""
    if one.body != other.body:
        return False
    given: set[_Taken] = {(one.start + number, result) for number, result in ends}
    taken = set(after)
    return given <= taken and all(each in given or each in before for each in taken)


def _apart(starts: list[_Start], length: int) -> list[_Start]:
    """Return as many as there are without overlap, from the left."""
    places: list[_Start] = []
    for start in starts:
        if not places or places[-1].body != start.body or start.start >= places[-1].start + length:
            places.append(start)
    return places


def _ref(taken: _Taken, index: Index) -> NodeResult:
    maker, result = taken
    if maker < 0:
        assert isinstance(result, NodeResult)
        return result
    assert isinstance(result, int)
    return NodeResult(index.body.nodes[maker], result)
