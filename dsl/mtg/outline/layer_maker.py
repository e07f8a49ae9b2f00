"""Layers and operations as nodes: what makes them, with holes for the values in it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from mtg.catalog import Entry
from mtg.catalog.names import snake_case
from mtg.graph.graph import Call
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import KerasObject, PythonObject, TensorRef, map_leaves, tensors_in
from mtg.outline.draft import Hole, Maker, Node, NodeResult, Path, Slot, Values, freeze
from mtg.outline.ir import New, Reference, Stage, Value
from mtg.outline.names import is_nameless
from mtg.outline.tidy import default_of, tidy, value_key

#: What a model in the model is called in the outline, and a shared instance that a value names.
Known = Callable[[Layer], New | Reference | None]


class LayerMaker(Maker):
    """Makes a layer like `layer`, or calls an op."""

    __slots__ = ("again", "entry", "key", "known", "layer", "names", "template", "values")

    def __init__(self, layer: Layer, known: Known, name: Value = None) -> None:
        self.layer = layer
        self.known = known
        self.entry = entry_of(layer)
        self.values: Values = {}
        self.template: dict[str, object] = {}
        self.again = known(layer)
        if isinstance(self.again, Reference):
            self.key: Hashable = ("again", self.again.name)
            return
        self.template = {
            name: self._leaf(_tidied(self.entry, name, value), ("a", name))
            for name, value in layer.arguments.items()
        }
        if isinstance(layer, PythonLayer):
            for number, value in enumerate(layer.positional):
                self.template[str(number)] = self._leaf(value, ("a", str(number)))
        if name is not None:
            self.values["name",] = name
        optional = {name for name in self.template if default_of(self.entry, name)[0]}
        self.key = (
            layer.kind,
            layer.cls if not isinstance(self.again, New) else self.again.model,
            layer.trainable,
            layer.module if isinstance(layer, PythonLayer) else None,
            freeze(
                {
                    name: item
                    for name, item in self.template.items()
                    if name not in optional or not isinstance(item, Hole)
                }
            ),
        )

    @property
    def word(self) -> str:
        if isinstance(self.again, Reference):
            return self.again.name
        if isinstance(self.layer, NestedModel) and is_nameless(self.layer.name):
            return "model"
        return snake_case(self.layer.cls.rpartition(".")[2])

    @property
    def is_op(self) -> bool:
        return isinstance(self.layer, Op)

    def _leaf(self, value: Any, path: Path) -> object:
        """Return a value with holes for what is plain in it."""
        if isinstance(value, KerasObject):
            inner: dict[str, Any] = {
                n: self._leaf(v, (*path, n)) for n, v in value.arguments.items()
            }
            return KerasObject(value.kind, value.name, inner, value.span)
        if isinstance(value, Layer):
            again = self.known(value)
            if isinstance(again, Reference):
                return again
            inner = {
                n: self._leaf(_tidied(entry_of(value), n, v), (*path, n))
                for n, v in value.arguments.items()
            }
            return _make(value, again, inner)
        if isinstance(value, PythonObject):
            return value
        if isinstance(value, (list, tuple)) and any(
            isinstance(item, (Layer, KerasObject)) for item in value
        ):
            return [self._leaf(item, (*path, str(i))) for i, item in enumerate(value)]
        self.values[path] = value
        return Hole(path)

    def stage(self, values: Values) -> Stage:
        if isinstance(self.again, Reference):
            return self.again
        arguments = {name: fill(item, values) for name, item in self.template.items()}
        for path, value in values.items():
            if len(path) == 2 and path[0] == "a" and path[1] not in arguments:
                arguments[path[1]] = value
        if self.entry is not None and not isinstance(self.layer, Op):
            order = {parameter.name: i for i, parameter in enumerate(self.entry.parameters)}
            arguments = dict(sorted(arguments.items(), key=lambda item: order.get(item[0], 999)))
            arguments = {n: v for n, v in arguments.items() if not self._is_default(n, v)}
        return _make(self.layer, self.again, arguments, values.get(("name",)))

    def _is_default(self, name: str, value: Value) -> bool:
        known, default = default_of(self.entry, name)
        return known and value_key(default) == value_key(value)

    def default(self, path: Path) -> Value:
        default: Value
        known, default = default_of(self.entry, path[-1])
        assert known, f"no default of {path}"
        return default


def fill(value: object, values: Values) -> Any:
    """Return a template with the values in its holes."""

    def filled(leaf: Value) -> Value:
        if isinstance(leaf, Hole):
            return values[leaf.path]
        if isinstance(leaf, KerasObject):
            return replace(leaf, arguments=fill(leaf.arguments, values))
        if isinstance(leaf, New):
            inner = fill(leaf.arguments, values)
            return _make(leaf.layer, leaf if leaf.model else None, inner)
        return leaf

    return map_leaves(filled, value)


def _make(
    layer: Layer, model: New | Reference | None, arguments: dict[str, Any], name: Value = None
) -> New:
    count = len(layer.positional) if isinstance(layer, PythonLayer) else 0
    positional = tuple(arguments.pop(str(i)) for i in range(count))
    return New(
        layer,
        {} if isinstance(layer, NestedModel) else arguments,
        name,
        positional,
        model.model if isinstance(model, New) else None,
    )


def _tidied(entry: Entry | None, name: str, value: object) -> object:
    parameter = None if entry is None else entry.parameter(name)
    return tidy(parameter, value)


def entry_of(layer: Layer) -> Entry | None:
    """Return the entry of the catalogue that a layer is made by, if it is one of Keras's."""
    return layer.entry if isinstance(layer, (KerasLayer, Application)) else None


def node_of(call: Call, maker: LayerMaker, refs: dict[TensorRef, NodeResult]) -> Node:
    """Return the node that one call of a graph is."""
    inputs: list[NodeResult] = []
    values = dict(maker.values)

    def leaf(value: Any, path: Path) -> object:
        if isinstance(value, TensorRef):
            inputs.append(refs[value])
            return Slot(len(inputs) - 1)
        if isinstance(value, (list, tuple)) and any(True for _ in tensors_in(value)):
            return type(value)(leaf(item, (*path, i)) for i, item in enumerate(value))
        if isinstance(value, dict) and any(True for _ in tensors_in(value)):
            return {key: leaf(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, (slice, type(...))) or (
            isinstance(value, (list, tuple))
            and any(isinstance(i, (slice, type(...))) for i in value)
        ):
            return value
        values[path] = value
        return Hole(path)

    args = tuple(leaf(value, ("c", number)) for number, value in enumerate(call.args))
    kwargs = {name: leaf(value, ("c", name)) for name, value in call.kwargs.items()}
    fixed = isinstance(maker.again, Reference) or isinstance(maker.layer, InputLayer)
    return Node(maker, inputs, args, kwargs, values, call.results, fixed, (call,))
