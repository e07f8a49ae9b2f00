"""Functions of `keras.ops` that sum axes up, or run along one."""

from __future__ import annotations

from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import axis_list, bad_value, is_tensor, one_axis, product, value
from mtg.types.rules.op_common import floating, is_integer, named_dtype, one, promoted, tensor
from mtg.types.rules.registry import op_rule
from mtg.types.tensor import Operand, Shape, TensorType

_SMALL = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}
#: What a reduction makes of a dtype; the others keep it.
_FLOATS = ("var", "average", "nanmean", "nanmedian", "nanstd", "nanvar")


@op_rule("mean", "sum", "prod", "max", "min", "amax", "amin", "any", "all", "std", "var", "ptp")
@op_rule("nanmax", "nanmean", "nanmedian", "nanmin", "nanprod", "nanstd", "nansum", "nanvar")
@op_rule("count_nonzero", "median", "logsumexp", "norm")
def reduction(call: LayerCall) -> Result:
    """Without the axes summed over, or with 1 in their place (`keepdims`)."""
    dtype, shape = tensor(call)
    return one(_reduced_dtype(call, dtype), reduced(call, shape))


def _reduced_dtype(call: LayerCall, dtype: str) -> str:
    name = call.cls
    if name in ("any", "all"):
        return "bool"
    if name == "count_nonzero":
        return "int32"
    if name == "logsumexp":
        return "float32"  # so Keras says, whatever the tensor is
    if name in _FLOATS:
        return promoted(dtype, "float")
    if name == "median":
        return floating(dtype)
    if name in ("mean", "std", "norm"):
        return "float32" if is_integer(dtype) else dtype
    if name == "prod" and call["dtype"] is not None:
        return named_dtype(call["dtype"])
    if name in ("sum", "prod", "nansum", "nanprod"):
        return _SMALL.get(dtype, dtype if name.endswith("prod") else promoted(dtype))
    return promoted(dtype) if name in ("nanmax", "nanmin") else dtype


@op_rule("argmax", "argmin", "nanargmax", "nanargmin")
def argument(call: LayerCall) -> Result:
    """As `reduction`, in int32."""
    return one("int32", reduced(call, tensor(call)[1]))


def reduced(call: LayerCall, shape: Shape, axes: Operand = None) -> Shape:
    """Return a shape without the axes that the call names, or with 1 for each."""
    every = range(len(shape))
    name = "axes" if "axes" in call.arguments else "axis"
    gone = every if call[name] is None else axis_list(call, name, len(shape))
    if len(set(gone)) != len(gone):
        raise bad_value(call, name, "axes that differ")
    if call.arguments.get("keepdims"):
        return tuple(1 if axis in gone else shape[axis] for axis in every)
    return tuple(shape[axis] for axis in every if axis not in gone)


@op_rule("moments")
def moments(call: LayerCall) -> Result:
    """Return the mean and the variance over the axes."""
    dtype, shape = tensor(call)
    found = TensorType(dtype, reduced(call, shape))
    return Result((found, found))


@op_rule("average")
def average(call: LayerCall) -> Result:
    """Return the mean over one axis, or all; weights are as the tensor, or as that axis."""
    dtype, shape = tensor(call)
    weights = call["weights"]
    axis = None if call["axis"] is None else one_axis(call, "axis", len(shape))
    if weights is None:
        return one(promoted(dtype, "float"), reduced(call, shape))
    kind, given = tensor(call, "weights")
    if given != shape and (axis is None or given != (shape[axis],)):
        raise UnknownType
    return one(promoted(dtype, kind, "float"), reduced(call, shape))


@op_rule("quantile", "percentile", "nanquantile", "nanpercentile")
def quantile(call: LayerCall) -> Result:
    """As `reduction`, with an axis before the others for several quantiles."""
    dtype, shape = tensor(call)
    if call.cls == "percentile":
        dtype = "float32" if is_integer(dtype) else dtype
    elif call.cls == "nanpercentile":
        dtype = "float32" if "int" in dtype else promoted(dtype, "float")
    else:
        dtype = floating(dtype)
    q = call["q"]
    rest = reduced(call, shape)
    if is_tensor(q):
        if q.shape is None:
            raise UnknownType
        return one(dtype, (*q.shape[:1], *rest))
    if isinstance(q, (list, tuple)) and (len(q) > 1 or call.cls.endswith("percentile")):
        return one(dtype, (len(q), *rest))
    return one(dtype, rest)


def flat(shape: Shape) -> Dim:
    """Return the number of elements, where Keras knows it: a batch is enough that it does not."""
    return product(shape)


@op_rule("cumsum", "cumprod", "nancumsum", "nancumprod")
def running(call: LayerCall) -> Result:
    """Keep the shape, or flatten it where no axis is given; bool becomes int32."""
    dtype, shape = tensor(call)
    if call["dtype"] is not None:
        dtype = named_dtype(call["dtype"])
    dtype = "int32" if dtype == "bool" else dtype
    if call["axis"] is None:
        return one(dtype, (flat(shape),))
    one_axis(call, "axis", len(shape))
    return one(dtype, shape)


@op_rule("sort", "argsort", "argpartition")
def sort(call: LayerCall) -> Result:
    """Keep the shape, or flatten it where there is no axis; places are int32."""
    dtype, shape = tensor(call)
    dtype = dtype if call.cls == "sort" else "int32"
    if call["axis"] is None:
        return one(dtype, (flat(shape),))
    one_axis(call, "axis", len(shape))
    return one(dtype, shape)


@op_rule("top_k")
def top_k(call: LayerCall) -> Result:
    """Return the k greatest along the last axis, and their places."""
    dtype, shape = tensor(call)
    if not shape:
        raise TypeMismatch("`top_k` takes a tensor with an axis", code="MTG302")
    k = value(call, "k")
    if type(k) is not int or k < 0 or (is_known(shape[-1]) and k > shape[-1]):
        raise bad_value(call, "k", f"a whole number up to the last axis, {shape[-1]}")
    best = (*shape[:-1], k)
    return Result((TensorType(dtype, best), TensorType("int32", best)))


@op_rule("in_top_k")
def in_top_k(call: LayerCall) -> Result:
    """Return whether each target is among the k greatest: bool, as the targets."""
    return one("bool", tensor(call, "targets")[1])


@op_rule("diff")
def diff(call: LayerCall) -> Result:
    """Shorten an axis by `n`."""
    dtype, shape = tensor(call, "a")
    axis, n = one_axis(call, "axis", len(shape)), value(call, "n")
    if type(n) is not int or n < 0:
        raise bad_value(call, "n", "a whole number, 0 or more")
    length = shape[axis] - n
    length = max(length, 0) if is_known(length) else length
    return one(dtype, (*shape[:axis], length, *shape[axis + 1 :]))


@op_rule("trapezoid")
def trapezoid(call: LayerCall) -> Result:
    """Without the axis summed over, in floats."""
    dtype, shape = tensor(call, "y")
    axis = one_axis(call, "axis", len(shape))
    return one(promoted(dtype, "float"), (*shape[:axis], *shape[axis + 1 :]))


@op_rule("segment_sum", "segment_max", "segment_min", "segment_prod")
def segments(call: LayerCall) -> Result:
    """Combine the rows of each segment."""
    dtype, shape = tensor(call, "data")
    number = call["num_segments"]
    _, places = tensor(call, "segment_ids")
    if not shape:
        raise TypeMismatch(f"`{call.cls}` takes a tensor with an axis", code="MTG302")
    if len(places) != 1:
        raise TypeMismatch(f"`{call.cls}` takes a row of segments, one for each row", code="MTG302")
    return one(dtype, (number if type(number) is int else UNKNOWN, *shape[1:]))
