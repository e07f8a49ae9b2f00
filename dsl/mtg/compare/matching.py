"""Which layer of one graph is which layer of another.

A layer is the same where its name says so, where all that leads to it and all that follows from it
is the same, where either is, and at last where it stands in the same place among those found so
far. Where names do not count they come after these, since two models may have one name for two
layers, and models of one canonical form are paired by that alone. Each step only decides what the
steps before it left open; each is close to linear in the size of the graphs, but for the alignment,
whose time is bounded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from difflib import SequenceMatcher

from mtg.compare.items import Item, Items, TensorKey

#: The most pairs of open layers that an alignment is tried for.
_ALIGNED = 4_000_000


def match(a: Items, b: Items, *, names: bool = True) -> dict[Item, Item]:
    """Return the items of `b` for those of `a` that are the same ones.

    Args:
        names: Whether the names of layers count.
    """
    if not names and a.form.data == b.form.data:
        return dict(zip(a.items, b.items, strict=True))  # both in the order of the form
    return _Match(a, b).run(names=names)


def pair_calls(
    a: Items, b: Items, found: Mapping[Item, Item], through: Callable[[Items, TensorKey], TensorKey]
) -> dict[int, int]:
    """Pair the calls of `a` and `b`: of a layer called twice, by what they take.

    Args:
        through: The tensor that stands for another, before what only one of the graphs has.
    """
    pairs: dict[int, int] = {}
    left: dict[Item, dict[int, None]] = {}
    keys: dict[Hashable, list[int]] = defaultdict(list)
    for item, other in found.items():
        if len(item.uses) == len(other.uses) == 1:
            pairs[item.uses[0].number] = other.uses[0].number
            continue
        left[item] = {use.number: None for use in other.uses}
        for use in other.uses:
            taken = {label: through(b, ref) for label, ref in use.tensors.items()}
            keys[item, *sorted(taken.items())].append(use.number)
    if not left:
        return pairs
    # What takes the same is paired first; what is open then is paired in order, and what follows
    # from it may take the same after all.
    for last in (False, True):
        for number, (item, which) in enumerate(a.of_call):
            if number in pairs or not left.get(item):
                continue
            given = {}
            for label, ref in item.uses[which].tensors.items():
                call, result = through(a, ref)
                given[label] = TensorKey(pairs.get(call, -1), result)
            same = [n for n in keys.get((item, *sorted(given.items())), ()) if n in left[item]]
            if same or last:
                pairs[number] = same[0] if same else next(iter(left[item]))
                del left[item][pairs[number]]
    return pairs


class _Match:
    def __init__(self, a: Items, b: Items) -> None:
        self.a = a
        self.b = b
        self.found: dict[Item, Item] = {}
        self.back: dict[Item, Item] = {}
        self.numbers: dict[Hashable, int] = {}

    def run(self, *, names: bool) -> dict[Item, Item]:
        self.inputs()
        if names:
            self.by(lambda item: (item.name, item.kind, item.cls) if item.named else None)
        before, after = self.before(), self.after()
        self.by(lambda item: (before[item], after[item]))
        self.by(lambda item: before[item])
        self.by(lambda item: after[item])
        self.by(lambda item: (item.name, item.kind, item.cls) if item.named else None)
        self.align(lambda item: item.content)
        self.by(lambda item: (item.name, item.kind, item.cls) if item.kind != "op" else None)
        self.align(lambda item: f"{item.kind} {item.cls}")
        # Another class in the same place, or under the same name, takes the place of the first.
        self.by(lambda item: item.name if item.kind != "op" else None)
        self.by(self.place)
        return self.found

    def pair(self, one: Item, other: Item) -> None:
        self.found[one], self.back[other] = other, one

    def open(self) -> tuple[list[Item], list[Item]]:
        return (
            [item for item in self.a.items if item not in self.found],
            [item for item in self.b.items if item not in self.back],
        )

    def inputs(self) -> None:
        ones, others = self.a.inputs, self.b.inputs
        names = {item.name: item for item in others}
        for item in ones:
            if item.name in names:
                self.pair(item, names[item.name])
        left = [item for item in ones if item not in self.found]
        for one, other in zip(left, (i for i in others if i not in self.back), strict=False):
            self.pair(one, other)

    def by(self, key: Callable[[Item], Hashable | None]) -> None:
        """Pair what is open and has equal keys: those of one name first, then in order."""
        ones: dict[Hashable, list[Item]] = defaultdict(list)
        others: dict[Hashable, list[Item]] = defaultdict(list)
        left, right = self.open()
        for items, table in ((left, ones), (right, others)):
            for item in items:
                if item.kind != "input" and (value := key(item)) is not None:
                    table[value].append(item)
        for value, group in ones.items():
            self._pair_all(group, others.get(value, []))

    def _pair_all(self, ones: Iterable[Item], others: list[Item]) -> None:
        names = {item.name: item for item in others}
        for one in ones:
            if one.name in names:
                self.pair(one, names.pop(one.name))
        rest = iter([item for item in others if item not in self.back])
        for one in ones:
            if one not in self.found and (other := next(rest, None)) is not None:
                self.pair(one, other)

    # What leads to an item, and what follows from it

    def number(self, *key: Hashable) -> int:
        return self.numbers.setdefault(key, len(self.numbers))

    def before(self) -> dict[Item, int]:
        """Return a number for each item: equal where all that it is made from is."""
        found: dict[Item, int] = {}
        for items in (self.a, self.b):
            calls: list[int] = []
            for number, (item, which) in enumerate(items.of_call):
                use = item.uses[which]
                assert use.number == number
                given = tuple((calls[ref.call], ref.result) for ref in use.tensors.values())
                mark = self._mark(items, item) if item.kind == "input" else item.content
                calls.append(self.number("before", mark, use.form, given))
            for item in items.items:
                found[item] = self.number("calls", *sorted(calls[use.number] for use in item.uses))
        return found

    def after(self) -> dict[Item, int]:
        """Return a number for each item: equal where all that is made of it is."""
        found: dict[Item, int] = {}
        for items in (self.a, self.b):
            taken: list[list[tuple[int, str, int]]] = [[] for _ in items.of_call]
            for mark, ref in zip(self._ends(items), items.outputs, strict=True):
                taken[ref.call].append((-1, mark, ref.result))
            calls = [0] * len(items.of_call)
            for number in reversed(range(len(calls))):
                item, which = items.of_call[number]
                use = item.uses[which]
                calls[number] = self.number("after", item.content, use.form, *sorted(taken[number]))
                for label, ref in use.tensors.items():
                    taken[ref.call].append((calls[number], label, ref.result))
            for item in items.items:
                found[item] = self.number("calls", *sorted(calls[use.number] for use in item.uses))
        return found

    def _ends(self, items: Items) -> list[str]:
        """Return what stands for each output: its name, or its place among those of no common name.

        An output that has no namesake may be one that was renamed.
        """
        names = [output.name for output in items.graph.outputs]
        other = self.b if items is self.a else self.a
        common = set(names) & {output.name for output in other.graph.outputs}
        places = iter(range(len(names)))
        return [f"named {name}" if name in common else f"{next(places)}" for name in names]

    def _mark(self, items: Items, item: Item) -> Hashable:
        """Return what stands for an item that has a partner: the partner's number."""
        other = item if items is self.b else self.found.get(item)
        return (id(items), item.number) if other is None else ("is", other.number)

    def align(self, key: Callable[[Item], str]) -> None:
        """Pair what is open and stands in the same place between what is not."""
        left, right = self.open()
        if not left or not right or len(left) * len(right) > _ALIGNED:
            return
        ones = [self._token(self.a, item, key) for item in self.a.items]
        others = [self._token(self.b, item, key) for item in self.b.items]
        for block in SequenceMatcher(None, ones, others, autojunk=False).get_matching_blocks():
            for offset in range(block.size):
                one = self.a.items[block.a + offset]
                if one not in self.found:
                    self.pair(one, self.b.items[block.b + offset])

    def _token(self, items: Items, item: Item, key: Callable[[Item], str]) -> Hashable:
        if item in (self.found if items is self.a else self.back):
            return self._mark(items, item)
        return (id(items), item.number) if item.kind == "input" else key(item)

    def place(self, item: Item) -> Hashable | None:
        """Return what an item takes, if all of it has a partner, and whether it is an op."""
        items = self.a if item in self.a_items() else self.b
        marks = []
        for use in item.uses:
            for label, ref in use.tensors.items():
                giver = items.at(ref)
                if giver not in (self.found if items is self.a else self.back):
                    return None
                marks.append((label, self._mark(items, giver), ref.result))
        return (item.kind == "op", *marks)

    def a_items(self) -> set[Item]:
        if not hasattr(self, "_a"):
            self._a = set(self.a.items)
        return self._a
