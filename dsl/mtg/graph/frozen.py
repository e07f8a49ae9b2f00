"""Which layers are trained: `trainable=False` of a wrapper or a model counts for all that is in it.

What counts is what becomes of the weights. A wrapper has none of its own, and a layer such as
`Flatten` has nothing to train, so that the word says nothing there.
"""

from __future__ import annotations

from functools import lru_cache

from mtg.catalog import catalog
from mtg.graph.graph import Graph
from mtg.graph.layers import InputLayer, KerasLayer, Layer, NestedModel, Op
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
