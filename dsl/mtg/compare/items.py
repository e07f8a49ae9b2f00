"""What a comparison of models speaks of: each layer once, with all its calls, and each op.

They are taken from the canonical form, so that what it leaves out is no difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

from mtg.catalog.names import snake_case
from mtg.compare.canonical import CanonicalForm, canonical_form
from mtg.compare.forms import PlainValue
from mtg.graph.graph import Graph
from mtg.graph.layers import Application, InputLayer, Layer, NestedModel

if TYPE_CHECKING:
    from mtg.compare.forms import InstanceForm, LineForm


class TensorKey(NamedTuple):
    """A tensor: the number of a call in the canonical form, and which of its results."""

    call: int
    result: int


@dataclass(frozen=True, slots=True)
class CallForm:
    """One call: its settings, the form of its arguments, and the tensors by where they stand."""

    number: int
    settings: dict[str, PlainValue]
    form: str
    tensors: dict[str, TensorKey]


@dataclass(eq=False, slots=True)
class Item:
    """A layer with its calls, or the call of an op.

    Attributes:
        number: Its place in the order of the walk from the outputs.
        name: Its name in the model.
        kind: `input`, `layer`, `model` or `op`.
        cls: `Dense`, `ops.mean`, or the name of a nested model.
        arguments: Its arguments that differ from their defaults, as plain data.
        content: Class, arguments and what is in it, as one string: equal for equal layers.
        uses: Its calls.
        graph: The graph of a nested model.
    """

    number: int
    name: str
    kind: str
    cls: str
    arguments: dict[str, PlainValue]
    content: str
    layer: Layer
    uses: list[CallForm] = field(default_factory=list)
    graph: Graph | None = None

    @property
    def named(self) -> bool:
        """Whether its name says more than its class and a number, as `dense_2` does not."""
        if self.kind == "op":
            return False
        stem = self.name.rstrip("0123456789").removesuffix("_")
        return not (stem == snake_case(self.cls) or stem.endswith(f"_{snake_case(self.cls)}"))


class Items:
    """The items of a graph, and how tensors go between them."""

    def __init__(
        self, graph: Graph, drawn: frozenset[int] = frozenset(), *, frozen: bool = False
    ) -> None:
        self.graph = graph
        self.form: CanonicalForm = canonical_form(graph, drawn, frozen=frozen)
        self.items: list[Item] = []
        #: The item of each call, and which of its calls it is.
        self.of_call: list[tuple[Item, int]] = []
        self.outputs = [TensorKey(*ref["tensor"]) for ref in self.form.data["outputs"]]
        found: dict[int, Item] = {}
        for number, line in enumerate(self.form.data["calls"]):
            layer = line.get("layer")
            item = found.get(layer) if layer is not None else None
            if item is None:
                item = self._item(number, line)
                self.items.append(item)
                if layer is not None:
                    found[layer] = item
            self.of_call.append((item, len(item.uses)))
            item.uses.append(self._use(number, line))
        self.inputs = [self.of_call[number][0] for number in self.form.data["inputs"]]

    def at(self, ref: TensorKey) -> Item:
        """Return the item that gives a tensor."""
        return self.of_call[ref.call][0]

    def _item(self, number: int, line: LineForm) -> Item:
        call = self.form.calls[number]
        layer = call.layer
        if "layer" not in line:
            fixed = "numbers" in line
            settings = dict(_settings(line))
            if fixed:
                settings = {"numbers": line["numbers"], "dtype": line["dtype"]}
            cls = "constant" if fixed else f"ops.{line['op']}"
            content = json.dumps([cls, settings], default=str)
            return Item(number, layer.name, "op", cls, settings, content, layer)
        instance = self.form.data["layers"][line["layer"]]
        arguments = {k: self._plain(v) for k, v in instance.get("arguments", {}).items()}
        if "positional" in instance:
            arguments["positional"] = self._plain(instance["positional"])
        if "trainable" in instance:
            arguments["trainable"] = instance["trainable"]
        kind, cls, graph = "layer", instance["class"], None
        inside = instance.get("model")
        if isinstance(layer, InputLayer):
            kind = "input"
        elif inside is not None:
            graph = _inside(layer)
            kind, cls = "model", layer.cls if graph is None else graph.name
        content = json.dumps([instance["class"], arguments, inside], sort_keys=True, default=str)
        return Item(number, layer.name, kind, cls, arguments, content, layer, graph=graph)

    def _use(self, number: int, line: LineForm) -> CallForm:
        tensors: dict[str, TensorKey] = {}
        position = 0
        for value in line.get("args", ()):
            for _, ref in _tensors("", value):
                tensors[str(position)] = ref
                position += 1
        for name, value in line.get("kwargs", {}).items():
            tensors.update(_tensors(name, value))
        settings = {} if "op" in line else dict(_settings(line))
        form = json.dumps(
            [_hollow(line.get("args", [])), _hollow(line.get("kwargs", {}))], default=str
        )
        return CallForm(number, settings, form, tensors)

    def _plain(self, value: PlainValue) -> PlainValue:
        """Return a value of the form, with layers inside it written out."""
        if isinstance(value, dict):
            match value:
                case {"instance": int(number), **rest} if not rest:
                    return self._inner(self.form.data["layers"][number])
            return {key: self._plain(item) for key, item in value.items()}
        return [self._plain(item) for item in value] if isinstance(value, list) else value

    def _inner(self, instance: InstanceForm) -> PlainValue:
        """Return an instance inside another, written out; a model's name says nothing of it."""
        arguments = {name: self._plain(v) for name, v in instance.get("arguments", {}).items()}
        if "trainable" in instance:
            arguments["trainable"] = False
        found: dict[str, PlainValue] = {"object": instance["class"], "arguments": arguments}
        if "model" in instance:
            found["model"] = cast("PlainValue", instance["model"])
        return found


def _inside(layer: Layer) -> Graph | None:
    if isinstance(layer, Application):
        from mtg.types.infer import application_graph  # as the canonical form does

        return application_graph(layer)
    return layer.graph if isinstance(layer, NestedModel) else None


def _settings(line: LineForm) -> Iterator[tuple[str, PlainValue]]:
    """Yield the arguments of a call that hold no tensor."""
    for index, value in enumerate(line.get("args", ())):
        if not any(True for _ in _tensors("", value)):
            yield str(index), value
    for name, value in line.get("kwargs", {}).items():
        if not any(True for _ in _tensors("", value)):
            yield name, value


def _tensors(label: str, value: PlainValue) -> Iterator[tuple[str, TensorKey]]:
    if isinstance(value, dict):
        match value:
            case {"tensor": [int(call), int(result)], **rest} if not rest:
                yield label, TensorKey(call, result)
                return
        for key, item in value.items():
            yield from _tensors(f"{label}[{key!r}]", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _tensors(f"{label}[{index}]", item)


def _hollow(value: PlainValue) -> PlainValue:
    """Return arguments without their tensors."""
    if isinstance(value, dict):
        if set(value) == {"tensor"}:
            return "·"
        return {key: _hollow(item) for key, item in value.items()}
    return [_hollow(item) for item in value] if isinstance(value, list) else value


def said(value: object) -> str:
    """Return a value of the form as a program would write it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        name = value.get("object") or value.get("python")
        if isinstance(name, str):
            given = [said(item) for item in value.get("args", ())]
            given += [f"{k}={said(v)}" for k, v in value.get("arguments", {}).items()]
            bare = "python" in value and not given
            return name if bare else f"{name}({', '.join(given)})"
        if "slice" in value:
            parts = value["slice"]
            if parts == "...":
                return "..."
            start, stop, step = ("" if part is None else said(part) for part in parts)
            return f"{start}:{stop}" + (f":{step}" if step else "")
        return "{" + ", ".join(f"{said(k)}: {said(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        many = len(value) > _MOST_ITEMS
        shown = [said(item) for item in (value[: _MOST_ITEMS - 2] if many else value)]
        shown += [f"… {len(value) - len(shown) - 1} more", said(value[-1])] if many else []
        return f"[{', '.join(shown)}]"
    return repr(value)


#: A list of more is shown by its beginning and its last item.
_MOST_ITEMS = 12


def first_difference(before: object, after: object, place: str = "") -> str:
    """Return where two lists, or lists of lists, differ first and how: `[3][0]: 1.0 → 2.0`."""
    if not isinstance(before, list) or not isinstance(after, list) or len(before) != len(after):
        return f"{place}: {said(before)} → {said(after)}"
    at = next(
        (i for i, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]), 0
    )
    return first_difference(before[at], after[at], f"{place}[{at}]")
