"""Masks that Keras hands on by itself.

`Embedding(mask_zero=True)` and `Masking` make a mask; merges and layers that keep the steps of a
sequence apart hand it on, and a recurrent layer takes it. In a config the mask stands as ops of its
own and as an argument of the call, though nobody wrote either. Here such arguments are found: each
mask is a term, of what ops compute or of what Keras would compute, and equal terms are one mask.
Only what Keras is known to do is taken for its doing: any other mask stays, and is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from graphlib import CycleError
from typing import Any

from mtg.catalog import catalog
from mtg.graph.defaults import significant
from mtg.graph.graph import Call, Graph
from mtg.graph.layers import KerasLayer, Layer, Op
from mtg.graph.values import TensorRef, Value, items, map_leaves, tupled
from mtg.records import record

#: Layers whose results have the mask of the first thing that they are applied to.
#: Source: `compute_mask` and `supports_masking` of `keras.layers`.
HAND_ON = frozenset(
    [
        *("Activation", "ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "Identity", "Dense"),
        *("AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization"),
        *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Rescaling", "Normalization"),
        *("BatchNormalization", "GroupNormalization", "LayerNormalization", "UnitNormalization"),
        *("MultiHeadAttention", "GroupQueryAttention", "TimeDistributed"),
    ]
)
RECURRENT = frozenset(
    ["RNN", "LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Bidirectional"]
)
MERGES = frozenset(["Add", "Subtract", "Average", "Maximum", "Minimum", "Multiply"])
_ATTENTION = frozenset(["Attention", "AdditiveAttention"])


@record
class _Mask:
    """The term of a mask, and whether it has fewer axes than its tensor, if that is known."""

    term: int
    below: bool | None


def implied_masks(graph: Graph) -> set[int]:
    """Return the numbers of the calls whose `mask` is the one that Keras would hand on anyway."""
    try:
        return _Walk(graph).run()
    except CycleError:
        return set()


class _Walk:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        #: Every term once: equal ones have one number.
        self.numbers: dict[Any, int] = {}
        #: What ops compute.
        self.computed: dict[TensorRef, int] = {}
        #: What tensors carry.
        self.carried: dict[TensorRef, _Mask] = {}

    def run(self) -> set[int]:
        found: set[int] = set()
        for call in self.graph.order():
            if isinstance(call.layer, Op):
                if call.results == 1:
                    self.computed[TensorRef(call.id)] = self.of_op(call)
                continue
            given = call.kwargs.get("mask")
            masks: object = _of_tensors(self.carried.get, _first(call))
            if isinstance(given, TensorRef):
                if isinstance(masks, _Mask) and masks.term == self.term(given):
                    found.add(call.id)
                else:
                    masks = _Mask(self.term(given), None)
            elif given is not None:
                masks = None  # several at once: what comes of them is not followed
            for index, mask in enumerate(self.results(call, masks)):
                if mask is not None:
                    self.carried[TensorRef(call.id, index)] = mask
        return found

    # ---- terms -----------------------------------------------------------------------------------

    def number(self, *term: Value) -> int:
        return self.numbers.setdefault(term, len(self.numbers))

    def term(self, ref: TensorRef) -> int:
        known = self.computed.get(ref)
        return self.number("tensor", ref) if known is None else known

    def op(self, name: str, *args: Value, **kwargs: Any) -> int:
        """Return the term of a function of these terms and values, however they are given."""
        entry = catalog().find("op", name) if name != "getitem" else None
        if entry is None or entry.variadic:
            return self.number(name, args, tuple(sorted(kwargs.items())))
        names = [parameter.name for parameter in entry.parameters]
        given = significant(entry, {**dict(zip(names, args, strict=False)), **kwargs})
        settings = {key: tupled(_of_tensors(self.term, value)) for key, value in given.items()}
        return self.number(name, args[len(names) :], tuple(sorted(settings.items())))

    def of_op(self, call: Call) -> int:
        try:
            args = tuple(tupled(_of_tensors(self.term, each)) for each in call.args)
            kwargs = {
                name: tupled(_of_tensors(self.term, each)) for name, each in call.kwargs.items()
            }
            return self.op(call.layer.cls, *args, **kwargs)
        except TypeError:  # a value that is in no table: a dict, a slice
            return self.number("tensor", TensorRef(call.id))

    # ---- what layers make and hand on ------------------------------------------------------------

    def results(self, call: Call, masks: object) -> list[_Mask | None]:
        """Return the masks of a call's results, from those of what it is applied to."""
        layer = call.layer
        first = _first(call)
        if not isinstance(layer, KerasLayer) or first is None:
            return []
        if isinstance(first, TensorRef) and (made := self.made(layer, first)):
            return [made]
        if layer.cls in RECURRENT:
            return _steps(layer, masks)
        if layer.cls in HAND_ON:
            return [masks] if isinstance(masks, _Mask) else []
        if isinstance(masks, (list, tuple)) and any(isinstance(mask, _Mask) for mask in masks):
            return [self.merged(layer, first, masks)]
        return []

    def made(self, layer: Layer, first: TensorRef) -> _Mask | None:
        """Return the mask that a layer makes of what it is applied to."""
        if layer.cls == "Embedding" and layer.arguments.get("mask_zero") is True:
            return _Mask(self.op("not_equal", self.term(first), 0), True)
        if layer.cls == "Masking":
            value = layer.arguments.get("mask_value", 0.0)
            differs = self.op("not_equal", self.term(first), value)
            return _Mask(self.op("any", differs, axis=-1), True)
        return None

    def merged(self, layer: Layer, tensors: Value, masks: Sequence[object]) -> _Mask | None:
        if layer.cls in _ATTENTION:
            first = masks[0]
            if not isinstance(first, _Mask):
                return None
            return _Mask(self.op("convert_to_tensor", first.term), first.below)
        if layer.cls in MERGES:
            found = [mask for mask in masks if isinstance(mask, _Mask)]
            if len(found) != len(masks):
                return None
            term = found[0].term
            for mask in found[1:]:
                term = self.op("logical_or", term, mask.term)
            return _Mask(term, found[0].below)
        return self.concatenated(layer, tensors, masks) if layer.cls == "Concatenate" else None

    def concatenated(self, layer: Layer, tensors: Value, masks: Sequence[object]) -> _Mask | None:
        parts: list[int] = []
        for ref, mask in zip(items(tensors), masks, strict=True):
            if not isinstance(ref, TensorRef):
                return None
            if not isinstance(mask, _Mask):
                parts.append(self.op("ones_like", self.term(ref), dtype="bool"))
            elif mask.below is None:
                return None
            elif mask.below:
                zeros = self.op("zeros_like", self.term(ref), dtype="bool")
                wide = self.op("expand_dims", mask.term, -1)
                parts.append(self.op("logical_or", wide, zeros))
            else:
                parts.append(mask.term)
        joined = self.op("concatenate", tuple(parts), layer.arguments.get("axis", -1))
        return _Mask(self.op("any", joined, axis=-1), True)


def _steps(layer: Layer, masks: object) -> list[_Mask | None]:
    """Return the mask of the steps that a recurrent layer gives: the first of those it takes."""
    flat = items(masks)
    first = masks if isinstance(masks, _Mask) else flat[0] if flat else None
    inner = layer.arguments.get("layer", layer)
    arguments: Mapping[str, Value] = inner.arguments if isinstance(inner, Layer) else {}
    if not isinstance(first, _Mask) or arguments.get("return_sequences") is not True:
        return []
    apart = layer.cls == "Bidirectional" and layer.arguments.get("merge_mode", "concat") is None
    return [first, first] if apart else [first]


def _first(call: Call) -> Value:
    """Return what a layer is applied to, by position or by its name."""
    if call.args:
        return call.args[0]
    entry = call.layer.entry if isinstance(call.layer, KerasLayer) else None
    return None if entry is None or not entry.call else call.kwargs.get(entry.call[0].name)


def _of_tensors(function: Callable[[TensorRef], object], value: Value) -> Any:
    """Return a value with what a function makes of each tensor in it."""
    return map_leaves(lambda leaf: function(leaf) if isinstance(leaf, TensorRef) else leaf, value)
