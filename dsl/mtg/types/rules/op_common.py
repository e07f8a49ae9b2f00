"""What the rules of `keras.ops` share: promotion of dtypes, broadcasting, operands.

A dtype is what Keras says with TensorFlow, which keeps 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from mtg.lengths.dims import Dim, is_known
from mtg.lengths.equality import same
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import DTYPES, agreed, is_tensor, require_equal
from mtg.types.tensor import Operand, Shape, TensorType

#: What each dtype turns into next (`keras/src/backend/common/dtypes.py`); `int` and `float` are
#: Python's numbers, which give way to the dtypes of tensors.
_LATTICE: dict[str, tuple[str, ...]] = {
    "bool": ("int",),
    "uint8": ("int16", "uint16"),
    "uint16": ("int32", "uint32"),
    "uint32": ("int64", "uint64"),
    "uint64": ("float",),
    "int": ("uint8", "int8"),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("float",),
    "float": ("bfloat16", "float16"),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64",),
    "float64": (),
}


@cache
def _above(dtype: str) -> frozenset[str]:
    return frozenset({dtype}).union(*map(_above, _LATTICE[dtype]))


@cache
def promoted(*dtypes: str) -> str:
    """Return the dtype that all of these turn into (`keras.backend.result_type`)."""
    if not set(dtypes) <= _LATTICE.keys():
        raise UnknownType
    common = frozenset.intersection(*map(_above, dtypes))
    least = next(dtype for dtype in common if common <= _above(dtype))
    return {"int": "int32", "float": "float32", "uint64": "uint32"}.get(least, least)


def dtype_of(value: Operand) -> str:
    """Return the dtype of an operand: a tensor's, or the word for a number of Python."""
    if is_tensor(value):
        if value.dtype is None:
            raise UnknownType
        return value.dtype
    if not isinstance(value, (bool, int, float)):
        raise UnknownType
    return type(value).__name__


def floating(dtype: str) -> str:
    """Return what functions such as `sqrt` and `sin` make of a dtype."""
    return "float32" if dtype == "int64" else promoted(dtype, "float")


def is_integer(dtype: str) -> bool:
    return dtype == "bool" or "int" in dtype


def tensor(call: LayerCall, name: str = "x") -> tuple[str, Shape]:
    """Return the dtype and the shape of an argument that is a tensor."""
    found = call[name]
    if isinstance(found, (list, tuple)) and not is_tensor(found) and any(map(is_tensor, found)):
        raise TypeMismatch(
            f"`{call.cls}` takes one tensor, and is given a list of {len(found)}",
            help="make one of them: `ops.stack(tensors, axis=1)`, or `add(tensors)` for their sum",
        )
    if not is_tensor(found) or found.shape is None or found.dtype is None:
        raise UnknownType
    return found.dtype, found.shape


def several_of(call: LayerCall) -> Sequence[Operand]:
    """Return what a function is given by position beyond its parameters, as of `einsum`."""
    found = call["*"]
    return found if isinstance(found, (list, tuple)) else (found,)


def shaped(call: LayerCall, *names: str) -> None:
    """Refuse numbers and lists where Keras asks each of these arguments for its shape.

    It does so where a tensor is among the arguments; of nothing but numbers it makes a constant.
    """
    if not any(map(is_tensor, call.arguments.values())):
        return
    for name in names:
        if is_plain(call[name]):
            raise TypeMismatch(
                f"`{name}` of `{call.cls}` must be a tensor",
                help="`ops.array(…)` makes a tensor of numbers",
                code="MTG404",
                argument=name,
            )


def is_plain(value: Operand) -> bool:
    """Return whether an argument is a number, a word or a list, and no tensor."""
    plain = value is None or isinstance(value, (int, float, str, list, tuple))
    return plain and not is_tensor(value)


def shape_of(value: Operand) -> Shape:
    """Return the shape of an operand; numbers have none."""
    if not is_tensor(value):
        return ()
    if value.shape is None:
        raise UnknownType
    return value.shape


def one(dtype: str, shape: Iterable[Dim]) -> Result:
    return Result((TensorType(dtype, tuple(shape)),))


def broadcast(call: LayerCall, a: Shape, b: Shape) -> Shape:
    """Return the shape that both broadcast to, aligned at their last axes (`broadcast_shapes`).

    Unlike its merges, Keras's functions take the length that is known where one of two is.
    """
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    return tuple(_broadcast_axis(call, a, b, axis) for axis in range(rank))


def _broadcast_axis(call: LayerCall, a: Shape, b: Shape, axis: int) -> Dim:
    left, right = a[axis], b[axis]
    if left == 1 or right == 1:
        return right if left == 1 else left
    if require_equal(call, left, right):
        raise TypeMismatch(
            f"`{call.cls}` takes tensors of one shape, and axis {axis} is {left} in one and "
            f"{right} in another",
            "an axis of length 1 would be broadcast",
        )
    if is_known(left) or same(left, right):
        return left
    return right if is_known(right) else agreed(left, right)


def named_dtype(name: object) -> str:
    if not isinstance(name, str) or name not in DTYPES:
        raise UnknownType
    return name


def operands(call: LayerCall) -> tuple[Operand, Operand]:
    """Return the two operands of a function of two."""
    return call["x1"], call["x2"]
