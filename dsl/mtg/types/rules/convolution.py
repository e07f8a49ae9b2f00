"""`keras.layers`: convolutions in 1, 2 and 3 dimensions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from mtg.lengths.dims import Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch
from mtg.types.rules.common import (
    bad_value,
    channels_first,
    choice,
    known_axis,
    numeric,
    positive,
    ranked,
    result,
    single,
    value,
    weight,
    whole_tuple,
    with_lora,
)
from mtg.types.rules.registry import rule
from mtg.types.rules.tensorflow import dilated, too_short, unequal_strides, with_warnings
from mtg.types.tensor import Shape, TensorType, Weight

SPATIAL = {1: ("steps",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class Image(NamedTuple):
    """A tensor of `rank` spatial axes, its channels told apart."""

    batch: Dim
    spatial: Shape
    channels: Dim
    first: bool

    def shape(self, spatial: Iterable[Dim], channels: Dim) -> Shape:
        """Return the shape of another such tensor, laid out the same way."""
        if self.first:
            return (self.batch, channels, *spatial)
        return (self.batch, *spatial, channels)


def image(call: LayerCall, tensor: TensorType, rank: int) -> Image:
    """Return the tensor as one of `rank` spatial axes and channels, which it must have."""
    first = channels_first(call)
    axes = ["channels", *SPATIAL[rank]] if first else [*SPATIAL[rank], "channels"]
    shape = ranked(call, tensor, axes)
    if first:
        return Image(shape[0], shape[2:], shape[1], first)
    return Image(shape[0], shape[1:-1], shape[-1], first)


class Kernel(NamedTuple):
    """The arguments all convolutions share (`BaseConv`)."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str


def window(length: Dim, size: int, stride: int, padding: str, dilation: int = 1) -> Dim:
    """Return the number of places a window of `size` takes along an axis.

    "valid" takes those where it fits whole, "same" and "causal" one for each stride
    (`compute_conv_output_shape`).
    """
    if padding != "valid":
        return (length - 1) // stride + 1
    return (length - dilation * (size - 1) - 1) // stride + 1


def windows(call: LayerCall, spatial: Shape, kernel: Kernel) -> Shape:
    """Return the places a window takes along each spatial axis; at least one along each."""
    size, strides, dilation, padding = kernel
    places = tuple(
        window(length, size[i], strides[i], padding, dilation[i])
        for i, length in enumerate(spatial)
    )
    for i, place in enumerate(places):
        if padding == "valid" and is_known(place) and place <= 0:
            axis = SPATIAL[len(spatial)][i]
            reach = dilation[i] * (size[i] - 1) + 1
            raise TypeMismatch(
                f"`{call.shown}` leaves nothing: its window is {reach} long, "
                f"and the {axis} {'are' if axis == 'steps' else 'is'} {spatial[i]}",
                help='give `padding="same"`, or a smaller window, or a larger input',
                code="MTG304",
            )
    return places


def kernel_arguments(call: LayerCall, rank: int, paddings: tuple[str, ...]) -> Kernel:
    return Kernel(
        whole_tuple(call, "kernel_size", rank),
        whole_tuple(call, "strides", rank),
        whole_tuple(call, "dilation_rate", rank),
        choice(call, "padding", paddings),
    )


def not_strided_and_dilated(call: LayerCall, kernel: Kernel) -> None:
    if max(kernel.strides) > 1 and max(kernel.dilation) > 1:
        raise TypeMismatch(
            f"`{call.shown}` cannot have both strides and a dilation rate above 1",
            f"strides: {kernel.strides}, dilation_rate: {kernel.dilation}",
            code="MTG405",
            argument="dilation_rate",
        )


def _rank(call: LayerCall) -> int:
    return int(call.cls.removesuffix("Transpose")[-2])


def _channels(call: LayerCall, form: Image) -> int:
    shape = form.shape(form.spatial, form.channels)
    return known_axis(call, shape, 1 if form.first else -1)


def _bias(call: LayerCall, length: int) -> list[Weight]:
    return [weight(call, "bias", (length,))] if call["use_bias"] else []


@rule("Conv1D", "Conv2D", "Conv3D")
def conv(call: LayerCall) -> Result:
    """(batch, spatial…, in) -> (batch, places…, filters); kernel (size…, in / groups, filters)."""
    rank = _rank(call)
    kernel = kernel_arguments(call, rank, ("valid", "same", "causal")[: 3 if rank == 1 else 2])
    filters, groups = positive(call, "filters"), positive(call, "groups")
    if filters % groups:
        raise TypeMismatch(
            f"`filters` of `{call.shown}` must be a multiple of `groups`",
            f"filters: {filters}, groups: {groups}",
            code="MTG405",
            argument="groups",
        )
    not_strided_and_dilated(call, kernel)
    form = image(call, numeric(call, single(call)), rank)
    channels = _channels(call, form)
    if channels % groups:
        raise TypeMismatch(
            f"`{call.shown}` cannot split {channels} channels into {groups} groups",
            help=f"`groups` must divide {channels}",
            argument="groups",
        )
    places = windows(call, form.spatial, kernel)
    weights = [weight(call, "kernel", (*kernel.size, channels // groups, filters))]
    found = result(call, form.shape(places, filters), *weights, *_bias(call, filters))
    return with_lora(call, found)


@rule("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise_conv(call: LayerCall) -> Result:
    """As `Conv`, each channel for itself; kernel (size…, in, depth_multiplier)."""
    rank = _rank(call)
    kernel = kernel_arguments(call, rank, ("valid", "same"))
    multiplier = positive(call, "depth_multiplier")
    form = image(call, numeric(call, single(call)), rank)
    channels = _channels(call, form)
    places = windows(call, form.spatial, kernel)
    weights = [weight(call, "kernel", (*kernel.size, channels, multiplier))]
    shape = form.shape(places, multiplier * channels)
    found = result(call, shape, *weights, *_bias(call, multiplier * channels))
    return with_warnings(found, unequal_strides(call, kernel))


@rule("SeparableConv1D", "SeparableConv2D")
def separable_conv(call: LayerCall) -> Result:
    """Return a depthwise convolution, then one of size 1 over the channels."""
    rank = _rank(call)
    kernel = kernel_arguments(call, rank, ("valid", "same"))
    multiplier, filters = positive(call, "depth_multiplier"), positive(call, "filters")
    form = image(call, numeric(call, single(call)), rank)
    channels = _channels(call, form)
    places = windows(call, form.spatial, kernel)
    weights = [
        weight(call, "depthwise_kernel", (*kernel.size, channels, multiplier)),
        weight(call, "pointwise_kernel", (*[1] * rank, multiplier * channels, filters)),
    ]
    found = result(call, form.shape(places, filters), *weights, *_bias(call, filters))
    return with_warnings(found, unequal_strides(call, kernel))


@rule("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def conv_transpose(call: LayerCall) -> Result:
    """(batch, spatial…, in) -> (batch, longer…, filters); kernel (size…, filters, in)."""
    rank = _rank(call)
    kernel = kernel_arguments(call, rank, ("valid", "same"))
    filters = positive(call, "filters")
    not_strided_and_dilated(call, kernel)
    extra: tuple[int | None, ...] = (None,) * rank
    if value(call, "output_padding") is not None:
        extra = whole_tuple(call, "output_padding", rank, 0)
        if any(more is not None and more >= kernel.strides[i] for i, more in enumerate(extra)):
            raise bad_value(call, "output_padding", f"less than the strides {kernel.strides}")
    form = image(call, numeric(call, single(call)), rank)
    channels = _channels(call, form)
    spatial = [
        transposed(length, kernel, axis, extra[axis]) for axis, length in enumerate(form.spatial)
    ]
    for before, after in zip(form.spatial, spatial, strict=True):
        if is_known(after) and after < 1:
            raise TypeMismatch(
                f"`{call.shown}` leaves nothing of a length of {before}",
                help="give it a larger `output_padding`, or none",
                code="MTG304",
                argument="output_padding",
            )
    weights = [weight(call, "kernel", (*kernel.size, filters, channels))]
    found = result(call, form.shape(spatial, filters), *weights, *_bias(call, filters))
    return with_warnings(found, dilated(call, kernel), too_short(call, kernel, extra))


def transposed(length: Dim, kernel: Kernel, axis: int, extra: int | None) -> Dim:
    """Return the length of a spatial axis afterwards (`compute_conv_transpose_output_shape`)."""
    stride = kernel.strides[axis]
    reach = (kernel.size[axis] - 1) * kernel.dilation[axis] + 1
    if kernel.padding == "valid":
        return (length - 1) * stride + reach + (max(stride - reach, 0) if extra is None else extra)
    return length * stride if extra is None else (length - 1) * stride + reach % 2 + extra
