"""Two models as one: the boxes and lines of both, and in which of the models each is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from mtg.backends.labels import argument_texts
from mtg.compare.changes import Change, Comparison, compare
from mtg.compare.items import Item, Items
from mtg.compare.words import before_and_after, change_line
from mtg.graph.graph import Graph
from mtg.graph.layers import Layer

Status: TypeAlias = Literal["same", "added", "removed", "changed"]

#: Equal layers from which on they are one box.
_MANY = 4
#: Inputs, and outputs, up to which those that are equal have boxes of their own.
_ENDS = 8
#: What has a box of its own.
_IN_BOXES = ("input", "layer", "model", "op")


class Connection(NamedTuple):
    """A line, by the keys of its boxes."""

    tail: str
    head: str


class Box(NamedTuple):
    """What one box shows.

    Attributes:
        status: In which of the models it is.
        layer: The layer; None for an output.
        name: Its name.
        lines: What is told of it.
    """

    status: Status
    layer: Layer | None
    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BothModels:
    """Two models as one.

    Attributes:
        boxes: The boxes, by keys.
        lines: The lines between them.
        times: How many tensors each line is.
        folded: The key of the one box that each of many equal layers is in.
        changes: All that differs.
    """

    boxes: Mapping[str, Box]
    lines: Mapping[Connection, Status]
    times: Mapping[Connection, int]
    folded: Mapping[str, str]
    changes: tuple[Change, ...]

    def counts(self) -> dict[Status, int]:
        """Return how many boxes are added, removed and changed, where there are any."""
        found = Counter(box.status for box in self.boxes.values())
        order: tuple[Status, ...] = ("added", "removed", "changed")
        return {status: found[status] for status in order if found[status]}

    def whole(self) -> list[str]:
        """Return what differs in no box: how the models are trained, the order of inputs."""
        return [
            change_line(change)
            for change in self.changes
            if change.what in ("train", "graph")
            or (change.kind == "reordered" and "order" in change.values and not change.path)
        ]


def both_models(a: Graph, b: Graph, *, names: bool = True) -> BothModels:
    """Return two models as one, in the places of the second.

    Args:
        names: Whether the names of models, layers and ops count.
    """
    found = compare(a, b, names=names)
    boxes, lines, times = _union(found)
    return BothModels(boxes, lines, times, _folded(found, boxes, lines), found.changes)


def _union(
    found: Comparison,
) -> tuple[dict[str, Box], dict[Connection, Status], dict[Connection, int]]:
    """Return the boxes of both models by keys, the lines between them, and of how many tensors."""
    told = _told(found.changes)
    boxes: dict[str, Box] = {}
    keys: dict[Item, str] = {}
    partners = {other: one for one, other in found.found.items()}
    for item in found.b.items:
        keys[item] = f"b{item.number}"
        lines = tuple(told.get((item.kind == "input", item.name), ()))
        status: Status = "changed" if lines else "same"
        if item not in partners:
            status, lines = "added", tuple(argument_texts(item.layer))
        boxes[keys[item]] = Box(status, item.layer, item.name, lines)
    for item in found.a.items:
        if item in found.found:
            keys[item] = keys[found.found[item]]
        else:
            keys[item] = f"a{item.number}"
            lines = tuple(argument_texts(item.layer))
            boxes[keys[item]] = Box("removed", item.layer, item.name, lines)
    ends = _outputs(found, told)
    boxes |= ends.boxes
    before = Counter(_lines(found.a, keys, ends.before))
    after = Counter(_lines(found.b, keys, ends.after))
    status_of: dict[Connection, Status] = {
        line: "same" if line in before else "added" for line in after
    }
    for line in before:
        status_of.setdefault(line, "removed")
    return boxes, status_of, {**before, **after}


class _Ends(NamedTuple):
    """The boxes of outputs, and the keys of those of each model, in order."""

    boxes: dict[str, Box]
    before: list[str]
    after: list[str]


def _outputs(found: Comparison, told: Mapping[tuple[bool, str], list[str]]) -> _Ends:
    changes = [c for c in found.changes if c.what == "output" and not c.path]
    added = {change.name for change in changes if change.kind == "added"}
    removed = {change.name for change in changes if change.kind == "removed"}
    renamed = {change.old: change.name for change in changes if change.kind == "renamed"}
    of_output: dict[str, list[str]] = defaultdict(list)
    for change in changes:
        if change.kind not in ("added", "removed", "rewired"):
            of_output[change.name] += _words(change)
    boxes: dict[str, Box] = {}
    after = []
    for number, output in enumerate(found.b.graph.outputs):
        lines = tuple(of_output[output.name])
        status: Status = "changed" if lines else "same"
        if output.name in added:
            status = "added"
        after.append(f"end{number}")
        boxes[after[-1]] = Box(status, None, output.name, lines)
    names = [output.name for output in found.b.graph.outputs]
    before = []
    for number, output in enumerate(found.a.graph.outputs):
        name = renamed.get(output.name, output.name)
        if output.name in removed or name not in names:
            before.append(f"old{number}")
            boxes[before[-1]] = Box("removed", None, output.name)
        else:
            before.append(after[names.index(name)])
    return _Ends(boxes, before, after)


def _lines(items: Items, keys: Mapping[Item, str], ends: list[str]) -> Iterator[Connection]:
    for item in items.items:
        for use in item.uses:
            for ref in use.tensors.values():
                yield Connection(keys[items.at(ref)], keys[item])
    for ref, end in zip(items.outputs, ends, strict=True):
        yield Connection(keys[items.at(ref)], end)


def _told(changes: Iterable[Change]) -> dict[tuple[bool, str], list[str]]:
    """Return what is told of each input, and of each layer or op, by name."""
    told: dict[tuple[bool, str], list[str]] = {}
    for change in changes:
        if change.path:
            told.setdefault((False, change.path[0]), []).append(change_line(change))
        elif change.what in _IN_BOXES and change.kind not in ("added", "removed"):
            told.setdefault((change.what == "input", change.name), []).extend(_words(change))
    return told


def _words(change: Change) -> list[str]:
    """Return what is told of a change in the box that it is of."""
    if change.kind == "renamed":
        return [f"was {change.old}"]
    if change.kind == "rewired":
        return ["takes other tensors"]
    if change.kind == "reordered":
        return ["inputs in another order"]
    if "class" in change.values:
        before, after = change.values["class"]
        return [f"{before} → {after}"]
    return [f"{name} {before_and_after(change, name)}" for name in change.values]


def _folded(
    found: Comparison, boxes: Mapping[str, Box], lines: Mapping[Connection, Status]
) -> dict[str, str]:
    """Return the name of the box that each of many equal layers is in.

    Layers are in one box that hang together, and of which all see the same boxes before and behind
    them. So no way leads out of such a box and into it again.
    """
    keep = {key for key, box in boxes.items() if box.status != "same"}
    keep |= {key for line, status in lines.items() if status != "same" for key in line}
    keep |= {key for line in lines for key in line if not keep.isdisjoint(line)}
    keys = {item: f"b{item.number}" for item in found.b.items}
    inputs = [keys[item] for item in found.b.items if item.kind == "input"]
    ends = [key for key in boxes if boxes[key].layer is None]
    for several in (inputs, ends):
        keep |= set(several) if len(several) <= _ENDS else set()
    keep |= {keys[item] for item in found.b.items if len(item.uses) > 1}
    bits = {key: 1 << number for number, key in enumerate(boxes)}
    before: dict[str, int] = {}
    behind: dict[str, int] = {}
    pairs = [line for line, status in lines.items() if status != "removed"]
    order = [keys[item] for item, _ in found.b.of_call]
    heads, tails = defaultdict(list), defaultdict(list)
    for tail, head in pairs:
        tails[head].append(tail)
        heads[tail].append(head)
    for key in (*order, *ends):
        for tail in tails[key]:
            seen = before.get(tail, 0) | (bits[tail] if tail in keep else 0)
            before[key] = before.get(key, 0) | seen
    for key in reversed(order):
        for head in heads[key]:
            seen = behind.get(head, 0) | (bits[head] if head in keep else 0)
            behind[key] = behind.get(key, 0) | seen
    groups: dict[str, str] = {}
    members: dict[str, list[str]] = defaultdict(list)
    for key in order:  # of each group, what hangs together
        if key in keep or key in groups:
            continue
        waiting = [key]
        while waiting:
            each = waiting.pop()
            if each in groups:
                continue
            groups[each] = f"equal{key}"
            members[f"equal{key}"].append(each)
            for other in (*tails[each], *heads[each]):
                alike = (before.get(each, 0), behind.get(each, 0)) == (
                    before.get(other, 0),
                    behind.get(other, 0),
                )
                if alike and other not in keep and boxes[other].layer is not None:
                    waiting.append(other)
    return {key: name for key, name in groups.items() if len(members[name]) >= _MANY}
