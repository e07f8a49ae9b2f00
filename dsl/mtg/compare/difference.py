"""What differs between two models, as text for people and as JSON for machines."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from mtg.compare.changes import Change, Comparison, compare
from mtg.compare.loading import Loaded, Loading, loading
from mtg.compare.words import change_line
from mtg.graph.graph import Graph, OutputForm
from mtg.graph.layers import InputLayer, Op
from mtg.text.documents import document
from mtg.types.types import Types

#: The version of the JSON; `docs/diff.md` describes it.
FORMAT = 1

#: Rows of the list of weights in the text.
_ROWS = 20

#: What gives the same, in whatever order its inputs are given.
_SYMMETRIC = frozenset(
    {"Add", "Multiply", "Average", "Maximum", "Minimum"}
    | {f"ops.{name}" for name in ("add", "multiply", "maximum", "minimum", "equal", "not_equal")}
    | {f"ops.logical_{name}" for name in ("and", "or", "xor")}
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two models.

    Attributes:
        title: What to call it: the path of its file.
        notes: What of it cannot be compared.
        form: What it gives, a list of its outputs or a dict; a program says neither, and is taken
            to give what the other side gives.
    """

    title: str
    graph: Graph
    types: Types
    notes: tuple[str, ...] = ()
    form: OutputForm | None = None

    def beside(self, other: Side) -> Side:
        """Return this side in the form of the other, where it has none and that gives a dict.

        Of a dict Keras sorts the outputs by their names, and with them the layers that end in them.
        """
        if self.form is not None or other.form != "dict":
            return self
        graph = copy(self.graph)
        graph.outputs = sorted(graph.outputs, key=lambda output: output.name)
        note = (
            f"{other.title} gives a dict of its outputs; {self.title} is compared as "
            "`mtg compile --outputs dict` makes it"
        )
        types = replace(self.types, graph=graph)
        return replace(self, graph=graph, types=types, notes=(*self.notes, note))


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two models, from the first to the second.

    `str` gives the text, and `bool` is True where anything differs.

    Attributes:
        a: What the first is called.
        b: What the second is called.
        changes: The differences; see `mtg.compare.changes.Change`.
        weights: Whether the weights of the first load into the second.
        notes: What could not be compared.
    """

    a: str
    b: str
    changes: tuple[Change, ...]
    weights: Loading
    notes: tuple[str, ...] = field(default=())

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.changes

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        return "\n".join(_text(self))

    def to_json(self) -> str:
        """Return the differences as JSON; `docs/diff.md` describes the object."""
        return document(_data(self)).rstrip("\n")


def difference(a: Side, b: Side, *, names: bool = True) -> Difference:
    """Return what differs from `a` to `b`.

    Args:
        names: Whether the names of models, layers and ops count.
    """
    a, b = a.beside(b), b.beside(a)
    found: Comparison = compare(a.graph, b.graph, names=names)
    weights = loading(a.types, b.types, found.layers)
    turned = (
        (*change.path, change.name)
        for change in found.changes
        if change.kind == "reordered" and "order" not in change.values
        if change.cls not in _SYMMETRIC and _weighty(b.types, change)
    )
    weights = replace(weights, reordered=tuple(turned))
    forms: tuple[str, ...] = ()
    if a.form and b.form and a.form != b.form:
        forms = (f"{a.title} gives a {a.form} of its outputs, {b.title} a {b.form}",)
    return Difference(a.title, b.title, found.changes, weights, (*a.notes, *b.notes, *forms))


def _weighty(types: Types, change: Change) -> bool:
    """Return whether layers with reordered inputs, or what follows from them, have weights."""
    if change.path:
        return True  # What follows from the model that it is in does so too.
    graph = types.graph
    open_ = [n for n, call in enumerate(graph.calls) if call.layer.name == change.name]
    followers = graph.consumers()
    seen: set[int] = set()
    while open_:
        number = open_.pop()
        layer = graph.calls[number].layer
        if number in seen:
            continue
        seen.add(number)
        if not isinstance(layer, (Op, InputLayer)) and types.weights.get(layer) != ():
            return True
        open_ += followers[number]
    return False


# Text


def _text(found: Difference) -> Iterator[str]:
    if found.changes:
        yield f"--- {found.a}"
        yield f"+++ {found.b}"
        yield ""
        for change in found.changes:
            yield change_line(change)
    else:
        yield f"{found.a} and {found.b} are the same model"
    for note in found.notes:
        yield f"note: {note}"
    if found.changes or found.weights.verdict != "yes":
        yield ""
        yield from _weights(found)


def _weights(found: Difference) -> Iterator[str]:
    layers = found.weights.layers
    takers = [each for each in layers if each.status != "left"]
    wrong = [each for each in layers if each.status != "loads" or each.stray]
    start = f"weights of {found.a} in {found.b}:"
    if found.weights.verdict == "yes":
        count = f"all {len(takers)} layers" if len(takers) != 1 else "the one layer"
        yield f"{start} they load, {count}" if takers else f"{start} neither has any"
        yield from _turned(found)
        return
    said_of = {
        "no": "they do not load; Keras raises an error",
        "partly": "they load without an error, but "
        + ("not all into the right layers" if any(e.stray for e in wrong) else "not all of them"),
        "unknown": "that is not known",
    }
    yield f"{start} {said_of[found.weights.verdict]}"
    for each in wrong[:_ROWS]:
        yield f"  {_row(each)}"
    if len(wrong) > _ROWS:
        yield f"  and {len(wrong) - _ROWS} more"
    if found.weights.verdict == "partly":
        yield from _turned(found)
    if found.weights.verdict in ("no", "partly") and found.a.endswith(".keras"):
        yield f"  `mtg compile --weights {found.a} --by-name` loads those of the same names"


def _turned(found: Difference) -> Iterator[str]:
    """Yield what weights mean no more, though they load."""
    for path in found.weights.reordered:
        name = "/".join(path)
        yield (
            f"  but `{name}` takes its inputs in another order, which changes what the weights mean"
        )


def _row(each: Loaded) -> str:
    name, giver = "/".join(each.layer), "/".join(each.giver)
    if each.status == "left":
        return f"`{giver}` is not used: no layer loads `{each.key}`"
    if each.status == "missing":
        return f"`{name}` gets no weights: the file has no `{each.key}`"
    of = f" from `{giver}`" if each.stray or giver != name else ""
    if each.status == "unknown":
        return f"`{name}`{of}: not known"
    if each.status == "loads":
        return f"`{name}` gets the weights of `{giver}`, which is another layer"
    if each.status == "number":
        wanted = sum(row[1] is not None for row in each.weights)
        given = sum(row[2] is not None for row in each.weights)
        return f"`{name}`{of}: {wanted} weights, and {given} in the file"
    rows = [f"{row[0]} {_shape(row[1])}, and {_shape(row[2])} in the file" for row in each.weights]
    return f"`{name}`{of}: {'; '.join(rows)}"


def _shape(shape: tuple[int, ...] | None) -> str:
    return "none" if shape is None else str(shape)


# JSON


def _data(found: Difference) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "a": found.a,
        "b": found.b,
        "equal": found.equal,
        "changes": [_change(change) for change in found.changes],
        "weights": {
            "verdict": found.weights.verdict,
            "layers": [_loaded(each) for each in found.weights.layers],
            "reordered": [list(path) for path in found.weights.reordered],
        },
        "notes": list(found.notes),
    }


def _change(change: Change) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": change.kind, "what": change.what, "name": change.name}
    if change.old:
        data["old_name"] = change.old
    if change.path:
        data["path"] = list(change.path)
    if change.cls:
        data["class"] = change.cls
    if change.values:
        data["values"] = {
            name: {"old": before, "new": after} for name, (before, after) in change.values.items()
        }
    if change.takes:
        data["takes"] = {
            label: {"old": before or None, "new": after or None}
            for label, (before, after) in change.takes.items()
        }
    if change.gives:
        data["gives"] = list(change.gives)
    return data


def _loaded(each: Loaded) -> dict[str, Any]:
    return {
        "layer": list(each.layer) or None,
        "giver": list(each.giver) or None,
        "key": each.key,
        "status": each.status,
        "stray": each.stray,
        "misfits": [
            {"name": name, "shape": wanted, "in_file": given}
            for name, wanted, given in each.weights
        ],
    }
