"""What constructors of Keras take, found by calling them.

Used by `tools.catalog.generate` alone.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

NOT_PROBED = frozenset({"FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"})
"""Layers that cannot be constructed everywhere; their ``**kwargs`` go to ``Layer``."""

SAMPLES: dict[str, Any] = {
    "activation": "relu",
    "axes": 1,
    "boundaries": [1],
    "decay_rate": 0.5,
    "dims": [1],
    "equation": "ab,bc->ac",
    "factor": 0.5,
    "filename": "x",
    "function": abs,
    "height_factor": 0.5,
    "mode": "int8",
    "name": "x",
    "output_shape": 4,
    "precision": 0.5,
    "rate": 0.5,
    "recall": 0.5,
    "sensitivity": 0.5,
    "source_name": "float32",
    "specificity": 0.5,
    "stddev": 0.5,
    "target_class_ids": [0],
    "target_shape": [4],
    "values": [0.1, 0.01],
    "width_factor": 0.5,
}
"""Arguments by name with which a class can be constructed; any other required one is given 4."""

NEEDED: dict[str, dict[str, Any]] = {
    "CategoryEncoding": {"num_tokens": 4},
    "Discretization": {"num_bins": 4},
    "RandomPosterization": {"factor": 4},
}
"""What a class must be given beside the arguments its signature requires."""

NONSENSE = "mtg-nonsense"
WORD = r"\b[A-Za-z_]\w*"
"""What can be one of the strings that an argument may be."""

OPEN = frozenset({"name", "values", "window"})
"""Parameters for which probing finds words but not all of them."""


def named(thing: Any) -> dict[str, inspect.Parameter]:
    """The parameters of a callable that have a name, without ``self``."""
    return {
        name: parameter
        for name, parameter in inspect.signature(thing).parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        and name != "self"
    }


@cache
def _required(thing: Any) -> dict[str, Any]:
    needed = NEEDED.get(thing.__name__, {})
    return {
        name: _sample(name)
        for name, parameter in named(thing).items()
        if parameter.default is parameter.empty
    } | needed


@cache
def _sample_objects() -> dict[str, Any]:
    import keras

    return {
        "cell": keras.layers.LSTMCell(4),
        "cells": [keras.layers.LSTMCell(4)],
        "fn": keras.losses.mean_squared_error,
        "inner_optimizer": keras.optimizers.SGD(),
        "layer": keras.layers.LSTM(4),
        "layers": [keras.layers.Dense(4)],
        "optimizer_map": keras.optimizers.OptimizerMap(keras.optimizers.SGD()),
    }


def _sample(parameter: str) -> Any:
    return _sample_objects().get(parameter, SAMPLES.get(parameter, 4))


@contextmanager
def without_values() -> Iterator[None]:
    """Layers get no values for their variables, which would take most of the time.

    Keras must forget these variables, or it would do so when it next leaves such a scope.
    """
    import keras
    from keras.src.backend.common import global_state

    known = "uninitialized_variables"
    waiting = list(global_state.get_global_attribute(known) or [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute(known, waiting)


def make(thing: Any, /, **arguments: Any) -> Any:
    """An object of this class, made with these arguments and what else it must have."""
    import keras

    given = _required(thing) | arguments
    # What else there is, such as an optimizer, takes its variables by value.
    layer = inspect.isclass(thing) and issubclass(thing, keras.layers.Layer)
    with without_values() if layer else nullcontext():
        return thing(**given)


def accepts(thing: Any, /, **arguments: Any) -> bool:
    """Whether the class can be constructed with these arguments."""
    try:
        make(thing, **arguments)
    except (TypeError, ValueError, KeyError, AttributeError, NotImplementedError):
        return False
    return True


@cache
def _literals(thing: Any) -> frozenset[str]:
    """The words that stand as strings in the source of a class, less those in every layer's."""
    import keras

    if not thing.__module__.startswith("keras.") or thing is keras.layers.Layer:
        return frozenset()
    found = frozenset(re.findall(f"[\"']({WORD})[\"']", inspect.getsource(thing)))
    return found.union(*map(_literals, thing.__bases__))


def strings(thing: Any, parameter: str) -> tuple[list[str], bool]:
    """The strings a parameter may be, and whether Keras ignores their case.

    None, where a nonsense word is taken too. The candidates are the words in the source of the
    class and in the message with which it refuses the nonsense.
    """
    make(thing)
    known = named(thing).get(parameter)
    default = _required(thing).get(parameter, None if known is None else known.default)
    if parameter in OPEN or isinstance(default, int | float | list | tuple):
        return [], False
    try:
        make(thing, **{parameter: NONSENSE})
    except Exception as error:
        words = _literals(thing) | set(re.findall(WORD, str(error)))
    else:
        return [], False
    taken = {word for word in words if accepts(thing, **{parameter: word})}
    taken |= {
        variant
        for word in taken
        for variant in (word.lower(), word.upper())
        if accepts(thing, **{parameter: variant})
    }
    if taken and all(accepts(thing, **{parameter: word.capitalize()}) for word in taken):
        return sorted({word.lower() for word in taken}), True
    return sorted(taken), False


def count(results: Any) -> int:
    """How many tensors a call gave."""
    import keras

    return len(keras.tree.flatten(results))
