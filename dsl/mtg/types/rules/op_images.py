"""Functions of `keras.ops` and `keras.ops.image` on images."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    FLOATS,
    bad_value,
    channels_first,
    choice,
    differs,
    dim_text,
    is_tensor,
    require_equal,
    text,
    unequal_for_keras,
    value,
    whole_tuple,
)
from mtg.types.rules.convolution import Kernel, windows
from mtg.types.rules.op_common import one, shape_of, shaped, tensor
from mtg.types.rules.registry import op_rule
from mtg.types.tensor import Shape, TensorType


def _images(call: LayerCall) -> tuple[str, Shape, int]:
    """Return the images, alone or as a batch, and where their height stands."""
    dtype, shape = tensor(call, "images")
    if len(shape) not in (3, 4):
        raise TypeMismatch(
            f"`{call.cls}` takes images, and this tensor has {len(shape) - 1} axes",
            "expected: [height, width, channels]",
            code="MTG302",
        )
    return dtype, shape, len(shape) - (2 if channels_first(call) else 3)


def _with_size(shape: Shape, at: int, height: Dim, width: Dim) -> Shape:
    return (*shape[:at], height, width, *shape[at + 2 :])


@op_rule("image.resize")
def resize(call: LayerCall) -> Result:
    """Images of the given height and width."""
    dtype, shape, at = _images(call)
    size = value(call, "size")
    if not isinstance(size, (list, tuple)):
        raise UnknownType
    return one(dtype, _with_size(shape, at, *whole_tuple(call, "size", 2)))


@op_rule("image.gaussian_blur", "image.sobel_edges")
def filtered(call: LayerCall) -> Result:
    """Keep the shape; the edges have two directions."""
    dtype, shape, _ = _images(call)
    if call.cls == "image.gaussian_blur":
        return one(dtype, shape)
    if len(shape) != 4:
        raise TypeMismatch(f"`{call.cls}` takes a batch of images", code="MTG302")
    return one(dtype, (*shape, 2))


@op_rule("image.rgb_to_grayscale", "image.rgb_to_hsv", "image.hsv_to_rgb")
def colors(call: LayerCall) -> Result:
    """Other channels in the place of red, green and blue: as many, or one of gray."""
    dtype, shape, _ = _images(call)
    gray = call.cls == "image.rgb_to_grayscale"
    axis = len(shape) - 3 if channels_first(call) else len(shape) - 1
    channels = shape[axis]
    if is_known(channels) and channels not in ((1, 3) if gray else (3,)):
        raise TypeMismatch(f"`{call.cls}` takes images with 3 channels, and these have {channels}")
    if gray:
        return one(dtype, (*shape[:axis], 1, *shape[axis + 1 :]))
    if dtype not in FLOATS:
        raise TypeMismatch(f"`{call.cls}` takes floats, not {dtype}", code="MTG303")
    return one(dtype, shape)


@op_rule("image.pad_images", "image.crop_images")
def framed(call: LayerCall) -> Result:
    """More or less before and after the height and the width, or what brings them to a length."""
    dtype, shape, at = _images(call)
    sides = [("top", "bottom", "height", shape[at]), ("left", "right", "width", shape[at + 1])]
    lengths = [_framed(call, *side) for side in sides]
    return one(dtype, _with_size(shape, at, *lengths))


def _framed(call: LayerCall, before: str, after: str, side: str, length: Dim) -> Dim:
    crops = call.cls == "image.crop_images"
    kind = "cropping" if crops else "padding"
    names = (f"{before}_{kind}", f"{after}_{kind}", f"target_{side}")
    given = [value(call, name) for name in names]
    start, end, target = [n if type(n) is int and n >= 0 else None for n in given]
    if given.count(None) != 1 or (start, end, target).count(None) != 1:
        raise bad_value(call, names[0], f"given with one of `{names[1]}` and `{names[2]}`")
    if start is not None and end is not None:
        if crops and not is_known(length):
            raise TypeMismatch(f"`{call.cls}` needs a known {side}, or `{names[2]}`", code="MTG305")
        found: Dim = length - start - end if crops else length + start + end
        if is_known(found) and found < 0:
            raise TypeMismatch(
                f"`{call.cls}` leaves nothing of a {side} of {length}", code="MTG304"
            )
        return found
    beside = end if start is None else start
    assert target is not None
    assert beside is not None
    left = (length - target if crops else target - length) - beside
    if is_known(left) and left < 0:
        raise TypeMismatch(
            f"`{call.cls}` cannot bring a {side} of {length} to {target}", code="MTG304"
        )
    return target


@op_rule("image.extract_patches")
def patches(call: LayerCall) -> Result:
    """Return a patch at each place, its pixels as channels."""
    dtype, shape, at = _images(call)
    size = whole_tuple(call, "size", 2)
    strides = size if value(call, "strides") is None else whole_tuple(call, "strides", 2)
    dilation = whole_tuple(call, "dilation_rate", 2)
    padding = choice(call, "padding", ("valid", "same"), fold=str)
    axis = at - 1 if channels_first(call) else at + 2
    channels = shape[axis]
    if not is_known(channels):
        raise TypeMismatch(f"`{call.cls}` needs a known number of channels", code="MTG305")
    places = windows(call, shape[at : at + 2], Kernel(size, strides, dilation, padding))
    lengths = list(_with_size(shape, at, *places))
    lengths[axis] = channels * size[0] * size[1]
    return one(dtype, lengths)


@op_rule("depth_to_space", "space_to_depth")
def blocks(call: LayerCall) -> Result:
    """Channels spread over blocks of pixels, or blocks gathered into channels."""
    dtype, shape = tensor(call)
    size = value(call, "block_size")
    if type(size) is not int or size < 2:
        raise bad_value(call, "block_size", "a whole number, 2 or more")
    first = channels_first(call)
    if len(shape) != 4:
        raise TypeMismatch(f"`{call.cls}` takes a batch of images", code="MTG302")
    at, axis = (2, 1) if first else (1, 3)
    height, width, channels = shape[at], shape[at + 1], shape[axis]
    spreads = call.cls == "depth_to_space"
    for length, by in ((channels, size**2),) if spreads else ((height, size), (width, size)):
        if is_known(length) and length % by:
            raise TypeMismatch(f"`{call.cls}` cannot cut {length} by {by}")
    if spreads:
        height, width, channels = height * size, width * size, channels // size**2
    else:
        height, width, channels = height // size, width // size, channels * size**2
    return one(
        dtype, (shape[0], channels, height, width) if first else (shape[0], height, width, channels)
    )


@op_rule("image.affine_transform", "image.elastic_transform")
def moved(call: LayerCall) -> Result:
    """Images of the size they had."""
    dtype, shape, _ = _images(call)
    choice(call, "interpolation", ("nearest", "bilinear"), fold=str)
    if call.cls == "image.affine_transform" and len(tensor(call, "transform")[1]) > 2:
        raise TypeMismatch(f"`{call.cls}` takes a row of numbers for each image", code="MTG302")
    return one(dtype, shape)


@op_rule("image.extract_patches_3d")
def volumes(call: LayerCall) -> Result:
    """Return a patch at each place of a volume, its points as channels."""
    dtype, shape = tensor(call, "volumes")
    first = channels_first(call)
    if len(shape) not in (4, 5):
        raise TypeMismatch(f"`{call.cls}` takes a volume, or a batch of them", code="MTG302")
    size = whole_tuple(call, "size", 3)
    strides = size if value(call, "strides") is None else whole_tuple(call, "strides", 3)
    dilation = whole_tuple(call, "dilation_rate", 3)
    padding = choice(call, "padding", ("valid", "same"), fold=str)
    axis = len(shape) - 4 if first else len(shape) - 1
    at = axis + 1 if first else axis - 3
    channels = shape[axis]
    if not is_known(channels):
        raise TypeMismatch(f"`{call.cls}` needs a known number of channels", code="MTG305")
    lengths = list(shape)
    lengths[at : at + 3] = windows(
        call, shape[at : at + 3], Kernel(size, strides, dilation, padding)
    )
    lengths[axis] = channels * size[0] * size[1] * size[2]
    return one(dtype, lengths)


# ---- patches in rows -----------------------------------------------------------------------------


def _pairs(call: LayerCall) -> tuple[tuple[int, ...], ...]:
    """Return the arguments of `unfold` and `fold`, one number or two each."""
    padding = value(call, "padding")
    every = padding if isinstance(padding, (list, tuple)) else (padding, padding)
    pair = tuple([number for number in every if isinstance(number, int)])
    if not len(pair) == len(every) == 2:
        raise bad_value(call, "padding", "a whole number, or 2 of them")
    size, dilation, stride = (
        whole_tuple(call, name, 2) for name in ("kernel_size", "dilation", "stride")
    )
    return size, dilation, pair, stride


def _places(lengths: Sequence[Dim], pairs: Sequence[Sequence[int]]) -> list[Dim]:
    """At how many places a kernel stands along the height and the width."""
    return [
        (n + 2 * padding - dilation * (size - 1) - 1) // stride + 1
        for n, size, dilation, padding, stride in zip(lengths, *pairs, strict=True)
    ]


@op_rule("unfold")
def unfold(call: LayerCall) -> Result:
    """(batch, channels, height, width) -> (batch, pixels of a patch, patches).

    A padding below 0 does nothing, and Keras says a shape as if it cut away.
    """
    dtype, shape = tensor(call)
    if len(shape) != 4:
        raise TypeMismatch(
            f"`{call.cls}` takes [channels, height, width], and this tensor has "
            f"{len(shape) - 1} axes",
            code="MTG302",
        )
    pairs = _pairs(call)
    if not all(map(is_known, shape[1:])):
        raise TypeMismatch(
            f"`{call.cls}` needs known channels, height and width",
            help="`ops.image.extract_patches` takes images of any size",
            code="MTG305",
        )
    if min(pairs[2]) < 0:
        return Result((TensorType(dtype, None),))
    height, width = _places(shape[2:], pairs)
    for number, length in ((height, shape[2]), (width, shape[3])):
        if is_known(number) and number < 0:
            raise TypeMismatch(
                f"`{call.cls}` finds no place for its kernel in {length}", code="MTG304"
            )
    size = pairs[0]
    return one(dtype, (shape[0], shape[1] * (size[0] * size[1]), height * width))


@op_rule("fold")
def fold(call: LayerCall) -> Result:
    """(batch, pixels of a patch, patches) -> (batch, channels, height, width), added up."""
    dtype, shape = tensor(call)
    if len(shape) != 3:
        raise TypeMismatch(
            f"`{call.cls}` takes [pixels, patches], and this tensor has {len(shape) - 1} axes",
            code="MTG302",
        )
    pairs, output = _pairs(call), whole_tuple(call, "output_size", 2)
    size = pairs[0][0] * pairs[0][1]
    if require_equal(call, shape[1], shape[1] // size * size):
        raise TypeMismatch(
            f"`{call.cls}` takes patches of {size} pixels for each channel, and these have "
            f"{shape[1]}"
        )
    height, width = _places(output, pairs)
    if is_known(shape[1]) and require_equal(call, shape[2], height * width):
        raise TypeMismatch(
            f"`{call.cls}` puts {height} by {width} patches into such an image, and there are "
            f"{shape[2]}"
        )
    return one(dtype, (shape[0], shape[1] // size, *output))


# ---- images moved and compared -------------------------------------------------------------------


@op_rule("image.map_coordinates")
def map_coordinates(call: LayerCall) -> Result:
    """Return the values at (axes, places…): one for each place."""
    shaped(call, "inputs", "coordinates")
    (dtype, shape), (_, places) = tensor(call, "inputs"), tensor(call, "coordinates")
    if len(places) < 2:
        raise TypeMismatch(f"`{call.cls}` takes coordinates with an axis of places", code="MTG302")
    if places[0] != len(shape):
        raise TypeMismatch(
            f"`{call.cls}` takes coordinates whose first axis is {len(shape)}, one for each axis "
            f"of the tensor, batch included, and this is {dim_text(places[0])}",
            argument="coordinates",
        )
    order = value(call, "order")
    if not isinstance(order, (int, float)) or order not in (0, 1):
        raise bad_value(call, "order", "0 or 1")
    choice(call, "fill_mode", ("constant", "nearest", "wrap", "mirror", "reflect"), fold=str)
    return one(dtype, places[1:])


@op_rule("image.perspective_transform")
def perspective(call: LayerCall) -> Result:
    """Images of the size they had; four corners of each say where they go."""
    shaped(call, "images", "start_points", "end_points")
    dtype, shape, _ = _images(call)
    (_, start), (_, end) = tensor(call, "start_points"), tensor(call, "end_points")
    for points in (start, end):
        if len(points) not in (2, 3) or points[-2:] != (4, 2):
            raise TypeMismatch(
                f"`{call.cls}` takes points of [4, 2], and these are {text(points)}",
                code="MTG301",
            )
    if len(start) != len(end) or unequal_for_keras(call, start[0], end[0]):
        raise TypeMismatch(f"`{call.cls}` takes as many start points as end points")
    choice(call, "interpolation", ("nearest", "bilinear"), fold=str)
    return one(dtype, shape)


_METHODS = ("linear", "bilinear", "trilinear", "cubic", "bicubic", "tricubic")


@op_rule("image.scale_and_translate")
def scale_and_translate(call: LayerCall) -> Result:
    """Images of the shape that is given, batch included.

    Keras says this shape, which is not so where it differs in an axis that is not moved.
    """
    shaped(call, "images")
    dtype, shape = tensor(call, "images")
    given = value(call, "output_shape")
    every = given if isinstance(given, (list, tuple)) and not is_tensor(given) else [given]
    wanted = [n for n in every if n is None or (isinstance(n, int) and n >= 0)]
    if given is None or isinstance(given, int) or len(wanted) != len(every):
        raise bad_value(call, "output_shape", "a list of lengths, batch included")
    choice(call, "method", (*_METHODS, "lanczos3", "lanczos5"), fold=str)
    target = tuple(UNKNOWN if n is None else int(n) for n in wanted)
    moved, rank = value(call, "spatial_dims"), len(shape)
    if not isinstance(moved, (list, tuple)) or len(target) != rank:
        return Result((TensorType(dtype, None),))
    found = [axis for axis in moved if isinstance(axis, int) and -rank <= axis < rank]
    if len(found) != len(moved):
        return Result((TensorType(dtype, None),))
    axes = {axis % rank for axis in found}
    if any(axis not in axes and differs(shape[axis], target[axis]) for axis in range(rank)):
        return Result((TensorType(dtype, None),))
    return one(dtype, target)


@op_rule("image.ssim")
def similarity(call: LayerCall) -> Result:
    """Compare two images: return a number for each pair."""
    shaped(call, "image1", "image2")
    (dtype, shape), (_, other) = tensor(call, "image1"), tensor(call, "image2")
    channels_first(call)
    for each in (shape, other):
        if len(each) not in (3, 4):
            raise TypeMismatch(
                f"`{call.cls}` takes images, and this tensor has {len(each) - 1} axes",
                "expected: [height, width, channels]",
                code="MTG302",
            )
    return one(dtype, shape[: len(shape) - 3])


@op_rule("psnr")
def noise(call: LayerCall) -> Result:
    """One number, float32: how alike two tensors of one shape are."""
    shaped(call, "x1", "x2")
    (_, a), (_, b) = tensor(call, "x1"), tensor(call, "x2")
    if len(a) != len(b) or any(require_equal(call, n, m) for n, m in zip(a, b, strict=True)):
        raise TypeMismatch(
            f"`{call.cls}` takes two tensors of one shape", f"found: {text(a)} and {text(b)}"
        )
    most = call["max_val"]
    if is_tensor(most):
        # The result has its shape, and Keras says that it has none.
        return (
            one("float32", ()) if shape_of(most) == () else Result((TensorType("float32", None),))
        )
    if not isinstance(most, (int, float)):
        raise bad_value(call, "max_val", "a number")
    return one("float32", ())
