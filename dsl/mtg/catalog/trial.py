"""Whether Keras takes a value, found by using it: constructor, build and a call.

Used by `mtg.catalog.generate` and by the tests, never by the compiler.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

from mtg.catalog import probe

INPUTS: tuple[tuple[str, tuple[tuple[int, ...], ...], str], ...] = (
    ("ConvLSTM1D", ((3, 32, 4),), "float32"),
    ("ConvLSTM2D", ((3, 32, 32, 4),), "float32"),
    ("ConvLSTM3D", ((3, 16, 16, 16, 4),), "float32"),
    ("SpatialDropout1D|.*(Conv|Pooling|Cropping|Padding|Sampling)1D.*", ((32, 4),), "float32"),
    ("SpatialDropout2D|.*(Conv|Pooling|Cropping|Padding|Sampling)2D.*", ((32, 32, 4),), "float32"),
    ("SpatialDropout3D|.*(Conv|Pooling|Cropping|Padding|Sampling)3D.*", ((16,) * 3 + (4,),), "float32"),
    ("Random.*|Rand.*|Au.*|C.*Histogram.*|.*Crop|Equalization|Solarization|Resizing", ((32, 32, 3),), "float32"),
    ("Embedding|ReversibleEmbedding|Hashing|IntegerLookup", ((8,),), "int32"),
    ("StringLookup|TextVectorization", ((1,),), "string"),
    ("HashedCrossing", ((1,), (1,)), "int32"),
    ("EinsumDense|Permute|RepeatVector|Reshape|CategoryEncoding", ((4,),), "float32"),
    ("MelSpectrogram", ((16_000,),), "float32"),
    ("STFTSpectrogram", ((16_000, 1),), "float32"),
    ("TimeDistributed", ((3, 8, 4),), "float32"),
    ("Add|Average|Concatenate|Dot|Maximum|Minimum|Multiply", ((4, 4), (4, 4)), "float32"),
    ("Subtract|.*Attention", ((8, 4), (8, 4)), "float32"),
)
"""What layers are called on: names, shapes without the batch axis, dtype. Others: one (8, 4)."""

BY_POSITION = ("GroupQueryAttention", "MultiHeadAttention")
"""Layers that are called on several tensors, not on a list of them."""
