"""Functions of `keras.ops` that change a shape, join tensors and cut them."""

from __future__ import annotations

from itertools import pairwise

from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    axis_list,
    bad_value,
    is_tensor,
    one_axis,
    product,
    require_equal,
    text,
    value,
)
from mtg.types.rules.op_common import dtype_of, one, operands, promoted, shape_of, tensor
from mtg.types.rules.registry import op_rule
from mtg.types.rules.reshaping import refilled
from mtg.types.tensor import Operand, Shape, TensorType

# ---- shapes --------------------------------------------------------------------------------------


@op_rule("reshape")
def reshape(call: LayerCall) -> Result:
    """Return the same elements in another shape, batch included; -1 stands for the rest."""
    dtype, shape = tensor(call)
    target = _lengths(call["newshape"])
    if any(length < -1 for length in target) or target.count(-1) > 1:
        raise bad_value(call, "newshape", "lengths, one of which may be -1")
    return one(dtype, refilled(call, shape, target))


def _lengths(given: Operand) -> tuple[int, ...]:
    """Return a list of whole numbers."""
    every = given if isinstance(given, (list, tuple)) else (None,)
    lengths = tuple([length for length in every if type(length) is int])
    if len(lengths) != len(every):
        raise UnknownType
    return lengths


@op_rule("transpose")
def transpose(call: LayerCall) -> Result:
    """Permute the axes, or reverse their order."""
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
            raise TypeMismatch(
                f"`squeeze` takes away axes of length 1, and axis {axis} is {shape[axis]}"
            )
    return one(dtype, [length for axis, length in enumerate(shape) if axis not in axes])


@op_rule("flip", "roll")
def flip(call: LayerCall) -> Result:
    """Keep the shape; the axes must be there."""
    dtype, shape = tensor(call)
    if call["axis"] is not None:
        axis_list(call, "axis", len(shape))
    return one(dtype, shape)


@op_rule("fliplr", "flipud")
def flip_image(call: LayerCall) -> Result:
    """Keep the shape."""
    dtype, shape = tensor(call)
    least = 2 if call.cls == "fliplr" else 1
    if len(shape) < least:
        raise TypeMismatch(f"`{call.cls}` takes {least} axes or more", code="MTG302")
    return one(dtype, shape)


@op_rule("rot90")
def rotate(call: LayerCall) -> Result:
    """Two axes in each other's place, however often it turns: so Keras says."""
    dtype, shape = tensor(call, "array")
    if len(shape) < 2:
        raise TypeMismatch("`rot90` takes 2 axes or more", code="MTG302")
    axes = axis_list(call, "axes", len(shape))
    if len(axes) != 2 or axes[0] == axes[1]:
        raise bad_value(call, "axes", "two axes that differ")
    lengths = list(shape)
    i, j = axes
    lengths[i], lengths[j] = lengths[j], lengths[i]
    return one(dtype, lengths)


@op_rule("ravel")
def ravel(call: LayerCall) -> Result:
    """Return all elements in one axis."""
    dtype, shape = tensor(call)
    return one(dtype, (product(shape),))


@op_rule("moveaxis")
def move_axis(call: LayerCall) -> Result:
    """Move some axes to other places, the others in order."""
    dtype, shape = tensor(call)
    rank = len(shape)
    sources, places = (axis_list(call, name, rank) for name in ("source", "destination"))
    if (
        len(set(sources)) != len(sources)
        or len(set(places)) != len(sources)
        or len(places) != len(sources)
    ):
        raise bad_value(call, "destination", "as many axes as `source`, which differ")
    order: list[int | None] = [None] * rank
    for source, place in zip(sources, places, strict=True):
        order[place] = source
    rest = iter([axis for axis in range(rank) if axis not in sources])
    return one(dtype, [shape[next(rest) if axis is None else axis] for axis in order])


@op_rule("broadcast_to")
def broadcast_to(call: LayerCall) -> Result:
    """Stretched to a shape, batch axis included, lined up at the last axes."""
    dtype, shape = tensor(call)
    target = _lengths(value(call, "shape"))
    tail = target[len(target) - len(shape) :]
    if len(shape) > len(target) or any(
        length != 1 and require_equal(call, length, to)
        for length, to in zip(shape, tail, strict=True)
    ):
        raise TypeMismatch(f"`broadcast_to` cannot broadcast {text(shape)} to {list(target)}")
    return one(dtype, target)


@op_rule("repeat")
def repeat(call: LayerCall) -> Result:
    """Each entry along an axis several times, or of the flat tensor where there is no axis."""
    dtype, shape = tensor(call)
    given = value(call, "repeats")
    times: Operand = [given] if type(given) is int else given
    if is_tensor(times) or not isinstance(times, (list, tuple)) or not times:
        raise UnknownType
    counts = [number for number in times if type(number) is int and number >= 0]
    if len(counts) != len(times):
        raise bad_value(call, "repeats", "whole numbers, 0 or more")
    axis = None if call["axis"] is None else one_axis(call, "axis", len(shape))
    length = product(shape) if axis is None else shape[axis]
    if len(counts) == 1:
        long: Dim = length * counts[0]
    elif not is_known(length):
        long = UNKNOWN
    elif length != len(counts):
        raise bad_value(call, "repeats", f"one number, or {length} of them")
    else:
        long = sum(counts)
    return one(dtype, (long,) if axis is None else (*shape[:axis], long, *shape[axis + 1 :]))


@op_rule("tile")
def tile(call: LayerCall) -> Result:
    """Side by side with itself, so often along each of the last axes."""
    dtype, shape = tensor(call)
    given = value(call, "repeats")
    times: Operand = [given] if type(given) is int else given
    if not isinstance(times, (list, tuple)) or not all(type(n) is int and n >= 0 for n in times):
        raise UnknownType
    rank = max(len(shape), len(times))
    shape = (*[1] * (rank - len(shape)), *shape)
    return one(
        dtype, [a * b for a, b in zip(shape, (*[1] * (rank - len(times)), *times), strict=True)]
    )


@op_rule("pad")
def pad(call: LayerCall) -> Result:
    """Longer by what stands before and after each axis, batch included."""
    dtype, shape = tensor(call)
    pairs = _pairs(value(call, "pad_width"))
    if len(pairs) == 1:
        pairs *= len(shape)
    if len(pairs) != len(shape):
        raise bad_value(call, "pad_width", f"a pair, or {len(shape)} of them, batch included")
    if call["mode"] != "constant" and call["constant_values"] is not None:
        raise bad_value(call, "mode", '"constant" where `constant_values` are given')
    return one(dtype, [n + sum(pair) for n, pair in zip(shape, pairs, strict=True)])


def _pairs(given: object) -> list[tuple[int, int]]:
    if type(given) is int:
        given = (given, given)
    if isinstance(given, (list, tuple)) and len(given) == 2 and type(given[0]) is int:
        given = (given,)
    pairs = list(given) if isinstance(given, (list, tuple)) else []
    if not pairs or not all(
        isinstance(pair, (list, tuple))
        and len(pair) == 2
        and all(type(number) is int and number >= 0 for number in pair)
        for pair in pairs
    ):
        raise UnknownType
    return [(pair[0], pair[1]) for pair in pairs]


# ---- joins and cuts ------------------------------------------------------------------------------


def _list(call: LayerCall, name: str) -> list[TensorType]:
    given = call[name]
    if is_tensor(given) or not isinstance(given, (list, tuple)) or not given:
        raise UnknownType
    tensors = [each for each in given if is_tensor(each)]
    if len(tensors) != len(given):
        raise UnknownType
    return tensors


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


@op_rule("hstack", "vstack", "dstack")
def join(call: LayerCall) -> Result:
    """As `concatenate`, along the axis 1, 0 or 2."""
    tensors = _list(call, "xs")
    axis = {"hstack": 1, "vstack": 0, "dstack": 2}[call.cls]
    shapes = [shape_of(tensor) for tensor in tensors]
    if call.cls == "dstack":
        shapes = [(*[1] * (2 - len(s)), *s, *[1] * (len(s) < 3))[-max(3, len(s)) :] for s in shapes]
    if len(shapes[0]) <= axis:
        raise TypeMismatch(
            f"`{call.cls}` takes tensors with {axis + 1} axes or more", code="MTG302"
        )
    _agree(call, shapes, axis)
    total: Dim = sum((shape[axis] for shape in shapes[1:]), shapes[0][axis])
    shape = (*shapes[0][:axis], total, *shapes[0][axis + 1 :])
    return one(promoted(*map(dtype_of, tensors)), shape)


@op_rule("append")
def append(call: LayerCall) -> Result:
    """Two tensors joined along an axis, or flat."""
    a, b = operands(call)
    left, right = shape_of(a), shape_of(b)
    if not is_tensor(a) or not is_tensor(b):
        raise UnknownType
    dtype = promoted(dtype_of(a), dtype_of(b))
    if call["axis"] is None:
        return one(dtype, (product(left) + product(right),))
    axis = one_axis(call, "axis", len(left))
    _agree(call, [left, right], axis)
    if not is_known(left[axis]) or not is_known(right[axis]):
        raise TypeMismatch(f"`append` needs a known axis {axis} of both tensors", code="MTG305")
    return one(dtype, (*left[:axis], left[axis] + right[axis], *left[axis + 1 :]))


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
        odd = len(shape) != len(first) or any(
            axis != but and require_equal(call, a, b)
            for axis, (a, b) in enumerate(zip(first, shape, strict=True))
        )
        if odd:
            where = "" if but is None else f" in all axes but {but}"
            raise TypeMismatch(
                f"`{call.cls}` takes tensors that agree{where}",
                f"found: {text(first)} and {text(shape)}",
            )


#: Of more results than these mtg keeps no account: an axis may be of any length.
MOST_RESULTS = 10_000


def _countable(number: int) -> int:
    if number > MOST_RESULTS:
        raise UnknownType(None)
    return number


@op_rule("unstack")
def unstack(call: LayerCall) -> Result:
    """Return the entries along an axis, each by itself."""
    dtype, shape = tensor(call)
    axis = one_axis(call, "axis", len(shape))
    number = shape[axis] if call["num"] is None else value(call, "num")
    if not isinstance(number, int):
        raise TypeMismatch(
            f"`unstack` needs a known length of axis {axis}",
            help="give their number: `num=…`",
            code="MTG305",
        )
    if require_equal(call, number, shape[axis]):
        raise bad_value(call, "num", f"{shape[axis]}, the length of the axis")
    return Result((TensorType(dtype, (*shape[:axis], *shape[axis + 1 :])),) * _countable(number))


@op_rule("array_split")
def array_split(call: LayerCall) -> Result:
    """Parts along an axis that are about equal: the first ones may be longer by one."""
    dtype, shape = tensor(call)
    axis, number = one_axis(call, "axis", len(shape)), value(call, "indices_or_sections")
    if type(number) is not int:
        raise UnknownType(None)
    if number <= 0:
        raise bad_value(call, "indices_or_sections", "a whole number above 0")
    length = shape[axis]
    sizes = [(length + number - 1 - i) // number for i in range(_countable(number))]
    return _parts(dtype, shape, axis, sizes)


def _parts(dtype: str, shape: Shape, axis: int, sizes: list[Dim]) -> Result:
    parts = [(*shape[:axis], size, *shape[axis + 1 :]) for size in sizes]
    return Result(tuple(TensorType(dtype, part) for part in parts))


@op_rule("split", "hsplit", "vsplit", "dsplit")
def split(call: LayerCall) -> Result:
    """Equal parts along an axis, or parts that end at the given places."""
    given = call["indices_or_sections"]
    try:
        dtype, shape = tensor(call)
    except UnknownType:
        if type(given) is int and given > 0:
            raise UnknownType(_countable(given)) from None
        if isinstance(given, (list, tuple)) and all(type(place) is int for place in given):
            raise UnknownType(len(given) + 1) from None
        raise
    fixed = {"hsplit": min(1, len(shape) - 1), "vsplit": 0, "dsplit": 2}
    least = {"vsplit": 2, "dsplit": 3}.get(call.cls, 1)
    if len(shape) < least:
        raise TypeMismatch(f"`{call.cls}` takes {least} axes or more", code="MTG302")
    axis = fixed[call.cls] if call.cls in fixed else one_axis(call, "axis", len(shape))
    length = shape[axis]
    if type(given) is int:
        if given <= 0:
            raise bad_value(call, "indices_or_sections", "a whole number above 0")
        if require_equal(call, length, length // given * given):
            raise TypeMismatch(f"`{call.cls}` cannot cut {length} into {given} equal parts")
        sizes: list[Dim] = [length // given] * _countable(given)
    else:
        if not isinstance(given, (list, tuple)) or not all(type(place) is int for place in given):
            raise UnknownType
        ends: list[Dim] = [0, *given, length]
        sizes = [end - start for start, end in pairwise(ends)]
        if any(is_known(size) and size < 0 for size in sizes):
            raise bad_value(call, "indices_or_sections", f"places that ascend, up to {length}")
    return _parts(dtype, shape, axis, sizes)
