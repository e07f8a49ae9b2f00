"""Two models, built from one graph with and without mtg's way of filling variables."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from mtg.backends.keras.build import Builder, build, deep_recursion
from mtg.graph.graph import Graph
from mtg.text.diagnostics import Diagnostics

SEED = 7


def _begin() -> None:
    """Seeds and the numbers in names as in a new process."""
    keras.utils.set_random_seed(SEED)
    global_state.set_global_attribute("object_name_uids", None)


def ordinary(graph: Graph) -> Any:
    """The model as Keras builds it: each variable when its layer is built."""
    diagnostics = Diagnostics()
    _begin()
    with deep_recursion(len(graph.calls)):
        builder = Builder(diagnostics)
        model = builder.model(graph, graph.name)
        builder.compile(model, graph)
    return model


def filled(graph: Graph) -> Any:
    """The model as `mtg.compile` builds it."""
    diagnostics = Diagnostics()
    _begin()
    model = build(graph, diagnostics)
    assert model is not None, diagnostics.sorted()
    return model


def differences(one: Any, other: Any) -> list[str]:
    """What differs between two models, the values of their variables included."""
    return [
        f"{what}: {first!r} and {second!r}"
        for what, first, second in _pairs(one, other)
        if not _equal(first, second)
    ]


def _equal(first: Any, second: Any) -> bool:
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(first, second)
    return bool(first == second)


def _pairs(one: Any, other: Any) -> Any:
    for name in ("name", "input_names", "output_names", "built", "trainable"):
        yield name, getattr(one, name), getattr(other, name)
    yield "count_params", one.count_params(), other.count_params()
    layers = list(zip(one._flatten_layers(), other._flatten_layers(), strict=True))
    for first, second in layers:
        for name in ("name", "path", "built", "trainable", "dtype", "compute_dtype"):
            yield f"{first.name}.{name}", getattr(first, name), getattr(second, name)
        yield f"{first.name} attributes", set(vars(first)), set(vars(second))
    yield "variables", len(one.variables), len(other.variables)
    for first, second in zip(one.variables, other.variables, strict=True):
        for name in ("path", "name", "shape", "dtype", "trainable", "_autocast", "aggregation"):
            yield f"{first.path}.{name}", getattr(first, name), getattr(second, name)
        for name in ("regularizer", "constraint"):
            kinds = [type(getattr(each, name)) for each in (first, second)]
            yield f"{first.path}.{name}", *kinds
        if keras.backend.backend() == "tensorflow":
            # A layer that another layer builds may be made outside its own scope of TensorFlow.
            inner = first.path.count("/") > 1
            for name in ("name", "shape", "dtype", "trainable", "aggregation", "synchronization"):
                if name == "name" and inner and "Pipeline" in str(one.layers):
                    continue
                values = [getattr(each.value, name) for each in (first, second)]
                yield f"{first.path}.value.{name}", *values
        if "string" not in str(first.dtype):
            yield first.path, *[keras.ops.convert_to_numpy(v.value) for v in (first, second)]
