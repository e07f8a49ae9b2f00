"""The masks of a call: tensors that say which steps, values or scores count.

Keras takes most masks without a look. One that does not fit fails when the model runs, or is worse:
a recurrent layer leaves out the steps that a mask has too many, and a pooling with a mask of one
step gives sums for averages. What is asked of a mask here is what every back end needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from mtg.graph.layers import KerasLayer, Layer
from mtg.lengths.dims import BATCH, UNKNOWN
from mtg.types.rules.call import LayerCall, TypeMismatch
from mtg.types.rules.common import count, is_tensor, require_equal, text, whole
from mtg.types.tensor import Operand, Shape, TensorType


def check_masks(call: LayerCall) -> None:
    """Return whether the masks of a call fit what it is called on.

    Raises:
        TypeMismatch: One does not.
    """
    check = _CHECKS.get(call.cls)
    if check is not None and (call.kwargs or len(call.args) > 1):
        check(call)


def argument(call: LayerCall, name: str) -> Operand:
    """Return an argument of the call, given by name or position; None where it is not."""
    if name in call.kwargs:
        return call.kwargs[name]
    names = [parameter.name for parameter in call.entry.call] if call.entry else []
    place = names.index(name) if name in names else len(call.args)
    return call.args[place] if place < len(call.args) else None


def step_mask(call: LayerCall, layer: Layer) -> dict[str, TensorType]:
    """Return the mask that `TimeDistributed` passes to its layer at each step, if any."""
    entry = layer.entry if isinstance(layer, KerasLayer) else None
    mask = argument(call, "mask")
    takes = entry is not None and any(parameter.name == "mask" for parameter in entry.call)
    if not takes or not is_tensor(mask) or mask.shape is None or len(mask.shape) < 2:
        return {}
    return {"mask": TensorType(mask.dtype, (mask.shape[0], *mask.shape[2:]))}


# ---- what a mask must be -------------------------------------------------------------------------


def _shape(call: LayerCall, name: str, mask: Operand = None) -> Shape | None:
    """Return the shape of a mask that is a tensor; None where it is not, or not known."""
    mask = argument(call, name) if mask is None else mask
    if not is_tensor(mask):
        return None
    if mask.dtype == "string":
        raise TypeMismatch(f"`{call.shown}` takes a mask of bool, not of strings", code="MTG303")
    return mask.shape


def _ranked(call: LayerCall, name: str, mask: Shape, axes: Sequence[str]) -> None:
    if len(mask) != len(axes) + 1:
        raise TypeMismatch(
            f"`{name}` of `{call.shown}` must have {count(len(axes), 'axis')}, "
            f"and this one has {len(mask) - 1}",
            f"expected: [{', '.join(axes)}]",
            code="MTG302",
        )


def _misfit(call: LayerCall, name: str, mask: Shape, to: Shape, what: str) -> TypeMismatch:
    return TypeMismatch(
        f"`{name}` of `{call.shown}` must fit {what} {text(to)}, and is {text(mask)}"
    )


def broadcasts(call: LayerCall, mask: Shape, to: Shape) -> bool:
    """Return whether a mask, aligned at the last axes, can broadcast to a shape."""
    if len(mask) > len(to):
        return False
    for a, b in zip(reversed(mask), reversed(to), strict=False):
        if a == BATCH and b != BATCH and b is not UNKNOWN:
            return False  # its batch axis stands at another
        if a != 1 and require_equal(call, a, b):
            return False
    return True


def _first(call: LayerCall) -> Shape | None:
    """Return the shape of the one tensor that a layer is called on."""
    first = argument(call, call.entry.call[0].name) if call.entry else None
    return first.shape if is_tensor(first) else None


# ---- layers --------------------------------------------------------------------------------------


def check_steps(call: LayerCall) -> None:
    """Layers that go from step to step: one value a step, or several."""
    mask, tensor = _shape(call, "mask"), _first(call)
    if mask is None or tensor is None:
        return
    if len(mask) < 2:
        _ranked(call, "mask", mask, ("steps",))
    if require_equal(call, mask[1], tensor[1]):
        raise TypeMismatch(
            f"`{call.shown}` goes through {tensor[1]} steps, and its `mask` has {mask[1]}"
        )


def _pooling(call: LayerCall) -> None:
    """One value a step: Keras divides by the number of those that count."""
    mask, tensor = _shape(call, "mask"), _first(call)
    if mask is None or tensor is None:
        return
    _ranked(call, "mask", mask, ("steps",))
    steps = tensor[2 if call["data_format"] == "channels_first" else 1]
    if require_equal(call, mask[1], steps):
        raise TypeMismatch(f"`{call.shown}` pools {steps} steps, and its `mask` has {mask[1]}")


def _softmax(call: LayerCall) -> None:
    """Check a mask with a value for each number, or one that broadcasts to their shape."""
    mask, tensor = _shape(call, "mask"), _first(call)
    if mask is None or tensor is None:
        return
    if len(mask) > len(tensor):
        raise TypeMismatch(
            f"`mask` of `{call.shown}` has {count(len(mask) - 1, 'axis')}, and the tensor "
            f"{len(tensor) - 1}",
            code="MTG302",
        )
    if not broadcasts(call, mask, tensor):
        raise _misfit(call, "mask", mask, tensor, "the tensor")


def _normalization(call: LayerCall) -> None:
    """Check a mask with a value for each place: Keras uses it in training."""
    mask, tensor = _shape(call, "mask"), _first(call)
    if mask is None or tensor is None:
        return
    if len(mask) != len(tensor) - 1:
        raise TypeMismatch(
            f"`mask` of `{call.shown}` must have one axis less than the tensor, "
            f"{len(tensor) - 2}, and this one has {len(mask) - 1}",
            code="MTG302",
        )
    if not broadcasts(call, mask, tensor[:-1]):
        raise _misfit(call, "mask", mask, tensor[:-1], "the places")


def _attention(call: LayerCall) -> None:
    """Check a list of the masks of the query, of the value, and (unused) of the key."""
    masks = argument(call, "mask")
    if masks is None:
        return
    if is_tensor(masks):
        raise TypeMismatch(
            f"`mask` of `{call.shown}` must be a list, of the query's mask and the value's",
            help="`mask=[query_mask, None]` masks the query alone",
            code="MTG307",
        )
    if not isinstance(masks, list):
        return
    if not 2 <= len(masks) <= 3:
        raise TypeMismatch(
            f"`mask` of `{call.shown}` must be a list of 2 or 3 masks, and has {len(masks)}",
            code="MTG307",
        )
    inputs = argument(call, "inputs")
    tensors = [each for each in inputs if is_tensor(each)] if isinstance(inputs, list) else []
    if len(tensors) < 2:
        return
    query, val, *rest = (tensor.shape for tensor in tensors)
    key = rest[0] if rest else val
    if query is None or val is None or key is None:
        return
    mask = _shape(call, "mask", masks[0])
    if mask is not None and not broadcasts(call, mask, query[:-1]):
        raise _misfit(call, "mask", mask, query[:-1], "the query")
    mask = _shape(call, "mask", masks[1])
    scores = (*query[:-1], key[-2])
    if mask is None:
        return
    if len(mask) < 2:
        _ranked(call, "mask", mask, ("steps",))
    wide = mask
    if len(mask) == 2 or argument(call, "use_causal_mask"):
        wide = (*mask[:-1], 1, mask[-1])
    if not broadcasts(call, wide, scores):
        raise _misfit(call, "mask", mask, (*val[:-1],), "the value")


def _heads(call: LayerCall) -> None:
    """Masks of the query, the value and the key, and one of the scores."""
    sides = _sides(call)
    axes = sides and _attended(call, len(sides["query"]))
    if not sides or not axes or len({len(side) for side in sides.values()}) > 1:
        return
    query, key = sides["query"], sides["key"]
    heads = whole(call, "num_heads" if call.cls == "MultiHeadAttention" else "num_query_heads")
    rest = [length for axis, length in enumerate(query[:-1]) if axis not in axes]
    scores = (*rest, heads, *(query[axis] for axis in axes), *(key[axis] for axis in axes))
    for name, side in sides.items():
        mask = _shape(call, f"{name}_mask")
        if mask is None or len(query) > 3:
            continue
        wide = (*mask, 1) if name == "query" else (*mask[:-1], 1, *mask[-1:])
        if len(mask) < 2 or not broadcasts(call, _aligned(wide, len(axes), len(scores)), scores):
            raise _misfit(call, f"{name}_mask", mask, side[:-1], f"the steps of the {name}")
    mask = _shape(call, "attention_mask")
    if mask is None:
        return
    alone = len(mask) == len(scores) - 1 or len(scores) > 4
    what, to = ("the scores", (*rest, *scores[len(rest) + 1 :]))
    if not alone and len(mask) == len(scores):
        what, to = "the scores of each head", scores
    if len(mask) < 2 * len(axes):
        raise TypeMismatch(
            f"`attention_mask` of `{call.shown}` must have {count(len(to) - 1, 'axis')}, as "
            f"{what} {text(to)}, and this one has {len(mask) - 1}",
            code="MTG302",
        )
    if not broadcasts(call, _aligned(mask, len(axes), len(scores)), scores):
        raise _misfit(call, "attention_mask", mask, to, what)


def _sides(call: LayerCall) -> dict[str, Shape]:
    """Return the shapes of query, value and key; none where one is not known."""
    shapes = {}
    for name in ("query", "value", "key"):
        given = argument(call, name)
        if given is None and name == "key":
            given = argument(call, "value")
        if not is_tensor(given) or given.shape is None:
            return {}
        shapes[name] = given.shape
    return shapes


def _attended(call: LayerCall, rank: int) -> list[int]:
    """Return the axes of attention: by default all between the batch and the features."""
    axes = call.arguments.get("attention_axes")
    if axes is None:
        return list(range(1, rank - 1))
    every = axes if isinstance(axes, (list, tuple)) else [axes]
    found = [axis for axis in every if isinstance(axis, int) and 0 < axis < rank - 1]
    return found if len(found) == len(every) else []


def _aligned(mask: Shape, attended: int, rank: int) -> Shape:
    """Return a mask with axes of 1 for the heads and others, as Keras inserts them."""
    at = len(mask) - 2 * attended
    return (*mask[:at], *[1] * (rank - len(mask)), *mask[at:]) if at >= 0 else mask


def _weights(call: LayerCall) -> None:
    """Check a weight for each code that is counted."""
    weights, codes = _shape(call, "count_weights"), _first(call)
    if weights is None or codes is None:
        return
    same = len(weights) == len(codes) and not any(map(partial(require_equal, call), weights, codes))
    if not same:
        raise _misfit(call, "count_weights", weights, codes, "the codes")


_RECURRENT = ("LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
_CHECKS: dict[str, Callable[[LayerCall], None]] = {
    **dict.fromkeys((*_RECURRENT, "Bidirectional"), check_steps),
    **dict.fromkeys(("Attention", "AdditiveAttention"), _attention),
    **dict.fromkeys(("MultiHeadAttention", "GroupQueryAttention"), _heads),
    "BatchNormalization": _normalization,
    "CategoryEncoding": _weights,
    "GlobalAveragePooling1D": _pooling,
    "Softmax": _softmax,
}
