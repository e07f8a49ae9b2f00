"""Arguments that Keras 3.15 does not save: `get_config` leaves them out.

A model that is read from its file has the defaults in their place. What Keras itself does not look
at, such as the `factor` of `MixUp`, is not listed; `tests/catalog/test_dropped.py` asks Keras.
"""

from __future__ import annotations

import re

DROPPED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("initializer", "Identity", ("gain",)),
    ("layer", "CategoryEncoding", ("sparse",)),
    ("layer", "GRU|LSTM", ("use_cudnn",)),
    ("layer", "(GroupQuery|MultiHead)Attention", ("flash_attention",)),
    ("layer", "MaxNumBoundingBoxes", ("fill_value",)),
    ("layer", "RandomGrayscale|SimpleRNN", ("seed",)),
    ("layer", ".*", ("autocast",)),
    ("loss", "CosineSimilarity|SparseCategoricalCrossentropy", ("axis",)),
    ("loss", "Huber", ("delta",)),
    ("loss", ".*", ("dtype",)),
    ("metric", "CosineSimilarity", ("axis",)),
)
"""Kind of entry, names of entries, parameters."""

#: Layers that save the dtype of variables in place of the policy that they were given.
_WITHOUT_POLICY = "SpatialDropout[123]D|Discretization|HashedCrossing|(Integer|String)Lookup"


def dropped(kind: str, name: str) -> tuple[str, ...]:
    """Return the parameters of a class whose values are lost where a model is saved."""
    return tuple(
        parameter
        for kinds, names, parameters in DROPPED
        if kind == kinds and re.fullmatch(names, name)
        for parameter in parameters
    )


def loses_policy(name: str, dtype: object) -> bool:
    """Return whether a layer of this dtype is read from a file with another one."""
    mixed = isinstance(dtype, str) and dtype.startswith("mixed_")
    return mixed and re.fullmatch(_WITHOUT_POLICY, name) is not None
