"""The layers that Keras saves as two where the model has one, so that its loader refuses the file.

Keras loses the number of a shared object where it stands in a wrapper first
(`mtg.config.shared_objects`). It saves the weights once, and then makes two layers that want them.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from mtg.config.shared_objects import lost_names


def saved_as_two(file: Path, model: object) -> list[str]:
    """Return the names of layers with weights that a saved model has twice, and `model` once.

    Args:
        file: The `.keras` file that Keras wrote.
        model: The model of Keras that it is of.
    """
    with zipfile.ZipFile(file) as archive:
        names = lost_names(json.loads(archive.read("config.json")))
    return [name for name in names if name in _with_weights(model)]


def _with_weights(model: Any) -> set[str]:
    """Return the names of all layers in a model, however deep, that have weights."""
    found: set[str] = set()
    stack, seen = [model], {id(model)}
    while stack:
        layer = stack.pop()
        if layer.weights:  # a seed is none, and loads
            found.add(layer.name)
        inner = [each for each in getattr(layer, "_layers", ()) if id(each) not in seen]
        seen |= {id(each) for each in inner}
        stack += inner
    return found
