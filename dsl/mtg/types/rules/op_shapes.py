"""Functions of `keras.ops` that change a shape, slices of tensors, and constants."""

from __future__ import annotations

import math
from itertools import pairwise

from mtg.types.dims import UNKNOWN, Dim, is_known
from mtg.types.rules import LayerCall, Misfit, Result, Unknowable, op_rule
from mtg.types.rules.common import axis_list, bad_value, differs, is_tensor, one_axis, text
from mtg.types.rules.op_common import (
    broadcast,
    dtype_of,
    named_dtype,
    one,
    operands,
    promoted,
    shape_of,
    tensor,
)
from mtg.types.rules.reshaping import refilled
from mtg.types.tensor import Shape, TensorType

# ---- shapes --------------------------------------------------------------------------------------


@op_rule("reshape")
def reshape(call: LayerCall) -> Result:
    """The same elements in another shape, batch axis included; -1 stands for what is left."""
    dtype, shape = tensor(call)
    target = call["newshape"]
    if not isinstance(target, (list, tuple)) or not all(type(length) is int for length in target):
        raise Unknowable
    if any(length < -1 for length in target) or list(target).count(-1) > 1:
        raise bad_value(call, "newshape", "lengths, one of which may be -1")
    return one(dtype, refilled(shape, tuple(target), call.cls))


@op_rule("transpose")
def transpose(call: LayerCall) -> Result:
    """The axes in another order, or in the opposite one."""
    dtype, shape = tensor(call)
    if call["axes"] is None:
        return one(dtype, reversed(shape))
    axes = axis_list(call, "axes", len(shape))
    if sorted(axes) != list(range(len(shape))):
        raise bad_value(call, "axes", f"an order of all {len(shape)} axes")
    return one(dtype, (shape[axis] for axis in axes))


@op_rule("swapaxes")
def swapaxes(call: LayerCall) -> Result:
    """Two axes in each other's place."""
    dtype, shape = tensor(call)
    a, b = (one_axis(call, name, len(shape)) for name in ("axis1", "axis2"))
    lengths = list(shape)
    lengths[a], lengths[b] = lengths[b], lengths[a]
    return one(dtype, lengths)


@op_rule("expand_dims")
def expand_dims(call: LayerCall) -> Result:
    """Axes of length 1 at the given places."""
    dtype, shape = tensor(call)
    given = call["axis"]
    rank = len(shape) + (len(given) if isinstance(given, (list, tuple)) else 1)
    axes = axis_list(call, "axis", rank)
    if len(set(axes)) != rank - len(shape):
        raise bad_value(call, "axis", "axes that differ")
    rest = iter(shape)
    return one(dtype, [1 if axis in axes else next(rest) for axis in range(rank)])


@op_rule("squeeze")
def squeeze(call: LayerCall) -> Result:
    """Without the axes of length 1, or without those given, which must have it."""
    dtype, shape = tensor(call)
    if call["axis"] is None:
        return one(dtype, [length for length in shape if length != 1])
    axes = axis_list(call, "axis", len(shape))
    for axis in axes:
        if shape[axis] != 1:
            raise Misfit(f"`squeeze` takes away axes of length 1, and axis {axis} is {shape[axis]}")
    return one(dtype, [length for axis, length in enumerate(shape) if axis not in axes])


@op_rule("flip")
def flip(call: LayerCall) -> Result:
    """The shape as it is; the axes must be there."""
    dtype, shape = tensor(call)
    if call["axis"] is not None:
        axis_list(call, "axis", len(shape))
    return one(dtype, shape)


def _list(call: LayerCall, name: str) -> list[TensorType]:
    given = call[name]
    if is_tensor(given) or not isinstance(given, (list, tuple)) or not given:
        raise Unknowable
    if not all(map(is_tensor, given)):
        raise Unknowable
    return list(given)


@op_rule("concatenate")
def concatenate(call: LayerCall) -> Result:
    """Tensors that agree in all axes but one, whose lengths add up."""
    tensors = _list(call, "xs")
    shapes = [shape_of(tensor) for tensor in tensors]
    axis = one_axis(call, "axis", len(shapes[0]))
    total: Dim = sum((shape[axis] for shape in shapes[1:] if len(shape) > axis), shapes[0][axis])
    _agree(call, shapes, axis)
    shape = (*shapes[0][:axis], total, *shapes[0][axis + 1 :])
    return one(promoted(*map(dtype_of, tensors)), shape)


@op_rule("stack")
def stack(call: LayerCall) -> Result:
    """Tensors of one shape along a new axis."""
    tensors = _list(call, "x")
    shapes = [shape_of(tensor) for tensor in tensors]
    axis = one_axis(call, "axis", len(shapes[0]) + 1)
    _agree(call, shapes, None)
    shape = (*shapes[0][:axis], len(tensors), *shapes[0][axis:])
    return one(promoted(*map(dtype_of, tensors)), shape)


def _agree(call: LayerCall, shapes: list[Shape], but: int | None) -> None:
    first = shapes[0]
    for shape in shapes[1:]:
        unequal = len(shape) != len(first) or any(
            axis != but and differs(a, b)
            for axis, (a, b) in enumerate(zip(first, shape, strict=True))
        )
        if unequal:
            where = "" if but is None else f" in all axes but {but}"
            raise Misfit(
                f"`{call.cls}` takes tensors that agree{where}",
                f"found: {text(first)} and {text(shape)}",
            )


@op_rule("matmul")
def matmul(call: LayerCall) -> Result:
    """(…, n, k) and (…, k, m) -> (…, n, m); a vector is a row, or on the right a column."""
    a, b = operands(call)
    dtypes = dtype_of(a), dtype_of(b)
    dtype = "int32" if dtypes == ("int8", "int8") else promoted(*dtypes)
    left, right = shape_of(a), shape_of(b)
    if not left or not right:
        raise Unknowable
    row, column = len(left) == 1, len(right) == 1
    if row:
        left = (1, *left)
    if column:
        right = (*right, 1)
    if differs(left[-1], right[-2]):
        raise Misfit(
            f"`matmul` sums over axes of one length, and these are {left[-1]} and {right[-2]}"
        )
    shape = broadcast(call, left[:-2], right[:-2])
    rows = () if row else (left[-2],)
    columns = () if column else (right[-1],)
    return one(dtype, (*shape, *rows, *columns))


# ---- slices and constants ------------------------------------------------------------------------


@op_rule("getitem", "get_item")
def getitem(call: LayerCall) -> Result:
    """`x[key]`: a number takes an axis away, None adds one, `...` stands for the axes left over."""
    dtype, shape = tensor(call)
    given = call["key"]
    key = list(given) if isinstance(given, (list, tuple)) else [given]
    if not all(item is None or item is ... or type(item) in (int, slice) for item in key):
        raise Unknowable
    if key.count(...) > 1:
        raise Misfit("a slice may have one `...` only", code="MTG405")
    if ... not in key:
        key.append(...)
    taken = sum(item is not None and item is not ... for item in key)
    if taken > len(shape):
        raise Misfit(
            f"{taken} axes are sliced, batch included, and the tensor has {len(shape)}",
            code="MTG302",
        )
    rest, lengths = list(shape), list[Dim]()
    for item in key:
        if item is None:
            lengths.append(1)
        elif item is ...:
            kept = len(rest) - sum(later is not None for later in key[key.index(...) + 1 :])
            lengths += rest[:kept]
            del rest[:kept]
        elif isinstance(item, slice):
            lengths.append(_sliced(rest.pop(0), item))
        else:
            _check_index(rest.pop(0), item)
    return one(dtype, lengths)


def _sliced(length: Dim, key: slice) -> Dim:
    if is_known(length):
        return len(range(*key.indices(length)))
    if key.step in (None, 1) and length is not UNKNOWN:
        ends = (key.start or 0, key.stop)
        if ends == (0, None):
            return length
        if ends in ((1, None), (0, -1)):
            return length - 1
    return UNKNOWN


def _check_index(length: Dim, index: int) -> None:
    if is_known(length) and not -length <= index < length:
        raise Misfit(f"index {index} is outside an axis of length {length}")


@op_rule("arange")
def arange(call: LayerCall) -> Result:
    """Numbers from `start` up to `stop`."""
    start, stop, step = call["start"], call["stop"], call["step"]
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    numbers = (start, stop, step)
    if not all(type(n) in (int, float) and math.isfinite(n) for n in numbers) or not step:
        raise Unknowable
    kind = "float32" if any(isinstance(number, float) for number in numbers) else "int32"
    dtype = kind if call["dtype"] is None else named_dtype(call["dtype"])
    length = math.ceil((stop - start) / step)
    if length < 0:
        raise Misfit(f"`arange` from {start} to {stop} by {step} never gets there", code="MTG304")
    return one(dtype, (length,))


@op_rule("zeros", "ones")
def filled(call: LayerCall) -> Result:
    """A tensor of the given shape."""
    given = call["shape"]
    shape = list(given) if isinstance(given, (list, tuple)) else [given]
    if not all(type(length) is int and length >= 0 for length in shape):
        raise Unknowable
    return one("float32" if call["dtype"] is None else named_dtype(call["dtype"]), shape)


@op_rule("zeros_like", "ones_like")
def filled_like(call: LayerCall) -> Result:
    """The shape as it is, in the same dtype unless told."""
    dtype, shape = tensor(call)
    return one(dtype if call["dtype"] is None else named_dtype(call["dtype"]), shape)


@op_rule("take")
def take(call: LayerCall) -> Result:
    """The entries at `indices` along an axis, whose place the axes of the indices take."""
    dtype, shape = tensor(call)
    indices = call["indices"]
    if type(indices) is int:
        places: Shape = ()
    elif isinstance(indices, (list, tuple)) and not is_tensor(indices):
        if not all(type(index) is int for index in indices):
            raise Unknowable
        places = (len(indices),)
    else:
        places = shape_of(indices)
    if call["axis"] is None:
        return one(dtype, places)
    axis = one_axis(call, "axis", len(shape))
    return one(dtype, (*shape[:axis], *places, *shape[axis + 1 :]))


@op_rule("split")
def split(call: LayerCall) -> Result:
    """Equal parts along an axis, or parts that end at the given places."""
    dtype, shape = tensor(call)
    axis = one_axis(call, "axis", len(shape))
    length, given = shape[axis], call["indices_or_sections"]
    if type(given) is int:
        if given <= 0:
            raise bad_value(call, "indices_or_sections", "a whole number above 0")
        if is_known(length) and length % given:
            raise Misfit(f"`split` cannot cut {length} into {given} equal parts")
        sizes: list[Dim] = [length // given] * given
    else:
        if not isinstance(given, (list, tuple)) or not all(type(place) is int for place in given):
            raise Unknowable
        ends: list[Dim] = [0, *given, length]
        sizes = [end - start for start, end in pairwise(ends)]
        if any(is_known(size) and size < 0 for size in sizes):
            raise Unknowable(len(sizes))
    parts = [(*shape[:axis], size, *shape[axis + 1 :]) for size in sizes]
    return Result(tuple(TensorType(dtype, part) for part in parts))
