"""`keras.layers`: image preprocessing and augmentation. None has weights; seeds are no weights."""

from __future__ import annotations

from typing import Any, NamedTuple

from mtg.lengths.dims import is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    bad_value,
    cast_input,
    channels_first,
    each_tensor,
    numeric,
    policy,
    positive,
    result,
    seed,
    single,
    value,
)
from mtg.types.rules.registry import rule
from mtg.types.tensor import TensorType


class Factor(NamedTuple):
    """How strong an effect is: a number, or a pair of them to draw from.

    Attributes:
        low, high: The bounds. Keras asks of a pair only that it is not wholly outside them.
        each: Whether both numbers of a pair must lie within the bounds.
        above: Whether `low` itself is outside.
        optional: Whether there may be none.
    """

    argument: str
    low: float
    high: float
    each: bool = False
    above: bool = False
    optional: bool = False


_UNIT = (Factor("factor", 0, 1),)
_SIGNED = (Factor("factor", -1, 1),)
_OPTIONAL = (Factor("factor", -1, 1, optional=True),)
_FACTORS: dict[str, tuple[Factor, ...]] = {
    **dict.fromkeys(("CutMix", "RandomContrast", "RandomHue", "RandomInvert"), _UNIT),
    **dict.fromkeys(("RandomPerspective", "RandomSharpness"), _UNIT),
    **dict.fromkeys(("RandomColorDegeneration", "RandomSaturation"), _SIGNED),
    **dict.fromkeys(("ContrastLimitedAdaptiveHistogramEqualization", "Equalization"), _OPTIONAL),
    **dict.fromkeys(("MaxNumBoundingBoxes", "MixUp", "RandomBrightness"), _OPTIONAL),
    **dict.fromkeys(("RandomCrop", "RandomRotation"), _OPTIONAL),
    **dict.fromkeys(("AugMix", "RandAugment"), (Factor("factor", 0, 1, each=True),)),
    "RandomColorJitter": (
        *_OPTIONAL,
        Factor("brightness_factor", -1, 1, optional=True),
        Factor("contrast_factor", 0, 1, optional=True),
        Factor("saturation_factor", -1, 1, optional=True),
        Factor("hue_factor", 0, 1, optional=True),
    ),
    **dict.fromkeys(("RandomElasticTransform", "RandomErasing"), (*_UNIT, Factor("scale", 0, 1))),
    "RandomGaussianBlur": (*_UNIT, Factor("sigma", 0, 1)),
    "RandomPosterization": (Factor("factor", 1, 8),),
    "RandomShear": (Factor("x_factor", 0, 1, each=True), Factor("y_factor", 0, 1, each=True)),
    "RandomTranslation": (
        Factor("height_factor", -1, 1, each=True),
        Factor("width_factor", -1, 1, each=True),
    ),
    "RandomZoom": (
        Factor("height_factor", -1, 1, each=True, above=True),
        Factor("width_factor", -1, 1, each=True, above=True, optional=True),
    ),
    "Solarization": (
        Factor("addition_factor", 0, 1, each=True),
        Factor("threshold_factor", 0, 1, each=True),
    ),
}
#: These take no `factor`, though they have it from their base class.
_NO_FACTOR = (
    *("AutoContrast", "CenterCrop", "RandomFlip", "RandomShear", "RandomTranslation"),
    *("RandomZoom", "Resizing", "Solarization"),
)
#: These do not look at their value range when they are made.
_ANY_RANGE = (
    *("ContrastLimitedAdaptiveHistogramEqualization", "RandomContrast", "RandomElasticTransform"),
    *("RandomErasing", "RandomGaussianBlur", "RandomHue", "RandomInvert"),
)


def _check_arguments(call: LayerCall) -> None:
    channels_first(call)
    for factor in _FACTORS.get(call.cls, ()):
        _check_factor(call, factor)
    if call.cls in _NO_FACTOR and call["factor"] is not None:
        raise TypeMismatch(f"`{call.shown}` takes no `factor`", code="MTG405", argument="factor")
    if "value_range" in call.arguments and call.cls not in _ANY_RANGE:
        _check_range(call)
    if call.cls == "AugMix":
        # Keras draws the shares of so many chains from a distribution; of 0 some back ends draw.
        positive(call, "num_chains")
        alpha = value(call, "alpha")
        if not isinstance(alpha, (int, float)) or alpha < 0:
            raise bad_value(call, "alpha", "a number, 0 or more")
    for name in ("interpolation", "fill_mode"):
        parameter = _parameter(call, name)
        if parameter and call.cls != "Resizing" and value(call, name) not in parameter.choices:
            raise bad_value(call, name, " or ".join(f'"{word}"' for word in parameter.choices))
    seed(call)


def _parameter(call: LayerCall, name: str) -> Any:
    return call.entry and call.entry.parameter(name)


def _check_factor(call: LayerCall, factor: Factor) -> None:
    found = value(call, factor.argument)
    if factor.optional and (found is None or (factor.argument == "factor" and not found)):
        return
    low, high = factor.low, factor.high
    pair = found if isinstance(found, (list, tuple)) else (found, found)
    numbers = [number for number in pair if isinstance(number, (int, float))]
    if len(numbers) == len(pair) == 2:
        ends = (min(numbers), max(numbers)) if factor.each else (numbers[1], numbers[0])
        if ends[0] >= low and ends[1] <= high and not (factor.above and ends[0] == low):
            return
    bounds = f"above {low} and up to {high}" if factor.above else f"from {low} to {high}"
    raise bad_value(call, factor.argument, f"a number {bounds}, or two of them")


def _check_range(call: LayerCall) -> None:
    jitters = ("brightness_factor", "saturation_factor")
    if call.cls == "RandomColorJitter" and all(call[name] is None for name in jitters):
        return
    found = value(call, "value_range")
    if (
        not isinstance(found, (list, tuple))
        or len(found) != 2
        or not all(isinstance(number, (int, float)) for number in found)
    ):
        raise bad_value(call, "value_range", "two numbers, the least and the greatest")


def _picture(call: LayerCall) -> TensorType:
    """Return the image, or the batch of images, that the layer is called on."""
    tensor = numeric(call, single(call, "data"))
    if tensor.shape is not None and len(tensor.shape) not in (3, 4):
        raise TypeMismatch(
            f"`{call.shown}` takes images, and this tensor has {len(tensor.shape) - 1} axes",
            "expected: [height, width, channels]",
            code="MTG302",
        )
    return tensor


def _given_dict(call: LayerCall) -> dict[str, Any] | None:
    first = call.args[0] if call.args else call.kwargs.get("data")
    return first if isinstance(first, dict) else None


_SAME = (*_FACTORS, "AutoContrast", "RandomFlip", "RandomGrayscale")


@rule(*(name for name in _SAME if name != "RandomCrop"))
def augmentation(call: LayerCall) -> Result:
    """Keep the shapes, in the compute dtype, or for a few in that of the images.

    Images may come alone, or in a dict with labels, masks and boxes.
    """
    _check_arguments(call)
    if call.cls in _CHECKS:
        _CHECKS[call.cls](call)
    given = _given_dict(call)
    tensors = [_picture(call)] if given is None else list(each_tensor(given))
    if given is not None and call.cls in ("RandomColorDegeneration", "RandomGrayscale"):
        raise TypeMismatch(f"`{call.cls}` takes one tensor of images", code="MTG307")
    if call.cls == "RandomColorDegeneration":
        _check_colors(call, tensors[0])
    if call.cls == "Equalization":
        _check_cast(call, tensors)
    if call.cls == "MaxNumBoundingBoxes":
        tensors = _limited(call, given, tensors)
    keeps = call.cls in ("Equalization", "RandomGrayscale")
    dtypes = [cast_input(call, tensor) if keeps else policy(call).compute for tensor in tensors]
    return Result(
        tuple(TensorType(d, tensor.shape) for d, tensor in zip(dtypes, tensors, strict=True))
    )


def _check_colors(call: LayerCall, tensor: TensorType) -> None:
    if tensor.shape is None:
        return
    channels = tensor.shape[-3 if channels_first(call) else -1]
    if is_known(channels) and channels != 3:
        raise TypeMismatch(
            f"`{call.shown}` takes images with 3 channels, and these have {channels}"
        )


def _check_cast(call: LayerCall, tensors: list[TensorType]) -> None:
    """Refuse a tensor that Keras would pass on as it is: a cycle in a model."""
    for tensor in tensors:
        if tensor.dtype is not None and tensor.dtype == cast_input(call, tensor):
            raise TypeMismatch(
                f"Keras cannot build a model with `{call.cls}` on {tensor.dtype}",
                "the layer gives back its own input, which is a cycle",
                help="cast it before, or equalize the images before they reach the model",
                code="MTG303",
            )


def _check_grayscale(call: LayerCall) -> None:
    factor = value(call, "factor")
    if not isinstance(factor, (int, float)) or not 0 <= factor <= 1:
        raise bad_value(call, "factor", "a number from 0 to 1")


def _check_blur(call: LayerCall) -> None:
    found = value(call, "kernel_size")
    pair = found if isinstance(found, (list, tuple)) else (found, found)
    if len(pair) != 2 or not all(isinstance(n, (int, float)) and n % 2 for n in pair):
        raise bad_value(call, "kernel_size", "an odd number, or two of them")


def _check_perspective(call: LayerCall) -> None:
    scale = value(call, "scale")
    if not isinstance(scale, (int, float)) or not 0 <= scale <= 1:
        raise bad_value(call, "scale", "a number from 0 to 1")


_CHECKS = {
    "RandomGaussianBlur": _check_blur,
    "RandomGrayscale": _check_grayscale,
    "RandomPerspective": _check_perspective,
}


def _limited(
    call: LayerCall, given: dict[str, Any] | None, tensors: list[TensorType]
) -> list[TensorType]:
    """As many boxes and labels of boxes as `max_number` says."""
    boxes = (given or {}).get("bounding_boxes")
    limit, fill = value(call, "max_number"), value(call, "fill_value")
    if not isinstance(limit, (int, float)):
        raise bad_value(call, "max_number", "a whole number")
    if not isinstance(fill, (int, float)):
        raise bad_value(call, "fill_value", "a whole number")
    if boxes is None:
        return tensors
    if not isinstance(boxes, dict) or set(boxes) != {"boxes", "labels"}:
        raise TypeMismatch("`bounding_boxes` are `boxes` and `labels`", code="MTG307")
    inside = list(each_tensor(boxes))
    if any(tensor.shape is not None and len(tensor.shape) < 2 for tensor in inside):
        raise TypeMismatch("`bounding_boxes` have an axis for the boxes", code="MTG302")
    return [
        TensorType(tensor.dtype, (*tensor.shape[:1], int(limit), *tensor.shape[2:]))
        if tensor.shape and any(tensor is box for box in inside)
        else tensor
        for tensor in tensors
    ]


@rule("CenterCrop", "RandomCrop", "Resizing")
def sized(call: LayerCall) -> Result:
    """Images of the given height and width."""
    _check_arguments(call)
    size = positive(call, "height"), positive(call, "width")
    if _given_dict(call) is not None:
        raise UnknownType(None)
    tensor = _picture(call)
    if tensor.shape is None:
        raise UnknownType
    first = 1 if channels_first(call) else 0
    at = len(tensor.shape) - 3 + first
    return result(call, (*tensor.shape[:at], *size, *tensor.shape[at + 2 :]))
