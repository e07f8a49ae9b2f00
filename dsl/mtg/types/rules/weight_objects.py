"""What the initializers, regularizers and constraints of a layer ask of its weights.

Keras finds out when the variables are made, or in `fit`; what fails there fails everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from mtg.catalog import catalog
from mtg.graph.values import KerasObject
from mtg.types.rules.call import LayerCall, TypeMismatch
from mtg.types.rules.common import FLOATS, policy
from mtg.types.tensor import Operand, Weight

#: The initializers that give the same numbers in every dtype.
_CONSTANTS = frozenset({"Zeros", "zeros", "zero", "Ones", "ones", "one", "Constant", "constant"})
#: The initializers that decompose a matrix, which no back end does for bfloat16.
_ORTHOGONAL = frozenset({"Orthogonal", "OrthogonalInitializer", "orthogonal"})
#: The weights that are not called after what they are given: those of `DepthwiseConv2D`.
_OTHER_NAMES = {"depthwise": "kernel"}


def check_objects(call: LayerCall, weights: tuple[Weight, ...]) -> None:
    """Hold every initializer, regularizer and constraint against the weights that it is for.

    Raises:
        TypeMismatch: One has no values for a weight, or cannot do with its shape what it does.
    """
    for argument, stem, check in _arguments(call.cls):
        found = call.arguments.get(argument)
        name = found.name if isinstance(found, KerasObject) else found
        if not isinstance(name, str):
            continue
        given = found.arguments if isinstance(found, KerasObject) else {}
        meant = {stem, f"{stem}_kernel", _OTHER_NAMES.get(stem)}
        for weight in weights:
            if weight.name in meant and (needs := check(name, given, weight)):
                raise TypeMismatch(
                    f"`{name}` {needs}, but `{weight.name}` of `{call.shown}` is "
                    f"{list(weight.shape)}",
                    code="MTG405",
                    argument=argument,
                )
            if weight.name in meant and check is _initializer and name not in _CONSTANTS:
                check_dtype(call, name, f"its `{argument}`", weight.dtype)


#: Says what an object needs of a weight that is not so, or nothing.
Check = Callable[[str, Any, Weight], str]


def _initializer(name: str, given: Any, weight: Weight) -> str:
    axes = len(weight.shape)
    if name in _ORTHOGONAL and axes < 2:
        return "fills weights with 2 axes or more"
    if name in ("Identity", "IdentityInitializer", "identity") and axes != 2:
        return "fills weights with 2 axes"
    if name in ("STFT", "STFTInitializer", "stft") and axes != 3:
        return "fills weights with 3 axes"
    shape = _shape(given.get("value")) if name == "Constant" else ()
    if len(shape) > axes or any(
        length not in (1, weight.shape[axes - len(shape) + at]) for at, length in enumerate(shape)
    ):
        return f"has values of shape {list(shape)}"
    return ""


def _shape(value: Operand) -> tuple[int, ...]:
    """Return the shape of numbers in lists."""
    if not isinstance(value, (list, tuple)):
        return ()
    return (len(value), *(_shape(value[0]) if value else ()))


def _regularizer(name: str, given: Operand, weight: Weight) -> str:
    matrix = name in ("OrthogonalRegularizer", "orthogonal_regularizer")
    return "takes weights with 2 axes" if matrix and len(weight.shape) != 2 else ""


def _constraint(name: str, given: Any, weight: Weight) -> str:
    axis = given.get("axis")
    axes = axis if isinstance(axis, (list, tuple)) else [axis]
    count = len(weight.shape)
    outside = [each for each in axes if isinstance(each, int) and not -count <= each < count]
    return f"goes along axis {outside[0]}" if outside else ""


_CHECKS: dict[str, Check] = {
    "_initializer": _initializer,
    "_regularizer": _regularizer,
    "_constraint": _constraint,
}


@cache
def _arguments(cls: str) -> tuple[tuple[str, str, Check], ...]:
    """Return the arguments of a layer class that concern a weight, with the check of each."""
    entry = catalog().find("layer", cls)
    return tuple(
        (parameter.name, parameter.name.removesuffix(suffix), check)
        for parameter in (entry.parameters if entry else ())
        for suffix, check in _CHECKS.items()
        if parameter.name.endswith(suffix)
    )


def check_dtype(call: LayerCall, initializer: str, what: str, dtype: str) -> None:
    """Return whether an initializer but a constant has values of a dtype: random are floats.

    Raises:
        TypeMismatch: It has none.
    """
    if not dtype or (dtype in FLOATS and (dtype != "bfloat16" or initializer not in _ORTHOGONAL)):
        return
    raise TypeMismatch(
        f"`{call.shown}` has weights of {dtype}, but `{initializer}`, {what}, has no such values",
        help='give `dtype="mixed_bfloat16"`, which keeps weights of float32'
        if dtype == "bfloat16"
        else "leave out `dtype`: random weights are floats",
        code="MTG405",
        argument="dtype" if policy(call).variable == dtype else None,
    )
