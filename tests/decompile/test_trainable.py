"""The same weights are trained in a model and in the one that its text builds: frozen models,
models in them, layers and wrappers, however they came to be frozen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from keras import layers


def _inner(cls: str, **settings: Any) -> Any:
    chain = [layers.Dense(3, name="d"), layers.Dropout(0.5), layers.Dense(2, name="e")]
    start = keras.Input((4,))
    if cls == "Sequential":
        return keras.Sequential([start, *chain], name="inner", **settings)
    end = start
    for layer in chain:
        end = layer(end)
    return keras.Model(start, end, name="inner", **settings)


def _around(inner: Any) -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, layers.Dense(2, name="y")(inner(x)))


def _set(model: Any, trainable: bool) -> Any:
    model.trainable = trainable
    return model


def _last_free(model: Any) -> Any:
    model.trainable = False
    model.layers[-1].trainable = True
    return model


def _first_frozen(model: Any) -> Any:
    model.get_layer("d").trainable = False
    return model


def _steps(wrapper: Any) -> Any:
    x = keras.Input((5, 4), name="x")
    return keras.Model(x, layers.Dense(2, name="y")(wrapper(x)))


MODELS: dict[str, Callable[[], Any]] = {
    "a functional, made so": lambda: _inner("Functional", trainable=False),
    "a sequential, made so": lambda: _inner("Sequential", trainable=False),
    "a functional, frozen": lambda: _set(_inner("Functional"), False),
    "a sequential, frozen": lambda: _set(_inner("Sequential"), False),
    "frozen, the last layer free": lambda: _last_free(_inner("Functional")),
    "the first layer frozen": lambda: _first_frozen(_inner("Functional")),
    "inside, made so": lambda: _around(_inner("Functional", trainable=False)),
    "inside, a sequential made so": lambda: _around(_inner("Sequential", trainable=False)),
    "inside, frozen": lambda: _around(_set(_inner("Functional"), False)),
    "inside, a sequential frozen": lambda: _around(_set(_inner("Sequential"), False)),
    "inside, the last layer free": lambda: _around(_last_free(_inner("Sequential"))),
    "inside, a functional, the last layer free": lambda: _around(_last_free(_inner("Functional"))),
    "frozen around": lambda: _set(_around(_inner("Functional")), False),
    "a wrapper made so": lambda: _steps(layers.TimeDistributed(layers.Dense(3), trainable=False)),
    "a wrapper frozen": lambda: _steps(_set(layers.TimeDistributed(layers.Dense(3)), False)),
    "a layer in a wrapper": lambda: _steps(
        layers.TimeDistributed(layers.Dense(3, trainable=False))
    ),
    "a model in a wrapper": lambda: _steps(
        layers.TimeDistributed(_set(_inner("Functional"), False))
    ),
    "both ways": lambda: _steps(layers.Bidirectional(layers.LSTM(3), trainable=False)),
    "both ways, the layer": lambda: _steps(layers.Bidirectional(layers.LSTM(3, trainable=False))),
    "both ways, cells": lambda: _steps(layers.Bidirectional(layers.RNN(layers.GRUCell(3)))),
    "one cell of two": lambda: _steps(
        layers.RNN([layers.GRUCell(3), layers.GRUCell(2, trainable=False)])
    ),
    "a batch normalization": lambda: _steps(layers.BatchNormalization(trainable=False)),
}


def trained(model: Any) -> list[tuple[int, ...]]:
    return sorted(tuple(weight.shape) for weight in model.trainable_weights)


def loaded(path: Path) -> Any:
    return keras.models.load_model(path, compile=False)


@pytest.mark.parametrize("name", MODELS)
def test_the_same_is_trained(name: str, tmp_path: Path) -> None:
    model = MODELS[name]()
    text = mtg.decompile(model)
    back = mtg.compile(text)
    assert trained(back) == trained(model), text
    assert not mtg.diff(text, model, names=False)
    # A file is what Keras loads of it.
    path = tmp_path / "m.keras"
    model.save(path)
    text = mtg.decompile(path)
    assert trained(mtg.compile(text)) == trained(loaded(path)), text
    # And what mtg builds is what Keras saves of that.
    back.save(path)
    assert not mtg.diff(back, path)
    assert trained(loaded(path)) == trained(back)


PROGRAMS = {
    "wrapper": "x -> TimeDistributed(Dense(3), trainable=False) -> Dense(2)",
    "in a wrapper": "x -> TimeDistributed(Dense(3, trainable=False)) -> Dense(2)",
    "both ways": "x -> Bidirectional(LSTM(3), trainable=False) -> Dense(2)",
    "model": "x -> Inner(trainable=False) -> Dense(2)",
    "model in a wrapper": "y -> TimeDistributed(Inner(), trainable=False) -> Flatten() -> Dense(2)",
    "flat": "x -> Flatten(trainable=False) -> Dense(2)",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_and_its_file(name: str, tmp_path: Path) -> None:
    start = "y: float32[2, 5, 4]" if "y ->" in PROGRAMS[name] else "x: float32[5, 4]"
    text = f"""model Inner {{ input a: float32[5, 4]\n output r = a -> Dense(3) -> Dropout(0.1) }}
      model M {{ input {start}\n output z = {PROGRAMS[name]} }}"""
    model = mtg.compile(text, model="M")
    path = tmp_path / "m.keras"
    model.save(path)
    found = mtg.diff(mtg.load(text, model="M"), path)
    assert not found, str(found)
    free = text.replace(", trainable=False", "").replace("trainable=False", "")
    differs = bool(mtg.diff(mtg.load(free, model="M"), path))
    assert differs == (trained(mtg.compile(free, model="M")) != trained(model))
