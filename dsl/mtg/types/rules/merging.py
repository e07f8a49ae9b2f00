"""`keras.layers`: merges of several tensors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch
from mtg.types.rules.common import (
    agreed,
    bad_value,
    differs,
    numeric,
    one_axis,
    require_equal,
    result,
    several,
    shape_of,
    unequal_for_keras,
    value,
)
from mtg.types.rules.registry import rule
from mtg.types.tensor import Shape


@rule("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")
def elementwise(call: LayerCall) -> Result:
    """Require tensors of one shape, or that broadcast to one.

    Shapes are aligned at their last axes, the batch axis aside (`Merge`); an axis of 1 takes the
    length of the other.
    """
    tensors = several(call, *((2, 2) if call.cls == "Subtract" else ()))
    shapes = [shape_of(numeric(call, tensor)) for tensor in tensors]
    batch = _batch(call, shapes)
    merged = shapes[0][1:]
    for shape in shapes[1:]:
        merged = _broadcast(call, merged, shape[1:])
    return result(call, (batch, *merged))


def _batch(call: LayerCall, shapes: list[Shape]) -> Dim:
    if any(not shape for shape in shapes):
        raise TypeMismatch(f"`{call.shown}` takes tensors with a batch axis", code="MTG302")
    lengths = list(dict.fromkeys(shape[0] for shape in shapes))
    numbers = [length for length in lengths if is_known(length)]
    if len(numbers) > 1:
        raise TypeMismatch(
            f"`{call.shown}` takes tensors of one batch size, "
            f"and finds {numbers[0]} and {numbers[1]}"
        )
    return numbers[0] if numbers else lengths[0] if len(lengths) == 1 else UNKNOWN


def _broadcast(call: LayerCall, a: Shape, b: Shape) -> Shape:
    if len(a) < len(b):
        a, b = b, a
    lead = len(a) - len(b)
    return (*a[:lead], *(_broadcast_axis(call, lead + i, a[lead + i], n) for i, n in enumerate(b)))


def _broadcast_axis(call: LayerCall, axis: int, a: Dim, b: Dim) -> Dim:
    if a == 1 or b == 1:
        return b if a == 1 else a
    if require_equal(call, a, b):
        raise TypeMismatch(
            f"`{call.shown}` takes tensors of one shape, and axis {axis + 1} is {a} in one and {b} "
            "in another",
            "an axis of length 1 would be broadcast",
        )
    return agreed(a, b)


@rule("Concatenate")
def concatenate(call: LayerCall) -> Result:
    """Tensors that agree in all axes but `axis`, whose lengths add up."""
    shapes = [shape_of(tensor) for tensor in several(call)]
    first = shapes[0]
    for shape in shapes[1:]:
        if len(shape) != len(first):
            raise TypeMismatch(
                f"`{call.shown}` takes tensors with the same number of axes, "
                f"and finds {len(first) - 1} and {len(shape) - 1}",
                code="MTG302",
            )
    axis = one_axis(call, "axis", len(first))
    merged: list[Dim] = []
    for other, lengths in enumerate(zip(*shapes, strict=True)):
        if other == axis:
            merged.append(sum((each[axis] for each in shapes[1:]), start=first[axis]))
            continue
        found = list(dict.fromkeys(lengths))
        if any(differs(one, earlier) for i, one in enumerate(found) for earlier in found[:i]):
            raise TypeMismatch(
                f"`{call.shown}` along axis {axis} takes tensors that agree in the others, "
                f"and axis {other} is {_listed(found)}",
            )
        merged.append(_common(call, lengths))
    return result(call, merged)


def _common(call: LayerCall, lengths: Sequence[Dim]) -> Dim:
    """Return the length that tensors agree in: a number where the first has one."""
    said = [length for length in lengths if length is not UNKNOWN]
    for length in said[1:]:
        require_equal(call, said[0], length)
    named = [length for length in said if not is_known(length)]
    return agreed(*named) if named and not is_known(lengths[0]) else lengths[0]


def _listed(lengths: Iterable[Dim]) -> str:
    *most, last = map(str, lengths)
    return f"{', '.join(most)} and {last}" if most else last


@rule("Dot")
def dot(call: LayerCall) -> Result:
    """Return the product of two tensors, summed over one axis of each, of one length."""
    given = value(call, "axes")
    every = given if isinstance(given, (list, tuple)) else (given, given)
    axes = [axis for axis in every if isinstance(axis, int)]
    if not len(axes) == len(every) == 2:
        raise bad_value(call, "axes", "an axis, or one axis for each tensor")
    a, b = (shape_of(numeric(call, tensor)) for tensor in several(call, 2, 2))
    at = one_axis(call, "axes", len(a), axes[0])
    over = one_axis(call, "axes", len(b), axes[1])
    if len(a) < 2 or len(b) < 2 or not at or not over:
        raise bad_value(call, "axes", "axes other than the batch axis")
    if unequal_for_keras(call, a[at], b[over]):
        raise TypeMismatch(
            f"`{call.shown}` sums over axes of one length, and these are {a[at]} and {b[over]}",
            f"axes: {at} of the first tensor, {over} of the second",
        )
    rest = (*a[:at], *a[at + 1 :], *(length for i, length in enumerate(b) if i not in (0, over)))
    return result(call, rest if len(rest) > 1 else (*rest, 1))
