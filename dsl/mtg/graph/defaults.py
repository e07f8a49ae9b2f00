"""Arguments as a person writes them: what equals a default is left out, and one word is one word.

Keras's configs give every argument, and in a form of their own: `[3, 3]` for a kernel of 3, an
object for `"he_normal"`, the pool's size for strides that were left out. Here each value gets the
shortest form that means the same, so that graphs from programs and from configs can be compared.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from mtg.catalog import Entry, Parameter, catalog
from mtg.catalog.forms import every_axis, forms_of, idle, taken_from
from mtg.catalog.names import snake_case
from mtg.graph.graph import Graph
from mtg.graph.layers import Layer, NestedModel
from mtg.graph.values import KerasObject, TensorRef, Value

#: What Keras writes where a constructor was given None.
_NONE = {("activation", "linear"), ("data_format", "channels_last")}

#: Strings of earlier Keras, which are none of its names today.
_OTHER_WORDS = {
    ("initializer", "uniform"): "RandomUniform",
    ("initializer", "normal"): "RandomNormal",
    ("initializer", "one"): "Ones",
    ("initializer", "zero"): "Zeros",
}

#: The optimizer of a model that is compiled without one.
DEFAULT_OPTIMIZER = "rmsprop"

#: What Keras decides for the model and the machine at hand, and writes as if it had been asked for:
#: whether to compile just in time.
MADE_UP = "jit_compile"

#: Kinds of object that may be named by a string wherever they may stand.
_NAMED_KINDS = ("initializer", "regularizer", "constraint", "optimizer")

#: Kinds of which Keras saves the object that a string names; of losses and metrics it saves the
#: string.
_SAVED_KINDS = (*_NAMED_KINDS, "activation")


def significant(entry: Entry, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that differ from their defaults, each in its shortest form.

    Args:
        entry: What is constructed.
        arguments: Arguments by name; those that are no parameters are kept as they are.
    """
    short = {
        name: _in_form(entry, name, shortest(entry.parameter(name), value, entry.kind))
        for name, value in arguments.items()
    }
    if entry.name == "Bidirectional":
        short = {name: _without_zeros(value) for name, value in short.items()}
    found: dict[str, Any] = {}
    for name, value in short.items():
        parameter = entry.parameter(name)
        if parameter is None or not _holds_anyway(entry, parameter, value, short):
            found[name] = value
    return found


def _in_form(entry: Entry, name: str, value: Value) -> Value:
    """Return a value in the shortest of the forms that the class takes for one."""
    if isinstance(value, TensorRef):
        return value
    parameter = entry.parameter(name)
    if parameter is not None and parameter.any_case and isinstance(value, str):
        value = value.lower()
    for form in forms_of(entry.kind, entry.name, name):
        value = form(value)
    return value


def shortest(parameter: Parameter | None, value: Value, kind: str = "layer") -> Value:
    """Return a value in its shortest form: `3` for `[3, 3]`, `"he_normal"` for `HeNormal()`."""
    if isinstance(value, TensorRef):
        return value
    if isinstance(value, str):
        return value if parameter is None else _respelt(parameter.kinds, value)
    if isinstance(value, KerasObject):
        # Keras takes no name for an optimizer inside another.
        return _named(value, by_name=parameter is None or parameter.takes != "object")
    if isinstance(value, dict) and kind == "optimizer_map":
        return {
            pattern: _named(item, by_name=False) if isinstance(item, KerasObject) else item
            for pattern, item in value.items()
        }
    if isinstance(value, Layer) and value.cls == "StackedRNNCells" and value.trainable is None:
        # `RNN` stacks a list of cells by itself.
        cells = value.arguments.get("cells")
        only = parameter is not None and parameter.name == "cell" and len(value.arguments) == 1
        return cells if only else value
    if parameter is not None and isinstance(value, (list, tuple)):
        return [shortest(None, item, kind) for item in value]
    if kind in ("optimizer", "schedule", "regularizer") and isinstance(value, float):
        return as_float32(value)
    return value


def _named(value: KerasObject, *, by_name: bool = True) -> Value:
    """Return an object, or where that may stand `by_name` the string that means the same."""
    entry = catalog().find(value.kind, value.name)
    arguments = value.arguments if entry is None else significant(entry, value.arguments)
    # Keras cannot make a `Constant` of its name alone.
    if by_name and value.kind in _NAMED_KINDS and not arguments and value.name != "Constant":
        return identifier(value.kind, value.name) or value
    if value.kind == "dtype_policy" and value.name == "DTypePolicy" and set(arguments) == {"name"}:
        return arguments["name"]
    return KerasObject(value.kind, value.name, arguments, value.span)


@lru_cache(maxsize=512)
def _respelt(kinds: tuple[str, ...], word: str) -> str:
    """Return a string that names an object, as Keras saves it: `"silu"` for `"swish"`."""
    for kind in kinds:
        if kind in _SAVED_KINDS and word in catalog().identifiers(kind) and word != "Constant":
            name = _by_word(kind, word)
            return word if name is None else identifier(kind, name) or word
    return word


@lru_cache(maxsize=512)
def identifier(kind: str, name: str) -> str | None:
    """Return the string that names an object without arguments, as Keras writes it."""
    words = catalog().identifiers(kind)
    found = [word for word in (snake_case(name), name.lower(), name) if word in words]
    return found[0] if found else None


@lru_cache(maxsize=4096)
def is_made_up(cls: str, name: str) -> bool:
    """Return whether Keras makes such names up for nameless objects: `dense`, `dense_2`."""
    stem = snake_case(cls)
    return name == stem or re.fullmatch(rf"{re.escape(stem)}_\d+", name) is not None


def as_float32(value: float) -> float:
    """Return the shortest number that is the same once it stands in a variable of 32 bits.

    Keras writes `0.0010000000474974513` for a learning rate of 0.001.
    """
    try:
        single = struct.unpack("f", struct.pack("f", value))[0]
    except (OverflowError, struct.error):
        return value
    if single != value or value != value:
        return value
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if struct.unpack("f", struct.pack("f", short))[0] == value:
            return short
    return value


def _holds_anyway(
    entry: Entry, parameter: Parameter, value: Value, given: Mapping[str, Any]
) -> bool:
    """Return whether an argument is redundant."""
    name = parameter.name
    if parameter.required:
        return False
    if is_default(parameter, value) or idle(entry.kind, entry.name, name):
        return True
    if (
        every_axis in forms_of(entry.kind, entry.name, name)
        and every_axis(parameter.default) == value
        and not isinstance(value, bool)
    ):
        return True
    taken = taken_from(entry.kind, entry.name, name)
    if taken is not None and taken(given) == value:
        return True
    if name == "name" and isinstance(value, str):
        return is_made_up(entry.name, value)
    if entry.kind == "metric" and name == "dtype":
        return value in ("float32", None)
    if entry.name == "Bidirectional" and name == "backward_layer":
        return _is_mirrored(given.get("layer"), value)
    return False


def _without_zeros(value: Value) -> Value:
    """Return a layer in `Bidirectional`, without the setting that `Bidirectional` itself makes.

    It makes copies of its layer, so that this may be one too.
    """
    if not isinstance(value, Layer) or "zero_output_for_mask" not in value.arguments:
        return value
    arguments = {k: v for k, v in value.arguments.items() if k != "zero_output_for_mask"}
    return value.with_arguments(arguments)


def _is_mirrored(forward: Value, backward: Value) -> bool:
    """Return whether a backward layer is the copy that `Bidirectional` makes by itself."""
    if not isinstance(forward, Layer) or not isinstance(backward, Layer):
        return False
    ways = [bool(layer.arguments.get("go_backwards", False)) for layer in (forward, backward)]
    rest = [
        {k: v for k, v in layer.arguments.items() if k != "go_backwards"}
        for layer in (forward, backward)
    ]
    return (
        forward.cls == backward.cls
        and ways[0] != ways[1]
        and _alike(rest[0], rest[1])
        and forward.trainable == backward.trainable
    )


def _alike(one: Value, other: Value) -> bool:
    """Return whether two values are the same, layers in them by what they are."""
    if isinstance(one, Layer) and isinstance(other, Layer):
        return (
            (type(one), one.cls, one.trainable) == (type(other), other.cls, other.trainable)
            and _graph_of(one) is _graph_of(other)
            and _alike(one.arguments, other.arguments)
        )
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)


def _graph_of(layer: Layer) -> Graph | None:
    return layer.graph if isinstance(layer, NestedModel) else None


def is_default(parameter: Parameter, value: Value) -> bool:
    """Return whether a value is a parameter's default, in whatever form it is written."""
    default = parameter.default
    if isinstance(value, TensorRef):
        return False
    if isinstance(value, tuple):
        value = list(value)
    if value == default and isinstance(value, bool) == isinstance(default, bool):
        return True
    if isinstance(default, str) and isinstance(value, (str, KerasObject)):
        return _same_word(parameter.kinds, default, value)
    if default is None:
        return any(parameter.name.endswith(name) and value == word for name, word in _NONE)
    # One number for all axes.
    return (
        isinstance(default, int)
        and isinstance(value, Sequence)
        and not isinstance(value, str)
        and set(map(str, value)) == {str(default)}
    )


def _same_word(kinds: Sequence[str], default: str, value: str | KerasObject) -> bool:
    """Return whether strings or objects name the same object: `zeros`, `Zeros`."""
    if isinstance(value, KerasObject):
        if value.arguments:
            return False
        value = value.name
    if not kinds:
        return False
    spelt = [word.replace("_", "").lower() for word in (default, value)]
    if spelt[0] == spelt[1]:
        return True
    entries = [
        entry
        for kind in kinds
        if kind in catalog().kinds()
        for word in (default, value)
        if (entry := _by_word(kind, word)) is not None
    ]
    return len(entries) == 2 and entries[0] == entries[1]


@lru_cache(maxsize=512)
def _by_word(kind: str, word: str) -> str | None:
    """Return the canonical name of the class that a string such as `"uniform"` names."""
    spelt = _OTHER_WORDS.get((kind, word), word).replace("_", "").lower()
    for name in catalog().names(kind):
        if name.replace("_", "").lower() == spelt:
            entry = catalog().find(kind, name)
            return None if entry is None else entry.name
    return None


def is_plain_optimizer(value: Value) -> bool:
    """Return whether an optimizer is the one a model has that is compiled without any."""
    if isinstance(value, KerasObject):
        return value.name == "RMSprop" and not value.arguments
    return value in (None, DEFAULT_OPTIMIZER, "RMSprop")
