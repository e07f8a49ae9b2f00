"""The masks that tensors carry, which Keras gives to a layer that takes a `mask` and is given none.

`Embedding(mask_zero=True)` and `Masking` make a mask, and layers that keep the steps of a sequence
hand it on. Only what is certain is followed: behind anything else a tensor carries no mask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mtg.graph.graph import Call
from mtg.graph.layers import KerasLayer, Layer
from mtg.graph.masks import HAND_ON, MERGES, RECURRENT
from mtg.graph.values import TensorRef
from mtg.types.rules.call import TypeMismatch
from mtg.types.tensor import TensorType
from mtg.types.types import Outputs


class _Carried(NamedTuple):
    mask: TensorType
    maker: Layer


class CarriedMasks:
    """The masks of the tensors of one graph, as a walk in the order of its calls learns them."""

    def __init__(self) -> None:
        self._of: dict[TensorRef, _Carried] = {}

    def with_mask(self, call: Call, kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the keyword arguments of a call, with the mask that Keras gives it."""
        carried = self._handed(call)
        return kwargs if carried is None else {**kwargs, "mask": carried.mask}

    def told(self, call: Call, misfit: TypeMismatch) -> TypeMismatch:
        """Add to a mismatch where its mask comes from, if it is not written."""
        carried = self._handed(call)
        if carried is not None and "`mask`" in misfit.message:
            misfit.notes += (
                f"`{carried.maker.shown}` makes this mask, and Keras hands it on; it looks at it "
                "only when the model runs",
            )
            if call.layer.cls == "Softmax":
                misfit.help = '`Activation("softmax")` and `ops.softmax` look at no mask'
        return misfit

    def follow(self, call: Call, inputs: list[TensorType], outputs: Outputs) -> None:
        """Learn what becomes of the masks of the tensors that a call takes."""
        if (
            outputs
            and isinstance(call.layer, KerasLayer)
            and (found := self._after(call, inputs, outputs))
        ):
            self._of[TensorRef(call.id)] = found

    def _after(
        self, call: Call, inputs: list[TensorType], outputs: tuple[TensorType, ...]
    ) -> _Carried | None:
        layer, refs = call.layer, call.tensors()
        shape = inputs[0].shape if inputs else None
        if layer.cls == "Embedding" and layer.arguments.get("mask_zero") is True:
            return _Carried(TensorType("bool", shape), layer) if shape else None
        if layer.cls == "Masking":
            return _Carried(TensorType("bool", shape[:-1]), layer) if shape else None
        given = [self._of.get(ref) for ref in refs]
        if len(given) == 1:
            hands_on = layer.cls in HAND_ON or _gives_steps(layer)
            return given[0] if hands_on else None
        first = next((each for each in given if each is not None), None)
        shape = outputs[0].shape
        if first is None or shape is None or (call.kwargs and layer.cls not in MERGES):
            return None
        if layer.cls in MERGES and all(each and each.mask == first.mask for each in given):
            return first
        if layer.cls == "Concatenate" and len({each.rank for each in inputs}) == 1:
            return _Carried(TensorType("bool", shape[:-1]), first.maker)
        return None

    def _handed(self, call: Call) -> _Carried | None:
        if not isinstance(call.layer, KerasLayer) or len(call.args) != 1 or not call.args:
            return None
        ref = call.args[0]
        if not isinstance(ref, TensorRef) or len(call.tensors()) != 1 or "mask" in call.kwargs:
            return None
        takes = any(each.name == "mask" for each in call.layer.entry.call)
        return self._of.get(ref) if takes else None


def _gives_steps(layer: Layer) -> bool:
    """Return whether a recurrent layer gives a result for each step, and nothing else."""
    inner = layer.arguments.get("layer", layer)
    given = inner.arguments if isinstance(inner, Layer) else {}
    whole = given.get("return_sequences") is True and not given.get("return_state")
    return (
        layer.cls in RECURRENT and whole and layer.arguments.get("merge_mode", "concat") is not None
    )
