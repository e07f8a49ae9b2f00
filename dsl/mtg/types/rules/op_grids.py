"""Functions of `keras.ops` that make matrices and grids of vectors, and back."""

from __future__ import annotations

from mtg.lengths.dims import Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import bad_value, choice, is_tensor, product, value
from mtg.types.rules.op_common import (
    dtype_of,
    is_plain,
    one,
    promoted,
    several_of,
    shape_of,
    tensor,
)
from mtg.types.rules.op_linear import diagonal_length
from mtg.types.rules.registry import op_rule
from mtg.types.tensor import TensorType


@op_rule("diag", "diagflat")
def diagonal_matrix(call: LayerCall) -> Result:
    """Return a matrix with a vector on a diagonal; `diag` of a matrix is the diagonal."""
    dtype, shape = tensor(call)
    k = value(call, "k")
    if not isinstance(k, int):
        raise bad_value(call, "k", "a whole number")
    if call.cls == "diag" and len(shape) == 2:
        return one(dtype, (diagonal_length(*shape, int(k)),))
    if call.cls == "diag" and len(shape) != 1:
        raise TypeMismatch(
            f"`diag` takes a vector or a matrix, and this tensor has {len(shape)} axes, "
            "batch included",
            help="`ops.diagonal` takes a batch of matrices",
            code="MTG302",
        )
    return one(dtype, (product(shape) + abs(k),) * 2)


@op_rule("vander")
def vandermonde(call: LayerCall) -> Result:
    """(n) -> (n, N): the powers of each number."""
    dtype, shape = tensor(call)
    if len(shape) != 1:
        raise TypeMismatch(
            f"`vander` takes a vector, and this tensor has {len(shape)} axes, batch included",
            code="MTG302",
        )
    number = value(call, "N")
    if number is not None and (not isinstance(number, int) or number < 0):
        raise bad_value(call, "N", "a whole number, or None")
    if not isinstance(value(call, "increasing"), bool):
        raise bad_value(call, "increasing", "True or False")
    return one(dtype, (*shape, shape[0] if number is None else int(number)))


@op_rule("meshgrid")
def meshgrid(call: LayerCall) -> Result:
    """Return the coordinates of a grid: a tensor and an axis for each.

    Keras says that what `ij` gives is float32, and what `xy` gives of the last one's dtype.
    """
    crossed = choice(call, "indexing", ("xy", "ij"), fold=str) == "xy"
    given = several_of(call)
    if not any(map(is_tensor, given)):
        raise UnknownType(None)
    if any(map(is_plain, given)):
        raise TypeMismatch(
            "`meshgrid` takes tensors",
            help="`ops.array(…)` makes a tensor of numbers",
            code="MTG404",
        )
    if crossed and len(given) < 2:
        raise TypeMismatch(
            "`meshgrid` takes two tensors or more",
            help='with `indexing="ij"` it takes one as well',
            code="MTG307",
        )
    known = [x for x in given if is_tensor(x) and x.shape is not None and x.dtype is not None]
    if len(known) != len(given):
        raise UnknownType(len(given))
    lengths: list[Dim] = [product(shape_of(x)) for x in known]
    dtypes = [dtype_of(x) for x in known]
    if crossed:
        lengths[:2] = lengths[1], lengths[0]
        dtype: str | None = dtypes[-1]
    else:
        dtype = "float32" if set(dtypes) == {"float32"} else None
    return Result((TensorType(dtype, tuple(lengths)),) * len(given))


@op_rule("corrcoef")
def correlation(call: LayerCall) -> Result:
    """(n, m) -> (n, n): how alike the rows are.

    Keras says (n, m), which is not so unless the two are one, and says as much of other ranks.
    """
    dtype, shape = tensor(call)
    kind = "float64" if dtype == "int64" else promoted(dtype, "float")
    if len(shape) == 2:
        rows, columns = shape
        if rows == columns or not (is_known(rows) or is_known(columns)):
            return one(kind, (rows, rows))
    return Result((TensorType(kind, None),))
