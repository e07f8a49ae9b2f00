"""`keras.layers`: layers that act in training only. They keep the shape."""

from __future__ import annotations

from mtg.types.rules.call import LayerCall, Result
from mtg.types.rules.common import (
    bad_value,
    channels_first,
    fraction,
    numeric,
    ranked,
    seed,
    single,
    structure,
    unchanged,
    value,
)
from mtg.types.rules.convolution import SPATIAL
from mtg.types.rules.registry import rule


@rule("ActivityRegularization")
def activity_regularization(call: LayerCall) -> Result:
    """Keep the shape, of each tensor of a list or dict."""
    for argument in ("l1", "l2"):
        found = value(call, argument)
        if found is not None and (not isinstance(found, (int, float)) or found < 0):
            raise bad_value(call, argument, "a number, 0 or more, or None")
    return _kept(call)


@rule("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise")
def dropout(call: LayerCall) -> Result:
    """Keep the shape; the rate, or the deviation of the noise, is from 0 to 1."""
    rate = fraction(call, "stddev" if call.cls == "GaussianNoise" else "rate")
    if rate == 1 and call.cls in ("AlphaDropout", "GaussianDropout"):
        # Keras divides by what is left, when the layer first trains.
        raise bad_value(call, "rate", "a number from 0 to below 1")
    if rate:
        seed(call)
    noise = call.arguments.get("noise_shape")
    if noise is not None and call.cls == "Dropout":
        noise = value(call, "noise_shape")
        if not isinstance(noise, (list, tuple)) or not all(
            length is None or (isinstance(length, int) and length > 0) for length in noise
        ):
            raise bad_value(call, "noise_shape", "lengths above 0, or None for that of the input")
    return unchanged(call, numeric(call, single(call))) if rate else _kept(call)


def _kept(call: LayerCall) -> Result:
    """Return the shape of each tensor, alone or in lists and dicts, of a layer that reads none."""
    tensors = [numeric(call, tensor) for tensor in structure(call)]
    return Result(tuple(unchanged(call, tensor).outputs[0] for tensor in tensors))


@rule("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def spatial_dropout(call: LayerCall) -> Result:
    """Keep the shape, of 1, 2 or 3 spatial axes and channels."""
    if fraction(call, "rate"):
        seed(call)
    rank = int(call.cls[-2])
    if rank > 1:
        channels_first(call)
    tensor = numeric(call, single(call))
    if tensor.shape is not None:
        ranked(call, tensor, (*SPATIAL[rank], "channels"))
    return unchanged(call, tensor)
