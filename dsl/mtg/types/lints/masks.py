"""Masks that are lost before a layer that would use them."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.catalog.names import ELEMENTWISE
from mtg.graph.graph import Call, Graph
from mtg.graph.layers import KerasLayer, Layer, Op
from mtg.graph.values import TensorRef
from mtg.lengths.dims import Dim, is_known
from mtg.records import record
from mtg.text.diagnostics import Diagnostic, Label
from mtg.types.lints import graph_lint
from mtg.types.lints.heads import use_labels
from mtg.types.types import Types

#: Layers whose results have the mask of what they are given.
#: Source: `supports_masking` of `keras.layers`.
HAND_ON = frozenset(
    [
        *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Identity", "Rescaling"),
        *("Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout", "ActivityRegularization"),
        *("BatchNormalization", "GroupNormalization", "LayerNormalization", "UnitNormalization"),
        *("Dense", "SpatialDropout1D", "Normalization", "TimeDistributed"),
    ]
)
#: Layers that know nothing of masks, and keep the steps of a sequence in their order.
LOSE = frozenset(
    [
        *("Conv1D", "SeparableConv1D", "DepthwiseConv1D", "Conv1DTranspose", "MaxPooling1D"),
        *("AveragePooling1D", "ZeroPadding1D", "Cropping1D", "UpSampling1D"),
        *("RMSNormalization", "SpectralNormalization"),
    ]
)
#: Those that take the steps apart, which a `Reshape` may bring together again.
_TAKE_APART = frozenset(["Flatten", "Reshape", "EinsumDense"])
_RECURRENT = frozenset(
    ["LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"]
)
_ATTENTION = frozenset(
    ["Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention"]
)
#: Functions that compute element by element, and give tensors without a mask.
_OPS = frozenset(
    ["add", "subtract", "multiply", "divide", "true_divide", "relu", "gelu", "silu", "tanh", "cast"]
)


@record
class _Mask:
    """A mask: what made it, how many steps it has, what lost it, and whether steps are as then."""

    made: Call
    steps: Dim | None
    lost: Call | None = None
    together: bool = True


@graph_lint
def lost_masks(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of a mask that is lost before a layer that would use it.

    Layers of Python, models inside and all that is not known may do with a mask what they like:
    behind them nothing is said.
    """
    masks: dict[TensorRef, _Mask] = {}
    bare: set[TensorRef] = set()
    for call in graph.calls:
        layer, tensors = call.layer, call.tensors()
        if _is_bare(call, bare):
            bare |= {TensorRef(call.id, index) for index in range(call.results)}
        if not tensors:
            continue
        result = TensorRef(call.id)
        shape = types.of(result).shape
        if isinstance(layer, KerasLayer) and _makes(layer):
            steps = shape[1] if shape is not None and len(shape) > 2 else None
            masks[result] = _Mask(call, steps)
            continue
        given = [masks.get(ref) for ref in tensors]
        if isinstance(layer, KerasLayer) and layer.cls in _RECURRENT | _ATTENTION | {
            "GlobalAveragePooling1D"
        }:
            mask = masks.get(_attended(call))
            if mask is not None and mask.lost is not None and not _told(call):
                if mask.together or _as_before(types, _attended(call), mask):
                    yield _said(call, mask, mask.lost)
            elif given[0] is not None and given[0].lost is None and _gives_sequence(layer):
                masks[result] = given[0]
            continue
        after = _after(call, given, types) or _unlike(call, given, bare)
        if after is not None:
            masks[result] = after


def _attended(call: Call) -> TensorRef:
    """Return the tensor of which a layer leaves out the steps that are masked."""
    tensors = call.tensors()
    if call.layer.cls not in _ATTENTION or len(tensors) < 2:
        return tensors[0]
    named = call.kwargs.get("value")
    return named if isinstance(named, TensorRef) else tensors[1]


def _makes(layer: Layer) -> bool:
    return layer.cls == "Masking" or (
        layer.cls in ("Embedding", "ReversibleEmbedding")
        and layer.arguments.get("mask_zero") is True
    )


def _told(call: Call) -> bool:
    """Return whether a call has its own mask, or several arguments in any order."""
    return any("mask" in name for name in call.kwargs) or len(call.tensors()) > 3


def _gives_sequence(layer: Layer) -> bool:
    if layer.cls not in _RECURRENT:
        return layer.cls in _ATTENTION
    inner = layer.arguments.get("layer", layer)
    given = inner.arguments if isinstance(inner, Layer) else {}
    return given.get("return_sequences") is True and not given.get("return_state")


def _is_bare(call: Call, bare: set[TensorRef]) -> bool:
    """Return whether what a call gives certainly has no mask."""
    layer, tensors = call.layer, call.tensors()
    if isinstance(layer, Op):
        return True
    if not isinstance(layer, KerasLayer) or not tensors:
        return False
    if layer.cls in ("Embedding", "ReversibleEmbedding"):
        return layer.arguments.get("mask_zero", False) is False
    if layer.cls in ELEMENTWISE:
        return any(ref in bare for ref in tensors)
    return layer.cls in LOSE | _TAKE_APART or (layer.cls in HAND_ON and tensors[0] in bare)


def _unlike(call: Call, given: list[_Mask | None], bare: set[TensorRef]) -> _Mask | None:
    """Return the mask that a merge loses since what it is merged with has none.

    Source: `compute_mask` of `keras.layers.Merge`, which makes none where one is missing.
    """
    mask = next((each for each in given if each is not None), None)
    if mask is None or call.layer.cls not in ELEMENTWISE:
        return None
    missing = any(ref in bare for ref in call.tensors())
    return _lose(mask, call) if missing and isinstance(call.layer, KerasLayer) else None


def _after(call: Call, given: list[_Mask | None], types: Types) -> _Mask | None:
    """Return what becomes of the masks of the tensors that a call takes."""
    layer, mask = call.layer, given[0]
    name = layer.cls.rpartition(".")[2]
    if mask is None or any(each is None or each.made is not mask.made for each in given):
        return None
    rank = types.of(call.tensors()[0]).rank or 0
    if isinstance(layer, Op):
        return _lose(mask, call) if name in _OPS else None
    if not isinstance(layer, KerasLayer):
        return None
    if name in HAND_ON:
        mixed = name == "Dense" and rank < 3
        return None if mixed else mask
    if name in ELEMENTWISE or (name == "Concatenate" and layer.arguments.get("axis", -1) == -1):
        return next((each for each in given if each is not None and each.lost), mask)
    if name in LOSE:
        return _lose(mask, call)
    if name in _TAKE_APART:
        lost = _lose(mask, call)
        return _Mask(lost.made, lost.steps, lost.lost, together=False)
    return None


def _lose(mask: _Mask, call: Call) -> _Mask:
    return mask if mask.lost else _Mask(mask.made, mask.steps, call, mask.together)


def _as_before(types: Types, ref: TensorRef, mask: _Mask) -> bool:
    """Return whether a tensor has as many steps as the mask, where both are known."""
    shape = types.of(ref).shape
    if shape is None or len(shape) < 3 or mask.steps is None or not is_known(mask.steps):
        return False
    return bool(shape[1] == mask.steps)


def _said(call: Call, mask: _Mask, lost: Call) -> Diagnostic:
    made = mask.made.layer
    out = "the `Masking`" if made.cls == "Masking" else "`mask_zero=True`"
    return Diagnostic(
        "MTG215",
        f"`{call.layer.shown}` would skip what `{made.shown}` masks, but `{lost.layer.shown}` "
        "loses the mask",
        lost.span,
        labels=(
            Label(mask.made.span, "the mask is made here"),
            Label(call.span, "and would be used here"),
            *use_labels(call),
        ),
        notes=(f"`{call.layer.shown}` treats masked steps like any others",),
        help=f"leave out {out}, or give `{call.layer.shown}` a mask of its own",
    )
