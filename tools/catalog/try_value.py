"""Whether Keras takes a value, found by using it: constructor, build and a call.

Used by `tools.catalog.generate` and by the tests, never by the compiler.
"""

from __future__ import annotations

import marshal
import re
import warnings
from typing import Any

from tools.catalog import sampling

FLOAT, INT, TEXT = "float32", "int32", "string"
IMAGES = "Au.*|C.*Histogram.*|CutMix|.*Crop|Equalization|MixUp|Ran.*|Resizing|Solarization"

INPUTS: tuple[tuple[str, tuple[tuple[int, ...], ...], str], ...] = (
    ("ConvLSTM1D", ((3, 32, 4),), FLOAT),
    ("ConvLSTM2D", ((3, 32, 32, 4),), FLOAT),
    ("ConvLSTM3D", ((3, 16, 16, 16, 4),), FLOAT),
    ("SpatialDropout1D|.*(Conv|Pooling|Cropping|Padding|Sampling)1D.*", ((32, 4),), FLOAT),
    ("SpatialDropout2D|.*(Conv|Pooling|Cropping|Padding|Sampling)2D.*", ((32, 32, 4),), FLOAT),
    ("SpatialDropout3D|.*(Conv|Pooling|Cropping|Padding|Sampling)3D.*", ((16, 16, 16, 4),), FLOAT),
    (IMAGES, ((32, 32, 3),), FLOAT),
    ("Embedding|ReversibleEmbedding|Hashing|IntegerLookup", ((8,),), INT),
    ("StringLookup|TextVectorization", ((1,),), TEXT),
    ("HashedCrossing", ((1,), (1,)), INT),
    ("CategoryEncoding|EinsumDense|Permute|RepeatVector|Reshape", ((4,),), FLOAT),
    ("MelSpectrogram", ((16_000,),), FLOAT),
    ("STFTSpectrogram", ((16_000, 1),), FLOAT),
    ("TimeDistributed", ((3, 8, 4),), FLOAT),
    ("Add|Average|Concatenate|Dot|Maximum|Minimum|Multiply|Subtract", ((4, 4), (4, 4)), FLOAT),
    (".*Attention", ((8, 4), (8, 4)), FLOAT),
    (".*Cell", ((4,),), FLOAT),
)
"""What layers are called on: names, shapes without the batch axis, dtype. Others: one (8, 4)."""

BY_POSITION = frozenset({"GroupQueryAttention", "MultiHeadAttention"})
"""Layers that are called on several tensors, not on a list of them."""

NOT_CALLED = frozenset({"MaxNumBoundingBoxes", "StackedRNNCells"})
"""Layers that are called on more than tensors of fixed shapes."""


_ANSWERS: dict[tuple[Any, bytes], bool] = {}
"""What Keras took and what not, by the class and the plain values it was given: thousands of trials
are made by the catalogue's tool and again by the tests."""


def takes(kind: str, name: str, thing: Any, /, **arguments: Any) -> bool:
    """Whether Keras constructs the object with these arguments and, if a layer, calls it.

    Of plain values it is asked once in a process.
    """
    try:
        question = thing, marshal.dumps(arguments, 2)  # tells 1, 1.0 and True apart
    except ValueError:
        return _tried(kind, name, thing, arguments)
    if question not in _ANSWERS:
        _ANSWERS[question] = _tried(kind, name, thing, arguments)
    return _ANSWERS[question]


def _tried(kind: str, name: str, thing: Any, arguments: dict[str, Any]) -> bool:
    try:
        use(kind, name, thing, **arguments)
    except Exception:  # Keras raises whatever it meets
        return False
    return True


def use(kind: str, name: str, thing: Any, /, **arguments: Any) -> Any:
    """Make the object with these arguments and what else it needs; a layer is called, too.

    Gives the results of the call.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = sampling.make(thing, **(_besides(name) | arguments))
        return _call(name, made) if kind == "layer" and name not in NOT_CALLED else None


def _besides(name: str) -> dict[str, Any]:
    """Arguments without which the call would fail on these inputs."""
    import keras

    if name == "SpectralNormalization":
        return {"layer": keras.layers.Dense(4)}
    return {"groups": 2} if name == "GroupNormalization" else {}


def tensors(name: str) -> list[Any]:
    """Symbolic tensors that a layer of this class can be called on."""
    import keras

    shapes: tuple[tuple[int, ...], ...] = ((8, 4),)
    dtype = FLOAT
    for names, of_shapes, of_dtype in INPUTS:
        if re.fullmatch(names, name):
            shapes, dtype = of_shapes, of_dtype
            break
    return [keras.KerasTensor((None, *shape), dtype=dtype) for shape in shapes]


def _call(name: str, layer: Any) -> Any:
    import keras

    given = tensors(name)
    with sampling.without_values():
        if name.endswith("Cell"):
            sizes = layer.state_size
            sizes = sizes if isinstance(sizes, list) else [sizes]
            return layer(given[0], [keras.KerasTensor((None, size)) for size in sizes])
        if name in BY_POSITION:
            return layer(*given)
        return layer(given if len(given) > 1 else given[0])
