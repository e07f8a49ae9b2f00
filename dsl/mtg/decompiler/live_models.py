"""Models in memory, of Keras's classes and of classes that inherit from them, as their configs."""

from __future__ import annotations

import sys
from typing import Any

from mtg.files import CannotRead

#: The classes whose models are what their layers are.
_BASES = ("Functional", "Sequential")

#: Methods in which a class of its own may compute what its layers do not say.
_COMPUTES = ("call", "__call__")

#: Methods in which a class of its own may train otherwise.
_TRAINS = (
    *("train_step", "test_step", "predict_step", "compute_loss", "compute_metrics"),
    *("make_train_function", "make_test_function", "make_predict_function", "fit"),
)


def base_of(thing: object) -> str:
    """`Functional` or `Sequential`, if a thing is a model of that class or one made of it."""
    base = _base(thing)
    return "" if base is None else base.__name__


def _base(thing: object) -> type | None:
    for cls in type(thing).__mro__:
        if cls.__name__ in _BASES and cls.__module__.startswith("keras.src.models."):
            return cls
    return None


def plain_config(model: Any) -> dict[str, Any]:
    """Return the config of a model as one of `Functional` or `Sequential`.

    Raises:
        CannotRead: It is neither, computes more than its layers do, or a layer gives no config.
    """
    base = _base(model)
    if base is None:
        raise CannotRead(
            f"it is of the class `{type(model).__name__}`, and no functional or sequential model"
        )
    for name in _COMPUTES:
        if getattr(type(model), name, None) is not getattr(base, name, None):
            raise CannotRead(
                f"its class `{type(model).__name__}` has a `{name}` of its own, whose code mtg "
                "does not see"
            )
    # The same model, as one of that class: how a class writes its config depends on the class.
    plain: Any = object.__new__(base)
    object.__setattr__(plain, "__dict__", model.__dict__)
    try:
        return dict(plain.get_config())
    except Exception as error:  # the code of layers may raise anything
        raise CannotRead(_why(model, error)) from error


def called_config(model: Any) -> dict[str, Any]:
    """Return the config of a model of one layer: a custom model, called on its inputs.

    It is what Keras saves of such a model: the class, and what its constructor takes.

    Raises:
        CannotRead: The class does not say what its constructor takes.
    """
    plain = getattr(model, "_functional", None) or model
    try:
        own = _serialized(model)
        inputs, count = plain._inputs_struct, len(plain.outputs)
        layers = [tensor._keras_history.operation for tensor in plain.inputs]
        entrances = [{"name": layer.name, **_serialized(layer)} for layer in layers]
    except Exception as error:
        raise CannotRead(f"it has no config: {error}") from error
    if not isinstance(own.get("config"), dict) or "layers" in own["config"]:
        raise CannotRead("its config is that of its layers")
    if isinstance(inputs, list) and len(inputs) == 1:
        (inputs,) = inputs
    name = model.name
    while any(layer.name == name for layer in layers):
        name += "_"
    node = {"args": [_recorded(inputs)], "kwargs": {}}
    called = own | {"name": name, "inbound_nodes": [node], "results": count}
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": [*({"inbound_nodes": []} | each for each in entrances), called],
        "input_layers": [[layer.name, 0, 0] for layer in layers],
        "output_layers": [[name, 0, number] for number in range(count)],
    }


def _recorded(structure: Any) -> Any:
    """Tensors as a config records them, in the same lists and dicts."""
    if isinstance(structure, dict):
        return {key: _recorded(item) for key, item in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [_recorded(item) for item in structure]
    record = _serialized(structure)
    record["config"]["keras_history"] = [structure._keras_history.operation.name, 0, 0]
    return record


def _serialized(thing: object) -> Any:
    return sys.modules["keras"].saving.serialize_keras_object(thing)


def _why(model: Any, error: Exception) -> str:
    """Return which layer gives no config, with the models around it, and why."""
    path = [model.name]
    inner = True
    while inner:
        inner = False
        layers: Any = getattr(model, "operations", None) or getattr(model, "layers", ())
        for layer in layers:
            try:
                _serialized(layer)
            except Exception as again:
                error, model, inner = again, layer, _base(layer) is not None
                path.append(layer.name)
                break
    words = " ".join(str(error).split()) or type(error).__name__
    return f"`{'/'.join(path)}` has no config: {words[:200]}"


def compile_config(model: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the compile config of a model, as Keras saves it, and what Keras cannot save."""
    try:
        return dict(model.get_compile_config() or {}), []
    except Exception:
        settings = getattr(getattr(model, "_compile_config", None), "config", None) or {}
    found, left_out = {}, []
    for name, value in settings.items():
        try:
            found[name] = _serialized(value)
        except Exception as error:
            words = " ".join(str(error).split()) or type(error).__name__
            left_out.append(f"`{name}` of `compile`, of which Keras has no config: {words[:200]}")
    return found, left_out


def own_code(model: object) -> list[str]:
    """Return how the class of a model trains otherwise than Keras does."""
    base = _base(model)
    return [
        f"`{name}` of the class `{type(model).__name__}`, whose code mtg does not see"
        for name in _TRAINS
        if getattr(type(model), name, None) is not getattr(base, name, None)
    ]
