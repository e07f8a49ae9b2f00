"""A graph from the config of a Keras model: plain JSON, read without Keras.

The config is that of `Model.get_config()` or `Model.to_json()`, or the `config.json` in a `.keras`
file: a functional model, or a `Sequential`. Arguments are kept as a program would write them: what
equals a default is left out, and so is what the constructor does not take.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from mtg.catalog import Entry, Parameter, catalog
from mtg.graph.graph import Call, Graph, Layer, Output
from mtg.graph.values import KerasObject, PythonObject, TensorRef
from mtg.text.source import NOWHERE
from mtg.types.dims import UNKNOWN

#: The modules of public objects, and the catalogue's word for what is in them.
_KINDS = {
    "keras": "dtype_policy",
    "keras.constraints": "constraint",
    "keras.dtype_policies": "dtype_policy",
    "keras.initializers": "initializer",
    "keras.losses": "loss",
    "keras.metrics": "metric",
    "keras.optimizers": "optimizer",
    "keras.optimizers.schedules": "schedule",
    "keras.regularizers": "regularizer",
}
_TENSOR = "__keras_tensor__"

#: What Keras writes where a constructor was given None.
_NONE = {("activation", "linear"), ("data_format", "channels_last")}

#: Keyword arguments of calls that Keras itself adds, with None, to what the model's maker wrote.
_ADDED = ("mask", "training")


class ConfigError(ValueError):
    """The config is none of a functional model, or is not whole."""


@dataclass(slots=True)
class Reading:
    """What a config says.

    Attributes:
        graph: The model.
        recorded: The dtype and shape that the config records of tensors, batch axis included, None
            for a length that Keras does not know. Every tensor that something takes is recorded.
        nested: What the configs of the models in the model say.
    """

    graph: Graph
    recorded: dict[TensorRef, tuple[str, tuple[int | None, ...]]] = field(default_factory=dict)
    nested: dict[Layer, Reading] = field(default_factory=dict)


def read_config(config: Mapping[str, Any]) -> Reading:
    """The graph of a model's config.

    Raises:
        ConfigError: It is no config of a functional or sequential model.
    """
    return _Reader({}).model(config)


#: The layers that were read, by the number Keras gives to an object that stands in several places.
_Shared = dict[int, Layer]


class _Reader:
    def __init__(self, shared: _Shared) -> None:
        self.shared = shared
        self.reading = Reading(Graph(""))
        self.layers: dict[str, Layer] = {}
        #: The calls of each layer, in the order of its nodes; a node is None until it is a call.
        self.calls: dict[str, list[Call | None]] = {}

    def model(self, config: Mapping[str, Any]) -> Reading:
        inner = config.get("config", config)
        if not isinstance(inner, dict) or "layers" not in inner:
            raise ConfigError("no config of a functional or sequential model")
        self.reading.graph.name = str(inner.get("name", "model"))
        try:
            if "input_layers" in inner:
                self.functional(inner)
            else:
                self.sequential(inner)
        except (KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"the config is not whole: {error!r}") from error
        return self.reading

    # ---- the two forms ---------------------------------------------------------------------------

    def functional(self, config: Mapping[str, Any]) -> None:
        entries = {entry["name"]: entry for entry in config["layers"]}
        for name, entry in entries.items():
            self.layers[name] = self.layer(entry)
            nodes = 1 if self.layers[name].kind == "input" else len(entry["inbound_nodes"])
            self.calls[name] = [None] * nodes
        for name, _, _ in _leaves(config["input_layers"]):
            self.calls[name][0] = self.add(name, (), {})
        for name, calls in self.calls.items():
            for node in range(len(calls)):
                self.node(name, node, entries)
        outputs = config["output_layers"]
        for key, (name, node, result) in _keyed_leaves(outputs):
            # A functional model in the model begins to count at 1 here, and only here.
            functional = "input_layers" in entries[name].get("config", {})
            call = self.calls[name][node - functional]
            assert call is not None
            call.results = max(call.results, result + 1)
            ref = TensorRef(call.id, result)
            self.reading.graph.outputs.append(Output(key or name, ref, NOWHERE))

    def node(self, name: str, node: int, entries: Mapping[str, Any]) -> None:
        """Add the call that a node is, after those it depends on; without recursion."""
        stack = [(name, node)]
        waiting: set[tuple[str, int]] = set()
        while stack:
            name, node = stack[-1]
            if self.calls[name][node] is not None:
                stack.pop()
                continue
            written = entries[name]["inbound_nodes"][node]
            # A layer's calls keep their order: the weights come from the first.
            before = [(name, node - 1)] if node else []
            before += [
                (ref["config"]["keras_history"][0], ref["config"]["keras_history"][1])
                for ref in _tensors(written)
            ]
            missing = [each for each in before if self.calls[each[0]][each[1]] is None]
            if not missing:
                args, kwargs = self.value(list(written["args"])), self.value(written["kwargs"])
                self.calls[name][node] = self.add(name, tuple(args), kwargs)
                stack.pop()
            elif (name, node) in waiting:
                raise ConfigError(f"`{name}` depends on itself")
            else:
                waiting.add((name, node))
                stack += reversed(missing)

    def sequential(self, config: Mapping[str, Any]) -> None:
        entries = list(config["layers"])
        if not entries or entries[0]["class_name"] != "InputLayer":
            shape = config.get("build_input_shape")
            batch = {"batch_shape": shape} if shape else {}
            entries.insert(0, {"class_name": "InputLayer", "config": {"name": "input", **batch}})
        last: TensorRef | None = None
        for entry in entries:
            name = entry["config"]["name"]
            self.layers[name] = self.layer({"name": name, **entry})
            last = TensorRef(self.add(name, () if last is None else (last,), {}).id)
        assert last is not None
        self.reading.graph.outputs.append(Output(name, last, NOWHERE))

    def add(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        layer = self.layers[name]
        kwargs = {
            key: value for key, value in kwargs.items() if value is not None or key not in _ADDED
        }
        if layer.kind == "op":
            # In a config the settings of an op stand with the operation, not with its call.
            settings, layer.arguments = layer.arguments, {}
            args, kwargs = _function_arguments(layer.cls, settings, args, kwargs)
        return self.reading.graph.add_call(layer, args, kwargs, NOWHERE)

    # ---- layers ----------------------------------------------------------------------------------

    def layer(self, entry: Mapping[str, Any]) -> Layer:
        """The layer or op of an entry, of the model or inside a wrapper."""
        number = entry.get("shared_object_id")
        if number is not None and number in self.shared:
            return self.shared[number]
        layer = self.new_layer(entry)
        if number is not None:
            self.shared[number] = layer
        return layer

    def new_layer(self, entry: Mapping[str, Any]) -> Layer:
        cls, config = entry["class_name"], dict(entry["config"])
        name = str(config.pop("name", entry.get("name", cls)))
        module = entry.get("module") or ""
        if cls == "InputLayer":
            return Layer(name, "input", "Input", _input(config), NOWHERE)
        if "layers" in config and isinstance(config["layers"], list):
            nested = _Reader(self.shared).model(entry)
            made = Layer(name, "model", nested.graph.name, {}, NOWHERE, graph=nested.graph)
            self.reading.nested[made] = nested
            made.trainable = False if config.get("trainable") is False else None
            return made
        if module.startswith("keras.src.ops"):
            return Layer(name, "op", _function(module, cls), self.value(config), NOWHERE)
        trainable = False if config.pop("trainable", True) is False else None
        known = catalog().find("layer", cls) if module.startswith("keras.layers") else None
        if known is None:
            arguments = {k: self.value(v) for k, v in config.items() if not _is_float32(k, v)}
            made = Layer(name, "python", cls, arguments, NOWHERE, python=(module, ()))
        else:
            arguments = self.arguments(known.parameters, config)
            made = Layer(name, "layer", known.name, arguments, NOWHERE)
        made.trainable = trainable
        return made

    def arguments(
        self, parameters: tuple[Parameter, ...], config: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a config says of these parameters, as far as it is no default."""
        found: dict[str, Any] = {}
        for parameter in parameters:
            name = parameter.name
            if name not in config or _is_float32(name, config[name]):
                continue
            value = self.value(config[name])
            if parameter.required or not _is_default(parameter, value):
                found[name] = value
        return found

    # ---- values ----------------------------------------------------------------------------------

    def value(self, value: Any) -> Any:
        """What a value of a config is in a graph. Constant tensors are lists of numbers."""
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in value]
        if not isinstance(value, dict):
            return value
        cls: Any = value.get("class_name")
        config: Any = value.get("config")
        if not isinstance(cls, str) or "config" not in value:
            return {key: self.value(item) for key, item in value.items()}
        if cls == _TENSOR:
            return self.tensor(value["config"])
        if cls == "__slice__":
            return slice(*(self.value(config[end]) for end in ("start", "stop", "step")))
        if cls == "__ellipsis__":
            return ...
        if cls in ("__tensor__", "__numpy__", "__bytes__"):
            return config["value"]
        if cls == "DTypePolicy":
            return config["name"]
        module = value.get("module") or ""
        if cls == "function" or not isinstance(config, dict):
            return PythonObject(module or "builtins", str(config), None, NOWHERE)
        if "layers" in config or module.startswith("keras.layers"):
            return self.layer(value)
        entry = catalog().find(_KINDS[module], cls) if module in _KINDS else None
        if entry is None:
            given = {key: self.value(item) for key, item in config.items()}
            return PythonObject(module, cls, ((), given), NOWHERE)
        arguments = self.arguments(entry.parameters, config)
        return KerasObject(entry.kind, entry.name, arguments, NOWHERE)

    def tensor(self, config: Mapping[str, Any]) -> TensorRef:
        name, node, result = config["keras_history"]
        call = self.calls[name][node]
        assert call is not None, "calls are added after those they depend on"
        call.results = max(call.results, result + 1)
        ref = TensorRef(call.id, result)
        self.reading.recorded[ref] = (config["dtype"], tuple(config["shape"]))
        return ref


def _input(config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an input: its shape follows the batch axis."""
    arguments: dict[str, Any] = {"shape": None, "dtype": config.get("dtype") or "float32"}
    batch_shape = config.get("batch_shape")
    if batch_shape is not None:
        arguments["shape"] = tuple(UNKNOWN if n is None else n for n in batch_shape[1:])
        if batch_shape[0] is not None:
            arguments["batch_size"] = batch_shape[0]
    flags = ("sparse", "ragged", "optional")
    return arguments | {flag: True for flag in flags if config.get(flag)}


def _is_float32(name: str, value: Any) -> bool:
    """Whether a value is the dtype that layers have unless told."""
    if name != "dtype":
        return False
    policy = value.get("config") if isinstance(value, dict) else None
    return value in (None, "float32") or policy == {"name": "float32"}


def _is_default(parameter: Parameter, value: Any) -> bool:
    default = parameter.default
    if value == default and isinstance(value, bool) == isinstance(default, bool):
        return True
    if isinstance(value, KerasObject):
        words = value.name.lower()
        return (
            isinstance(default, str) and default.replace("_", "") == words and not value.arguments
        )
    if default is None:
        return any(parameter.name.endswith(name) and value == word for name, word in _NONE)
    # One number for all axes.
    return (
        isinstance(default, int)
        and isinstance(value, list)
        and set(map(str, value)) == {str(default)}
    )


#: Operations whose classes are not named as their functions are.
_SHORTENED = {
    "batchnorm": "batch_normalization",
    "layernorm": "layer_normalization",
    "rmsnorm": "rms_normalization",
}


@cache
def _functions() -> dict[str, str]:
    """The functions of `keras.ops` by the words of their names, written as classes are."""
    return {name.replace("_", "").lower(): name for name in catalog().names("op")} | _SHORTENED


def _function(module: str, cls: str) -> str:
    """The function of `keras.ops` whose operation a class is."""
    functions, words = _functions(), cls.lower()
    name = functions.get(f"{module.rpartition('.')[2]}.{words}") or functions.get(words)
    entry = catalog().find("op", name) if name else None
    return "getitem" if words == "getitem" else cls if entry is None else entry.name


def _function_arguments(
    function: str, settings: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a function from the settings of its operation and those of the call."""
    entry = catalog().find("op", function) if function != "getitem" else None
    if entry is not None and entry.variadic and entry.positional:
        return (*settings.values(), *args), kwargs
    names = [] if entry is None or entry.variadic else [p.name for p in entry.parameters]
    # The call gives, in order, the parameters that the settings leave.
    left = [name for name in names if name not in settings]
    if entry is not None and left[: len(args)] != names[: len(args)]:
        kwargs, args = {**dict(zip(left, args, strict=False)), **kwargs}, ()
    return args, {
        **{k: v for k, v in settings.items() if not _is_function_default(entry, k, v)},
        **kwargs,
    }


def _is_function_default(entry: Entry | None, name: str, value: Any) -> bool:
    parameter = None if entry is None else entry.parameter(name)
    return parameter is not None and not parameter.required and _is_default(parameter, value)


def _tensors(value: Any) -> Iterator[Mapping[str, Any]]:
    """The records of tensors in the arguments of a node."""
    if isinstance(value, dict):
        if value.get("class_name") == _TENSOR:
            yield value
        else:
            for item in value.values():
                yield from _tensors(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensors(item)


_Leaf = tuple[str, int, int]


def _keyed_leaves(structure: Any, key: str = "") -> Iterator[tuple[str, _Leaf]]:
    """The tensors of a model's inputs or outputs, with their keys where they stand in a dict."""
    if isinstance(structure, dict):
        for name, item in sorted(structure.items()):  # as Keras flattens it
            yield from _keyed_leaves(item, name)
    elif len(structure) == 3 and isinstance(structure[0], str):
        yield key, (structure[0], structure[1], structure[2])
    else:
        for item in structure:
            yield from _keyed_leaves(item, key)


def _leaves(structure: Any) -> Iterator[_Leaf]:
    for _, leaf in _keyed_leaves(structure):
        yield leaf
