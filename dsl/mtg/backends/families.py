"""Families: parallel rounds of a loop that are alike, of which pictures and tables show one.

The calls that the rounds of a comprehension, or of a loop among declarations, make at the same
place are a class of calls, which its first stands for. Rounds are alike if their calls agree in
everything but values and names, and are wired alike: each takes the same number of tensors from
every other class, in the same order, and gives as many to it. (The classes are an equitable
partition of the graph, so that what is left is again a graph; see Godsil and Royle, "Algebraic
Graph Theory", 9.3.) A loop whose rounds are not alike is shown round by round; what takes from its
rounds, each from its own, is then no longer alike either, and so on until nothing changes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from mtg.backends.labels import is_frozen, layer_title, wrapped
from mtg.backends.spreads import shortened
from mtg.graph.graph import Call, Graph, Loop, Output, Round, Use
from mtg.graph.layers import Layer, PythonLayer
from mtg.graph.values import TensorRef, tensors_in
from mtg.text.source import Span

#: Rounds up to which each is shown: as many fit side by side, and are read at a glance.
MOST_SHOWN = 3
#: Tasks up to which each is shown: as many have a colour of their own.
MOST_TASKS = 6


class UseIdentity(NamedTuple):
    """What makes two uses of a block one: a shared chain expands its blocks at every call."""

    block: str
    name: str
    span: Span


@dataclass(eq=False, slots=True)
class Family:
    """The rounds of one walk that are shown as one.

    Attributes:
        keys: What the rounds are called in the names of layers.
        span: What stands before the body of the loop: `for task in tasks`.
    """

    keys: tuple[str, ...]
    span: Span

    @property
    def times(self) -> int:
        """How many rounds there are."""
        return len(self.keys)

    @property
    def words(self) -> str:
        """What the rounds are called, shortened; empty where they are only counted."""
        if self.keys == tuple(map(str, range(self.times))):
            return ""
        return shortened(self.keys)


#: What a call stands in, from the outside in.
Path: TypeAlias = tuple[UseIdentity | Family, ...]


class Families:
    """What is shown of the calls of a graph.

    Args:
        unfold: Whether every round is shown.

    Attributes:
        shown: The calls that are shown, in the order of the graph.
    """

    def __init__(self, graph: Graph, *, unfold: bool = False) -> None:
        self._graph = graph
        self._members: dict[int, list[int]] = {}
        self._families: dict[int, list[Family | None]] = {}
        if not unfold and any(call.rounds for call in graph.calls):
            classes = _Classes(graph)
            classes.refine()
            self._members = classes.folded()
            self._families = classes.families()
        self._first = list(range(len(graph.calls)))
        for first, members in self._members.items():
            for member in members:
                self._first[member] = first
        self.shown = [call for call in graph.calls if self._first[call.id] == call.id]

    def first(self, ref: TensorRef) -> TensorRef:
        """Return the tensor that stands for one where it is shown."""
        return TensorRef(self._first[ref.call], ref.result)

    def taken(self, refs: Iterable[TensorRef]) -> Iterator[TensorRef]:
        """Yield what is shown of tensors that a call takes: those of several rounds once."""
        drawn: dict[TensorRef, TensorRef] = {}
        for ref in refs:
            shown = self.first(ref)
            if drawn.setdefault(shown, ref) == ref:
                yield shown

    def members(self, call: Call) -> list[Call]:
        """Return the calls that a call which is shown stands for."""
        return [self._graph.calls[at] for at in self._members.get(call.id, (call.id,))]

    def layers(self, calls: Iterable[Call]) -> list[Layer]:
        """Return the layers that the layer of these calls, which are shown, stands for."""
        return list(dict.fromkeys(each.layer for call in calls for each in self.members(call)))

    def outputs(self) -> list[list[Output]]:
        """Return the outputs in the groups that are shown: each alone, or many that are alike."""
        groups: dict[TensorRef, list[Output]] = {}
        for output in self._graph.outputs:
            groups.setdefault(self.first(output.tensor), []).append(output)
        found: list[list[Output]] = []
        for group in groups.values():
            folded = len(group) > MOST_TASKS and group[0].tensor.call in self._members
            found += [group] if folded else [[output] for output in group]
        order = {id(output): number for number, output in enumerate(self._graph.outputs)}
        return sorted(found, key=lambda group: order[id(group[0])])

    def path(self, call: Call) -> Path:
        """Return the uses of blocks and the families that a call which is shown stands in."""
        families = self._families.get(call.id, ())
        found: list[UseIdentity | Family] = []
        rounds = 0
        for at in _frames(call):
            if isinstance(at, Use):
                found.append(UseIdentity(at.block, at.name, at.span))
            else:
                family = families[rounds] if rounds < len(families) else None
                rounds += 1
                if family is not None:
                    found.append(family)
        return tuple(found)

    def tensors(self, path: Path, ref: TensorRef) -> int:
        """Return how many tensors one that is shown stands for, as seen from within a path."""
        count = 1
        for at in self.path(self._graph.calls[ref.call]):
            if isinstance(at, Family) and at not in path:
                count *= at.times
        return count


def _frames(call: Call) -> Iterator[Use | Round]:
    """Yield the uses and the rounds that a call was made in, the outermost first."""
    used = 0
    for each in call.rounds:
        yield from call.uses[used : each.loop.depth]
        used = max(used, each.loop.depth)
        yield each
    yield from call.uses[used:]


# ---- classes of calls ----------------------------------------------------------------------------

#: What two calls of a class must have in common.
_Signature: TypeAlias = Hashable


class _Spot:
    """A place among the frames that were met: the whole graph, a use, or a round of a walk.

    `address` is the same number for the same place in every round of a loop.
    """

    __slots__ = ("address", "inside", "seen")

    def __init__(self, address: int) -> None:
        self.address = address
        self.inside: dict[Hashable, _Spot] = {}
        self.seen: Counter[Hashable] = Counter()


class _Place(NamedTuple):
    """Where a call was made: the address, and the loops around it with the number of the round."""

    address: int
    loops: tuple[int, ...]
    numbers: tuple[int, ...]


class _Addresses:
    """The addresses of the calls of a graph."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}
        self._root = _Spot(0)

    def place(self, call: Call) -> _Place:
        """Return where a call was made. The calls must come in their order."""
        spot = self._root
        loops: list[int] = []
        numbers: list[int] = []
        for frame in _frames(call):
            if isinstance(frame, Use):
                spot = self._within(spot, frame, ("use", frame.block, *_where(frame.span)))
                continue
            spot = self._within(spot, frame.loop, ("for", *_where(frame.loop.span)))
            loops.append(spot.address)
            numbers.append(frame.number)
            spot = spot.inside.setdefault(frame.number, _Spot(spot.address))
        return _Place(self._next(spot, "call"), tuple(loops), tuple(numbers))

    def _within(self, spot: _Spot, frame: Use | Loop, label: Hashable) -> _Spot:
        found = spot.inside.get(frame)
        if found is None:
            found = spot.inside[frame] = _Spot(self._next(spot, label))
        return found

    def _next(self, spot: _Spot, label: Hashable) -> int:
        """Return the address of the next thing with this label at a place."""
        key = (spot.address, label, spot.seen[label])
        spot.seen[label] += 1
        return self._known.setdefault(key, len(self._known) + 1)


def _where(span: Span) -> tuple[int, int, int]:
    return id(span.source), span.start, span.end


class _Classes:
    """Calls in classes, which are split until those of one class are alike.

    Attributes:
        members: The calls of each class, by its number; a class that was split is empty.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        addresses = _Addresses()
        self.places = [addresses.place(call) if call.rounds else None for call in graph.calls]
        #: The loops whose rounds are shown each.
        self.open: set[int] = set()
        self.calls_in: dict[int, list[int]] = defaultdict(list)
        #: The rounds of each walk, with their keys: by the loop and the rounds around it.
        self.walks: dict[tuple[int, tuple[int, ...]], dict[int, str]] = defaultdict(dict)
        for call, place in zip(graph.calls, self.places, strict=True):
            if place is not None:
                for at, (loop, number) in enumerate(zip(place.loops, place.numbers, strict=True)):
                    self.calls_in[loop].append(call.id)
                    self.walks[loop, place.numbers[:at]].setdefault(number, call.rounds[at].key)
        self.open |= {loop for (loop, _), keys in self.walks.items() if len(keys) <= MOST_SHOWN}
        self.consumers: list[list[tuple[int, int]]] = [[] for _ in graph.calls]
        for call in graph.calls:
            for ref in call.tensors():
                self.consumers[ref.call].append((call.id, ref.result))
        for output in graph.outputs:
            self.consumers[output.tensor.call].append((-1, output.tensor.result))
        self.calls_of: dict[Layer, list[int]] = defaultdict(list)
        for call in graph.calls:
            self.calls_of[call.layer].append(call.id)
        self.plain: dict[int, _Signature] = {}
        self.of = [0] * len(graph.calls)
        self.members: list[list[int]] = []
        self.numbers: dict[Hashable, int] = {}
        self._sort(range(len(graph.calls)))

    def refine(self) -> None:
        """Open loops until the calls of every class are alike."""
        waiting: Iterable[int] = range(len(self.members))
        while True:
            layers: dict[Layer, _Signature] = {}
            found = (self._unlike(self.members[number], layers) for number in waiting)
            unlike = dict.fromkeys(loop for loop in found if loop is not None)
            if not unlike:
                return
            self.open.update(unlike)
            moved = dict.fromkeys(call for loop in unlike for call in self.calls_in[loop])
            for call in moved:
                self.members[self.of[call]] = []
            self._sort(moved)
            waiting = dict.fromkeys(self.of[call] for call in self._beside(moved))

    def folded(self) -> dict[int, list[int]]:
        """Return the classes of several calls, by their first.

        That is the one of the first rounds, which need not be the first of the graph: what a round
        is asked for by others is made before.
        """
        found: dict[int, list[int]] = {}
        for members in self.members:
            if len(members) > 1:
                ordered = sorted(members, key=self._rounds)
                found[ordered[0]] = ordered
        return found

    def families(self) -> dict[int, list[Family | None]]:
        """Return the families that the first call of each class stands in, a loop each."""
        made: dict[tuple[int, tuple[int, ...]], Family] = {}
        found: dict[int, list[Family | None]] = {}
        for first in self.folded():
            place = self.places[first]
            assert place is not None
            found[first] = []
            for at, loop in enumerate(place.loops):
                walk = (loop, place.numbers[:at])
                if loop not in self.open and walk not in made:
                    rounds = sorted(self.walks[walk].items())
                    span = self.graph.calls[first].rounds[at].loop.span
                    made[walk] = Family(tuple(key for _, key in rounds), span)
                found[first].append(made.get(walk))
        return found

    def _rounds(self, call: int) -> tuple[int, ...]:
        place = self.places[call]
        return () if place is None else place.numbers

    def _sort(self, calls: Iterable[int]) -> None:
        """Put calls into the classes that follow from their places and from what is open."""
        for call in calls:
            place = self.places[call]
            key: Hashable = -call - 1
            if place is not None:
                shown = [
                    number
                    for loop, number in zip(place.loops, place.numbers, strict=True)
                    if loop in self.open
                ]
                key = (place.address, *shown)
            number = self.numbers.setdefault(key, len(self.members))
            if number == len(self.members):
                self.members.append([])
            self.of[call] = number
            self.members[number].append(call)

    def _beside(self, calls: Iterable[int]) -> Iterable[int]:
        """Yield these calls, and those whose signature speaks of them."""
        for call in calls:
            yield call
            yield from (ref.call for ref in self.graph.calls[call].tensors())
            yield from (taker for taker, _ in self.consumers[call] if taker >= 0)
            yield from self.calls_of[self.graph.calls[call].layer]

    def _unlike(self, members: Sequence[int], layers: dict[Layer, _Signature]) -> int | None:
        """Return the innermost loop in whose rounds the calls of a class differ, or None."""
        if len(members) < 2:
            return None
        signatures = {call: self._signature(call, layers) for call in members}
        first = self.places[members[0]]
        assert first is not None
        for at in reversed(range(len(first.loops))):
            loop = first.loops[at]
            if loop in self.open:
                continue
            walks: dict[tuple[int, ...], dict[int, Counter[_Signature]]] = {}
            for call in members:
                place = self.places[call]
                assert place is not None
                rounds = walks.setdefault(place.numbers[:at], {})
                rounds.setdefault(place.numbers[at], Counter())[signatures[call]] += 1
            for around, rounds in walks.items():
                one, *others = rounds.values()
                if len(rounds) < len(self.walks[loop, around]) or any(one != o for o in others):
                    return loop
        return None

    def _signature(self, call: int, layers: dict[Layer, _Signature]) -> _Signature:
        here = self.graph.calls[call]
        if call not in self.plain:
            self.plain[call] = _plain(here)
        if here.layer not in layers:
            layers[here.layer] = _counted(self.of[each] for each in self.calls_of[here.layer])
        return (
            self.plain[call],
            tuple(self._taken(ref, call) for ref in here.tensors()),
            _counted(
                (self.of[taker] if taker >= 0 else -1, result)
                for taker, result in self.consumers[call]
            ),
            layers[here.layer],
        )

    def _taken(self, ref: TensorRef, call: int) -> tuple[int, ...]:
        """Return the class of a tensor that a call takes; of another round, which round."""
        here, there = self.places[call], self.places[ref.call]
        if here is not None and there is not None:
            for at, loop in enumerate(here.loops[: len(there.loops)]):
                if loop != there.loops[at]:
                    break
                if here.numbers[at] != there.numbers[at]:
                    return (self.of[ref.call], ref.result, here.numbers[at], there.numbers[at])
        return (self.of[ref.call], ref.result)


def _counted(things: Iterable[Hashable]) -> frozenset[tuple[Hashable, int]]:
    return frozenset(Counter(things).items())


def _plain(call: Call) -> _Signature:
    """Return what calls have in common that differ in values and names alone."""
    holds = [next(tensors_in(value), None) is not None for value in call.args]
    named = sorted((name, next(tensors_in(v), None) is not None) for name, v in call.kwargs.items())
    return (_layer_kind(call.layer), call.results, tuple(holds), tuple(named))


def _layer_kind(layer: Layer) -> _Signature:
    inner = wrapped(layer)
    return (
        layer.kind,
        layer_title(layer),
        frozenset(layer.arguments),
        len(layer.positional) if isinstance(layer, PythonLayer) else 0,
        is_frozen(layer),
        None if inner is None else _layer_kind(inner),
    )
