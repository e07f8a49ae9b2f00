"""Inputs and settings that the calls of many layers are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case, In

B = [True, False]
FORMATS = [None, "channels_last", "channels_first", "channels_middle"]

#: A vector, an image and so on, whatever the layer wants: most layers refuse some of them.
ANY = [
    In(()),
    In((4,)),
    In((None,)),
    In((5, 4)),
    In((None, 4)),
    In((5, None)),
    In((6, 5, 4)),
    In((None, None, 4)),
    In((3, 6, 5, 4)),
    In((4,), "int32"),
    In((5, 4), "float16"),
    In((5, 4), "bool"),
    In((2, 2), "float64"),
]
IMAGES = {
    1: [In((8, 4)), In((None, 4)), In((8, None)), In((2, 4)), In((4,)), In((8, 8, 4))],
    2: [In((9, 8, 4)), In((None, 8, 4)), In((None, None, 4)), In((2, 2, 4)), In((8, 4))],
    3: [
        In((7, 9, 8, 4)),
        In((None, 8, 8, 4)),
        In((4, 4, 4, None)),
        In((2, 2, 2, 4)),
        In((8, 8, 4)),
    ],
}
DTYPES = [
    *(None, "float64", "float32", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"),
    *("int32", "uint8"),
]


def dtypes(cls: str, x: Any, **arguments: Any) -> Iterator[Case]:
    """One call under each dtype policy, and frozen."""
    for dtype in DTYPES:
        yield Case(cls, {**arguments, "dtype": dtype}, (x,))
    yield Case(cls, {**arguments, "trainable": False}, (x,))
