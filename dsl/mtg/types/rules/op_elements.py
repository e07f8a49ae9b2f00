"""Functions of `keras.ops` that work element by element."""

from __future__ import annotations

from mtg.types.rules.call import LayerCall, Result, UnknownType
from mtg.types.rules.common import axis_list, is_tensor
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
from mtg.types.rules.registry import op_rule

# ---- element by element --------------------------------------------------------------------------

_SAME = (
    *("absolute", "abs", "negative", "sign", "round", "copy", "relu", "relu6", "sigmoid"),
    *("softplus", "softsign", "silu", "log_sigmoid", "leaky_relu", "hard_sigmoid"),
    *("hard_silu", "elu", "selu", "gelu", "celu", "hard_tanh", "tanh_shrink"),
    *("soft_shrink", "hard_shrink", "squareplus", "threshold", "sparse_plus", "sparse_sigmoid"),
    *("conj", "conjugate", "real", "imag", "nan_to_num", "trunc", "rsqrt", "erf", "erfinv"),
    *("bitwise_invert", "bitwise_not"),
)
_FLOATING = (
    *("sqrt", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("arcsin", "arccos", "arctan", "arcsinh", "arccosh", "arctanh", "floor", "ceil"),
    *("angle", "sinc"),
)


@op_rule(*_SAME)
def unary(call: LayerCall) -> Result:
    """Keep the shape and the dtype."""
    return one(*tensor(call))


@op_rule("stop_gradient")
def stop_gradient(call: LayerCall) -> Result:
    """Keep the shape and the dtype."""
    return one(*tensor(call, "variable"))


@op_rule(*_FLOATING)
def float_function(call: LayerCall) -> Result:
    """Keep the shape; whole numbers become floats."""
    dtype, shape = tensor(call)
    return one(floating(dtype), shape)


@op_rule("exp", "exp2", "expm1", "fabs")
def exponential(call: LayerCall) -> Result:
    """Keep the shape; whole numbers become float32."""
    dtype, shape = tensor(call)
    return one("float32" if is_integer(dtype) else dtype, shape)


@op_rule("deg2rad", "i0", "rad2deg")
def degrees(call: LayerCall) -> Result:
    """Keep the shape; 64 bits become float64, other whole numbers float32."""
    dtype, shape = tensor(call)
    wide = "float64" if dtype in ("int64", "float64") else "float32"
    return one(dtype if dtype in ("float16", "bfloat16") else wide, shape)


def _root(dtype: str) -> str:
    """Return what `cbrt`, `hypot` and `heaviside` make of a dtype."""
    small = "int" in dtype and dtype not in ("int64", "uint64")
    return "float64" if dtype == "int64" else "float32" if small else dtype


@op_rule("cbrt")
def cube_root(call: LayerCall) -> Result:
    """Keep the shape; whole numbers become floats as wide."""
    dtype, shape = tensor(call)
    return one("float32" if dtype == "bool" else _root(dtype), shape)


@op_rule("erfc")
def error_function(call: LayerCall) -> Result:
    """Keep the shape; whole numbers become floats."""
    dtype, shape = tensor(call)
    return one(promoted(dtype, "float"), shape)


@op_rule("reciprocal")
def reciprocal(call: LayerCall) -> Result:
    """Keep the shape, in float32, whatever the tensor is: so Keras says."""
    return one("float32", tensor(call)[1])


@op_rule("square", "clip")
def square(call: LayerCall) -> Result:
    """Keep the shape; bool becomes int32."""
    dtype, shape = tensor(call)
    return one("int32" if dtype == "bool" else dtype, shape)


@op_rule(
    *("isnan", "isfinite", "isinf", "isneginf", "isposinf", "isreal", "logical_not", "signbit")
)
def predicate(call: LayerCall) -> Result:
    """Keep the shape, in bool."""
    return one("bool", tensor(call)[1])


@op_rule("softmax", "log_softmax", "sparsemax")
def softmax(call: LayerCall) -> Result:
    """Keep the shape; the axes must be there."""
    dtype, shape = tensor(call)
    if call["axis"] is not None:
        axis_list(call, "axis", len(shape))
    return one(dtype, shape)


@op_rule(
    *("add", "subtract", "multiply", "maximum", "minimum", "power", "floor_divide", "mod"),
    *("fmax", "fmin", "fmod", "gcd", "lcm"),
)
def binary(call: LayerCall) -> Result:
    """Broadcast two operands to one shape, in the dtype both turn into."""
    a, b = operands(call)
    dtype = promoted(dtype_of(a), dtype_of(b))
    if call.cls in ("mod", "fmod") and dtype == "bool":
        dtype = "int32"
    return one(dtype, broadcast(call, shape_of(a), shape_of(b)))


@op_rule("hypot", "heaviside")
def hypotenuse(call: LayerCall) -> Result:
    """As `binary`; whole numbers become floats as wide. Both must be tensors."""
    a, b = tensor(call, "x1"), tensor(call, "x2")
    return one(_root(promoted(a[0], b[0])), broadcast(call, a[1], b[1]))


@op_rule("divide", "true_divide", "divide_no_nan", "logaddexp", "logaddexp2", "arctan2")
@op_rule("ldexp", "nextafter")
def division(call: LayerCall) -> Result:
    """As `binary`, in floats."""
    a, b = operands(call)
    return one(
        promoted(dtype_of(a), dtype_of(b), "float"), broadcast(call, shape_of(a), shape_of(b))
    )


@op_rule("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift")
@op_rule("left_shift", "right_shift")
def bitwise(call: LayerCall) -> Result:
    """As `binary`; where the shapes differ, Keras says that of the first, which is not so."""
    (dtype, shape), y = tensor(call), call["y"]
    if is_tensor(y):
        if shape_of(y) != shape:
            raise UnknownType
        dtype = promoted(dtype, dtype_of(y))
    elif type(y) is not int or "shift" not in call.cls:
        raise UnknownType
    return one(dtype, shape)


@op_rule(
    *("equal", "not_equal", "greater", "greater_equal", "less", "less_equal"),
    *("logical_and", "logical_or", "logical_xor", "isclose"),
)
def comparison(call: LayerCall) -> Result:
    """As `binary`, in bool."""
    a, b = operands(call)
    return one("bool", broadcast(call, shape_of(a), shape_of(b)))


@op_rule("where")
def where(call: LayerCall) -> Result:
    """Broadcast three operands to one shape, in the dtype that the last two turn into."""
    a, b = operands(call)
    shape = broadcast(call, shape_of(call["condition"]), shape_of(a))
    return one(promoted(dtype_of(a), dtype_of(b)), broadcast(call, shape, shape_of(b)))


@op_rule("allclose")
def all_close(call: LayerCall) -> Result:
    """Return whether all elements are about equal: one bool."""
    a, b = operands(call)
    broadcast(call, shape_of(a), shape_of(b))
    return one("bool", ())


@op_rule("cast", "saturate_cast")
def cast(call: LayerCall) -> Result:
    """Keep the shape, in another dtype."""
    _, shape = tensor(call)
    return one(named_dtype(call["dtype"]), shape)
