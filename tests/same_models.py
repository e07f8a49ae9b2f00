"""Two models that are to be the same: one that mtg makes, and one written by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np


def some_weights(rng: np.random.Generator, model: keras.Model) -> list[np.ndarray]:
    """The weights Keras gave the model, and no two vectors of them alike.

    Keras begins with biases and means of 0 and variances of 1, which would hide that two of them
    have changed places.
    """
    return [
        value + rng.uniform(-0.1, 0.1, value.shape).astype("float32") * (value.ndim == 1)
        for value in model.get_weights()
    ]


def alone_or_all(data: list[np.ndarray]) -> Any:
    """What Keras takes from most users: a list where there are several, else the one array."""
    return data if len(data) > 1 else data[0]


def goes_by_steps(model: keras.Model) -> bool:
    """Whether a layer goes through a sequence.

    Step by step that takes several times as long as making a graph of it; the graph of any other
    model takes longer to make than a few calls without it.
    """
    return any(isinstance(layer, keras.layers.RNN) for layer in layers_of(model))


def outputs_of(model: keras.Model, x: list[np.ndarray]) -> list[np.ndarray]:
    data = alone_or_all(x)
    result = model.predict_on_batch(data) if goes_by_steps(model) else model(data, training=False)
    return [keras.ops.convert_to_numpy(tensor) for tensor in keras.tree.flatten(result)]


def make_variables(model: keras.Model, x: list[np.ndarray], y: list[np.ndarray]) -> None:
    """Make those of the optimizer, losses and metrics.

    Keras makes them while it makes the graph of its first step, and then makes the graph again.
    """
    model.optimizer.build(model.trainable_variables)
    given = alone_or_all(x), alone_or_all(y), alone_or_all(outputs_of(model, x))
    model.compute_loss(*given)
    model.compute_metrics(*given)
    model.reset_metrics()


def assert_close(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def layers_of(model: keras.Model) -> Iterator[keras.Layer]:
    """The layers of a model, with those in wrappers and, in place of nested models, theirs."""
    for layer in model.layers:
        if isinstance(layer, keras.layers.Wrapper):
            yield layer
            layer = layer.layer
        if isinstance(layer, keras.Model):
            yield from layers_of(layer)
        elif not isinstance(layer, (keras.layers.InputLayer, keras.layers.Identity)):
            yield layer


def described(layer: keras.Layer) -> str:
    """The class of a layer and what its constructor was given, the name left out.

    The arguments of a wrapper are the layer in it, which `layers_of` gives by itself.
    """
    config = {} if isinstance(layer, keras.layers.Wrapper) else layer.get_config()
    config.pop("name", None)
    return f"{type(layer).__name__} {json.dumps(config, sort_keys=True)}"


def assert_same_layers(model: keras.Model, twin: keras.Model) -> None:
    """Compare the layers; those with weights where the twin has a layer of a class of its own."""
    found, expected = list(layers_of(model)), list(layers_of(twin))
    if not all(type(layer).__module__.startswith("keras.") for layer in expected):
        found, expected = ([layer for layer in each if layer.weights] for each in (found, expected))
    classes = [Counter(type(layer).__name__ for layer in layers) for layers in (found, expected)]
    assert classes[0] == classes[1]
    assert Counter(map(described, found)) == Counter(map(described, expected))


def assert_same_weights(model: keras.Model, twin: keras.Model) -> None:
    found, expected = (
        [(weight.name, weight.shape, weight.dtype, weight.trainable) for weight in one.weights]
        for one in (model, twin)
    )
    assert found == expected
    assert model.count_params() == twin.count_params()
