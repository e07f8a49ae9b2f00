"""The config of a Keras model in memory, with what Keras leaves out of it.

`Huber(delta=2.0)` has a config without `delta`. What `mtg.catalog.dropped` lists is read from the
object itself, where that still knows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mtg.catalog import catalog
from mtg.catalog.dropped import dropped
from mtg.catalog.modules import KINDS
from mtg.model_files import parse_config

#: The layer that a `Bidirectional` was given.
_FORWARD = "forward_layer"

#: The optimizer that has another one, and scales the loss for it.
_SCALED = "LossScaleOptimizer"

_ABSENT = object()


def live_config(model: Any) -> dict[str, Any]:
    """The config of a model, as `Model.to_json` gives it and with what that leaves out.

    Raises:
        CannotRead: It is no config.
    """
    config = parse_config(model.to_json().encode())
    _fill(config, model)
    compiled = getattr(getattr(model, "_compile_config", None), "config", None)
    if isinstance(compiled, dict):
        _fill(config.get("compile_config"), compiled)
        _scaled(config.get("compile_config"), model)
    return config


def _scaled(compiled: Any, model: Any) -> None:
    """Say of the optimizer that it scales the loss, as Keras decides by the policy of the process
    that compiles a model."""
    optimizer = getattr(model, "optimizer", None)
    inner = getattr(optimizer, "inner_optimizer", None)
    given = compiled.get("optimizer") if isinstance(compiled, dict) else None
    if inner is None or (isinstance(given, dict) and given.get("class_name") == _SCALED):
        return
    from keras.saving import serialize_keras_object

    compiled["optimizer"] = json.loads(json.dumps(serialize_keras_object(optimizer)))


def _fill(data: Any, thing: Any) -> None:
    """Put into a part of a config what the object knows that it is of."""
    if isinstance(data, list):
        if isinstance(thing, (list, tuple)) and len(thing) == len(data):
            for item, part in zip(data, thing, strict=True):
                _fill(item, part)
        return
    if not isinstance(data, dict):
        return
    if isinstance(thing, Mapping):
        for name, item in data.items():
            _fill(item, thing.get(name))
        return
    config = data.get("config")
    if thing is None or not isinstance(config, dict):
        return
    kind = KINDS.get(str(data.get("module")))
    name = str(data.get("class_name"))
    if kind is not None and type(thing).__name__ == name:
        for parameter in dropped(kind, name):
            value = _value(kind, name, thing, parameter)
            if value is not _ABSENT:
                config.setdefault(parameter, value)
    layers = config.get("layers")
    if isinstance(layers, list) and hasattr(thing, "layers"):
        named = {layer.name: layer for layer in thing.layers}
        for layer in layers:
            inner = layer.get("config") if isinstance(layer, dict) else None
            if isinstance(inner, dict):
                _fill(layer, named.get(inner.get("name")))
        return
    for key, item in config.items():
        if isinstance(item, (dict, list)):
            other = _FORWARD if key == "layer" else f"_{key}"
            _fill(item, getattr(thing, key, getattr(thing, other, None)))


def _value(kind: str, name: str, thing: Any, parameter: str) -> Any:
    """The value of an argument, where the object knows it and its config would lose it."""
    entry = catalog().find(kind, name)
    known = None if entry is None else entry.parameter(parameter)
    value = _held(thing, parameter)
    if known is None or value == known.default or not isinstance(value, (bool, int, float, str)):
        return _ABSENT
    # Some layers decide themselves, as the lookups do that `autocast` is False.
    again = _held(type(thing).from_config(thing.get_config()), parameter)
    return _ABSENT if again == value else value


def _held(thing: Any, parameter: str) -> Any:
    given = getattr(thing, "_fn_kwargs", {})
    if parameter in given:
        return given[parameter]
    if parameter == "seed":
        return getattr(getattr(thing, "cell", thing), "seed", None)
    return getattr(thing, parameter, getattr(thing, f"_{parameter}", None))
