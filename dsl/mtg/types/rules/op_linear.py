"""Functions of `keras.ops` that multiply matrices, and linear algebra."""

from __future__ import annotations

import re

from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    axis_list,
    bad_value,
    one_axis,
    product,
    require_equal,
    unequal_for_keras,
    value,
)
from mtg.types.rules.op_common import (
    broadcast,
    dtype_of,
    one,
    operands,
    promoted,
    several_of,
    shape_of,
    tensor,
)
from mtg.types.rules.registry import op_rule
from mtg.types.tensor import Operand, Shape, TensorType


def _products(call: LayerCall) -> tuple[str, Shape, Shape]:
    a, b = operands(call)
    return promoted(dtype_of(a), dtype_of(b)), shape_of(a), shape_of(b)


def _agree(call: LayerCall, a: Dim, b: Dim) -> None:
    if require_equal(call, a, b):
        raise TypeMismatch(f"`{call.cls}` sums over axes of one length, and these are {a} and {b}")


@op_rule("matmul")
def matmul(call: LayerCall) -> Result:
    """(…, n, k) and (…, k, m) -> (…, n, m); a vector is a row, or on the right a column."""
    a, b = operands(call)
    dtypes = dtype_of(a), dtype_of(b)
    dtype = "int32" if dtypes == ("int8", "int8") else promoted(*dtypes)
    left, right = shape_of(a), shape_of(b)
    if not left or not right:
        raise UnknownType
    row, column = len(left) == 1, len(right) == 1
    if row:
        left = (1, *left)
    if column:
        right = (*right, 1)
    _agree(call, left[-1], right[-2])
    shape = broadcast(call, left[:-2], right[:-2])
    rows = () if row else (left[-2],)
    columns = () if column else (right[-1],)
    return one(dtype, (*shape, *rows, *columns))


@op_rule("dot")
def dot(call: LayerCall) -> Result:
    """Sum over the last axis of the first and the second last of the second."""
    dtype, a, b = _products(call)
    if not a or not b:
        return one(dtype, a or b)
    # Keras compares None with a number where the second is a vector.
    if len(a) > 1 and len(b) == 1 and unequal_for_keras(call, a[-1], b[0]):
        raise TypeMismatch(f"`dot` sums over axes of one length, and these are {a[-1]} and {b[0]}")
    _agree(call, a[-1], b[-2] if len(b) > 1 else b[0])
    return one(dtype, (*a[:-1], *b[:-2], *b[-1:]) if len(b) > 1 else a[:-1])


@op_rule("vdot")
def vdot(call: LayerCall) -> Result:
    """One number: the sum of the products of all elements."""
    dtype, a, b = _products(call)
    _agree(call, product(a), product(b))
    return one(dtype, ())


@op_rule("inner")
def inner(call: LayerCall) -> Result:
    """Sum over the last axes."""
    dtype, a, b = _products(call)
    if not a or not b:
        return one(dtype, a or b)
    _agree(call, a[-1], b[-1])
    return one(dtype, (*a[:-1], *b[:-1]))


@op_rule("outer")
def outer(call: LayerCall) -> Result:
    """Return a row for each element of the first, a column for each of the second."""
    dtype, a, b = _products(call)
    return one(dtype, (product(a), product(b)))


@op_rule("kron")
def kron(call: LayerCall) -> Result:
    """Each axis as long as the two together."""
    dtype, a, b = _products(call)
    if len(a) != len(b):
        raise UnknownType  # Keras forgets the axes that only one has
    return one(dtype, [n * m for n, m in zip(a, b, strict=True)])


@op_rule("tensordot")
def tensordot(call: LayerCall) -> Result:
    """Contract the last axes of the first with the first of the second, or those named."""
    dtype, a, b = _products(call)
    axes = value(call, "axes")
    if type(axes) is int:
        if axes > min(len(a), len(b)):
            raise bad_value(call, "axes", f"at most {min(len(a), len(b))} for these tensors")
        axes = max(axes, 0)
        left, right = list(range(len(a) - axes, len(a))), list(range(axes))
    elif isinstance(axes, (list, tuple)) and len(axes) == 2:
        left, right = (
            axis_list(call, "axes", len(shape), each)
            for shape, each in zip((a, b), axes, strict=True)
        )
    else:
        raise bad_value(call, "axes", "a number of axes, or two lists of them")
    if len(left) != len(right):
        raise bad_value(call, "axes", "two lists of one length")
    for i, j in zip(left, right, strict=True):
        _agree(call, a[i], b[j])
    rest = [n for i, n in enumerate(a) if i not in left]
    return one(dtype, [*rest, *(n for i, n in enumerate(b) if i not in right)])


@op_rule("cross")
def cross(call: LayerCall) -> Result:
    """Vectors of 3, or of 2, along an axis; of two vectors of 2 a number."""
    dtype, a, b = _products(call)
    given = call["axis"]
    names = ("axisa", "axisb", "axisc")
    first, second, last = (call[name] if given is None else given for name in names)
    i = one_axis(call, "axisa", len(a), first)
    j = one_axis(call, "axisb", len(b), second)
    for length in (a[i], b[j]):
        if is_known(length) and length not in (2, 3):
            raise TypeMismatch(f"`cross` takes vectors of 2 or 3, and finds one of {length}")
    rest = broadcast(call, (*a[:i], *a[i + 1 :]), (*b[:j], *b[j + 1 :]))
    if 3 not in (a[i], b[j]):
        if (a[i], b[j]) != (2, 2):
            raise UnknownType
        return one(dtype, rest)
    k = one_axis(call, "axisc", len(rest) + 1, last)
    return one(dtype, (*rest[:k], 3, *rest[k:]))


# ---- einsum --------------------------------------------------------------------------------------

_TERM = re.compile(r"([a-zA-Z]*)(?:(\.\.\.)([a-zA-Z]*))?")


@op_rule("einsum")
def einsum(call: LayerCall) -> Result:
    """`"ab,bc->ac"`: one letter for each axis, `...` for the axes left over."""
    subscripts, given = value(call, "subscripts"), several_of(call)
    if not isinstance(subscripts, str):
        raise UnknownType
    left, arrow, target = subscripts.partition("->")
    terms = left.split(",")
    if len(terms) != len(given):
        raise TypeMismatch(
            f'`einsum` "{subscripts}" takes {len(terms)} tensors, and is given {len(given)}',
            code="MTG307",
        )
    lengths: dict[str, Dim] = {}
    rest: Shape = ()
    counts: set[int] = set()
    for term, operand in zip(terms, given, strict=True):
        shape, elided = _bind(call, term, shape_of(operand))
        counts.add(len(elided))
        seen: set[str] = set()
        for letter, length in shape:
            known = lengths.setdefault(letter, length)
            if 1 not in (known, length) and require_equal(call, known, length):
                raise TypeMismatch(
                    f"`einsum`: axis `{letter}` is {known} in one place and {length} in another"
                )
            # Of a diagonal, `ii`, Keras looks at one of the two axes.
            better = is_known(length) and length != 1 and not is_known(known)
            if letter not in seen and (known == 1 or better):
                lengths[letter] = length
            seen.add(letter)
        rest = broadcast(call, rest, elided)
    if not arrow:
        target = "..." + "".join(sorted(c for c in lengths if left.count(c) == 1))
    before, dots, after = _split(call, target)
    if not set(before + after) <= lengths.keys():
        raise bad_value(call, "subscripts", "an equation whose result has letters of the tensors")
    # Keras lines up the axes of `...` with the letters before it where not all have as many.
    if (rest and not dots) or (dots and before and len(counts) > 1):
        raise UnknownType
    dtypes = {dtype_of(operand) for operand in given}
    dtype = "int32" if dtypes == {"int8"} else promoted(*dtypes)
    return one(dtype, [*(lengths[c] for c in before), *rest, *(lengths[c] for c in after)])


def _split(call: LayerCall, term: str) -> tuple[str, bool, str]:
    match = _TERM.fullmatch(term)
    if match is None:
        raise bad_value(call, "subscripts", "letters, `...`, commas and one `->`, without spaces")
    before, dots, after = match.groups()
    return before, dots is not None, after or ""


def _bind(call: LayerCall, term: str, shape: Shape) -> tuple[list[tuple[str, Dim]], Shape]:
    """Return the axes of one tensor under their letters, and those that `...` stands for."""
    before, dots, after = _split(call, term)
    named = len(before) + len(after)
    if len(shape) < named or (len(shape) > named and not dots):
        raise TypeMismatch(
            f'`einsum` takes a tensor with {named} axes for "{term}", batch included, '
            f"and this one has {len(shape)}",
            code="MTG302",
        )
    end = len(shape) - len(after)
    pairs = list(zip(after, shape[end:], strict=True))
    return [*zip(before, shape, strict=False), *reversed(pairs)], shape[len(before) : end]


# ---- linear algebra ------------------------------------------------------------------------------


def square_matrices(call: LayerCall, name: str = "x") -> tuple[str, Shape]:
    """Return the dtype and shape of square matrices, which are the last two axes."""
    dtype, shape = tensor(call, name)
    if len(shape) < 2:
        raise TypeMismatch(f"`{call.cls}` takes matrices", code="MTG302")
    if unequal_for_keras(call, shape[-1], shape[-2]):
        raise TypeMismatch(f"`{call.cls}` takes square matrices, not {shape[-2]} by {shape[-1]}")
    return dtype, shape


@op_rule("cholesky", "cholesky_inverse", "inv", "det")
def square(call: LayerCall) -> Result:
    """Square matrices (…, n, n), or a number for each."""
    dtype, shape = square_matrices(call)
    return one(dtype, shape[:-2] if call.cls == "det" else shape)


@op_rule("qr")
def qr(call: LayerCall) -> Result:
    """(…, m, n) -> an orthogonal and an upper triangular matrix."""
    dtype, shape = tensor(call)
    mode = value(call, "mode")
    if mode not in ("reduced", "complete"):
        raise bad_value(call, "mode", '"reduced" or "complete"')
    if len(shape) < 2 or not is_known(shape[-1]) or not is_known(shape[-2]):
        raise TypeMismatch("`qr` takes matrices of known size", code="MTG305")
    base, m, n = shape[:-2], shape[-2], shape[-1]
    k = min(m, n) if mode == "reduced" else m
    return Result((TensorType(dtype, (*base, m, k)), TensorType(dtype, (*base, k, n))))


@op_rule("svd")
def svd(call: LayerCall) -> Result:
    """(…, m, n) -> u, the singular values, and v."""
    dtype, shape = tensor(call)
    if len(shape) < 2 or not is_known(shape[-1]) or not is_known(shape[-2]):
        raise TypeMismatch("`svd` takes matrices of known size", code="MTG305")
    base, m, n = shape[:-2], shape[-2], shape[-1]
    k = min(m, n)
    full = bool(call["full_matrices"])
    shapes = [(m, m if full else k), (k,), (n if full else k, n)]
    found = tuple(TensorType(dtype, (*base, *each)) for each in shapes)
    return Result(found if call["compute_uv"] else found[1:2])


@op_rule("normalize")
def normalize(call: LayerCall) -> Result:
    """Keep the shape, in float32, whatever the tensor is: so Keras says."""
    _, shape = tensor(call)
    if call["axis"] is not None:
        axis_list(call, "axis", len(shape))
    return one("float32", shape)


@op_rule("cdist")
def distances(call: LayerCall) -> Result:
    """(…, n, d) and (…, m, d) -> (…, n, m)."""
    (kind, a), (other, b) = tensor(call), tensor(call, "y")
    if min(len(a), len(b)) < 2:
        raise TypeMismatch("`cdist` takes tensors of points", code="MTG302")
    _agree(call, a[-1], b[-1])
    shape = broadcast(call, a[:-2], b[:-2])
    return one(promoted(kind, other, "float"), (*shape, a[-2], b[-2]))


@op_rule("trace", "diagonal")
def diagonal(call: LayerCall) -> Result:
    """Two axes as one, the diagonal; or as its sum."""
    dtype, shape = tensor(call)
    offset = call["offset"]
    i, j = (one_axis(call, name, len(shape)) for name in ("axis1", "axis2"))
    if i == j:
        raise bad_value(call, "axis2", "another axis than `axis1`")
    rest = [length for axis, length in enumerate(shape) if axis not in (i, j)]
    if call.cls == "trace":
        small = {"bool": "int32", "int8": "int32", "int16": "int32"}
        small |= {"uint8": "uint32", "uint16": "uint32"}
        return one(small.get(dtype, dtype), rest)
    return one(dtype, [*rest, diagonal_length(shape[i], shape[j], offset)])


def diagonal_length(rows: Dim, columns: Dim, offset: Operand) -> Dim:
    """Return how long the diagonal of a matrix is, so many places right of the main one."""
    if not is_known(rows) or not is_known(columns) or type(offset) is not int:
        return UNKNOWN
    left = columns - offset if offset > 0 else rows + offset
    return max(0, min(left, rows, columns))


@op_rule("tril", "triu")
def triangle(call: LayerCall) -> Result:
    """Keep the shape, of matrices."""
    dtype, shape = tensor(call)
    if len(shape) < 2:
        raise TypeMismatch(f"`{call.cls}` takes matrices", code="MTG302")
    return one(dtype, shape)
