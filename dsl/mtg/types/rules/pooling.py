"""`keras.layers`: pooling, global pooling and adaptive pooling in 1, 2 and 3 dimensions."""

from __future__ import annotations

from itertools import product

from mtg.types.rules.call import LayerCall, Result
from mtg.types.rules.common import choice, numeric, result, single, value, whole_tuple
from mtg.types.rules.convolution import Kernel, image, windows
from mtg.types.rules.registry import rule


def _classes(pattern: str) -> list[str]:
    return [pattern.format(kind, rank) for kind, rank in product(("Average", "Max"), (1, 2, 3))]


def _rank(call: LayerCall) -> int:
    return int(call.cls[-2])


@rule(*_classes("{}Pooling{}D"))
def pooling(call: LayerCall) -> Result:
    """(batch, spatial…, channels) -> (batch, places…, channels)."""
    rank = _rank(call)
    size = whole_tuple(call, "pool_size", rank)
    strides = size if value(call, "strides") is None else whole_tuple(call, "strides", rank)
    # Unlike a convolution, Keras does not fold the case of this argument.
    padding = choice(call, "padding", ("valid", "same"), fold=str)
    form = image(call, numeric(call, single(call)), rank)
    places = windows(call, form.spatial, Kernel(size, strides, (1,) * rank, padding))
    return result(call, form.shape(places, form.channels))


@rule(*_classes("Global{}Pooling{}D"))
def global_pooling(call: LayerCall) -> Result:
    """(batch, spatial…, channels) -> (batch, channels), or 1 for each axis with `keepdims`."""
    form = image(call, numeric(call, single(call)), _rank(call))
    if call["keepdims"]:
        return result(call, form.shape([1] * _rank(call), form.channels))
    return result(call, (form.batch, form.channels))


@rule(*_classes("Adaptive{}Pooling{}D"))
def adaptive_pooling(call: LayerCall) -> Result:
    """(batch, spatial…, channels) -> (batch, output_size…, channels)."""
    size = whole_tuple(call, "output_size", _rank(call))
    form = image(call, numeric(call, single(call)), _rank(call))
    return result(call, form.shape(size, form.channels))
