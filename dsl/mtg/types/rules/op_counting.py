"""Functions of `keras.ops` that count values and look for them."""

from __future__ import annotations

from mtg.lengths.dims import UNKNOWN, Dim
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import bad_value, count, is_tensor, one_axis, require_equal, value
from mtg.types.rules.op_common import one, promoted, shaped, tensor
from mtg.types.rules.op_constants import of_numbers
from mtg.types.rules.op_shapes import MOST_RESULTS
from mtg.types.rules.registry import op_rule
from mtg.types.tensor import Shape, TensorType


@op_rule("bincount")
def bincount(call: LayerCall) -> Result:
    """Count how often each number occurs; the largest one, unknown before, sets the length."""
    dtype, shape = tensor(call)
    weights = call["weights"]
    kind = "int32"
    if is_tensor(weights):
        raise TypeMismatch(
            "`bincount` takes weights that are numbers: of a tensor Keras cannot make a model",
            code="MTG404",
            argument="weights",
        )
    if len(shape) > 2:
        raise TypeMismatch(
            f"`bincount` takes a row of numbers, or a batch of rows, and this tensor has "
            f"{count(len(shape) - 1, 'axis')}",
            code="MTG302",
        )
    if weights is not None:
        (found,) = of_numbers(value(call, "weights"), None).outputs
        if found.dtype is None or found.shape is None:
            raise UnknownType
        if len(found.shape) != len(shape) or any(
            require_equal(call, a, b) for a, b in zip(found.shape, shape, strict=True)
        ):
            raise bad_value(call, "weights", "of the tensor's shape")
        kind = promoted(dtype, found.dtype)
    return one(kind, (*shape[:-1], UNKNOWN))


@op_rule("digitize")
def digitize(call: LayerCall) -> Result:
    """Return the bin of each number."""
    shaped(call, "x", "bins")
    _, bins = tensor(call, "bins")
    if len(bins) > 1:
        raise TypeMismatch(
            f"`digitize` takes bins in one axis, and these have {len(bins)}, batch included",
            code="MTG302",
            argument="bins",
        )
    return one("int32", tensor(call)[1])


@op_rule("histogram")
def histogram(call: LayerCall) -> Result:
    """Return how many numbers fall in each bin, and where the bins end."""
    dtype, shape = tensor(call)
    bins, ends = value(call, "bins"), value(call, "range")
    if not isinstance(bins, int) or bins < 0:
        raise bad_value(call, "bins", "a whole number")
    if ends is not None:
        every = ends if isinstance(ends, tuple) else ()
        pair = [end for end in every if isinstance(end, (int, float))]
        if not len(pair) == len(every) == 2:
            raise bad_value(call, "range", "a tuple of two numbers, or None")
        if pair[1] < pair[0]:
            raise bad_value(call, "range", "a tuple of two numbers, the lower one first")
    if len(shape) > 1:
        raise TypeMismatch(
            f"`histogram` takes numbers in one axis, and this tensor has {len(shape)}, "
            "batch included",
            help="`ops.ravel` puts them in one",
            code="MTG302",
        )
    return Result((TensorType(dtype, (int(bins),)), TensorType(dtype, (bins + 1,))))


@op_rule("unique")
def unique(call: LayerCall) -> Result:
    """Return the values that differ, and where and how often they stand, as it is asked for.

    How many they are, nobody knows before, unless `size` says it.
    """
    flags = [value(call, f"return_{name}") for name in ("index", "inverse", "counts")]
    if not is_tensor(call["x"]) or call["x"].shape is None or call["x"].dtype is None:
        raise UnknownType(1 + sum(map(bool, flags)))
    dtype, shape = tensor(call)
    size = value(call, "size")
    if size is not None and (not isinstance(size, int) or size < 0):
        raise bad_value(call, "size", "a whole number, or None")
    number: Dim = UNKNOWN if size is None else int(size)
    values: Shape = (number,)
    places = shape
    if value(call, "axis") is not None:
        axis = one_axis(call, "axis", len(shape))
        values, places = (*shape[:axis], number, *shape[axis + 1 :]), (shape[axis],)
    found = [TensorType(dtype, values)]
    for flag, others in zip(flags, ((number,), places, (number,)), strict=True):
        if flag:
            found.append(TensorType("int32", others))
    return Result(tuple(found))


@op_rule("unravel_index")
def unravel_index(call: LayerCall) -> Result:
    """Return the places of numbers in a shape, an axis at a time."""
    given = value(call, "shape")
    if is_tensor(given) or not isinstance(given, (list, tuple)):
        raise bad_value(call, "shape", "a list of lengths")
    if None in given:
        raise bad_value(call, "shape", "a list of lengths, without None")
    if not given or len(given) > MOST_RESULTS or not all(type(n) is int for n in given):
        raise UnknownType(None)
    found = call["indices"]
    if not is_tensor(found):
        raise UnknownType(len(given))
    return Result((found,) * len(given))
