"""Functions of `keras.ops` that see the same numbers otherwise: axes, bytes, complex numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtg.lengths.dims import Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import DTYPES, bad_value, is_tensor, product, require_equal, value
from mtg.types.rules.op_common import broadcast, one, shape_of, shaped, tensor
from mtg.types.rules.registry import op_rule
from mtg.types.tensor import Shape, TensorType

# ---- axes with names -----------------------------------------------------------------------------

#: An axis of a pattern: a name, or a group of names.
_AXIS = re.compile(r"\w+|\(.*?\)")
_GROUP = re.compile(r"\(([\w\s]+)\)")
#: Of a longer pattern mtg says nothing: Keras's way to read it takes the square of its length.
_LONGEST = 2_000


@op_rule("rearrange")
def rearrange(call: LayerCall) -> Result:
    """`"b (h k) c -> b h (k c)"` with `k=2`: axes in another order, taken apart and joined.

    Keras multiplies lengths that it knows, so those of the result must be numbers, even of the
    batch (`keras/src/ops/einops.py`).
    """
    dtype, shape = tensor(call, "tensor")
    pattern = value(call, "pattern")
    if isinstance(pattern, str) and len(pattern) > _LONGEST:
        raise UnknownType
    sides = re.split(r"\s*->\s*", pattern) if isinstance(pattern, str) else []
    if len(sides) != 2:
        raise bad_value(call, "pattern", 'the axes before and after, as in "b h w -> b (h w)"')
    before, after = (_AXIS.findall(side) for side in sides)
    if any(map(_names, before[len(shape) :])):
        raise TypeMismatch(
            f"the pattern of `{call.cls}` has {len(before)} axes, batch included, and the tensor "
            f"has {len(shape)}",
            code="MTG302",
            argument="pattern",
        )
    lengths = _lengths(call, before, shape)
    axes = [_names(axis) for axis in after]
    for name in (name for names in axes for name in names):
        if name not in lengths:
            raise _bad_pattern(call, f"`{name}` is not among the axes it takes")
        if not is_known(lengths[name]):
            raise _unknown(call, f"axis `{name}`")
    _check_all(call, before, axes, lengths, shape)
    return one(dtype, [product(lengths[name] for name in names) for names in axes])


def _bad_pattern(call: LayerCall, why: str) -> TypeMismatch:
    return TypeMismatch(
        f"the pattern of `{call.cls}` does not fit: {why}", code="MTG405", argument="pattern"
    )


def _unknown(call: LayerCall, axis: str) -> TypeMismatch:
    return TypeMismatch(
        f"`{call.cls}` needs a known length of {axis}",
        "Keras multiplies the lengths; that of the batch is known where `batch_size` of the input "
        "says it",
        help="use `ops.transpose` and `ops.reshape`, where one length may be -1",
        code="MTG305",
    )


def _names(axis: str) -> list[str]:
    group = _GROUP.match(axis)
    return group[1].split() if group else [axis]


def _lengths(call: LayerCall, axes: Sequence[str], shape: Shape) -> dict[str, Dim]:
    """Return the length of each name on the left; in a group one follows from the others."""
    sizes: dict[str, Dim] = {}
    grouped = [name for axis in axes if _GROUP.match(axis) for name in _names(axis)]
    for name in grouped:
        if name in call.kwargs and name not in ("tensor", "pattern"):
            size = value(call, name)
            if not isinstance(size, int) or size < 1:
                raise bad_value(call, name, "a whole number above 0")
            sizes[name] = int(size)
    found: dict[str, Dim] = {}
    for axis, length in zip(axes, shape, strict=False):
        if not _GROUP.match(axis):
            found[axis] = length
            continue
        names = _names(axis)
        left = [name for name in names if name not in sizes]
        if left:
            if not is_known(length):
                raise _unknown(call, f"the group `{axis}`")
            sizes[left[0]] = length // product(sizes[name] for name in names if name in sizes)
        if len(left) > 1:
            raise _bad_pattern(call, f"`{axis}` needs the length of `{left[1]}`: `{left[1]}=…`")
        found |= {name: sizes[name] for name in names}
    return found


def _check_all(
    call: LayerCall,
    before: Sequence[str],
    after: Sequence[Sequence[str]],
    lengths: dict[str, Dim],
    shape: Shape,
) -> None:
    """Require each name on either side: Keras infers a type without, and cannot run."""
    names = [name for axis in before for name in _names(axis)]
    kept = [name for axis in after for name in axis]
    if sorted(names) != sorted(kept) or len(set(names)) != len(names):
        raise _bad_pattern(call, "each name must occur once on either side")
    if require_equal(call, product(lengths[name] for name in names), product(shape)):
        raise TypeMismatch(
            f"`{call.cls}` has a pattern for {product(lengths[name] for name in names)} elements, "
            f"and the tensor has {product(shape)}",
            "the lengths: " + ", ".join(f"`{name}` is {lengths[name]}" for name in names),
        )


# ---- bytes ---------------------------------------------------------------------------------------


def _bytes(dtype: str) -> int:
    if dtype in ("bool", "string") or dtype.startswith("float8"):
        return 1
    return int(dtype.lstrip("abcdefghijklmnopqrstuvwxyz")) // 8


@op_rule("view")
def view(call: LayerCall) -> Result:
    """Return the same bytes as numbers of another dtype: the last axis is longer or shorter."""
    dtype, shape = tensor(call)
    given = value(call, "dtype")
    if given in ("int", "float"):
        raise UnknownType  # as wide as the back end says
    if given is not None and (not isinstance(given, str) or given not in DTYPES - {"string"}):
        raise bad_value(call, "dtype", "the name of a dtype of numbers")
    if dtype == "string":
        raise TypeMismatch(f"`{call.cls}` takes numbers, not strings", code="MTG303")
    new = dtype if given is None else given
    old, wide = _bytes(dtype), _bytes(new)
    if old == wide:
        return one(new, shape)
    if not shape:
        raise TypeMismatch(
            f"`{call.cls}` cannot see one number of {old} bytes as {new}", code="MTG302"
        )
    length = shape[-1] * old // wide
    if require_equal(call, shape[-1] * old, length * wide):
        raise TypeMismatch(
            f"`{call.cls}` cannot see {shape[-1]} numbers of {dtype} as {new}",
            f"they have {shape[-1] * old} bytes, and each of {new} has {wide}",
        )
    return one(new, (*shape[:-1], length))


# ---- complex numbers -----------------------------------------------------------------------------


@op_rule("view_as_complex")
def view_as_complex(call: LayerCall) -> Result:
    """(…, 2) -> (…): the real and the imaginary part as one number."""
    _, shape = tensor(call)
    if not shape or require_equal(call, shape[-1], 2):
        raise TypeMismatch(
            f"`{call.cls}` takes a last axis of 2, a real and an imaginary part",
            f"the last axis here is {shape[-1]}" if shape else "this tensor has no axis",
        )
    return one("complex64", shape[:-1])


@op_rule("view_as_real")
def view_as_real(call: LayerCall) -> Result:
    """(…) -> (…, 2), in float32, however wide the parts are: so Keras says."""
    return one("float32", (*tensor(call)[1], 2))


@op_rule("polar")
def polar(call: LayerCall) -> Result:
    """Return the complex number of a length and an angle, which Keras says is float32.

    It also says the shape of the lengths, which is not so where those are broadcast to the angles.
    """
    shaped(call, "abs_")
    _, shape = tensor(call, "abs_")
    angle = call["angle"]
    if not is_tensor(angle) and not isinstance(angle, (int, float)):
        raise UnknownType
    other = shape_of(angle)
    broadcast(call, shape, other)
    tail = shape[len(shape) - len(other) :]
    if len(other) > len(shape) or any(a == 1 and b != 1 for a, b in zip(tail, other, strict=True)):
        return Result((TensorType("float32", None),))
    return one("float32", shape)
