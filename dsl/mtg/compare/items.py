"""What a comparison of models speaks of: each layer once, with all its calls, and each op.

They are taken from the canonical form, so that what it leaves out is no difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mtg.catalog.names import snake_case
from mtg.compare.canonical import CanonicalForm, canonical_form
from mtg.graph.graph import Graph
from mtg.graph.layers import Application, InputLayer, Layer, NestedModel
from mtg.graph.values import Value


class TensorKey(NamedTuple):
    """A tensor: the number of a call in the canonical form, and which of its results."""

    call: int
    result: int


@dataclass(frozen=True, slots=True)
class CallForm:
    """One call: its settings, the form of its arguments, and the tensors by where they stand."""

    number: int
    settings: dict[str, Any]
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
    arguments: dict[str, Any]
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

    def _item(self, number: int, line: Mapping[str, Any]) -> Item:
        call = self.form.calls[number]
        layer = call.layer
        if "layer" not in line:
            settings = {} if "numbers" in line else dict(_settings(line))
            cls = "constant" if "numbers" in line else f"ops.{line['op']}"
            content = json.dumps(
                [cls, line.get("numbers"), line.get("dtype"), settings], default=str
            )
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

    def _use(self, number: int, line: Mapping[str, Any]) -> CallForm:
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

    def _plain(self, value: Value) -> object:
        """Return a value of the form, with layers inside it written out."""
        if isinstance(value, dict):
            if set(value) == {"instance"}:
                instance = self.form.data["layers"][value["instance"]]
                found = {
                    "object": instance["class"],  # a model's name says nothing of it
                    "arguments": self._plain(instance.get("arguments", {})),
                }
                if "trainable" in instance:
                    found["arguments"] = {**found["arguments"], "trainable": False}
                if "model" in instance:
                    found["model"] = instance["model"]
                return found
            return {key: self._plain(item) for key, item in value.items()}
        return [self._plain(item) for item in value] if isinstance(value, list) else value


def _inside(layer: Layer) -> Graph | None:
    if isinstance(layer, Application):
        from mtg.types.infer import application_graph  # as the canonical form does

        return application_graph(layer)
    return layer.graph if isinstance(layer, NestedModel) else None


def _settings(line: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the arguments of a call that hold no tensor."""
    for index, value in enumerate(line.get("args", ())):
        if not any(True for _ in _tensors("", value)):
            yield str(index), value
    for name, value in line.get("kwargs", {}).items():
        if not any(True for _ in _tensors("", value)):
            yield name, value


def _tensors(label: str, value: object) -> Iterator[tuple[str, TensorKey]]:
    if isinstance(value, dict):
        if set(value) == {"tensor"}:
            yield label, TensorKey(*value["tensor"])
        else:
            for key, item in value.items():
                yield from _tensors(f"{label}[{key!r}]", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _tensors(f"{label}[{index}]", item)


def _hollow(value: Value) -> object:
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
        return f"[{', '.join(map(said, value))}]"
    return repr(value)
