"""`keras.layers`: layers that change a shape and keep the numbers."""

from __future__ import annotations

from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch
from mtg.types.rules.common import (
    bad_value,
    cast_input,
    channels_first,
    choice,
    positive,
    product,
    ranked,
    ranked_at_least,
    require_equal,
    result,
    single,
    text,
    value,
    whole_tuple,
)
from mtg.types.rules.convolution import SPATIAL, Image, image
from mtg.types.rules.registry import rule
from mtg.types.tensor import Shape, TensorType


def _reshaped(call: LayerCall, tensor: TensorType, shape: Shape | None) -> Result:
    """Keep the dtype of integers; cast a float to the compute dtype."""
    return Result((TensorType(cast_input(call, tensor), shape),))


@rule("Reshape")
def reshape(call: LayerCall) -> Result:
    """Return the same elements in `target_shape`, batch aside; -1 stands for what is left.

    So does None, but Keras leaves that length open until it runs.
    """
    target = value(call, "target_shape")
    every = target if isinstance(target, (list, tuple)) else [False]
    open_ = [n for n in every if n is None]
    lengths = tuple([n for n in every if isinstance(n, int) and n >= -1])
    listed = isinstance(target, (list, tuple)) and len(lengths) + len(open_) == len(target)
    if not listed or lengths.count(-1) + len(open_) > 1:
        raise bad_value(call, "target_shape", "lengths, one of which may be -1 or None")
    tensor = single(call)
    if tensor.shape is None:
        return _reshaped(call, tensor, None)
    shape = ranked_at_least(call, tensor, 0)
    if open_:
        made = [n if isinstance(n, int) else UNKNOWN for n in every]
        return _reshaped(call, tensor, (shape[0], *made))
    return _reshaped(call, tensor, (shape[0], *refilled(call, shape[1:], lengths)))


def refilled(call: LayerCall, shape: Shape, target: tuple[int, ...]) -> Shape:
    """`target` with the -1 filled in, so that it has as many elements as `shape`."""
    elements, known = product(shape), product(length for length in target if length != -1)
    if -1 not in target:
        if require_equal(call, elements, known):
            raise TypeMismatch(
                f"`{call.shown}` to {text(target)} needs {known} elements, "
                f"and there are {elements}",
                f"found: {text(shape)}",
            )
        return target
    if known == 0 and not is_known(elements):
        return tuple(UNKNOWN if length == -1 else length for length in target)
    if known == 0 or require_equal(call, elements, elements // known * known):
        raise TypeMismatch(
            f"`{call.shown}` to {text(target)} cannot split {elements} elements by {known}",
            f"found: {text(shape)}",
        )
    return tuple(elements // known if length == -1 else length for length in target)


@rule("Permute")
def permute(call: LayerCall) -> Result:
    """Return the axes after the batch in the order `dims`, which counts them from 1."""
    given = value(call, "dims")
    every = given if isinstance(given, (list, tuple)) else [None]
    dims = [dim for dim in every if isinstance(dim, int)]
    if len(dims) != len(every) or sorted(dims) != list(range(1, len(dims) + 1)):
        raise bad_value(call, "dims", "an order of the axes, which count from 1")
    tensor = single(call)
    if tensor.shape is None:
        return _reshaped(call, tensor, None)
    shape = ranked(call, tensor, ["…"] * len(dims))
    return _reshaped(call, tensor, (shape[0], *(shape[dim] for dim in dims)))


@rule("Flatten")
def flatten(call: LayerCall) -> Result:
    """(batch, …) -> (batch, elements)."""
    channels_first(call)
    tensor = single(call)
    if tensor.shape is None:
        return _reshaped(call, tensor, None)
    shape = ranked_at_least(call, tensor, 0)
    return _reshaped(call, tensor, (shape[0], product(shape[1:])))


@rule("RepeatVector")
def repeat_vector(call: LayerCall) -> Result:
    """(batch, features) -> (batch, n, features)."""
    if isinstance(call["n"], bool):
        raise bad_value(call, "n", "a whole number above 0")
    n = positive(call, "n")
    shape = ranked(call, single(call), ("features",))
    return result(call, (shape[0], n, shape[1]))


def _pairs(call: LayerCall, argument: str) -> list[tuple[int, ...]]:
    """Return the padding before and after each spatial axis: one number, or a pair each."""
    rank = int(call.cls[-2])
    if rank == 1:
        return [whole_tuple(call, argument, 2, 0)]
    given = value(call, argument)
    if isinstance(given, int):
        return [whole_tuple(call, argument, 2, 0)] * rank
    if not isinstance(given, (list, tuple)) or len(given) != rank:
        raise bad_value(call, argument, f"a whole number, or {rank} pairs of them")
    return [whole_tuple(call, argument, 2, 0, found=each) for each in given]


@rule("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(call: LayerCall) -> Result:
    """Each spatial axis, shorter by what is cropped before and after it."""
    pairs = _pairs(call, "cropping")
    form = _image(call, len(pairs))
    spatial = [length - sum(pair) for length, pair in zip(form.spatial, pairs, strict=True)]
    for i, length in enumerate(spatial):
        if is_known(length) and length <= 0:
            raise TypeMismatch(
                f"`{call.shown}` leaves nothing: it takes {sum(pairs[i])} from an axis of "
                f"{form.spatial[i]}",
                code="MTG304",
                argument="cropping",
            )
    return result(call, form.shape(spatial, form.channels))


@rule("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(call: LayerCall) -> Result:
    """Each spatial axis, longer by what is added before and after it."""
    pairs = _pairs(call, "padding")
    form = _image(call, len(pairs))
    spatial = [length + sum(pair) for length, pair in zip(form.spatial, pairs, strict=True)]
    return result(call, form.shape(spatial, form.channels))


@rule("UpSampling1D", "UpSampling2D", "UpSampling3D")
def up_sampling(call: LayerCall) -> Result:
    """Each spatial axis, `size` times as long."""
    rank = int(call.cls[-2])
    if rank == 1 and isinstance(call["size"], bool):
        raise bad_value(call, "size", "a whole number above 0")
    size = (positive(call, "size"),) if rank == 1 else whole_tuple(call, "size", rank)
    if rank == 2:
        ways = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area")
        choice(call, "interpolation", ways)
    form = _image(call, rank)
    spatial: list[Dim] = [n * times for n, times in zip(form.spatial, size, strict=True)]
    return result(call, form.shape(spatial, form.channels))


def _image(call: LayerCall, rank: int) -> Image:
    """Return the input; `Cropping1D` and `UpSampling1D` have no `data_format`."""
    if "data_format" not in call.arguments:
        shape = ranked(call, single(call), (*SPATIAL[rank], "channels"))
        return Image(shape[0], shape[1:-1], shape[-1], first=False)
    return image(call, single(call), rank)
