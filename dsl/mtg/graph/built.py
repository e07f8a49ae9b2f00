"""What a layer makes of an argument when it is built, from the tensor that it is called on.

`GroupNormalization(-1)` saves the number of channels that it met, `MultiHeadAttention` the axes
between the first and the last. Source: `build` of the classes in `keras.layers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from mtg.graph.graph import Graph
from mtg.graph.layers import KerasLayer, Layer

if TYPE_CHECKING:
    from mtg.types.types import Types

_Shape = tuple[Any, ...]


def _groups(given: Mapping[str, Any], shape: _Shape) -> object:
    axis = given.get("axis", -1)
    if not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        return None
    return shape[axis]


def _attended(given: Mapping[str, Any], shape: _Shape) -> Any:
    axes = list(range(1, len(shape) - 1))
    return axes[0] if len(axes) == 1 else axes


#: Class, argument, what stands where nothing was chosen, and what is chosen then.
_CHOSEN: dict[str, tuple[str, Any, Callable[[Mapping[str, Any], _Shape], Any]]] = {
    "GroupNormalization": ("groups", -1, _groups),
    "MultiHeadAttention": ("attention_axes", None, _attended),
}


def chooses(layer: Layer) -> TypeGuard[KerasLayer]:
    """Return whether the class chooses a value when it is built."""
    return isinstance(layer, KerasLayer) and layer.cls in _CHOSEN


def unchosen(layer: KerasLayer, arguments: Mapping[str, Any], types: Types) -> dict[str, Any]:
    """Return the arguments of a layer without what it would choose by itself.

    Args:
        layer: A layer that `chooses`.
        arguments: Its arguments that differ from their defaults.
        types: The types of the graph that it is in.
    """
    name, nothing, choose = _CHOSEN[layer.cls]
    found = dict(arguments)
    shape = _shape(layer, types)
    if shape is None:
        return found
    if found.get(name, layer.entry.defaults.get(name)) in (nothing, choose(arguments, shape)):
        found.pop(name, None)
        if nothing is not None:
            found[name] = nothing
    return found


def left_to_keras(layer: KerasLayer, types: Types) -> dict[str, Any]:
    """Return the arguments of a layer without one that has the value it would choose."""
    if _CHOSEN[layer.cls][1] is not None:
        return layer.arguments
    return unchosen(layer, layer.arguments, types)


def _shape(layer: Layer, types: Types) -> _Shape | None:
    """Return the shape of a layer's first tensor, or what its weights tell of it."""
    graph: Graph = types.graph
    for call in graph.calls:
        if call.layer is layer:
            given = call.tensors()
            return types.of(given[0]).shape if given else None
    weights = types.weights.get(layer)
    if not weights or layer.cls != "GroupNormalization":
        return None
    # In a wrapper: its weights have the length of its axis.
    return tuple(weights[0].shape) if layer.arguments.get("axis", -1) == -1 else None
