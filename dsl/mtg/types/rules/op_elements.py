"""Functions of `keras.ops` that work element by element, and reductions."""

from __future__ import annotations

from mtg.types.rules import LayerCall, Result, op_rule
from mtg.types.rules.common import axis_list
from mtg.types.rules.op_common import (
    broadcast,
    dtype_of,
    floating,
    is_integer,
    named_dtype,
    one,
    operands,
    promoted,
    shape_of,
    tensor,
)
from mtg.types.tensor import Shape

# ---- element by element --------------------------------------------------------------------------

_SAME = (
    *(
        "absolute",
        "abs",
        "negative",
        "sign",
        "round",
        "copy",
        "relu",
        "relu6",
        "sigmoid",
        "softplus",
    ),
    *("softsign", "silu", "swish", "log_sigmoid", "leaky_relu", "hard_sigmoid"),
    *("hard_silu", "hard_swish", "elu", "selu", "gelu", "celu", "hard_tanh", "tanh_shrink"),
    *("soft_shrink", "hard_shrink", "squareplus", "threshold", "sparse_plus", "sparse_sigmoid"),
)
_FLOATING = (
    *(
        "sqrt",
        "log",
        "log1p",
        "log2",
        "log10",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "arcsin",
    ),
    *("arccos", "arctan", "arcsinh", "arccosh", "arctanh", "floor", "ceil"),
)


@op_rule(*_SAME)
def unary(call: LayerCall) -> Result:
    """The shape and the dtype as they are."""
    return one(*tensor(call))


@op_rule(*_FLOATING)
def float_function(call: LayerCall) -> Result:
    """The shape as it is; whole numbers become floats."""
    dtype, shape = tensor(call)
    return one(floating(dtype), shape)


@op_rule("exp", "expm1")
def exponential(call: LayerCall) -> Result:
    """The shape as it is; whole numbers become float32."""
    dtype, shape = tensor(call)
    return one("float32" if is_integer(dtype) else dtype, shape)


@op_rule("square", "clip")
def square(call: LayerCall) -> Result:
    """The shape as it is; bool becomes int32."""
    dtype, shape = tensor(call)
    return one("int32" if dtype == "bool" else dtype, shape)


@op_rule("isnan", "isfinite", "isinf", "logical_not")
def predicate(call: LayerCall) -> Result:
    """The shape as it is, in bool."""
    return one("bool", tensor(call)[1])


@op_rule("softmax", "log_softmax")
def softmax(call: LayerCall) -> Result:
    """The shape as it is; the axes must be there."""
    dtype, shape = tensor(call)
    if call["axis"] is not None:
        axis_list(call, "axis", len(shape))
    return one(dtype, shape)


@op_rule("add", "subtract", "multiply", "maximum", "minimum", "power", "floor_divide", "mod")
def binary(call: LayerCall) -> Result:
    """Two operands stretched to one shape, in the dtype both turn into."""
    a, b = operands(call)
    dtype = promoted(dtype_of(a), dtype_of(b))
    if call.cls == "mod" and dtype == "bool":
        dtype = "int32"
    return one(dtype, broadcast(call, shape_of(a), shape_of(b)))


@op_rule("divide", "true_divide", "logaddexp")
def division(call: LayerCall) -> Result:
    """As `binary`, in floats."""
    a, b = operands(call)
    return one(
        promoted(dtype_of(a), dtype_of(b), "float"), broadcast(call, shape_of(a), shape_of(b))
    )


@op_rule(
    *("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"),
    *("logical_and", "logical_or", "logical_xor"),
)
def comparison(call: LayerCall) -> Result:
    """As `binary`, in bool."""
    a, b = operands(call)
    return one("bool", broadcast(call, shape_of(a), shape_of(b)))


@op_rule("where")
def where(call: LayerCall) -> Result:
    """Three operands stretched to one shape, in the dtype that the last two turn into."""
    a, b = operands(call)
    shape = broadcast(call, shape_of(call["condition"]), shape_of(a))
    return one(promoted(dtype_of(a), dtype_of(b)), broadcast(call, shape, shape_of(b)))


@op_rule("cast")
def cast(call: LayerCall) -> Result:
    """The shape as it is, in another dtype."""
    _, shape = tensor(call)
    return one(named_dtype(call["dtype"]), shape)


# ---- reductions ----------------------------------------------------------------------------------

_SMALL = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}


@op_rule("mean", "sum", "prod", "max", "min", "amax", "amin", "any", "all", "std", "var")
def reduction(call: LayerCall) -> Result:
    """Without the axes summed over, or with 1 in their place (`keepdims`)."""
    dtype, shape = tensor(call)
    if call.cls in ("any", "all"):
        dtype = "bool"
    elif call.cls == "var":
        dtype = promoted(dtype, "float")
    elif call.cls in ("mean", "std"):
        dtype = "float32" if is_integer(dtype) else dtype
    elif call.cls == "prod" and call["dtype"] is not None:
        dtype = named_dtype(call["dtype"])
    elif call.cls in ("sum", "prod"):
        dtype = _SMALL.get(dtype, promoted(dtype) if call.cls == "sum" else dtype)
    return one(dtype, _reduced(call, shape))


@op_rule("argmax", "argmin")
def argument(call: LayerCall) -> Result:
    """As `reduction`, in int32."""
    return one("int32", _reduced(call, tensor(call)[1]))


def _reduced(call: LayerCall, shape: Shape) -> Shape:
    every = range(len(shape))
    axes = every if call["axis"] is None else axis_list(call, "axis", len(shape))
    if call["keepdims"]:
        return tuple(1 if axis in axes else shape[axis] for axis in every)
    return tuple(shape[axis] for axis in every if axis not in axes)
