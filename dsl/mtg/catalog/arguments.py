"""How people write arguments, which no signature of Keras says: by position, or as a tuple.

What a value may be is said by the catalogue (`Parameter.takes`), and which values mean the same by
`mtg.catalog.forms`; here stand the names that mtg and Python have in common.
"""

from __future__ import annotations

#: Sizes that are given by position although they have a default: `MaxPooling2D(2)`.
SIZES = frozenset(["pool_size", "size"])

#: Others that are clear without their names: `ZeroPadding2D(1)`, `L2(1e-4)`.
CLEAR = frozenset(["padding", "cropping", "l1", "l2"])

#: Lists that are written as tuples.
TUPLES = frozenset(
    [
        *("kernel_size", "strides", "dilation_rate", "pool_size", "size", "padding", "cropping"),
        *("target_shape", "dims", "output_size", "output_padding", "ngrams"),
    ]
)

#: The length of the last axis of a result.
WIDTHS = ("units", "filters", "output_dim")
