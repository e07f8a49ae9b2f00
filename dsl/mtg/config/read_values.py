"""What a config says of layers, ops and values: plain JSON, read without Keras.

Arguments are kept as a program would write them: what equals a default is left out, and each value
stands in its shortest form. What no program can say becomes a `ConfigProblem`, never a silent gap.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mtg.catalog import Entry, catalog
from mtg.catalog.modules import KINDS, SAVED
from mtg.catalog.unloadable import as_given
from mtg.graph.defaults import significant
from mtg.graph.frozen import is_frozen
from mtg.graph.layers import InputLayer, KerasLayer, Layer, Op, PythonLayer
from mtg.graph.values import KerasObject, PythonObject, Value
from mtg.graph.walk import layers_within
from mtg.lengths.dims import UNKNOWN
from mtg.limits import MAX_DIAGNOSTICS
from mtg.text.source import NOWHERE

#: The kinds of objects, by the modules that configs name; some policies of dtypes have no other.
_KINDS = {"keras": "dtype_policy"} | {of: kind for of, kind in KINDS.items() if kind in SAVED}

#: What stands in configs and says nothing that is not known without it.
_DERIVED = frozenset(["batch_input_shape", "build_input_shape"])

#: Arguments that every layer has, with their defaults.
_OF_EVERY_LAYER = (("activity_regularizer", None), ("autocast", True))

#: Names of functions that are no names: Keras writes the functions of its own modules so.
_BUILTIN = ("builtins", "", None)


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """Something of a model that no program can say.

    `path` leads to it through the models it is in: `model/encoder/lambda_3`.
    """

    path: str
    message: str
    help: str = ""


class SharedLayers:
    """The layers of a config that have a number, as what stands in several places has."""

    def __init__(self, lost: Mapping[int, int]) -> None:
        #: Numbers that Keras lost, by the identity of the record.
        self.lost = lost
        self.layers: dict[int, Layer] = {}
        #: The reader of the model that each was found in.
        self.homes: dict[int, ValueReader] = {}

    def number(self, entry: Mapping[str, Any]) -> int | None:
        found = entry.get("shared_object_id")
        return found if isinstance(found, int) else self.lost.get(id(entry))


class ValueReader(ABC):
    """Reads layers and values; the reader of models stands above it."""

    shared: SharedLayers
    problems: list[ConfigProblem]
    #: What of the training no program can say.
    left_out: list[ConfigProblem]
    #: The names of the models around what is read, and of the layer at hand.
    path: tuple[str, ...]

    # What the class above this one knows

    @abstractmethod
    def tensor(self, config: Mapping[str, Any]) -> Any:
        """Return the tensor that a record names."""

    @abstractmethod
    def constant(self, value: Value, dtype: Value) -> Any:
        """Return a tensor of fixed numbers in the arguments of a call."""

    @abstractmethod
    def nested(self, entry: Mapping[str, Any], name: str) -> Layer:
        """Return a model in the model."""

    def problem(self, message: str, help: str = "") -> None:
        """Note what cannot be said of the layer at hand, until there is more than is ever shown."""
        if len(self.problems) > MAX_DIAGNOSTICS:
            return
        found = ConfigProblem("/".join(self.path), message, help)
        if found not in self.problems:
            self.problems.append(found)

    def leave_out(self, message: str) -> None:
        """Note a setting that is left out."""
        self.left_out.append(ConfigProblem("/".join(self.path), message))

    # Layers

    def layer(self, entry: Mapping[str, Any]) -> Layer:
        """Return the layer or op of an entry, of the model or inside a wrapper."""
        number = self.shared.number(entry)
        known = None if number is None else self.shared.layers.get(number)
        if known is not None and number is not None and not isinstance(known, InputLayer):
            if self.shared.homes[number] is not self:
                self.problem(
                    f"`{known.name}` is in two models of which one is in the other, or both in "
                    "a third, with one set of weights",
                    "a program can share a layer within one model only",
                )
            return known
        before = self.path
        self.path = (*before, str(entry.get("name") or entry["config"].get("name", "")))
        layer = self._new_layer(entry)
        self.path = before
        if number is not None:
            self.shared.layers[number], self.shared.homes[number] = layer, self
        return layer

    def _new_layer(self, entry: Mapping[str, Any]) -> Layer:
        cls, config = str(entry["class_name"]), dict(entry["config"])
        name = str(config.pop("name", entry.get("name", cls)))
        module = entry.get("module") or ""
        if cls == "InputLayer":
            return InputLayer(name, read_input(config), NOWHERE)
        if is_model(entry):
            made = self.nested(entry, name)
            # The constructor of a model does not hand it on to its layers; their own words count.
            flag = config.get("trainable") is False
            made.trainable = False if flag and is_frozen(made) else None
            return made
        if module.startswith("keras.src.ops"):
            function = function_of(module, cls)
            if function != "getitem" and catalog().find("op", function) is None:
                self.problem(f"`{cls}` of `{module}` is not a function of `keras.ops`")
            return Op(name, function, self.value(config), NOWHERE)
        trainable = False if config.pop("trainable", True) is False else None
        known = catalog().find("layer", cls) if module.startswith("keras.layers") else None
        if known is None:
            made = self._foreign(name, module, cls, config)
        else:
            made = KerasLayer(name, cls, self.arguments(known, config), NOWHERE)
        if known is not None and any(not is_frozen(inner) for inner in layers_within(made)):
            trainable = None  # a constructor does not hand it on to the layers that it is given
        made.trainable = trainable
        return made

    def _foreign(self, name: str, module: str, cls: str, config: Mapping[str, Any]) -> Layer:
        """Return a layer that is none of `keras.layers`: a class written in Python."""
        if module.startswith("keras.layers"):
            self.problem(f"the Keras that mtg describes has no layer `{cls}`")
        elif not module or module == "builtins":
            self.problem(*_of_a_script(cls))
        arguments = {
            k: self.value(v)
            for k, v in config.items()
            if not is_float32(k, v) and (k, v) not in _OF_EVERY_LAYER
        }
        for key in arguments:
            if not key.isidentifier():
                self.problem(f"the argument `{key}` of `{cls}` has no name that Python could take")
        return PythonLayer(name, module, cls, (), arguments, NOWHERE)

    def arguments(self, entry: Entry, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a config says of the parameters, as far as it is no default."""
        found: dict[str, Any] = {}
        for parameter in entry.parameters:
            name = parameter.name
            if name not in config or (entry.kind != "layer" and is_float32(name, config[name])):
                continue
            given = as_given(entry.kind, entry.name, name, config[name])
            found[name] = self.value(given, parameter.kinds)
        for key, value in config.items():
            if key not in found and entry.parameter(key) is None and not _says_nothing(key, value):
                self.problem(
                    f"`{entry.name}` has a setting `{key}` that its constructor does not take"
                )
        if entry.name == "Discretization" and found.get("bin_boundaries") is not None:
            # One that was adapted has both, of which the constructor takes one.
            found.pop("num_bins", None)
        if "vocabulary_size" in found and not is_of_adapting(found):
            del found["vocabulary_size"]
        return significant(entry, found)

    # Values

    def value(self, value: Any, kinds: tuple[str, ...] = ()) -> Any:
        """Return what a value of a config is in a graph."""
        if isinstance(value, (list, tuple)):
            return [self.value(item, kinds) for item in value]
        if not isinstance(value, dict):
            return value
        cls: Any = value.get("class_name")
        config: Any = value.get("config")
        if not isinstance(cls, str) or "config" not in value:
            if "activation" in kinds and set(value) == {"value"}:
                self.lambda_()  # which Keras writes so here
                return None
            return {key: self.value(item) for key, item in value.items()}
        if cls == "__keras_tensor__":
            return self.tensor(config)
        if cls == "__slice__":
            return slice(*(self.value(config[end]) for end in ("start", "stop", "step")))
        if cls == "__ellipsis__":
            return ...
        if cls in ("__tensor__", "__numpy__"):
            return self.constant(config["value"], config.get("dtype"))
        if cls == "__bytes__":
            self.problem("bytes cannot be written as a value")
            return None
        if cls == "__lambda__":
            self.lambda_()
            return None
        if cls == "DTypePolicy":
            return config["name"]
        return self._object(value, cls, config, kinds)

    def lambda_(self) -> None:
        """Note a function without a name."""
        self.problem(
            "it holds the byte code of a Python `lambda`, which no program can express",
            "write the function in a Python module as a layer of its own class, and save the "
            "model with that",
        )

    def _object(
        self, value: Mapping[str, Any], cls: str, config: Value, kinds: tuple[str, ...]
    ) -> object:
        module = value.get("module") or ""
        if cls == "function" or not isinstance(config, dict):
            return self._function(module, str(config), kinds)
        if is_model(value) or module.startswith("keras.layers") or "layer" in kinds:
            return self.layer(value)
        kind = "optimizer_map" if cls == "OptimizerMap" else _KINDS.get(module)
        entry = catalog().find(kind, cls) if kind is not None else None
        if entry is not None:
            return KerasObject(entry.kind, entry.name, self.arguments(entry, config), NOWHERE)
        if module in _KINDS:
            self.problem(f"the Keras that mtg describes has no `{cls}` in `{module}`")
        elif module in _BUILTIN:
            self.problem(*_of_a_script(cls))
        given = {key: self.value(item) for key, item in config.items()}
        return PythonObject(module, cls, ((), given), NOWHERE)

    def _function(self, module: str, name: str, kinds: tuple[str, ...]) -> Any:
        """Return a function: one of Keras that has a name there, or one of some module."""
        if any(name in catalog().identifiers(kind) for kind in kinds if kind in catalog().kinds()):
            return name
        if module in _BUILTIN:
            self.problem(
                f"Keras records no module for a Python function such as `{name}`",
                "make it a class in a module that can be imported, whose name Keras records",
            )
        return PythonObject(module or "builtins", name, None, NOWHERE)


def is_model(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry is of a model: a layer with layers of its own may be any other."""
    config, module = entry.get("config"), str(entry.get("module") or "keras")
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return False
    return "input_layers" in config or module in ("keras", "keras.models")


def _of_a_script(cls: str) -> tuple[str, str]:
    """Return what to say of a class without a module, and the help.

    Source: `keras.src.saving.serialization_lib` writes none for what is in `__main__`.
    """
    return (
        f"the class `{cls}` was defined in the script or notebook that made the model: Keras "
        "records no module for it",
        "move it to a module that can be imported, and make the model with that again",
    )


def read_input(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an input: its shape follows the batch axis."""
    dtype = config.get("dtype") or "float32"
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name", "float32")
    arguments: dict[str, Any] = {"shape": None, "dtype": dtype}
    batch_shape = config.get("batch_shape")
    if batch_shape is not None:
        arguments["shape"] = tuple(UNKNOWN if n is None else n for n in batch_shape[1:])
        if batch_shape[0] is not None:
            arguments["batch_size"] = batch_shape[0]
    flags = ("sparse", "ragged", "optional")
    return arguments | {flag: True for flag in flags if config.get(flag)}


def is_float32(name: str, value: Value) -> bool:
    """Return whether a value is the default dtype of layers."""
    if name != "dtype":
        return False
    policy = value.get("config") if isinstance(value, dict) else None
    return value in (None, "float32") or policy == {"name": "float32"}


def is_of_adapting(lookup: Mapping[str, Any]) -> bool:
    """Return whether only the size of a vocabulary in a config says how large it is.

    It is the length of the codes of a lookup that was adapted, since Keras saves the words
    elsewhere. One of words alone that stand for no word (1 for each) was never adapted.
    """
    size = lookup["vocabulary_size"]
    return (
        lookup.get("vocabulary") is None
        and lookup.get("output_mode", "int") != "int"
        and not lookup.get("pad_to_max_tokens")
        and isinstance(size, int)
        and size > lookup.get("num_oov_indices", 1)
    )


def _says_nothing(key: str, value: Value) -> bool:
    """Return whether what stands in a config beside the constructor's arguments can be left out."""
    return key in _DERIVED or value in (None, False, "channels_last", [], {}) or key == "name"


# ---- ops -----------------------------------------------------------------------------------------

#: Operations whose classes are not named as their functions are.
_SHORTENED = {
    "batchnorm": "batch_normalization",
    "layernorm": "layer_normalization",
    "rmsnorm": "rms_normalization",
}


@cache
def _functions() -> dict[str, str]:
    """Return the functions of `keras.ops` by the words of their names, written as classes are."""
    return {name.replace("_", "").lower(): name for name in catalog().names("op")} | _SHORTENED


def function_of(module: str, cls: str) -> str:
    """Return the function of `keras.ops` whose operation a class is."""
    functions, words = _functions(), cls.lower()
    name = functions.get(f"{module.rpartition('.')[2]}.{words}") or functions.get(words)
    entry = catalog().find("op", name) if name else None
    return "getitem" if words == "getitem" else cls if entry is None else entry.name


def function_arguments(
    function: str, settings: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a function from the settings of its operation and call."""
    if function == "getitem":
        given = [*args, *kwargs.values()]
        key = given[1] if len(given) > 1 else ()
        return (given[0], tuple(key) if isinstance(key, (list, tuple)) else (key,)), {}
    entry = catalog().find("op", function)
    if entry is not None and entry.variadic and entry.positional:
        return (*settings.values(), *args), kwargs
    names = [] if entry is None or entry.variadic else [p.name for p in entry.parameters]
    # The call gives, in order, the parameters that the settings leave.
    left = [name for name in names if name not in settings]
    if entry is not None and left[: len(args)] != names[: len(args)]:
        kwargs, args = {**dict(zip(left, args, strict=False)), **kwargs}, ()
    if entry is None or entry.variadic:
        return args, {**settings, **kwargs}
    # What the operation has and the function does not take, it has as the function makes it.
    settings = {k: v for k, v in settings.items() if v or entry.parameter(k) is not None}
    return args, significant(entry, {**settings, **kwargs})
