"""A graph from the config of a Keras model: plain JSON, read without Keras.

The config is that of `Model.get_config()` or `Model.to_json()`, or the `config.json` in a `.keras`
file: a functional model, or a `Sequential`. What it holds of layers and values is read by
`mtg.config.read_values`, what it holds of training by `mtg.config.read_training`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mtg.config.read_training import read_training
from mtg.config.read_values import ConfigProblem, SharedLayers, ValueReader, function_arguments
from mtg.config.shared_objects import lost_numbers
from mtg.graph.frozen import freeze
from mtg.graph.graph import Call, Graph, Output
from mtg.graph.layers import InputLayer, KerasLayer, Layer, NestedModel, Op, PythonLayer
from mtg.graph.values import TensorRef, Value, leaves
from mtg.text.source import NOWHERE

_TENSOR = "__keras_tensor__"

#: Results that a call may have: far more than any layer has.
_MOST_RESULTS = 10_000

#: The classes whose models are what their config says, and no more.
_MODELS = ("Functional", "Sequential", "Model")


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
        problems: What no program can say; empty where the graph is the whole model.
        left_out: Settings of training that no program can say; the graph is without them.
        input_keys: The keys of the inputs, where they stand in a dict, and else their names.
        named_outputs: Whether the outputs stand in a dict. Keras sorts them by their names then.
    """

    graph: Graph
    recorded: dict[TensorRef, tuple[str, tuple[int | None, ...]]] = field(default_factory=dict)
    nested: dict[Layer, Reading] = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)
    left_out: list[ConfigProblem] = field(default_factory=list)
    input_keys: list[str] = field(default_factory=list)
    named_outputs: bool = False


def read_config(config: Mapping[str, Any]) -> Reading:
    """Return the graph of a model's config.

    Raises:
        ConfigError: It is not the config of a functional or sequential model.
    """
    try:
        reader = _Reader(SharedLayers(lost_numbers(config)), [], ())
        reading = reader.model(config)
        inner = config.get("config")
        if isinstance(inner, dict) and "input_layers" in inner and inner.get("trainable") is False:
            freeze(reading.graph)  # as Keras does that loads it; of a `Sequential` it does not
        compiled = config.get("compile_config")
        if isinstance(compiled, dict) and compiled:
            read_training(reader, reading.graph, compiled, reader.output_keys)
            reading.left_out = reader.left_out
    except RecursionError:
        raise ConfigError("the config is nested too deep") from None
    except (KeyError, TypeError, AttributeError, IndexError, AssertionError) as error:
        raise ConfigError(_not_whole(error)) from error
    return reading


def _not_whole(error: Exception) -> str:
    """Return what a message says of an incomplete config."""
    if isinstance(error, KeyError) and error.args and isinstance(error.args[0], str):
        return f"the config is incomplete: `{error.args[0][:60]}` is missing"
    return "the config is malformed: it has a value that Keras does not write there"


class _Reader(ValueReader):
    def __init__(
        self, shared: SharedLayers, problems: list[ConfigProblem], path: tuple[str, ...]
    ) -> None:
        self.shared = shared
        self.problems = problems
        self.left_out = []
        self.path = path
        self.reading = Reading(Graph(""), problems=problems)
        self.layers: dict[str, Layer] = {}
        #: The calls of each layer, in the order of its nodes; a node is None until it is a call.
        self.calls: dict[str, list[Call | None]] = {}
        #: The entry of each layer.
        self.entries: dict[str, Mapping[str, Any]] = {}
        #: Whether the arguments of a call are read, in which tensors may stand.
        self.in_call = False
        #: What the compile settings call the outputs.
        self.output_keys: list[str] = []

    def model(self, config: Mapping[str, Any]) -> Reading:
        inner = config.get("config", config)
        if not isinstance(inner, dict) or not isinstance(inner.get("layers"), list):
            raise ConfigError("this is not the config of a functional or sequential model")
        name = str(inner.get("name", "model"))
        self.reading.graph.name = name
        self.path = (*self.path, name)
        cls = config.get("class_name", "Functional")
        if cls not in _MODELS or not str(config.get("module") or "keras").startswith("keras"):
            self.problem(f"the model is of the class `{cls}`, whose code mtg does not see")
        try:
            if "input_layers" in inner:
                self.functional(inner)
            else:
                self.sequential(inner)
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(_not_whole(error)) from error
        return self.reading

    # ---- the two forms ---------------------------------------------------------------------------

    def functional(self, config: Mapping[str, Any]) -> None:
        entries = self.entries = {entry["name"]: entry for entry in config["layers"]}
        for name, entry in entries.items():
            if entry.get("inbound_nodes") and isinstance(entry["inbound_nodes"][0], list):
                raise ConfigError("the config is one of Keras 2; load and save it with Keras 3")
            self.layers[name] = self.layer(entry)
            nodes = 1 if isinstance(self.layers[name], InputLayer) else len(entry["inbound_nodes"])
            self.calls[name] = [None] * nodes
        for key, (name, _, _) in _keyed_leaves(config["input_layers"]):
            self.calls[name][0] = self.add(name, (), {})
            self.reading.input_keys.append(key or name)
            if key:
                self.layers[name].name = key
        for name, calls in self.calls.items():
            for node in range(len(calls)):
                self.node(name, node)
        self.reading.named_outputs = isinstance(config["output_layers"], dict)
        ends = list(_keyed_leaves(config["output_layers"]))
        # A functional model in the model begins to count at 1 here, and only here. One of a class
        # of its own does not say that it is functional, but counts past its calls then.
        counts_from_1 = {name for _, (name, node, _) in ends if node >= len(self.calls[name])}
        counts_from_1 |= {n for n, e in entries.items() if "input_layers" in e.get("config", {})}
        for key, (name, node, result) in ends:
            call = self.calls[name][node - (name in counts_from_1)]
            assert call is not None
            ref = _result(call, result)
            self.reading.graph.outputs.append(Output(key or name, ref, NOWHERE))
            self.output_keys.append(key or name)

    def node(self, name: str, node: int) -> None:
        """Add the call that a node is, after those it depends on; without recursion."""
        stack = [(name, node)]
        waiting: set[tuple[str, int]] = set()
        while stack:
            name, node = stack[-1]
            if self.calls[name][node] is not None:
                stack.pop()
                continue
            written = self.entries[name]["inbound_nodes"][node]
            # A layer's calls keep their order: the weights come from the first.
            before = [(name, node - 1)] if node else []
            before += [
                (ref["config"]["keras_history"][0], ref["config"]["keras_history"][1])
                for ref in _tensors(written)
            ]
            missing = [each for each in before if self.calls[each[0]][each[1]] is None]
            if not missing:
                self.path, self.in_call = (*self.path, name), True
                args, kwargs = self.value(list(written["args"])), self.value(written["kwargs"])
                self.calls[name][node] = self.add(name, tuple(args), kwargs)
                self.path, self.in_call = self.path[:-1], False
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
            if not shape:
                self.problem(
                    "the model was never built, so the shape of its input is not known",
                    "give it an `Input`, or call it once, before it is saved",
                )
            name = "input"
            while any(entry["config"].get("name") == name for entry in entries):
                name += "_"
            batch = {"batch_shape": shape or [None]}
            entries.insert(0, {"class_name": "InputLayer", "config": {"name": name, **batch}})
        last: TensorRef | None = None
        for entry in entries:
            name, record = self._own_name(entry), dict(entry)
            number = self.shared.number(entry)
            if number is not None:
                record["shared_object_id"] = number
            self.layers[name] = self.layer({"name": name, **record})
            self.entries[name] = entry
            last = TensorRef(self.add(name, () if last is None else (last,), {}).id)
        assert last is not None
        self.reading.graph.sequential = True
        self.reading.input_keys = [next(iter(self.layers))]
        self.reading.graph.outputs.append(Output(name, last, NOWHERE))
        self.output_keys.append(name)

    def _own_name(self, entry: Mapping[str, Any]) -> str:
        """Return the name of a layer in a row, which a custom class may omit."""
        found = entry["config"].get("name")
        if found is not None:
            return str(found)
        made = name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(entry["class_name"])).lower()
        number = 1
        while name in self.layers:
            name, number = f"{made}_{number}", number + 1
        return name

    # ---- calls -----------------------------------------------------------------------------------

    def add(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        layer = self.layers[name]
        kwargs = {k: v for k, v in kwargs.items() if not _is_added(layer, k, v)}
        if isinstance(layer, Op):
            # In a config the settings of an op stand with the operation, not with its call.
            settings, layer.arguments = layer.arguments, {}
            if layer.cls == "image.extract_patches" and self.axes(args) == 5:
                layer.cls = "image.extract_patches_3d"  # the same operation
            args, kwargs = function_arguments(layer.cls, settings, args, kwargs)
        elif isinstance(layer, NestedModel):
            args = self.given_to_model(layer, args)
        call = self.reading.graph.add_call(layer, args, kwargs, NOWHERE)
        if isinstance(layer, NestedModel):
            call.results = max(1, len(layer.graph.outputs))
        elif isinstance(layer, PythonLayer):
            # Of a model in memory it is known; a file says nothing of it.
            results = self.entries.get(name, {}).get("results", 1)
            call.results = _result(call, results - 1).result + 1
        return call

    def axes(self, args: tuple[Any, ...]) -> int:
        """Return how many axes the first tensor of a call has, as the config records it."""
        first = args[0] if args else None
        known = self.reading.recorded.get(first) if isinstance(first, TensorRef) else None
        return 0 if known is None else len(known[1])

    def given_to_model(self, layer: Layer, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the tensors a model is called on, in the order of its inputs, as one list."""
        keys = self.reading.nested[layer].input_keys
        found = list(
            leaves(args, lambda given: [key for key in keys if key in given] or sorted(given))
        )
        if len(found) != len(keys):
            return args
        return (found[0],) if len(found) == 1 else (found,)

    def nested(self, entry: Mapping[str, Any], name: str) -> Layer:
        nested = _Reader(self.shared, self.problems, self.path[:-1]).model(entry)
        made = NestedModel(name, nested.graph, {}, NOWHERE)
        self.reading.nested[made] = nested
        return made

    def tensor(self, config: Mapping[str, Any]) -> TensorRef:
        name, node, result = config["keras_history"]
        call = self.calls[name][node]
        assert call is not None, "calls are added after those they depend on"
        ref = _result(call, result)
        self.reading.recorded[ref] = (config["dtype"], tuple(config["shape"]))
        return ref

    def constant(self, value: Any, dtype: Any) -> Any:
        if not self.in_call:
            return value
        # Keras wrote the numbers of a tensor that was made outside the model.
        name = f"constant_{len(self.reading.graph.calls)}"
        layer = Op(name, "array", {}, NOWHERE)
        kwargs = {"dtype": dtype} if dtype else {}
        return TensorRef(self.reading.graph.add_call(layer, (value,), kwargs, NOWHERE).id)


def _result(call: Call, result: Value) -> TensorRef:
    """One result of a call, which has at least so many then."""
    if type(result) is not int or not 0 <= result < _MOST_RESULTS:
        raise ConfigError(f"`{call.layer.name}` cannot have a result of number {str(result)[:40]}")
    call.results = max(call.results, result + 1)
    return TensorRef(call.id, result)


def _is_added(layer: Layer, key: str, value: Value) -> bool:
    """Return whether Keras itself adds an argument to what the model's maker wrote.

    Source: `keras.layers.Layer.__call__` gives `mask` and `training` the value that holds anyway.
    """
    if key not in ("mask", "training"):
        return False
    if all(leaf is None for leaf in leaves(value)):
        return True
    entry = layer.entry if isinstance(layer, KerasLayer) else None
    default = next((p.default for p in entry.call if p.name == key), None) if entry else None
    return isinstance(value, bool) and value is default


def _tensors(value: Value) -> Iterator[Mapping[str, Any]]:
    """Yield the records of tensors in the arguments of a node."""
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
    """Return the tensors of a model's inputs or outputs, with their keys in a dict."""
    if isinstance(structure, dict):
        for name, item in sorted(structure.items()):  # as Keras flattens it
            yield from _keyed_leaves(item, name)
    elif len(structure) == 3 and isinstance(structure[0], str):
        yield key, (structure[0], structure[1], structure[2])
    else:
        for item in structure:
            yield from _keyed_leaves(item, key)
