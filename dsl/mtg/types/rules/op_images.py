"""Functions of `keras.ops` and `keras.ops.image` on images."""

from __future__ import annotations

from mtg.types.dims import Dim, is_known
from mtg.types.rules import LayerCall, Misfit, Result, Unknowable, op_rule
from mtg.types.rules.common import (
    FLOATS,
    bad_value,
    channels_first,
    choice,
    value,
    whole_tuple,
)
from mtg.types.rules.convolution import Kernel, windows
from mtg.types.rules.op_common import one, tensor
from mtg.types.tensor import Shape


def _images(call: LayerCall) -> tuple[str, Shape, int]:
    """The images, alone or as a batch, and where their height stands."""
    dtype, shape = tensor(call, "images")
    if len(shape) not in (3, 4):
        raise Misfit(
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
        raise Unknowable
    return one(dtype, _with_size(shape, at, *whole_tuple(call, "size", 2)))


@op_rule("image.gaussian_blur", "image.sobel_edges")
def filtered(call: LayerCall) -> Result:
    """The shape as it is; the edges have two directions."""
    dtype, shape, _ = _images(call)
    if call.cls == "image.gaussian_blur":
        return one(dtype, shape)
    if len(shape) != 4:
        raise Misfit(f"`{call.cls}` takes a batch of images", code="MTG302")
    return one(dtype, (*shape, 2))


@op_rule("image.rgb_to_grayscale", "image.rgb_to_hsv", "image.hsv_to_rgb")
def colors(call: LayerCall) -> Result:
    """Other channels in the place of red, green and blue: as many, or one of gray."""
    dtype, shape, _ = _images(call)
    gray = call.cls == "image.rgb_to_grayscale"
    axis = len(shape) - 3 if channels_first(call) else len(shape) - 1
    channels = shape[axis]
    if is_known(channels) and channels not in ((1, 3) if gray else (3,)):
        raise Misfit(f"`{call.cls}` takes images with 3 channels, and these have {channels}")
    if gray:
        return one(dtype, (*shape[:axis], 1, *shape[axis + 1 :]))
    if dtype not in FLOATS:
        raise Misfit(f"`{call.cls}` takes floats, not {dtype}", code="MTG303")
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
    start, end, target = (value(call, name) for name in names)
    given = [number for number in (start, end, target) if number is not None]
    if len(given) != 2 or not all(type(number) is int and number >= 0 for number in given):
        raise bad_value(call, names[0], f"given with one of `{names[1]}` and `{names[2]}`")
    if target is None:
        if crops and not is_known(length):
            raise Misfit(f"`{call.cls}` needs a known {side}, or `{names[2]}`", code="MTG305")
        found: Dim = length - start - end if crops else length + start + end
        if is_known(found) and found < 0:
            raise Misfit(f"`{call.cls}` leaves nothing of a {side} of {length}", code="MTG304")
        return found
    left = (length - target if crops else target - length) - (end if start is None else start)
    if is_known(left) and left < 0:
        raise Misfit(f"`{call.cls}` cannot bring a {side} of {length} to {target}", code="MTG304")
    return int(target)


@op_rule("image.extract_patches")
def patches(call: LayerCall) -> Result:
    """A patch at each place, its pixels as channels."""
    dtype, shape, at = _images(call)
    size = whole_tuple(call, "size", 2)
    strides = size if value(call, "strides") is None else whole_tuple(call, "strides", 2)
    dilation = whole_tuple(call, "dilation_rate", 2)
    padding = choice(call, "padding", ("valid", "same"), fold=str)
    axis = at - 1 if channels_first(call) else at + 2
    channels = shape[axis]
    if not is_known(channels):
        raise Misfit(f"`{call.cls}` needs a known number of channels", code="MTG305")
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
        raise Misfit(f"`{call.cls}` takes a batch of images", code="MTG302")
    at, axis = (2, 1) if first else (1, 3)
    height, width, channels = shape[at], shape[at + 1], shape[axis]
    spreads = call.cls == "depth_to_space"
    for length, by in ((channels, size**2),) if spreads else ((height, size), (width, size)):
        if is_known(length) and length % by:
            raise Misfit(f"`{call.cls}` cannot cut {length} by {by}")
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
        raise Misfit(f"`{call.cls}` takes a row of numbers for each image", code="MTG302")
    return one(dtype, shape)


@op_rule("image.extract_patches_3d")
def volumes(call: LayerCall) -> Result:
    """A patch at each place of a volume, its points as channels."""
    dtype, shape = tensor(call, "volumes")
    first = channels_first(call)
    if len(shape) not in (4, 5):
        raise Misfit(f"`{call.cls}` takes a volume, or a batch of them", code="MTG302")
    size = whole_tuple(call, "size", 3)
    strides = size if value(call, "strides") is None else whole_tuple(call, "strides", 3)
    dilation = whole_tuple(call, "dilation_rate", 3)
    padding = choice(call, "padding", ("valid", "same"), fold=str)
    axis = len(shape) - 4 if first else len(shape) - 1
    at = axis + 1 if first else axis - 3
    channels = shape[axis]
    if not is_known(channels):
        raise Misfit(f"`{call.cls}` needs a known number of channels", code="MTG305")
    lengths = list(shape)
    lengths[at : at + 3] = windows(
        call, shape[at : at + 3], Kernel(size, strides, dilation, padding)
    )
    lengths[axis] = channels * size[0] * size[1] * size[2]
    return one(dtype, lengths)
