"""From an outline back to a graph: what the outline says, call by call.

The outline is exact if this is the graph it was made of; `difference` says whether it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mtg.graph.graph import Graph, Layer, Output
from mtg.graph.values import KerasObject, PythonObject, TensorRef
from mtg.outline.ir import (
    Again,
    Bind,
    Flow,
    Loop,
    Make,
    ModelOutline,
    Outline,
    Param,
    Result,
    Stage,
    Statement,
    Use,
    Value,
)
from mtg.outline.tidy import default_of, tidy, value_key
from mtg.text.source import NOWHERE

_Tensors = tuple[TensorRef, ...]


def expand(outline: Outline) -> Graph:
    """The graph of an outline's last model. Names of layers are numbers where none is fixed."""
    return _Expander(outline).model(outline.main)


class _Expander:
    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.graph = Graph("")
        self.shared: dict[str, tuple[Layer, ...]] = {}
        self.made = 0

    def model(self, model: ModelOutline) -> Graph:
        outer = self.graph, self.shared
        graph = self.graph = Graph(model.graph.name)
        self.shared = {}
        tensors: dict[str, TensorRef] = {}
        for entrance in model.inputs:
            layer = entrance.layer
            made = Layer(layer.name, "input", layer.cls, dict(layer.arguments), NOWHERE)
            tensors[entrance.name] = TensorRef(graph.add_call(made, (), {}, NOWHERE).id)
        for shared in model.shared:
            self.shared[shared.name] = tuple(
                layer for stage in shared.stages for layer in self.instances(stage)
            )
        found = self.statements(model.body, tensors, {})
        for result in model.results:
            said = result.output
            tensor = found[result.name]
            graph.outputs.append(
                Output(said.name, tensor, NOWHERE, said.loss, said.weight, said.metrics)
            )
        graph.train = model.train
        self.graph, self.shared = outer
        return graph

    def instances(self, stage: Stage) -> tuple[Layer, ...]:
        if isinstance(stage, Again):
            return self.shared[stage.name]
        assert isinstance(stage, Make)
        return (self.layer(stage, {}),)

    def statements(
        self, body: Sequence[Statement], tensors: dict[str, TensorRef], names: Mapping[str, Value]
    ) -> dict[str, TensorRef]:
        for statement in body:
            if isinstance(statement, Result):
                (tensors[statement.name],) = self.flow(statement.flow, tensors, names, 1)
            else:
                assert isinstance(statement, Bind)
                count = len(statement.names)
                made = self.flow(statement.flow, tensors, names, count)
                for name, tensor in zip(statement.names, made, strict=True):
                    if name is not None:
                        assert name not in tensors, f"{name} is bound twice"
                        tensors[name] = tensor
        return tensors

    def flow(
        self, flow: Flow, tensors: Mapping[str, TensorRef], names: Mapping[str, Value], count: int
    ) -> _Tensors:
        """The tensors that a flow ends in; the last call is said to have `count` results."""
        if isinstance(flow.source, str):
            found: _Tensors = (tensors[flow.source],)
        else:
            apply = flow.source
            args = self.argument(apply.args, tensors, names)
            kwargs = self.argument(dict(apply.kwargs), tensors, names)
            found = self.call(apply.stage, args, kwargs, names, 1 if flow.stages else count)
        for stage in flow.stages:
            found = self.call(stage, found, {}, names, count if stage is flow.stages[-1] else 1)
        return found

    def argument(
        self, value: Any, tensors: Mapping[str, TensorRef], names: Mapping[str, Value]
    ) -> Any:
        if isinstance(value, Flow):
            (tensor,) = self.flow(value, tensors, names, 1)
            return tensor
        if isinstance(value, (list, tuple)) and not isinstance(value, TensorRef):
            return type(value)(self.argument(item, tensors, names) for item in value)
        if isinstance(value, dict):
            return {key: self.argument(item, tensors, names) for key, item in value.items()}
        return self.value(value, names)

    def call(
        self,
        stage: Stage,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        names: Mapping[str, Value],
        count: int,
    ) -> _Tensors:
        if isinstance(stage, Loop):
            rounds = self.value(stage.count, names)
            values = stage.values if stage.variable is not None else (None,) * rounds
            assert len(values) == rounds
            for value in values:
                inner = names if stage.variable is None else {**names, stage.variable: value}
                for each in stage.stages:
                    args = self.call(each, args, kwargs, inner, 1)
            return args
        if isinstance(stage, Use):
            block = self.outline.block(stage.block)
            given = {p.name: p.default for p in block.parameters if p.has_default}
            given |= {name: self.value(value, names) for name, value in stage.arguments.items()}
            assert set(given) == {p.name for p in block.parameters}, (block.name, given)
            tensors = dict(zip(block.heads, args, strict=True))
            self.statements(block.body, tensors, given)
            made = [self.flow(flow, tensors, given, 1) for flow in block.returns]
            return tuple(tensor for each in made for tensor in each)
        layers = (
            self.shared[stage.name] if isinstance(stage, Again) else (self.layer(stage, names),)
        )
        for layer in layers:
            call = self.graph.add_call(layer, args, kwargs, NOWHERE)
            args, kwargs = (TensorRef(call.id),), {}
        call.results = count
        return tuple(TensorRef(call.id, number) for number in range(count))

    def layer(self, make: Make, names: Mapping[str, Value]) -> Layer:
        self.made += 1
        fixed = self.value(make.name, names)
        layer = Layer(
            str(self.made) if fixed is None else fixed,
            make.kind,
            make.cls,
            {name: self.value(value, names) for name, value in make.arguments.items()},
            NOWHERE,
            trainable=make.trainable,
            shown=make.shown,
        )
        if make.python is not None:
            layer.python = (make.python[0], self.value(make.python[1], names))
        if make.model is not None:
            layer.graph = self.model(self.outline.model(make.model))
        return layer

    def value(self, value: Value, names: Mapping[str, Value]) -> Value:
        if isinstance(value, Param):
            return value.value(names)
        if isinstance(value, Make):
            return self.layer(value, names)
        if isinstance(value, Again):
            (layer,) = self.shared[value.name]
            return layer
        if isinstance(value, KerasObject):
            inner = {name: self.value(item, names) for name, item in value.arguments.items()}
            return KerasObject(value.kind, value.name, inner, value.span)
        if isinstance(value, (list, tuple)):
            return type(value)(self.value(item, names) for item in value)
        if isinstance(value, dict):
            return {key: self.value(item, names) for key, item in value.items()}
        return value


def difference(one: Graph, two: Graph) -> str | None:
    """Where two graphs are not the same but for the names of layers, or None.

    Compared is what outputs depend on, inputs and outputs with their names, and what is shared.
    Values are the same where they mean the same: `3` and `(3, 3)` as a kernel's size, a default
    that is written and one that is not.
    """
    return _Comparison().graphs(one, two)


class _Comparison:
    def __init__(self, *, names: bool = True) -> None:
        #: Whether names of inputs and outputs count: those of nested models are their own.
        self.names = names
        self.layers: dict[Layer, Layer] = {}
        self.back: dict[Layer, Layer] = {}

    def graphs(self, one: Graph, two: Graph) -> str | None:
        for what in ("inputs", "outputs"):
            if len(getattr(one, what)) != len(getattr(two, what)):
                return f"{len(getattr(one, what))} and {len(getattr(two, what))} {what}"
        calls: dict[int, int] = {}
        for mine, theirs in zip(one.inputs, two.inputs, strict=True):
            calls[mine.id] = theirs.id
            if self.names and mine.layer.name != theirs.layer.name:
                return f"inputs {mine.layer.name} and {theirs.layer.name}"
        stack: list[tuple[TensorRef, TensorRef]] = []
        for first, second in zip(one.outputs, two.outputs, strict=True):
            if self.names and (first.name, first.loss, first.weight, first.metrics) != (
                *(second.name, second.loss, second.weight, second.metrics),
            ):
                return f"outputs {first.name} and {second.name}"
            stack.append((first.tensor, second.tensor))
        back = {theirs: mine for mine, theirs in calls.items()}
        done = set()
        while stack:
            a, b = stack.pop()
            where = f"{one.calls[a.call].layer.name} and {two.calls[b.call].layer.name}"
            if a.result != b.result or calls.get(a.call, b.call) != b.call:
                return f"results of {where}"
            if back.get(b.call, a.call) != a.call:
                return f"two calls are one: {where}"
            calls[a.call], back[b.call] = b.call, a.call
            if a.call in done:
                continue
            done.add(a.call)
            mine, theirs = one.calls[a.call], two.calls[b.call]
            said = self.same_layer(mine.layer, theirs.layer)
            if said is not None:
                return said
            refs, other = mine.tensors(), theirs.tensors()
            if len(refs) != len(other) or _shape(mine.args, mine.kwargs) != _shape(
                theirs.args, theirs.kwargs
            ):
                return f"calls of {where}"
            stack += zip(refs, other, strict=True)
        return None

    def same_layer(self, one: Layer, two: Layer) -> str | None:
        where = f"{one.name} and {two.name} ({one.cls})"
        if one.kind == two.kind == "op":
            return None if one.cls == two.cls else where
        if self.layers.setdefault(one, two) is not two or self.back.setdefault(two, one) is not one:
            return f"{where}: shared otherwise"
        if (one.kind, one.trainable) != (two.kind, two.trainable):
            return where
        if one.cls != two.cls and one.graph is None:
            return where
        if one.python != two.python or (one.graph is None) != (two.graph is None):
            return where
        if one.graph is not None and two.graph is not None:
            return _Comparison(names=False).graphs(one.graph, two.graph)
        if one.kind == "model":
            return None
        mine, theirs = _said(one), _said(two)
        if set(mine) != set(theirs):
            return f"{where}: arguments {sorted(set(mine) ^ set(theirs))}"
        for name, value in mine.items():
            if not self.same_value(value, theirs[name]):
                return f"{where}: {name} is {value!r} and {theirs[name]!r}"
        return None

    def same_value(self, one: Value, two: Value) -> bool:
        if isinstance(one, Layer) and isinstance(two, Layer):
            return self.same_layer(one, two) is None
        if isinstance(one, KerasObject) and isinstance(two, KerasObject):
            return (
                (one.kind, one.name) == (two.kind, two.name)
                and set(one.arguments) == set(two.arguments)
                and all(self.same_value(v, two.arguments[n]) for n, v in one.arguments.items())
            )
        if isinstance(one, PythonObject):
            return bool(one == two)
        return value_key(one) == value_key(two)


def _said(layer: Layer) -> dict[str, Value]:
    """The arguments of a layer that say something, tidy."""
    from mtg.outline.draft import entry_of

    entry = entry_of(layer)
    found = {}
    for name, value in layer.arguments.items():
        short = tidy(None if entry is None else entry.parameter(name), value, layer.cls)
        known, default = default_of(entry, name)
        if not known or value_key(default) != value_key(short):
            found[name] = short
    return found


def _shape(args: Any, kwargs: Any) -> Any:
    """The arguments of a call without the tensors in them."""

    def shape(value: Any) -> Any:
        if isinstance(value, TensorRef):
            return TensorRef
        if isinstance(value, (list, tuple)):
            return (type(value).__name__, *map(shape, value))
        if isinstance(value, dict):
            return tuple(sorted((str(key), shape(item)) for key, item in value.items()))
        return value_key(value)

    return shape(args), shape(kwargs)
