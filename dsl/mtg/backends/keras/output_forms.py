"""A model that gives a list of its outputs, as one that gives a dict, and the other way round.

Both have the same layers, in an order of their own: of a dict Keras sorts the names. Since weights
are loaded by the position of layers, a file is loaded into the form that it was saved from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def in_form_of(model: keras.Model, config: Mapping[str, Any] | None) -> keras.Model:
    """Return the model, or one of the same layers in the form that a file was saved from.

    Args:
        config: The config in the file. A file of weights alone has none, and does not say its
            form: it is taken to be that of the model.
    """
    inner = (config or {}).get("config")
    saved = inner.get("output_layers") if isinstance(inner, dict) else None
    outputs = dict(zip(model.output_names, model.outputs, strict=True))
    gives_dict = isinstance(model.output, dict)
    if isinstance(saved, dict):
        if gives_dict or set(saved) != set(outputs):
            return model
        return _with(model, outputs)
    names = [leaf[0] for leaf in _leaves(saved)]
    if not gives_dict or set(names) != set(outputs):
        return model
    return _with(model, [outputs[name] for name in names])


def _leaves(saved: object) -> list[Any]:
    """Return the outputs in the config of a model that gives a list, or one tensor."""
    if not isinstance(saved, list) or not saved:
        return []
    return [saved] if isinstance(saved[0], str) else [each for each in saved if each]


def _with(model: keras.Model, outputs: object) -> keras.Model:
    import keras

    return keras.Model(model.inputs, outputs, name=model.name)
