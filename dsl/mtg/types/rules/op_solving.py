"""Functions of `keras.ops` that solve equations and take matrices apart."""

from __future__ import annotations

from mtg.lengths.dims import is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import require_equal, unequal_for_keras
from mtg.types.rules.op_common import one, shaped, tensor
from mtg.types.rules.op_linear import square_matrices
from mtg.types.rules.registry import op_rule
from mtg.types.tensor import Shape, TensorType


def _matrices(call: LayerCall, name: str = "x") -> tuple[str, Shape]:
    """Matrices in the last two axes."""
    dtype, shape = tensor(call, name)
    if len(shape) < 2:
        raise TypeMismatch(
            f"`{call.cls}` takes matrices, but this tensor is not one", code="MTG302"
        )
    return dtype, shape


@op_rule("pinv")
def pseudo_inverse(call: LayerCall) -> Result:
    """(…, n, m) -> (…, m, n)."""
    dtype, shape = _matrices(call)
    return one(dtype, (*shape[:-2], shape[-1], shape[-2]))


@op_rule("logdet")
def log_determinant(call: LayerCall) -> Result:
    """Return a number for each matrix, which must be square."""
    dtype, shape = _matrices(call)
    if require_equal(call, shape[-2], shape[-1]):
        raise TypeMismatch(f"`logdet` takes square matrices, not {shape[-2]} by {shape[-1]}")
    return one(dtype, shape[:-2])


@op_rule("matrix_rank")
def matrix_rank(call: LayerCall) -> Result:
    """Return a whole number for each matrix."""
    _, shape = _matrices(call)
    return one("int32", shape[:-2])


@op_rule("eigh", "eig")
def eigen(call: LayerCall) -> Result:
    """Return the eigenvalues, (…, n), and the eigenvectors, (…, n, n).

    Those of `eig` are complex; Keras says that they are of the matrix's dtype.
    """
    dtype, shape = square_matrices(call)
    return Result((TensorType(dtype, shape[:-1]), TensorType(dtype, shape)))


@op_rule("slogdet")
def sign_and_logarithm(call: LayerCall) -> Result:
    """Return the sign and the logarithm of the determinant of each matrix, which must be square.

    Keras says that there is one sign, however many matrices there are.
    """
    dtype, shape = _matrices(call)
    if require_equal(call, shape[-2], shape[-1]):
        raise TypeMismatch(f"`slogdet` takes square matrices, not {shape[-2]} by {shape[-1]}")
    sign = TensorType(dtype, () if len(shape) == 2 else None)
    return Result((sign, TensorType(dtype, shape[:-2])))


@op_rule("lu_factor")
def triangles(call: LayerCall) -> Result:
    """Two triangles in one matrix, (…, m, n), and the rows in their order, of the same dtype."""
    dtype, shape = _matrices(call)
    m, n = shape[-2:]
    if not is_known(m) or not is_known(n):
        raise TypeMismatch("`lu_factor` takes matrices of known size", code="MTG305")
    return Result((TensorType(dtype, shape), TensorType(dtype, (*shape[:-2], min(m, n)))))


@op_rule("lstsq")
def least_squares(call: LayerCall) -> Result:
    """(m, n) and (m) or (m, k) -> (n) or (n, k)."""
    shaped(call, "a", "b")
    (dtype, a), (_, b) = tensor(call, "a"), tensor(call, "b")
    if len(a) != 2 or len(b) not in (1, 2):
        raise TypeMismatch(
            "`lstsq` takes one matrix, and a vector or a matrix, all without a batch",
            f"these have {len(a)} and {len(b)} axes, batch included",
            code="MTG302",
        )
    if unequal_for_keras(call, a[0], b[0]):
        raise TypeMismatch(
            f"`lstsq` takes as many rows on both sides, and these are {a[0]} and {b[0]}"
        )
    return one(dtype, (a[1], *b[1:]))


@op_rule("solve", "solve_triangular")
def solved(call: LayerCall) -> Result:
    """`x` of `a x = b`: of the shape of `b`."""
    _, a = square_matrices(call, "a")
    dtype, b = tensor(call, "b")
    if not b:
        raise TypeMismatch(f"`{call.cls}` takes a right side with an axis", code="MTG302")
    if len(b) not in (len(a) - 1, len(a)):
        raise UnknownType
    # Vectors, or matrices of them: Keras compares None with a number for those only.
    vectors = len(b) < len(a)
    rows = b[-1] if vectors else b[-2]
    if (require_equal if vectors else unequal_for_keras)(call, a[-1], rows):
        raise TypeMismatch(
            f"`{call.cls}` takes as many rows on both sides, and these are {a[-1]} and {rows}"
        )
    return one(dtype, b)
