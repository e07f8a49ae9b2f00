"""Models that take parts of tensors, and whose outputs go on: with classes of Keras alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import Input, Model, layers, ops

PARTS: dict[str, Callable[[], Any]] = {}


def model(make: Callable[[], Any]) -> Callable[[], Any]:
    PARTS[make.__name__] = make
    return make


_KEYS: dict[str, Any] = {
    "the_first": (slice(None), 0),
    "the_last": (slice(None), -1),
    "every_second": (slice(None), slice(None, None, 2)),
    "backwards": (slice(None), slice(None, None, -1)),
    "from_to": (slice(None), slice(1, -1), slice(0, 2)),
    "a_new_axis": (slice(None), None),
    "the_end_of_all": (..., 0),
    "the_start_of_all": (..., slice(None, 2)),
    "of_the_batch": 0,
}


def _part(key: Any) -> Callable[[], Any]:
    def made() -> Any:
        x = Input((6, 4), name="x")
        hidden = layers.Dense(4)(x)
        part = layers.Activation("relu")(hidden[key])
        inner = keras.Sequential([Input((6, 4)), layers.Dense(2)])
        return Model(x, [part, x[key] * 2.0, inner(hidden)[key], (hidden + x)[key]])

    return made


PARTS |= {f"part_{name}": _part(key) for name, key in _KEYS.items()}


@model
def part_of_a_part() -> Any:
    x = Input((6, 4), name="x")
    y = layers.LSTM(4, return_sequences=True)(x)[:, 1:][:, -1, :]
    z = layers.Concatenate()([y, layers.Add()([x, x])[:, 0]])
    return Model(x, layers.Dense(2)(z))


@model
def part_of_several_results() -> Any:
    x = Input((6, 4), name="x")
    _, state, _ = layers.LSTM(4, return_state=True)(x)
    return Model(x, layers.Dense(2)(state[:, 1:]))


@model
def outputs_that_go_on() -> Any:
    x = Input((4,), name="x")
    a = ops.exp(layers.Dense(3)(x))
    b = layers.Dense(3)(a)
    c = layers.Multiply()([a, b])
    return Model(x, [a, c, b, layers.Dense(2)(c), ops.exp(b)])


@model
def outputs_by_name_that_go_on() -> Any:
    x = Input((4,), name="x")
    a = ops.sqrt(ops.abs(x))
    model = Model(x, {"first": a, "second": layers.Dense(2)(a)})
    model.compile(loss={"first": "mse", "second": "mae"})
    return model


@model
def an_output_twice() -> Any:
    x = Input((4,), name="x")
    a = ops.exp(x)
    return Model(x, [a, a])


@model
def a_shared_layer_whose_outputs_go_on() -> Any:
    x = Input((4,), name="x")
    twice = layers.Dense(4)
    return Model(x, [twice(x), twice(twice(x))])


@model
def a_model_whose_output_goes_on() -> Any:
    x = Input((4,), name="x")
    inner = keras.Sequential([Input((4,)), layers.Dense(4)], name="encoder")
    y = inner(x)
    return Model(x, [layers.Dense(2)(y), y])


@model
def sides_that_differ() -> Any:
    x, y = Input((8, 8, 2), name="x"), Input((8, 8, 8, 2), name="y")
    a = layers.ZeroPadding2D(((0, 1), 3))(layers.Cropping2D(((1, 2), 1))(x))
    b = layers.ZeroPadding3D((1, (1, 2), 0))(layers.Cropping3D(((1, 2), 3, (0, 1)))(y))
    return Model([x, y], [a, b])


@model
def lengths_left_open() -> Any:
    x, y = Input((8, 2, 4), name="x"), Input((None, 2, 2), name="y")
    a = layers.LSTM(3)(layers.Reshape((None, 8))(x))
    return Model([x, y], [a, layers.Reshape((None, 4))(y)])
