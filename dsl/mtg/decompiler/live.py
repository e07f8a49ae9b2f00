"""The config of a Keras model in memory, with what Keras leaves out of it.

`Huber(delta=2.0)` has a config without `delta`. What `mtg.catalog.dropped` lists is read from the
object itself, where that still knows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any
from warnings import catch_warnings, simplefilter

from mtg.catalog import catalog
from mtg.catalog.dropped import dropped
from mtg.catalog.modules import KINDS
from mtg.decompiler.live_models import (
    base_of,
    called_config,
    compile_config,
    own_code,
    plain_config,
)
from mtg.files import CannotRead
from mtg.model_files import parse_config
from mtg.text.diagnostics import Diagnostic
from mtg.text.source import Source, Span

#: The layer that a `Bidirectional` was given.
_FORWARD = "forward_layer"

#: The optimizer that has another one, and scales the loss for it.
_SCALED = "LossScaleOptimizer"

#: How a config says that it speaks of one object in several places.
_ID = "shared_object_id"

#: Layers that save the dtype of their variables, and not the policy by which they compute.
_SAVE_NO_POLICY = (
    *("Discretization", "HashedCrossing"),
    *(f"SpatialDropout{n}D" for n in (1, 2, 3)),
)

#: Layers with their records, by the identity of the layer.
Found = dict[int, tuple[Any, list[dict[str, Any]]]]

_ABSENT = object()


@dataclass(slots=True)
class Live:
    """What a model in memory says.

    Attributes:
        config: As `Model.to_json` gives it, with what that leaves out.
        left_out: What is known to be left out: settings of training, and code.
    """

    config: dict[str, Any]
    left_out: list[str] = field(default_factory=list)


def live_config(model: Any) -> Live:
    """Return the config of a model in memory.

    Raises:
        CannotRead: It is no functional or sequential model, or a layer of it gives no config.
    """
    compiled, left_out = compile_config(model)
    base = base_of(model)
    try:
        own = plain_config(model)
    except CannotRead as error:
        if type(model).__name__ == base or not base:
            raise
        try:
            own, base = called_config(model), "Functional"
        except CannotRead:
            raise error from None
        whole = False
        left_out.append(
            f"the layers of the class `{type(model).__name__}`, which is called as it is: {error}"
        )
    else:
        whole = True
    data = {"module": "keras", "class_name": base, "config": own}
    try:
        text = json.dumps(data | {"compile_config": compiled})
    except (TypeError, ValueError) as error:
        raise CannotRead(f"a layer has a config that is not JSON: {error}") from None
    config = parse_config(text.encode())
    found: Found = {}
    if whole:
        _fill(config, model, found)
    else:
        _fill(config["config"]["layers"][-1], model, found)
    # One object in several places: with a wrapper around it, say, and beside it.
    for number, (thing, records) in enumerate(found.values(), 1):
        for record in records:
            record.pop(_ID, None)
            if len(records) > 1:
                record[_ID] = number
            if "trainable" in record["config"]:
                record["config"]["trainable"] = model.trainable and _is_trained(thing)
    settings = getattr(getattr(model, "_compile_config", None), "config", None)
    if isinstance(settings, dict):
        _fill(config["compile_config"], settings, {})
        _scaled(config["compile_config"], model)
    return Live(config, [*own_code(model), *left_out])


def read_live(model: object, origin: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the config of a model in memory, and what is left out of it.

    Raises:
        MtgError: There is none.
    """
    from mtg.errors import MtgError

    try:
        with catch_warnings():
            simplefilter("ignore")  # Keras says of what it saves that it may not load
            found = live_config(model)
    except CannotRead as error:
        message = f"cannot read a model from `{origin}`: {error}"
        raise MtgError([Diagnostic("MTG609", message, Span(Source(origin, ""), 0, 0))]) from error
    return found.config, tuple(found.left_out)


def _scaled(compiled: Any, model: Any) -> None:
    """Set that the optimizer scales the loss where Keras would do so.

    Keras decides it by the policy of the process that compiles a model.
    """
    optimizer = getattr(model, "optimizer", None)
    inner = getattr(optimizer, "inner_optimizer", None)
    given = compiled.get("optimizer") if isinstance(compiled, dict) else None
    if inner is None or (isinstance(given, dict) and given.get("class_name") == _SCALED):
        return
    from keras.saving import serialize_keras_object

    compiled["optimizer"] = json.loads(json.dumps(serialize_keras_object(optimizer)))


def _is_trained(thing: Any) -> bool:
    """Return whether something of a layer is trained where it stands.

    The word of a layer counts when it makes its weights, or when it is said of the finished layer;
    that of one around it only in the latter case, and then what is in it has it too.
    """
    own = list(getattr(thing, "_trainable_variables", ()))
    inner = [each for each in getattr(thing, "_layers", ()) if each.variables]
    if not own and not inner:
        return bool(thing.trainable)
    return any(variable.trainable for variable in own) or any(map(_is_trained, inner))


def _fill(data: Any, thing: Any, found: Found) -> None:
    """Put into a part of a config what the object knows that it is of.

    `found` gets the records of each layer, by the identity of the layer.
    """
    if isinstance(data, list):
        if isinstance(thing, (list, tuple)) and len(thing) == len(data):
            for item, part in zip(data, thing, strict=True):
                _fill(item, part, found)
        return
    if not isinstance(data, dict):
        return
    if isinstance(thing, Mapping):
        for name, item in data.items():
            _fill(item, thing.get(name), found)
        return
    config = data.get("config")
    if data.get("class_name") == "function":
        # What a layer was given it need not keep; Keras finds it by the name it is registered by.
        function = thing if isinstance(thing, FunctionType) else _registered(config)
        if function is not None:
            data["module"], data["config"] = _place(function)
        return
    if thing is None or not isinstance(config, dict):
        return
    if base_of(thing) and type(thing).__name__ != base_of(thing):
        # A model of a class of its own is the model it inherits from, whose config is whole.
        try:
            config = json.loads(json.dumps(plain_config(thing)))
        except CannotRead:
            pass  # it computes more, and stays a class from Python
        else:
            data |= {"module": "keras", "class_name": base_of(thing), "config": config}
    if hasattr(thing, "_layers"):
        found.setdefault(id(thing), (thing, []))[1].append(data)
        if data.get("class_name") in _SAVE_NO_POLICY:
            config["dtype"] = thing.dtype_policy.name
    kind = KINDS.get(str(data.get("module")))
    name = str(data.get("class_name"))
    if kind is not None and type(thing).__name__ == name:
        for parameter in dropped(kind, name):
            value = _value(kind, name, thing, parameter)
            if value is not _ABSENT:
                config.setdefault(parameter, value)
    layers = config.get("layers")
    if isinstance(layers, list) and hasattr(thing, "layers"):
        own = list(thing.layers)
        named = {layer.name: layer for layer in own}
        # In a model names are unique; a layer of one's own may hold several of one name.
        in_a_row = len(named) < len(own) == len(layers)
        for number, layer in enumerate(layers):
            inner = layer.get("config") if isinstance(layer, dict) else None
            if isinstance(inner, dict):
                name = layer.get("name", inner.get("name"))
                one = own[number] if in_a_row else named.get(name)
                _fill(layer, one, found)
                nodes = getattr(one, "_inbound_nodes", ())
                if nodes:
                    layer["results"] = len(nodes[0].output_tensors)
        return
    for key, item in config.items():
        if isinstance(item, (dict, list)):
            other = _FORWARD if key == "layer" else f"_{key}"
            _fill(item, getattr(thing, key, getattr(thing, other, None)), found)


def _registered(name: Any) -> FunctionType | None:
    """Return the function that Keras knows by a name of somebody's own, such as `package>name`."""
    from keras.saving import get_registered_object

    found = get_registered_object(name) if isinstance(name, str) else None
    return found if isinstance(found, FunctionType) else None


def _place(function: FunctionType) -> tuple[str, str]:
    """Return the module and the name of a function, which Keras records without the module."""
    public = getattr(function, "_api_export_path", None)
    if public and function.__module__.startswith("keras."):
        module, _, name = (public if isinstance(public, str) else public[0]).rpartition(".")
        return module, name
    module = function.__module__ or "builtins"
    return ("builtins" if module == "__main__" else module), function.__name__


def _value(kind: str, name: str, thing: Any, parameter: str) -> object:
    """Return the value of an argument that an object knows and its config would lose."""
    entry = catalog().find(kind, name)
    known = None if entry is None else entry.parameter(parameter)
    value = _held(thing, parameter)
    if known is None or value == known.default or not isinstance(value, (bool, int, float, str)):
        return _ABSENT
    # Some layers decide themselves, as the lookups do that `autocast` is False.
    again = _held(type(thing).from_config(thing.get_config()), parameter)
    return _ABSENT if again == value else value


def _held(thing: object, parameter: str) -> object:
    given = getattr(thing, "_fn_kwargs", {})
    if parameter in given:
        return given[parameter]
    if parameter == "seed":
        return getattr(getattr(thing, "cell", thing), "seed", None)
    return getattr(thing, parameter, getattr(thing, f"_{parameter}", None))
