"""The forms of one value: what the constructors of Keras make of an argument, and then save.

`RandomRotation(0.1)` saves the factor `[-0.1, 0.1]`, `AdaptiveMaxPooling2D(4)` the size `[4, 4]`.
Each form here turns what is saved, and what may be written for it, into the shortest of them, and
no two values into one of which Keras makes different things. `tests/catalog/test_forms.py` asks
Keras, class by class.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from mtg.catalog import catalog

Form = Callable[[Any], Any]


def every_axis(value: object) -> object:
    """One number for all axes: `[3, 3]` is 3."""
    if not isinstance(value, (list, tuple)):
        return value
    items = [every_axis(item) for item in value]
    first = items[0] if items else None
    if isinstance(first, (int, float)) and all(item == first for item in items):
        return first
    return [list(item) if isinstance(item, tuple) else item for item in items]


def alone(value: object) -> Any:
    """One thing for a list of one: `[3]` is 3."""
    if isinstance(value, (list, tuple)) and len(value) == 1 and _is_number(value[0]):
        return value[0]
    return value


def in_order(value: object) -> object:
    """Return a list of axes whose order says nothing."""
    if isinstance(value, (list, tuple)) and len(value) > 1 and all(map(_is_number, value)):
        return sorted(value)
    return alone(value)


def from_zero(value: object) -> object:
    """Return a range that begins at 0: `[0, 0.5]` is 0.5."""
    return _end_of(value, 0)


def from_one(value: object) -> object:
    """Return a range that begins at 1: `[1, 4]` is 4."""
    return _end_of(value, 1)


def both_ways(value: object) -> object:
    """Return a range to both sides of 0: `[-0.5, 0.5]` is 0.5, as -0.5 is."""
    pair = _range(value)
    if isinstance(pair, list):
        return pair[1] if pair[0] == -pair[1] else pair
    return abs(pair) if _is_number(pair) else pair


def at_both_ends(value: object) -> Any:
    """Return a range whose ends may be given in any order."""
    return _range(value)


def a_share(value: Any) -> object:
    """Return a number between 0 and 1, for which Keras takes the nearer of the two."""
    return min(1.0, max(0.0, value)) if _is_number(value) else value


def or_else(given: object, saved: object) -> Form:
    """Return the form of a parameter for which Keras takes one value for another."""

    def form(value: object) -> Any:
        same = type(value) is type(given) and value == given
        return saved if same else value

    return form


def _range(value: object) -> Any:
    if isinstance(value, (list, tuple)) and len(value) == 2 and all(map(_is_number, value)):
        return sorted(value)
    return value


def _end_of(value: object, start: int) -> object:
    pair = _range(value)
    return pair[1] if isinstance(pair, list) and pair[0] == start else pair


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_MIXES = "AugMix|CutMix|RandAugment"
_FROM_ZERO = f"{_MIXES}|Random(Contrast|ElasticTransform|Erasing|GaussianBlur|Hue|Invert)"
_BOTH_WAYS = "Random(Brightness|ColorDegeneration|Rotation|Saturation|Shear)"
_TUNED = "Dense|EinsumDense|(Reversible)?Embedding|Conv[123]D"

FORMS: tuple[tuple[str, str, str, Form], ...] = (
    ("layer", ".*", "axis", alone),
    ("layer", "RMSNormalization", "axis", in_order),
    ("layer", "PReLU", "shared_axes", alone),
    ("layer", "EinsumDense|MultiHeadAttention", "output_shape", alone),
    ("layer", "MultiHeadAttention", "attention_axes", alone),
    ("layer", f"{_FROM_ZERO}|RandomPerspective|RandomSharpness", "factor", from_zero),
    ("layer", "(ConvLSTM[123]D|LSTM|GRU|SimpleRNN)(Cell)?", "(recurrent_)?dropout", a_share),
    ("layer", "RandomElasticTransform|RandomErasing", "scale", from_zero),
    ("layer", "RandomGaussianBlur", "sigma", from_zero),
    ("layer", "Solarization", "(addition|threshold)_factor", from_zero),
    ("layer", _BOTH_WAYS, "([xy]_)?factor", both_ways),
    ("layer", "RandomRotation|RandomBrightness", "factor", or_else(None, 0.0)),
    ("layer", "RandomPosterization", "factor", from_one),
    ("layer", ".*", "value_range", at_both_ends),
    ("layer", "Normalization", "axis", or_else(None, [])),
    ("layer", "BatchNormalization", "renorm_clipping", or_else({}, None)),
    ("layer", "Activation", "activation", or_else(None, "linear")),
    ("layer", _TUNED, "lora_rank", or_else(0, None)),
    ("layer", ".*", "output_mode", or_else("binary", "multi_hot")),
    ("layer", ".*", "output_mode", or_else("tf-idf", "tf_idf")),
    ("layer", "MelSpectrogram", "max_freq|sequence_length", or_else(0, None)),
    ("op", r"image\.extract_patches(_3d)?", "size|strides", every_axis),
    ("optimizer", "Muon", "exclude_layers", or_else([], None)),
    ("dtype_policy", "DTypePolicyMap", "policy_map", or_else({}, None)),
)
"""Kind of entry, names of entries, parameters, and the form their values have; all that fit are
applied, in this order, after `every_axis` for an argument of a layer that is `one_for_all`."""


#: What a class takes for an argument that is left out, from its other arguments.
#: Source: the constructors of `keras.layers`.
TAKEN_FROM: tuple[tuple[str, str, str, Callable[[Mapping[str, Any]], Any]], ...] = (
    ("layer", "(Max|Average)Pooling[123]D", "strides", lambda given: given.get("pool_size", 2)),
    ("layer", "MultiHeadAttention", "value_dim", lambda given: given.get("key_dim")),
    # Without a rank there is nothing to scale.
    ("layer", _TUNED, "lora_alpha", lambda given: given.get("lora_rank")),
    ("layer", "MelSpectrogram", "max_freq", lambda given: given.get("sampling_rate", 16000) / 2),
    (
        "layer",
        "MelSpectrogram",
        "sequence_length",
        lambda given: given.get("fft_length", 2048),
    ),
    ("op", r"image\.extract_patches(_3d)?", "strides", lambda given: given.get("size")),
    ("op", "one_hot|multi_hot", "dtype", lambda given: "float32"),
    (
        "layer",
        "Hashing|HashedCrossing",
        "dtype",
        lambda given: "int64" if given.get("output_mode", "int") == "int" else "float32",
    ),
    ("layer", ".*", "dtype", lambda given: "float32"),
)


#: Arguments that the class takes, looks at nowhere, and does not save.
IDLE: tuple[tuple[str, str, str], ...] = (
    (
        "layer",
        "ContrastLimitedAdaptiveHistogramEqualization|Equalization|MaxNumBoundingBoxes|MixUp"
        "|RandomColorJitter|RandomCrop|CenterCrop",
        "factor",
    ),
)


#: What Keras draws where nothing is given, and saves as if it had been.
DRAWN = frozenset([("RandomCrop", "seed")])


@lru_cache(maxsize=4096)
def forms_of(kind: str, name: str, parameter: str) -> tuple[Form, ...]:
    """Return the forms of a parameter's values."""
    entry = catalog().find(kind, name) if kind == "layer" else None
    known = None if entry is None else entry.parameter(parameter)
    own = (every_axis,) if known is not None and known.one_for_all else ()
    return own + tuple(
        form
        for kinds, names, parameters, form in FORMS
        if kind == kinds and re.fullmatch(names, name) and re.fullmatch(parameters, parameter)
    )


@lru_cache(maxsize=4096)
def idle(kind: str, name: str, parameter: str) -> bool:
    """Return whether a class takes an argument and does nothing with it."""
    return any(
        kind == kinds and parameter == own and re.fullmatch(names, name)
        for kinds, names, own in IDLE
    )


@lru_cache(maxsize=4096)
def taken_from(kind: str, name: str, parameter: str) -> Callable[[Mapping[str, Any]], Any] | None:
    """Return what gives the value of a parameter that is left out, where the others do."""
    for kinds, names, own, take in TAKEN_FROM:
        if kind == kinds and parameter == own and re.fullmatch(names, name):
            return take
    return None
