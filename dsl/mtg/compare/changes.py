"""Two graphs: what was added, removed, renamed, changed and rewired, from the first to the second.

Differences are those of the canonical forms, and of names. A layer that was put into a connection,
or taken out of one, is told once, and not again by what stands after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mtg.compare.canonical import canonical, plain_value
from mtg.compare.forms import PlainValue
from mtg.compare.items import CallForm, Item, Items, TensorKey
from mtg.compare.matching import match, pair_calls
from mtg.graph.graph import Graph
from mtg.graph.layers import Application
from mtg.graph.seeds import drawn_seeds
from mtg.text.source import NOWHERE

#: What stands for a value that is not there.
ABSENT: PlainValue = None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        kind: `added`, `removed`, `renamed`, `changed`, `rewired`, `reordered` (rewired, but to the
            same tensors; of `input` and `output`, that the model's are in another order).
        what: `input`, `layer`, `model` (one in the model), `op`, `output`, `train`, or `graph`, the
            whole.
        name: Its name in the second graph, or in the first where the second has it no more.
        old: Its name in the first, where that is another.
        cls: Its class, where it has one.
        values: What changed, by name: the value in the first graph and in the second, as plain
            data. None says that it was not given.
        takes: The tensors it is made from: of something added or removed where it stands, of
            something rewired by argument, before and after.
        gives: What is made from something that was added or removed.
        path: The models in the model that it is in, from the outside.
    """

    kind: str
    what: str
    name: str
    old: str = ""
    cls: str = ""
    values: Mapping[str, tuple[PlainValue, PlainValue]] = field(default_factory=dict)
    takes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    gives: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two graphs, and which layer of one is which of the other.

    Attributes:
        changes: In the order of the second graph, what was removed first.
        layers: The names of layers of the second graph by those of the first, with the models
            they are in before them.
        a: The layers and ops of the first graph, and how tensors go between them.
        b: Those of the second.
        found: Those of the second by those of the first.
    """

    changes: tuple[Change, ...]
    layers: Mapping[tuple[str, ...], tuple[str, ...]]
    a: Items
    b: Items
    found: Mapping[Item, Item]


def compare(a: Graph, b: Graph, *, names: bool = True) -> Comparison:
    """Return the differences from `a` to `b`.

    Args:
        names: Whether the names of models, layers and ops count. Those of inputs and outputs do,
            since data and losses go by them.
    """
    drawn = drawn_seeds(a, b), drawn_seeds(b, a)
    return _Compare(a, b, names, drawn, (), ()).run()


class _Compare:
    def __init__(
        self,
        a: Graph,
        b: Graph,
        names: bool,
        drawn: tuple[frozenset[int], frozenset[int]],
        before: tuple[str, ...],
        path: tuple[str, ...],
        frozen: tuple[bool, bool] = (False, False),
    ) -> None:
        self.a = Items(a, drawn[0], frozen=frozen[0])
        self.b = Items(b, drawn[1], frozen=frozen[1])
        self.names = names
        #: The seeds of each that nobody wrote.
        self.drawn = drawn
        #: The models that these are in, of the first and of the second.
        self.before = before
        self.path = path
        self.found = match(self.a, self.b, names=names)
        self.back = {other: one for one, other in self.found.items()}
        #: The calls of the second graph by those of the first, where their items are the same.
        self.calls = pair_calls(self.a, self.b, self.found, self._through)
        self.call_back = {second: first for first, second in self.calls.items()}
        self.changes: list[Change] = []
        self.layers: dict[tuple[str, ...], tuple[str, ...]] = {}

    def run(self) -> Comparison:
        for item in self.a.items:
            if item not in self.found:
                self.one_sided("removed", self.a, item)
        for item in self.b.items:
            one = self.back.get(item)
            if one is None:
                self.one_sided("added", self.b, item)
            else:
                self.both(one, item)
        self.inputs()
        self.outputs()
        if not self.path:
            self.whole()
        told = {(c.old, c.name) for c in self.changes if (c.kind, c.what) == ("renamed", "output")}
        changes = tuple(
            replace(change, path=change.path or self.path)
            for change in self.changes
            # An output that has another name has a layer that has another name.
            if (change.kind, change.what) != ("renamed", "layer")
            or (change.old, change.name) not in told
        )
        return Comparison(changes, self.layers, self.a, self.b, self.found)

    def add(self, kind: str, what: str, name: str, **more: Any) -> None:
        self.changes.append(Change(kind, what, name, **more))

    # Layers and ops

    def one_sided(self, kind: str, items: Items, item: Item) -> None:
        values = {
            name: (value, ABSENT) if kind == "removed" else (ABSENT, value)
            for name, value in item.arguments.items()
        }
        takes = {
            label: (self.said(items, ref),) * 2
            for use in item.uses[:1]
            for label, ref in use.tensors.items()
        }
        gives = _once(self.takers(items, item))
        self.add(kind, item.kind, item.name, cls=item.cls, values=values, takes=takes, gives=gives)

    def takers(self, items: Items, item: Item) -> Iterator[str]:
        mine = {use.number for use in item.uses}
        for number, (other, which) in enumerate(items.of_call):
            if number > min(mine) and any(
                ref.call in mine for ref in other.uses[which].tensors.values()
            ):
                yield other.name
        for output, ref in zip(items.graph.outputs, items.outputs, strict=True):
            if ref.call in mine and output.name != item.name:
                yield output.name

    def both(self, one: Item, other: Item) -> None:
        old = one.name if one.name != other.name else ""
        if other.kind in ("layer", "model"):
            self.layers[(*self.before, one.name)] = (*self.path, other.name)
        if old and (other.kind == "input" or (self.names and other.kind != "op")):
            self.add("renamed", other.kind, other.name, old=old, cls=other.cls)
        values = _values(one.arguments, other.arguments)
        if one.cls != other.cls and (one.kind, other.kind) != ("model", "model"):
            # All arguments, since those of one class say nothing of those of the other.
            names = dict.fromkeys([*one.arguments, *other.arguments])
            values = {name: (one.arguments.get(name), other.arguments.get(name)) for name in names}
            values = {"class": (one.cls, other.cls), **values}
        for which, before, after in self.uses(one, other):
            for name, pair in _values(before.settings, after.settings).items():
                values[f"{which}{_place(name)}"] = pair
        if len(one.uses) != len(other.uses):
            values["calls"] = (len(one.uses), len(other.uses))
        if values:
            self.add("changed", other.kind, other.name, old=old, cls=other.cls, values=values)
        self.wires(one, other, old)
        if one.graph is not None and other.graph is not None:
            paths = (*self.before, one.name), (*self.path, other.name)
            frozen = tuple(each.arguments.get("trainable") is False for each in (one, other))
            inside = _Compare(
                one.graph, other.graph, self.names, self.drawn, *paths, (frozen[0], frozen[1])
            ).run()
            made_up = any(isinstance(each.layer, Application) for each in (one, other))
            # Nobody wrote the names in an application, and Keras makes up others.
            self.changes += [c for c in inside.changes if not (made_up and c.kind == "renamed")]
            self.layers |= inside.layers

    def uses(self, one: Item, other: Item) -> Iterator[tuple[str, CallForm, CallForm]]:
        """Return the calls that both have, in the second graph's order, and how to name them."""
        first = {use.number: use for use in one.uses}
        for index, after in enumerate(other.uses):
            before = first.get(self.call_back.get(after.number, -1))
            if before is not None:
                yield f"call {index + 1}: " if len(other.uses) > 1 else "", before, after

    def wires(self, one: Item, other: Item, old: str) -> None:
        takes: dict[str, tuple[str, str]] = {}
        reordered = True
        for which, before, after in self.uses(one, other):
            wired = False
            for label in dict.fromkeys([*before.tensors, *after.tensors]):
                first, second = before.tensors.get(label), after.tensors.get(label)
                if not self.same(first, second):
                    wired = True
                    takes[f"{which}{label}"] = (
                        "" if first is None else self.said(self.a, first),
                        "" if second is None else self.said(self.b, second),
                    )
            reordered = reordered and (not wired or self.permuted(before, after))
        if takes:
            kind = "reordered" if reordered else "rewired"
            self.add(kind, other.kind, other.name, old=old, cls=other.cls, takes=takes)

    def permuted(self, before: CallForm, after: CallForm) -> bool:
        """Return whether two calls take the same tensors, in whatever order."""
        if before.tensors.keys() != after.tensors.keys():
            return False
        firsts = [self._through(self.a, ref) for ref in before.tensors.values()]
        seconds = [self._through(self.b, ref) for ref in after.tensors.values()]
        return sorted((self.calls.get(ref.call, -1), ref.result) for ref in firsts) == sorted(
            seconds
        )

    def same(self, first: TensorKey | None, second: TensorKey | None) -> bool:
        """Return whether two tensors are the same, but for layers put between or taken out."""
        if first is None or second is None:
            return first is second
        one, other = self._through(self.a, first), self._through(self.b, second)
        return self.calls.get(one.call) == other.call and one.result == other.result

    def _through(self, items: Items, ref: TensorKey) -> TensorKey:
        """Return the tensor before those of one input that the other graph does not have."""
        kept = self.found if items is self.a else self.back
        while True:
            item, which = items.of_call[ref.call]
            given = list(item.uses[which].tensors.values())
            if item in kept or len(given) != 1:
                return ref
            ref = given[0]

    def said(self, items: Items, ref: TensorKey) -> str:
        item, which = items.of_call[ref.call]
        if items is self.a and ref.call in self.calls:
            # One call has one number, on whichever side it is spoken of.
            which = self.b.of_call[self.calls[ref.call]][1]
        call = f" (call {which + 1})" if len(item.uses) > 1 else ""
        result = f"[{ref.result}]" if ref.result else ""
        return f"{item.name}{result}{call}"

    # The ends

    def inputs(self) -> None:
        ones = [self.found[item] for item in self.a.inputs if item in self.found]
        others = [item for item in self.b.inputs if item in self.back]
        if ones != others:
            self.order("input", [i.name for i in self.a.inputs], [i.name for i in self.b.inputs])

    def order(self, what: str, before: list[str], after: list[str]) -> None:
        self.add("reordered", what, what, values={"order": ([*before], [*after])})

    def outputs(self) -> None:
        first, second = self.a.graph.outputs, self.b.graph.outputs
        pairs = self._ends([o.name for o in first], [o.name for o in second])
        tasks = [items.form.data["tasks"] for items in (self.a, self.b)]
        for i, output in enumerate(first):
            if i not in pairs:
                self.add(
                    "removed", "output", output.name, takes=self._end(self.a, i), path=self.path
                )
        for j, output in enumerate(second):
            before = next((i for i in pairs if pairs[i] == j), None)
            if before is None:
                values = {k: (ABSENT, tasks[1][j][k]) for k in tasks[1][j] if tasks[1][j][k]}
                takes = self._end(self.b, j)
                self.add("added", "output", output.name, values=values, takes=takes)
                continue
            old = first[before].name if first[before].name != output.name else ""
            if old:
                self.add("renamed", "output", output.name, old=old)
            values = {} if self.path else _values(tasks[0][before], tasks[1][j])
            if values:
                self.add("changed", "output", output.name, old=old, values=values)
            if not self.same(self.a.outputs[before], self.b.outputs[j]):
                takes = {
                    "0": (
                        self.said(self.a, self.a.outputs[before]),
                        self.said(self.b, self.b.outputs[j]),
                    )
                }
                self.add("rewired", "output", output.name, old=old, takes=takes)
        if list(pairs.values()) != sorted(pairs.values()):
            self.order("output", [o.name for o in first], [o.name for o in second])

    def _end(self, items: Items, index: int) -> dict[str, tuple[str, str]]:
        name = self.said(items, items.outputs[index])
        return {} if name == items.graph.outputs[index].name else {"0": (name, name)}

    def _ends(self, first: list[str], second: list[str]) -> dict[int, int]:
        """Return which output is which: by name, then by tensor, then in order."""
        # Keras gives the results of one layer one name, in their order.
        places = {name: [j for j, each in enumerate(second) if each == name] for name in first}
        pairs = {i: places[name].pop(0) for i, name in enumerate(first) if places[name]}
        for how in (self.same, lambda *_: True):
            for i, one in enumerate(self.a.outputs):
                for j, other in enumerate(self.b.outputs):
                    if i not in pairs and j not in pairs.values() and how(one, other):
                        pairs[i] = j
        return dict(sorted(pairs.items()))

    def whole(self) -> None:
        a, b = self.a.graph, self.b.graph
        if self.names and a.name != b.name:
            self.add("renamed", "graph", b.name, old=a.name)
        values = _values(self.a.form.data["compile"], self.b.form.data["compile"])
        if a.span is not NOWHERE and b.span is not NOWHERE:
            # A model of Keras does not know how it was fitted.
            values |= _values(*({} if g.train is None else _fit(g) for g in (a, b)))
        if values:
            self.add("changed", "train", "train", values=values)
        if not self.changes and canonical(a, drawn=self.drawn[0]) != canonical(
            b, drawn=self.drawn[1]
        ):
            self.add("changed", "graph", b.name, values={"sharing": ("one way", "another")})


def _fit(graph: Graph) -> dict[str, PlainValue]:
    assert graph.train is not None
    return {name: plain_value(value) for name, value in graph.train.fit.items()}


def _values(
    before: Mapping[str, PlainValue], after: Mapping[str, PlainValue]
) -> dict[str, tuple[PlainValue, PlainValue]]:
    return {
        name: (before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if _differ(before.get(name), after.get(name))
    }


def _differ(one: PlainValue, other: PlainValue) -> bool:
    return one != other or isinstance(one, bool) != isinstance(other, bool)


def _place(name: str) -> str:
    return f"argument {int(name) + 1}" if name.isdigit() else name


def _once(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
