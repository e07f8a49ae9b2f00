"""Which layers a step of training changes: those from which a gradient leads to a loss.

A gradient goes from a loss to all that it was computed from, through shared layers and the models
inside, until something has none: whole numbers, `stop_gradient`, what rounds or compares. What a
layer of Python may do is not known: it is taken to add a loss of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, assert_never

from mtg.graph.graph import Call, Graph
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import KerasObject, TensorRef, Value
from mtg.graph.walk import layers_within
from mtg.types.types import Types

#: Functions through which no gradient goes, though they give floats.
_FLAT = frozenset(
    [
        *("stop_gradient", "round", "floor", "ceil", "trunc", "sign", "floor_divide", "heaviside"),
        *("one_hot", "multi_hot", "zeros_like", "ones_like", "full_like", "empty_like"),
    ]
)
#: Layers that take indices or words: what they give has no gradient towards those.
_LOOKUPS = frozenset(
    [
        *("Embedding", "CategoryEncoding", "Discretization", "Hashing", "HashedCrossing"),
        *("IntegerLookup", "StringLookup", "TextVectorization"),
    ]
)


@dataclass(slots=True)
class _Walked:
    """What gradients from some tensors of a graph come to: layers, results of models, inputs."""

    layers: set[Layer] = field(default_factory=set)
    models: dict[Layer, set[int]] = field(default_factory=dict)
    inputs: set[int] = field(default_factory=set)


class GradientReach:
    """What the losses of a model reach.

    Two layers that are one model have weights of their own and one graph. So what is trained in a
    model follows from those of its results that are trained, and is found once for each set.
    """

    def __init__(self, types: Types) -> None:
        self._walks: dict[tuple[Graph, frozenset[int]], _Walked] = {}
        self._answers: dict[tuple[Graph, frozenset[int], int], bool] = {}
        self._types = types
        losses = [
            output.tensor
            for output in types.graph.outputs
            if not output.complete or (output.loss is not None and output.weight != 0)
        ]
        self._all = self._walk(types, losses)

    def leaves_out(self, ref: TensorRef) -> bool:
        """Return whether trainable weights lead to a tensor that no loss reaches."""
        return self._untrained(self._types, self._all, ref)

    def _untrained(self, types: Types, walked: _Walked, ref: TensorRef) -> bool:
        graph = types.graph
        taken: dict[Layer, set[int]] = {graph.calls[ref.call].layer: {ref.result}}
        for number in graph.before([ref.call]):
            for each in graph.calls[number].tensors():
                taken.setdefault(graph.calls[each.call].layer, set()).add(each.result)
        return any(
            self._model(types, walked, layer, results)
            if isinstance(layer, NestedModel)
            else _is_left(types, walked, layer)
            for layer, results in taken.items()
        )

    def _model(self, types: Types, walked: _Walked, layer: NestedModel, results: set[int]) -> bool:
        """Return whether a nested model has weights that lead to results and are untrained."""
        inner, graph = types.nested.get(layer), layer.graph
        if inner is None or layer.trainable is False:
            return False
        reached = frozenset(walked.models.get(layer, ()))
        for result in results:
            key = graph, reached, result
            if result < len(graph.outputs) and key not in self._answers:
                found = self._inside(inner, reached)
                ref = graph.outputs[result].tensor
                self._answers[key] = self._untrained(inner, found, ref)
            if self._answers.get(key):
                return True
        return False

    def _inside(self, types: Types, results: frozenset[int]) -> _Walked:
        """Return the walk from some results of a model inside, and from its layers' own losses."""
        key = types.graph, results
        if key not in self._walks:
            outputs = types.graph.outputs
            start = [outputs[each].tensor for each in results if each < len(outputs)]
            self._walks[key] = self._walk(types, start)
        return self._walks[key]

    def _walk(self, types: Types, start: Iterable[TensorRef]) -> _Walked:
        """Follow gradients back from some tensors, and from the losses that layers add."""
        graph, found = types.graph, _Walked()
        waiting = [*start]
        for number in graph.reaching_outputs():
            waiting += self._added(types, graph.calls[number], found)
        seen: set[TensorRef] = set()
        while waiting:
            ref = waiting.pop()
            if ref in seen or _has_no_gradient(types, ref):
                continue
            seen.add(ref)
            call = graph.calls[ref.call]
            layer = call.layer
            inner = types.nested.get(layer)
            match layer:
                case InputLayer():
                    found.inputs.add(graph.inputs.index(call))
                case NestedModel() if inner is not None:
                    found.models.setdefault(layer, set()).add(ref.result)
                    through = self._inside(inner, frozenset([ref.result]))
                    waiting += _given(call, layer.graph, through.inputs)
                case Op():
                    if layer.cls.rpartition(".")[2] not in _FLAT:
                        waiting += call.tensors()
                case KerasLayer() | Application() | NestedModel() | PythonLayer():
                    _mark(layer, found)
                    if layer.cls not in _LOOKUPS:
                        waiting += call.tensors()
                case _:
                    assert_never(layer)
        return found

    def _added(self, types: Types, call: Call, found: _Walked) -> list[TensorRef]:
        """Return the tensors that the losses of a call's own layers are made from."""
        layer, tensors = call.layer, list[TensorRef]()
        for each in (layer, *layers_within(layer)):
            if isinstance(each, PythonLayer) or _is_regularized(each, "activity"):
                _mark(layer, found)
                tensors += [TensorRef(call.id), *call.tensors()]
            elif _is_regularized(each, ""):
                found.layers |= {layer, each}
        inner = types.nested.get(layer)
        if isinstance(layer, NestedModel) and inner is not None:
            tensors += _given(call, layer.graph, self._inside(inner, frozenset()).inputs)
        return tensors


def _mark(layer: Layer, found: _Walked) -> None:
    """Take down that a layer is trained, and with it all that it wraps."""
    for each in (layer, *layers_within(layer)):
        found.layers.add(each)
        if isinstance(each, NestedModel):
            found.models.setdefault(each, set()).update(range(len(each.graph.outputs)))


def _is_left(types: Types, walked: _Walked, layer: Layer) -> bool:
    """Return whether a layer has weights to train, and nothing trains them."""
    weights = types.weights.get(layer)
    if not weights or not any(weight.trainable for weight in weights):
        return False
    # `Bidirectional` copies the layer that it is given; other wrappers have its weights.
    parts = (layer,) if layer.cls == "Bidirectional" else (layer, *layers_within(layer))
    return not any(part in walked.layers or walked.models.get(part) for part in parts)


def _has_no_gradient(types: Types, ref: TensorRef) -> bool:
    dtype = types.of(ref).dtype
    return dtype is not None and dtype.startswith(("int", "uint", "bool", "string"))


def _given(call: Call, graph: Graph, inputs: Iterable[int]) -> list[TensorRef]:
    """Return the tensors that a call of a model gives to some of its inputs."""
    placed: list[Any] = []
    named = dict(call.kwargs)
    for value in call.args:
        if isinstance(value, dict):
            named |= value
        elif isinstance(value, (list, tuple)) and not isinstance(value, TensorRef):
            placed += value
        else:
            placed.append(value)
    names = [each.layer.name for each in graph.inputs]
    given = {**dict(zip(names, placed, strict=False)), **named}
    found = [given.get(names[index]) for index in inputs]
    return [each for each in found if isinstance(each, TensorRef)]


def _is_regularized(layer: Layer, of: str) -> bool:
    """Return whether a layer has a regularizer that counts: of its activity, or of a weight."""
    if layer.cls == "ActivityRegularization":
        return of == "activity" and any(layer.arguments.get(name) for name in ("l1", "l2"))
    return any(
        name.endswith("regularizer") and name.startswith(of) and _counts(value)
        for name, value in layer.arguments.items()
    )


def _counts(value: Value) -> bool:
    """Return whether a regularizer is one: `L2(0.0)` is none."""
    if isinstance(value, KerasObject) and value.name in ("L1", "L2", "L1L2"):
        given = value.arguments.values()
        return any(each != 0 for each in given) or (value.name != "L1L2" and not given)
    return value is not None
