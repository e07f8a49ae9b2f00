"""`keras.layers`: activations as layers."""

from __future__ import annotations

from mtg.lengths.dims import is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch
from mtg.types.rules.common import (
    axis_list,
    bad_value,
    numeric,
    ranked_at_least,
    single,
    unchanged,
    value,
    weight,
)
from mtg.types.rules.registry import rule


@rule("Activation", "ELU")
def activation(call: LayerCall) -> Result:
    """Keep the shape, in the compute dtype."""
    tensor = numeric(call, single(call))
    return unchanged(call, tensor)


@rule("LeakyReLU", "ReLU")
def relu(call: LayerCall) -> Result:
    """Keep the shape; slopes, threshold and maximum must not be negative."""
    for argument in ("negative_slope", "threshold", "max_value"):
        if argument not in call.arguments or (argument == "max_value" and call[argument] is None):
            continue
        found = value(call, argument)
        if not isinstance(found, (int, float)) or found < 0:
            raise bad_value(call, argument, "a number, 0 or more")
    return unchanged(call, numeric(call, single(call)))


@rule("Softmax")
def softmax(call: LayerCall) -> Result:
    """Keep the shape; the axis must exist, which Keras checks only when it runs."""
    tensor = numeric(call, single(call))
    if tensor.shape is not None:
        axis_list(call, "axis", len(tensor.shape))
    return unchanged(call, tensor)


@rule("PReLU")
def prelu(call: LayerCall) -> Result:
    """Keep the shape; alpha has that shape without the batch, 1 for each of `shared_axes`."""
    tensor = numeric(call, single(call))
    shape = ranked_at_least(call, tensor, 0)
    alpha = list(shape[1:])
    shared = value(call, "shared_axes")
    for axis in [] if shared is None else shared if isinstance(shared, (list, tuple)) else [shared]:
        if not isinstance(axis, int) or not -len(alpha) < axis <= len(alpha):
            raise bad_value(call, "shared_axes", f"axes from 1 to {len(alpha)}")
        alpha[axis - 1] = 1
    for axis, length in enumerate(alpha, 1):
        if not is_known(length):
            raise TypeMismatch(
                f"`PReLU` needs a known length of axis {axis}: it learns a slope for each place",
                help=f"share one slope along it: `PReLU(shared_axes=[{axis}])`",
                code="MTG305",
            )
    slopes = weight(call, "alpha", [length for length in alpha if is_known(length)])
    return unchanged(call, tensor, slopes, axes=len(shape))
