"""Masks that Keras hands on by itself.

`Embedding(mask_zero=True)` and `Masking` make a mask; layers that keep the steps of a sequence
apart hand it on, and a recurrent layer takes it. In a config the mask stands as ops of its own and
as an argument of the call, though nobody wrote either. Here such arguments are found. Only what
Keras is known to do is taken for its doing: any other mask stays, and is written.
"""

from __future__ import annotations

from typing import Any

from mtg.graph.graph import Call, Graph, Layer
from mtg.graph.values import TensorRef

#: What a mask is: where the tensor differs from a number, in its last axis or by itself.
_Mask = tuple[str, TensorRef, Any]

#: Layers whose results have the mask of what they are applied to.
#: Source: `compute_mask` and `supports_masking` of `keras.layers`.
_HAND_ON = frozenset(
    [
        *("Activation", "Dense", "Dropout", "GaussianDropout", "GaussianNoise", "LeakyReLU"),
        *("LayerNormalization", "BatchNormalization", "SpatialDropout1D", "ReLU", "Identity"),
    ]
)
_RECURRENT = frozenset(["LSTM", "GRU", "SimpleRNN", "Bidirectional"])


def implied_masks(graph: Graph) -> set[int]:
    """The numbers of the calls whose `mask` is the one that Keras would hand on anyway."""
    carried: dict[TensorRef, _Mask] = {}
    written: dict[TensorRef, _Mask] = {}
    found: set[int] = set()
    for call in graph.calls:
        ref = TensorRef(call.id)
        first = call.args[0] if len(call.args) == 1 else None
        if call.layer.kind == "op":
            mask = _written(call, written)
            if mask is not None:
                written[ref] = mask
            continue
        if not isinstance(first, TensorRef):
            continue
        mask = carried.get(first)
        given = call.kwargs.get("mask")
        if mask is not None and isinstance(given, TensorRef) and written.get(given) == mask:
            found.add(call.id)
        made = _made(call.layer, first)
        if made is not None:
            carried[ref] = made
        elif mask is not None and (given is None or call.id in found) and _hands_on(call.layer):
            carried[ref] = mask
    return found


def _written(call: Call, written: dict[TensorRef, _Mask]) -> _Mask | None:
    """The mask that ops compute: `not_equal(x, v)`, or `any(not_equal(x, v), axis=-1)`."""
    args = call.args
    if call.layer.cls == "not_equal" and len(args) == 2 and not call.kwargs:
        if isinstance(args[0], TensorRef) and isinstance(args[1], (int, float)):
            return ("each", args[0], args[1])
    elif call.layer.cls == "any" and len(args) == 1 and call.kwargs == {"axis": -1}:
        inner = written.get(args[0])
        if inner is not None and inner[0] == "each":
            return ("any", inner[1], inner[2])
    return None


def _made(layer: Layer, first: TensorRef) -> _Mask | None:
    """The mask that a layer makes of what it is applied to."""
    if layer.kind != "layer":
        return None
    if layer.cls == "Embedding" and layer.arguments.get("mask_zero") is True:
        return ("each", first, 0)
    if layer.cls == "Masking":
        return ("any", first, layer.arguments.get("mask_value", 0.0))
    return None


def _hands_on(layer: Layer) -> bool:
    if layer.kind != "layer":
        return False
    if layer.cls in _RECURRENT:
        inner = layer.arguments.get("layer", layer)
        arguments = inner.arguments if isinstance(inner, Layer) else {}
        return arguments.get("return_sequences") is True and not arguments.get("return_state")
    return layer.cls in _HAND_ON
