"""Layers, ops and values as Keras writes them in a config."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import Any, assert_never

from mtg.catalog import catalog
from mtg.catalog.forms import taken_from
from mtg.catalog.modules import MODULES, SAVED
from mtg.catalog.operations import Operation, operation
from mtg.config.files_given import FileRefused, with_files
from mtg.graph.constants import fixed_numbers
from mtg.graph.graph import Call, Graph
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import DataArray, KerasObject, PythonObject, TensorRef, Value, items
from mtg.graph.walk import layers_within
from mtg.lengths.dims import UNKNOWN, Length
from mtg.refusal import Refusal
from mtg.text.source import Span

#: Layers that Keras loads only from a config with every argument.
_WHOLE = frozenset(["Rescaling", "TextVectorization"])


class NoConfig(Exception):
    """Something of a graph that has no config."""

    def __init__(self, message: str, span: Span, help: str = "", code: str = "MTG611") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.help = help


class ValueWriter(ABC):
    """Writes instances and values; the writer of models stands above it."""

    def __init__(self, numbers: dict[Layer, int]) -> None:
        #: The numbers of instances that may stand in several places, as Keras counts objects.
        self.numbers = numbers

    # What the class above this one knows

    @abstractmethod
    def tensor(self, ref: TensorRef) -> Any:
        """Return the record of a tensor."""

    @abstractmethod
    def nested(self, layer: NestedModel | Application) -> dict[str, Any]:
        """Return the entry of a model in the model."""

    def number_shared(self, graph: Graph) -> None:
        """Give a number to each instance that stands in several places, of which one is a wrapper.

        What is only called several times is one entry, which needs none.
        """
        called = {call.layer for call in graph.calls}
        inner = [found for layer in called for found in layers_within(layer)]
        for layer in inner:
            if layer in called or inner.count(layer) > 1:
                self.numbers.setdefault(layer, len(self.numbers) + 1)

    # Layers

    def instance(self, layer: Layer) -> dict[str, Any]:
        """Return the entry of a layer, without its calls."""
        module, registered = "keras.layers", None
        config: dict[str, Any] = {"name": layer.name}
        if layer.trainable is not None:
            config["trainable"] = layer.trainable
        match layer:
            case InputLayer():
                return {"module": module, **_input(layer), "registered_name": None}
            case NestedModel() | Application():
                return self.nested(layer)
            case PythonLayer():
                module, registered = layer.module, _registered(layer.module, layer.cls)
                if layer.positional:
                    raise NoConfig(
                        f"a config holds arguments by name, and `{layer.cls}` has one without",
                        layer.span,
                        "write `name=value`",
                    )
                arguments = _with_words(layer)
            case KerasLayer(entry=entry):
                arguments = _with_words(layer)
                if layer.cls in _WHOLE:
                    own = entry.parameters[: entry.positional]
                    arguments = {p.name: p.default for p in own if not p.required} | arguments
                arguments = _said(layer, arguments)
            case Op():
                raise AssertionError(f"the entry of {layer} is that of its call")
            case _:
                assert_never(layer)
        config |= {
            name: self.value(value)
            for name, value in arguments.items()
            if name not in ("name", "trainable")
        }
        found: dict[str, Any] = {
            "module": module,
            "class_name": layer.cls,
            "config": config,
            "registered_name": registered,
        }
        if layer in self.numbers:
            found["shared_object_id"] = self.numbers[layer]
        return found

    def operation(
        self, call: Call, name: str
    ) -> tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]:
        """Return the entry of an op, and the arguments of its call."""
        function = call.layer.cls
        made = operation(function)
        if made is None:
            raise NoConfig(
                f"`ops.{function}` is not an operation in a config",
                call.span,
                "compile to a .keras file, which Keras writes",
            )
        init, args, kwargs = _bound(function, made, call)
        entry = {
            "module": made.module,
            "class_name": made.cls,
            "config": {"name": name, **{k: self.value(v) for k, v in init.items()}},
            "registered_name": made.cls,
            "name": name,
            "inbound_nodes": [],
        }
        return entry, args, kwargs

    # Values

    def value(self, value: Value) -> Any:
        """Return a value, as JSON."""
        if isinstance(value, TensorRef):
            return self.tensor(value)
        if isinstance(value, Layer):
            return self.instance(value)
        if isinstance(value, KerasObject):
            return self._object(value)
        if isinstance(value, PythonObject):
            return self._python(value)
        if isinstance(value, (list, tuple, range)):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {str(key): self.value(item) for key, item in value.items()}
        if isinstance(value, DataArray):
            return _array(value)
        if isinstance(value, slice):
            ends = {"start": value.start, "stop": value.stop, "step": value.step}
            return {"class_name": "__slice__", "config": ends}
        if value is ...:
            return {"class_name": "__ellipsis__", "config": {}}
        if value is UNKNOWN or isinstance(value, Length):
            return None
        return value

    def _object(self, value: KerasObject) -> dict[str, Any]:
        if value.kind not in SAVED:
            raise NoConfig(
                f"a config holds no {value.kind.replace('_', ' ')} such as `{value.name}`",
                value.span,
            )
        arguments = {k: self.value(item) for k, item in value.arguments.items()}
        if value.name == "Constant":
            arguments.setdefault("value", 0.0)  # without which Keras does not load it
        return {
            "module": f"keras.{MODULES[value.kind]}",
            "class_name": value.name,
            "config": arguments,
            "registered_name": None,
        }

    def _python(self, value: PythonObject) -> dict[str, Any]:
        if value.arguments is None:
            return {
                "module": value.module,
                "class_name": "function",
                "config": value.name,
                "registered_name": "function",
            }
        args, kwargs = value.arguments
        if args:
            raise NoConfig(
                f"a config holds arguments by name, and `{value.name}` has one without",
                value.span,
                "write `name=value`",
            )
        return {
            "module": value.module,
            "class_name": value.name,
            "config": {k: self.value(item) for k, item in kwargs.items()},
            "registered_name": _registered(value.module, value.name),
        }


def _with_words(layer: Layer) -> dict[str, Any]:
    """Return a layer's arguments, with the words of a vocabulary file in place of its path.

    Raises:
        CannotWrite: The file is not there, or not to be read.
    """
    try:
        return dict(with_files(layer.kind, layer.cls, layer.arguments, layer.spans, layer.span))
    except FileRefused as error:
        why = error.refusal
        raise NoConfig(why.message, error.span, why.help, why.code) from None


def _said(layer: KerasLayer, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments with those that Keras would take from the process that loads the config."""
    found = dict(arguments)
    for name in ("dtype", "data_format"):
        if layer.entry.parameter(name) is None or found.get(name) is not None:
            continue
        take = taken_from("layer", layer.cls, name)
        found[name] = "channels_last" if take is None else take(arguments)
    return found


def _registered(module: str, cls: str) -> str:
    """Return what Keras registers a class under, perhaps with a package: `mine>Half`.

    That is known only to Keras and the module, which are asked if the program that calls mtg has
    imported them; nothing is imported here. Else it is the name, as for what is not registered.
    """
    # Only what stands there: to ask a module for an attribute may run code of it.
    keras, found = (
        sys.modules.get("keras"),
        getattr(sys.modules.get(module), "__dict__", {}).get(cls),
    )
    return cls if keras is None or found is None else keras.saving.get_registered_name(found)


def _input(layer: Layer) -> dict[str, Any]:
    arguments = dict(layer.arguments)
    shape = [n if isinstance(n, int) else None for n in items(arguments.pop("shape"))]
    batch, dtype = arguments.pop("batch_size", None), arguments.pop("dtype", "float32")
    config = {"batch_shape": [batch, *shape], "dtype": dtype, **arguments, "name": layer.name}
    return {"class_name": "InputLayer", "config": config}


def _bound(
    function: str, made: Operation, call: Call
) -> tuple[dict[str, Any], tuple[Any, ...], dict[str, Any]]:
    """Return what of a function's arguments goes to the constructor, and what to the call."""
    args, kwargs = call.args, dict(call.kwargs)
    if function == "getitem":
        key = items(args[1])
        return {}, (args[0], list(key) if len(key) != 1 else key[0]), {}
    entry = catalog().find("op", function)
    assert entry is not None
    names = [parameter.name for parameter in entry.parameters]
    if entry.variadic and entry.positional:
        names = names[: entry.positional]
    defaults = {p.name: p.default for p in entry.parameters if not p.required}
    given = {**defaults, **dict(zip(names, args, strict=False)), **kwargs}
    beyond = args[len(names) :]
    if made.args and made.args[-1].startswith("*") and names[:1] == [made.args[-1][1:]]:
        beyond = args  # `meshgrid(*x)`: all of them
    known = {*made.init.values(), *made.args, *made.kwargs.values(), *names}
    # What is no parameter of the function, such as an old `rms_scaling`, is left to Keras.
    init = {k: given[v] for k, v in made.init.items() if v in given}
    own: list[Any] = []
    for name in made.args:
        own += beyond if name.startswith("*") else [given.get(name)]
    named = {k: given.get(v) for k, v in made.kwargs.items() if k != "**"}
    if "**" in made.kwargs:
        named |= {k: v for k, v in kwargs.items() if k not in known}
    return init, tuple(own), named


def _array(array: DataArray) -> Any:
    """Return an array as Keras writes it: one of one axis is handed over as a list.

    Raises:
        NoConfig: It cannot be read.
    """
    try:
        found = array.load()
    except Refusal as refusal:
        raise NoConfig(refusal.message, array.span, refusal.help, refusal.code) from None
    if len(array.shape) == 1:
        return found.tolist()
    config = {"value": found.tolist(), "dtype": array.dtype}
    return {"class_name": "__numpy__", "config": config}


def constant(call: Call) -> dict[str, Any]:
    """Return the record of a tensor from no input: the numbers that Keras computes once.

    Raises:
        CannotWrite: It is computed by a function that only Keras has.
    """
    try:
        found = fixed_numbers(call)
    except Refusal as refusal:
        raise NoConfig(refusal.message, call.span, refusal.help, refusal.code) from None
    if found is None:
        raise NoConfig(
            f"`ops.{call.layer.cls}` of fixed numbers is computed by Keras when the model is built",
            call.span,
            "compile to a .keras file, which Keras writes",
        )
    return {"class_name": "__tensor__", "config": {"value": found[0], "dtype": found[1]}}
