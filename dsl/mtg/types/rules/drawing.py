"""Whether the weights of a layer can get their first values.

Keras finds out only when the variables are made; which initializer fails is the same everywhere.
"""

from __future__ import annotations

from functools import cache

from mtg.catalog import catalog
from mtg.graph.values import KerasObject
from mtg.types.rules import LayerCall, Misfit
from mtg.types.rules.common import FLOATS, policy
from mtg.types.tensor import Weight

#: The initializers that give the same numbers in every dtype.
_CONSTANTS = frozenset({"Zeros", "zeros", "zero", "Ones", "ones", "one", "Constant", "constant"})
#: The initializers that decompose a matrix, which no back end does for bfloat16.
_ORTHOGONAL = frozenset({"Orthogonal", "OrthogonalInitializer", "orthogonal"})
_IDENTITY = frozenset({"Identity", "IdentityInitializer", "identity"})
#: The weights that are not called after their initializer: those of `DepthwiseConv2D`.
_OTHER_NAMES = {"depthwise": "kernel"}


def check_drawn(call: LayerCall, weights: tuple[Weight, ...]) -> None:
    """Hold every initializer against the dtype and the shapes of what it is to fill.

    Raises:
        Misfit: An initializer has no values for a weight.
    """
    for argument in _initializers(call.cls):
        found = call.arguments.get(argument)
        name = found.name if isinstance(found, KerasObject) else found
        if not isinstance(name, str) or name in _CONSTANTS:
            continue
        stem = argument.removesuffix("_initializer")
        filled = {stem, f"{stem}_kernel", _OTHER_NAMES.get(stem)}
        for weight in weights:
            if weight.name in filled:
                _check_shape(call, argument, name, weight)
                check_dtype(call, name, f"its `{argument}`", weight.dtype)


def check_dtype(call: LayerCall, initializer: str, what: str, dtype: str) -> None:
    """Whether an initializer that is no constant has values of a dtype: random ones are floats.

    Raises:
        Misfit: It has none.
    """
    if not dtype or (dtype in FLOATS and (dtype != "bfloat16" or initializer not in _ORTHOGONAL)):
        return
    raise Misfit(
        f"`{call.shown}` has weights of {dtype}, and `{initializer}`, {what}, has no such values",
        help='give `dtype="mixed_bfloat16"`, which keeps weights of float32'
        if dtype == "bfloat16"
        else "leave out `dtype`: random weights are floats",
        code="MTG405",
        argument="dtype" if policy(call).variable == dtype else None,
    )


def _check_shape(call: LayerCall, argument: str, initializer: str, weight: Weight) -> None:
    axes = len(weight.shape)
    if initializer in _ORTHOGONAL and axes < 2:
        needed = "2 axes or more"
    elif initializer in _IDENTITY and axes != 2:
        needed = "2 axes"
    else:
        return
    raise Misfit(
        f"`{initializer}` fills weights with {needed}, and `{weight.name}` of `{call.shown}` is "
        f"{list(weight.shape)}",
        code="MTG405",
        argument=argument,
    )


@cache
def _initializers(cls: str) -> tuple[str, ...]:
    """The arguments of a layer class that say how a weight begins."""
    entry = catalog().find("layer", cls)
    parameters = entry.parameters if entry else ()
    return tuple(p.name for p in parameters if p.name.endswith("_initializer"))
