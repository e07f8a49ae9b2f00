"""Functions of `keras.ops` that make tensors of numbers."""

from __future__ import annotations

import math

from mtg.graph.values import DataArray
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import is_tensor, one_axis, value
from mtg.types.rules.op_common import (
    broadcast,
    dtype_of,
    named_dtype,
    one,
    promoted,
    shape_of,
    tensor,
)
from mtg.types.rules.op_indexing import lengths_of
from mtg.types.rules.registry import op_rule


@op_rule("arange")
def arange(call: LayerCall) -> Result:
    """Numbers from `start` up to `stop`."""
    start, stop, step = call["start"], call["stop"], call["step"]
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    numbers = [n for n in (start, stop, step) if type(n) is int or type(n) is float]
    if len(numbers) < 3 or not all(map(math.isfinite, numbers)) or not step:
        raise UnknownType
    kind = "float32" if any(isinstance(number, float) for number in numbers) else "int32"
    dtype = kind if call["dtype"] is None else named_dtype(call["dtype"])
    length = math.ceil((numbers[1] - numbers[0]) / numbers[2])
    if length < 0:
        raise TypeMismatch(
            f"`arange` from {start} to {stop} by {step} never gets there", code="MTG304"
        )
    return one(dtype, (length,))


@op_rule("zeros", "ones", "empty")
def filled(call: LayerCall) -> Result:
    """Return a tensor of the given shape."""
    shape = lengths_of(call)
    return one("float32" if call["dtype"] is None else named_dtype(call["dtype"]), shape)


@op_rule("zeros_like", "ones_like", "full_like", "empty_like")
def filled_like(call: LayerCall) -> Result:
    """Keep the shape, and by default the dtype."""
    dtype, shape = tensor(call)
    return one(dtype if call["dtype"] is None else named_dtype(call["dtype"]), shape)


@op_rule("full")
def full(call: LayerCall) -> Result:
    """Return a tensor of the given shape and of one number."""
    number = call["fill_value"]
    if type(number) not in (bool, int, float):
        raise UnknownType
    if call["dtype"] is not None:
        return one(named_dtype(call["dtype"]), lengths_of(call))
    return one("float32", lengths_of(call))


@op_rule("eye", "tri", "identity")
def matrix(call: LayerCall) -> Result:
    """Return a matrix, square unless it says how many columns."""
    rows = value(call, "n" if call.cls == "identity" else "N")
    columns = call.arguments.get("M")
    columns = rows if columns is None else columns
    if type(rows) is not int or type(columns) is not int or min(rows, columns) < 0:
        raise UnknownType
    dtype = "float32" if call["dtype"] is None else named_dtype(call["dtype"])
    return one(dtype, (rows, columns))


@op_rule("linspace", "logspace", "geomspace")
def spaced(call: LayerCall) -> Result:
    """`num` numbers from `start` to `stop`, along a new axis where those are tensors."""
    if call.arguments.get("retstep"):
        raise UnknownType(None)
    start, stop, number = call["start"], call["stop"], value(call, "num")
    if type(number) is not int or number < 0:
        raise UnknownType
    shape = broadcast(call, shape_of(start), shape_of(stop))
    axis = one_axis(call, "axis", len(shape) + 1)
    kind = dtype_of(start) if call["dtype"] is None else named_dtype(call["dtype"])
    if not is_tensor(start) and not is_tensor(stop):
        kind = "float32" if call["dtype"] is None else kind
        return one(kind, (number,))
    return one(promoted(kind, "float"), (*shape[:axis], number, *shape[axis:]))


@op_rule("array", "convert_to_tensor")
def converted(call: LayerCall) -> Result:
    """Return the tensor, or that of the given numbers, perhaps in another dtype."""
    given = call["x"]
    if isinstance(given, DataArray):
        dtype = given.dtype if call["dtype"] is None else named_dtype(call["dtype"])
        return one(dtype, given.shape)
    if not is_tensor(given):
        return of_numbers(given, call["dtype"])
    dtype, shape = tensor(call)
    return one(dtype if call["dtype"] is None else named_dtype(call["dtype"]), shape)


def of_numbers(given: object, dtype: object) -> Result:
    """Return what numbers in lists become: floats and whole numbers of 32 bits."""
    shape: list[int] = []
    leaves = [given]
    while leaves and all(isinstance(leaf, (list, tuple)) for leaf in leaves):
        lists = [leaf for leaf in leaves if isinstance(leaf, (list, tuple))]
        lengths = {len(leaf) for leaf in lists}
        if len(lengths) != 1:
            raise UnknownType
        shape.append(lengths.pop())
        leaves = [item for leaf in lists for item in leaf]
    kinds = {type(leaf) for leaf in leaves}
    if not kinds <= {bool, int, float}:
        raise UnknownType
    if dtype is not None:
        return one(named_dtype(dtype), shape)
    if len(kinds) > 1 and bool in kinds:
        raise UnknownType
    kind = "float32" if float in kinds or not kinds else "int32" if int in kinds else "bool"
    return one(kind, shape)
