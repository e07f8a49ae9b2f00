"""Tensors of fixed numbers: what Keras computes once, and writes into a config as numbers."""

from __future__ import annotations

from math import prod
from typing import Any

from mtg.graph.graph import Call
from mtg.graph.layers import Op
from mtg.graph.values import DataArray, leaves

#: Functions of `keras.ops` whose results are numbers that can be told without Keras.
_FUNCTIONS = frozenset(
    [
        *("arange", "array", "convert_to_tensor", "eye", "full", "identity", "linspace", "ones"),
        *("tri", "zeros"),
    ]
)

#: So many numbers are written out; a tensor of more is left to Keras.
MOST_NUMBERS = 1_000_000


def fixed_numbers(call: Call) -> tuple[Any, str] | None:
    """Return the numbers and dtype of a call without tensors; None where only Keras knows.

    Dtypes that are not given are those of Keras: 32 bits.

    Raises:
        mtg.refusal.Refusal: An array of a data file cannot be read any more.
    """
    function = call.layer.cls
    if not isinstance(call.layer, Op) or function not in _FUNCTIONS or call.tensors():
        return None
    entry = call.layer.entry
    assert entry is not None
    names = [parameter.name for parameter in entry.parameters]
    given = {**dict(zip(names, call.args, strict=False)), **call.kwargs}
    array = given.get("x")
    if isinstance(array, DataArray):
        given["x"] = numbers_of(array)
        if given["x"] is None:
            return None
        given.setdefault("dtype", array.dtype)
    dtype = given.pop("dtype", None) or _dtype(function, given)
    if not isinstance(dtype, str):
        return None
    given = {k: v for k, v in given.items() if k not in ("sparse", "ragged") and v is not None}
    try:
        return _compute(function, given, dtype), dtype
    except (TypeError, ValueError, MemoryError, OverflowError):
        return None


def numbers_of(array: DataArray) -> Any:
    """Return the items of an array in lists; None where they are too many.

    Raises:
        mtg.refusal.Refusal: It cannot be read any more.
    """
    return None if prod(array.shape) > MOST_NUMBERS else array.load().tolist()


def _dtype(function: str, given: dict[str, Any]) -> str:
    if function == "arange":
        whole = all(isinstance(value, int) for value in given.values() if value is not None)
        return "int32" if whole else "float32"
    if function in ("array", "convert_to_tensor"):
        numbers = list(leaves(given.get("x")))
        if numbers and all(isinstance(number, bool) for number in numbers):
            return "bool"
        if numbers and all(isinstance(number, int) for number in numbers):
            return "int32"
    return "float32"


def _compute(function: str, given: dict[str, Any], dtype: str) -> object:
    import numpy

    exact = "float32" if dtype == "bfloat16" else dtype
    if function in ("array", "convert_to_tensor"):
        return numpy.array(given["x"], dtype=exact).tolist()
    lengths = given.get("shape", given.get("N", given.get("n", given.get("num", 0))))
    count = 1
    for length in lengths if isinstance(lengths, (list, tuple)) else [lengths, given.get("M", 1)]:
        count *= max(int(length), 1)
    if count > MOST_NUMBERS:
        raise ValueError("too many")
    if function == "arange":
        bounds = [given[key] for key in ("start", "stop", "step") if key in given]
        if len(range(*(int(bound) for bound in bounds))) > MOST_NUMBERS:
            raise ValueError("too many")
        return numpy.arange(*bounds, dtype=exact).tolist()
    return getattr(numpy, function)(**given, dtype=exact).tolist()
