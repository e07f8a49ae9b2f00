"""Which layers are trained: `trainable=False` of a wrapper or a model counts for all that is in it.

What counts is what becomes of the weights. A wrapper has none of its own, and a layer such as
`Flatten` has nothing to train, so that the word says nothing there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from mtg.catalog import catalog
from mtg.graph.graph import Graph
from mtg.graph.layers import InputLayer, KerasLayer, Layer, NestedModel, Op
from mtg.graph.values import Value
from mtg.graph.walk import layers_within

#: The parts of Keras whose layers have nothing to train, but for one, and others that have not.
_FAMILIES = frozenset(
    ["activation", "merging", "pooling", "preprocessing", "regularization", "reshaping"]
)
_BUT = "PReLU"
_ALSO = frozenset(["Identity", "Masking", "UnitNormalization"])


@lru_cache(maxsize=512)
def never_trained(cls: str) -> bool:
    """Return whether no layer of a class of Keras has weights to train."""
    entry = catalog().find("layer", cls)
    if entry is None or entry.name == _BUT:
        return False
    return entry.family in _FAMILIES or entry.name in _ALSO


def in_frozen_wrappers(graph: Graph) -> set[Layer]:
    """Return the layers in wrappers that are not trained."""
    return {
        inner
        for layer in graph.layers
        for outer in (layer, *layers_within(layer))
        if outer.trainable is False
        for inner in layers_within(outer)
    }


def is_frozen(layer: Layer) -> bool:
    """Return whether nothing of a layer is trained, as far as its words and those in it say."""
    if isinstance(layer, NestedModel):
        return layer.trainable is False or all(
            is_frozen(each) for each in layer.graph.layers if not isinstance(each, (InputLayer, Op))
        )
    if isinstance(layer, KerasLayer) and never_trained(layer.cls):
        return True
    inner = list(layers_within(layer))
    if inner and isinstance(layer, KerasLayer):
        return all(map(is_frozen, inner))
    return layer.trainable is False


def freeze(graph: Graph) -> None:
    """Train nothing of a graph that was read from a config; in place."""
    for layer in graph.layers:
        trained = not isinstance(layer, KerasLayer) or not never_trained(layer.cls)
        if not isinstance(layer, (InputLayer, Op)) and trained:
            layer.trainable = False


# The same of canonical forms


def freeze_form(model: dict[str, Any]) -> None:
    """Train nothing of a model in its canonical form; in place."""
    for layer in model["layers"]:
        if "model" in layer:
            freeze_form(layer["model"])
        if _owns(layer):
            layer["trainable"] = False


def is_frozen_form(model: dict[str, Any]) -> bool:
    """Return whether nothing trainable of a model in its canonical form is trained."""
    owners = [layer for layer in model["layers"] if _owns(layer)]
    return bool(owners) and all(layer.get("trainable") is False for layer in owners)


def _owns(layer: dict[str, Any]) -> bool:
    """Return whether an instance in a canonical form may have weights of its own, or is a model."""
    if layer["class"] == "Input" or never_trained(layer["class"]):
        return False
    return "model" in layer or not _holds_instance(layer.get("arguments", {}))


def _holds_instance(value: Value) -> bool:
    if isinstance(value, dict):
        return set(value) == {"instance"} or any(map(_holds_instance, value.values()))
    return isinstance(value, list) and any(map(_holds_instance, value))
