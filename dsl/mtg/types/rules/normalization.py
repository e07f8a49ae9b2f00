"""`keras.layers`: normalization."""

from __future__ import annotations

from mtg.graph.values import DataArray
from mtg.types.rules.call import LayerCall, Result, TypeMismatch
from mtg.types.rules.common import (
    axis_list,
    bad_value,
    is_row,
    known_axis,
    numeric,
    one_axis,
    require_equal,
    shape_of,
    single,
    text,
    unchanged,
    value,
    weight,
)
from mtg.types.rules.registry import rule
from mtg.types.tensor import Operand, Shape


@rule("BatchNormalization")
def batch_normalization(call: LayerCall) -> Result:
    """gamma, beta, and the moving mean and variance, each as long as `axis`."""
    for argument in ("momentum", "epsilon"):
        if not isinstance(value(call, argument), (int, float)):
            raise bad_value(call, argument, "a number")
    tensor = numeric(call, single(call))
    shape = shape_of(tensor)
    axis = one_axis(call, "axis", len(shape))
    length = known_axis(call, shape, axis)
    names = [name for name, used in (("gamma", "scale"), ("beta", "center")) if call[used]]
    moving = ["moving_mean", "moving_variance"]
    if call["renorm"]:
        moving += ["moving_stddev", "renorm_mean", "renorm_stddev"]
        _check_clipping(call)
    return unchanged(
        call,
        tensor,
        *(weight(call, name, (length,)) for name in names),
        *(weight(call, name, (length,), trainable=False) for name in moving),
        axes=len(shape),
    )


def _check_clipping(call: LayerCall) -> None:
    clipping = value(call, "renorm_clipping") or {}
    expected = "a dict of numbers for `rmin`, `rmax` and `dmax`"
    if not isinstance(clipping, dict) or set(clipping) - {"rmin", "rmax", "dmax"}:
        raise bad_value(call, "renorm_clipping", expected)
    given = {name: number for name, number in clipping.items() if number is not None}
    numbers = {name: each for name, each in given.items() if isinstance(each, (int, float))}
    if len(numbers) != len(given):
        raise bad_value(call, "renorm_clipping", expected)
    if numbers.get("rmax", 0) < numbers.get("rmin", 0) and {"rmin", "rmax"} <= numbers.keys():
        raise bad_value(call, "renorm_clipping", "with an `rmax` not below `rmin`")
    if numbers.get("dmax", 0) < 0:
        raise bad_value(call, "renorm_clipping", "with a `dmax` of 0 or more")


@rule("LayerNormalization")
def layer_normalization(call: LayerCall) -> Result:
    """gamma and beta, of the lengths of the axes normalized."""
    tensor = numeric(call, single(call))
    shape = shape_of(tensor)
    axes = _axes(call, shape)
    rms = bool(call.arguments.get("rms_scaling", False))
    names = ["gamma"] if call["scale"] or rms else []
    if call["center"] and not rms:
        names.append("beta")
    lengths = [known_axis(call, shape, axis) for axis in axes if names]
    return unchanged(call, tensor, *(weight(call, name, lengths) for name in names))


@rule("RMSNormalization")
def rms_normalization(call: LayerCall) -> Result:
    """scale, of the lengths of the axes normalized."""
    tensor = numeric(call, single(call, "x"))
    shape = shape_of(tensor)
    lengths = [known_axis(call, shape, axis) for axis in _axes(call, shape)]
    last = shape[len(shape) - len(lengths) :]
    if any(a != 1 and require_equal(call, a, b) for a, b in zip(lengths, last, strict=True)):
        # Keras multiplies by the scale as it is, whatever axes it was made for.
        raise TypeMismatch(
            f"`{call.shown}` has a scale of the lengths {lengths}, and lines it up with the last "
            f"axes, {text((1, *last))}",
            help="normalize the last axes, or put those to normalize last with `Permute`",
            argument="axis",
        )
    return unchanged(call, tensor, weight(call, "scale", lengths))


def _axes(call: LayerCall, shape: Shape) -> list[int]:
    given = value(call, "axis")
    if isinstance(given, (list, tuple)):
        axes = [axis for axis in given if isinstance(axis, int)]
        if len(axes) == len(given):
            # Keras sorts several axes as they are written, negative ones before the others.
            return axis_list(call, "axis", len(shape), [*sorted(axes)])
    return axis_list(call, "axis", len(shape), given)


@rule("GroupNormalization")
def group_normalization(call: LayerCall) -> Result:
    """gamma and beta, each as long as `axis`, which `groups` must divide; -1 is one group each."""
    groups = value(call, "groups")
    if not isinstance(groups, int) or (groups <= 0 and groups != -1):
        raise bad_value(call, "groups", "a whole number above 0, or -1 for one group a channel")
    tensor = numeric(call, single(call))
    shape = shape_of(tensor)
    axis = one_axis(call, "axis", len(shape))
    length = known_axis(call, shape, axis)
    if length % (length if groups == -1 else groups):
        raise TypeMismatch(
            f"`GroupNormalization` cannot split {length} channels into {groups} groups",
            help=f"`groups` must divide {length}",
            argument="groups",
        )
    names = [name for name, used in (("gamma", "scale"), ("beta", "center")) if call[used]]
    weights = [weight(call, name, (length,)) for name in names]
    return unchanged(call, tensor, *weights, axes=len(shape))


@rule("UnitNormalization")
def unit_normalization(call: LayerCall) -> Result:
    """No weights; the axes must be there."""
    tensor = numeric(call, single(call))
    axis_list(call, "axis", len(shape_of(tensor)))
    return unchanged(call, tensor)


@rule("Normalization")
def normalization(call: LayerCall) -> Result:
    """mean, variance and a count, of the lengths of `axis`; none where the mean is given."""
    mean, variance = value(call, "mean"), value(call, "variance")
    if (mean is None) != (variance is None):
        missing = "variance" if variance is None else "mean"
        raise bad_value(call, missing, "given where the other of mean and variance is")
    tensor = numeric(call, single(call))
    shape = shape_of(tensor)
    given = value(call, "axis")
    axes = [] if given is None else sorted(axis_list(call, "axis", len(shape)))
    if len(set(axes)) < len(axes):
        raise bad_value(call, "axis", "an axis, or several that differ")
    lengths = [known_axis(call, shape, axis) for axis in axes]
    if mean is not None:
        for argument in ("mean", "variance"):
            if not _holds_numbers(value(call, argument)):
                raise bad_value(call, argument, "a number, or a list of numbers")
        size = _shape(mean)
        if size != _shape(variance):
            raise bad_value(call, "variance", "of the same shape as the mean")
        kept = lengths[len(lengths) - len(size) :]
        if len(size) > len(lengths) or any(
            n not in (1, length) for n, length in zip(size, kept, strict=True)
        ):
            raise bad_value(call, "mean", f"a number, or one for each of {lengths}")
        return unchanged(call, tensor)
    return unchanged(
        call,
        tensor,
        weight(call, "mean", lengths, trainable=False),
        weight(call, "variance", lengths, trainable=False),
        # TensorFlow's integer; the count is there for models saved by older versions.
        weight(call, "count", (), trainable=False, dtype="int64"),
    )


def _holds_numbers(nested: Operand) -> bool:
    if isinstance(nested, (list, tuple)):
        return all(map(_holds_numbers, nested))
    return isinstance(nested, (int, float)) or is_row(nested)


def _shape(nested: Operand) -> tuple[int, ...]:
    """Return the shape of a number, or of lists of numbers."""
    if isinstance(nested, DataArray):
        return nested.shape
    if not isinstance(nested, (list, tuple)):
        return ()
    return (len(nested), *(_shape(nested[0]) if nested else ()))
