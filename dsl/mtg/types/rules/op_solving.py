"""Functions of `keras.ops` that solve equations and take matrices apart."""

from __future__ import annotations

from mtg.types.rules import LayerCall, Misfit, Result, Unknowable, op_rule
from mtg.types.rules.common import unequal, unequal_for_keras
from mtg.types.rules.op_common import one, tensor
from mtg.types.rules.op_linear import square_matrices
from mtg.types.tensor import Shape, TensorType


def _matrices(call: LayerCall, name: str = "x") -> tuple[str, Shape]:
    """Matrices in the last two axes."""
    dtype, shape = tensor(call, name)
    if len(shape) < 2:
        raise Misfit(f"`{call.cls}` takes matrices, and this tensor is none", code="MTG302")
    return dtype, shape


@op_rule("pinv")
def pseudo_inverse(call: LayerCall) -> Result:
    """(…, n, m) -> (…, m, n)."""
    dtype, shape = _matrices(call)
    return one(dtype, (*shape[:-2], shape[-1], shape[-2]))


@op_rule("logdet")
def log_determinant(call: LayerCall) -> Result:
    """A number for each matrix, which must be square."""
    dtype, shape = _matrices(call)
    if unequal(call, shape[-2], shape[-1]):
        raise Misfit(f"`logdet` takes square matrices, not {shape[-2]} by {shape[-1]}")
    return one(dtype, shape[:-2])


@op_rule("matrix_rank")
def matrix_rank(call: LayerCall) -> Result:
    """A whole number for each matrix."""
    _, shape = _matrices(call)
    return one("int32", shape[:-2])


@op_rule("eigh")
def eigen(call: LayerCall) -> Result:
    """The eigenvalues, (…, n), and the eigenvectors, (…, n, n)."""
    dtype, shape = square_matrices(call)
    return Result((TensorType(dtype, shape[:-1]), TensorType(dtype, shape)))


@op_rule("solve", "solve_triangular")
def solved(call: LayerCall) -> Result:
    """`x` of `a x = b`: of the shape of `b`."""
    _, a = square_matrices(call, "a")
    dtype, b = tensor(call, "b")
    if not b:
        raise Misfit(f"`{call.cls}` takes a right side with an axis", code="MTG302")
    if len(b) not in (len(a) - 1, len(a)):
        raise Unknowable
    # Vectors, or matrices of them: Keras compares None with a number for those only.
    vectors = len(b) < len(a)
    rows = b[-1] if vectors else b[-2]
    if (unequal if vectors else unequal_for_keras)(call, a[-1], rows):
        raise Misfit(
            f"`{call.cls}` takes as many rows on both sides, and these are {a[-1]} and {rows}"
        )
    return one(dtype, b)
