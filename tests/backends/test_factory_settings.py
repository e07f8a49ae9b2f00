"""What a text says does not depend on the settings of the process that compiles it, nor on those of
the process that made the model that it was decompiled from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

import keras
import mtg
import pytest
from mtg.backends.keras.factory import factory_settings
from mtg.errors import MtgError

PROGRAM = """
model M {
  input image: float32[8, 8, 3]
  seen = image -> Conv2D(4, 3, padding="same") -> BatchNormalization()
  output y(loss="mse", metrics=["mae"]) = seen -> GlobalAveragePooling2D() -> Dense(2)
  output z(loss="mse") = seen -> Flatten() -> Dense(1, dtype="mixed_float16")
}
"""


def _set(policy: Any, floatx: str, data_format: str, epsilon: float) -> None:
    keras.config.set_floatx(floatx)
    keras.config.set_image_data_format(data_format)
    keras.config.set_epsilon(epsilon)
    keras.config.set_dtype_policy(policy)


@pytest.fixture
def other_settings() -> Iterator[tuple[Any, ...]]:
    """Another policy, `floatx`, data format and epsilon; all as it was afterwards."""
    before = keras.config.dtype_policy(), *_settings()
    _set("mixed_bfloat16", "float16", "channels_first", 1e-3)
    yield _settings()
    _set(*before)


def _settings() -> tuple[str, str, float]:
    config = keras.config
    return config.floatx(), config.image_data_format(), config.epsilon()


def facts(model: Any) -> list[Any]:
    """What a process could have changed of a model."""
    layers = [
        (layer.name, layer.dtype_policy.name, getattr(layer, "data_format", None))
        for layer in model.layers
        if not isinstance(layer, (keras.layers.InputLayer, keras.layers.Identity))
    ]
    return [layers, [(tuple(each.shape), each.dtype) for each in model.outputs]]


def test_a_program_is_what_check_says(other_settings: tuple[Any, ...]) -> None:
    types = mtg.summary(PROGRAM)
    model = mtg.compile(PROGRAM)
    assert [each.dtype for each in model.outputs] == ["float32", "float16"]
    assert [tuple(each.shape) for each in model.outputs] == [(None, 2), (None, 1)]
    assert f"{model.count_params():,}" in str(types)
    # The settings of the process are as they were.
    assert _settings() == other_settings
    assert keras.config.dtype_policy().name == "mixed_bfloat16"
    assert keras.layers.Dense(1).dtype_policy.name == "mixed_bfloat16"


def test_json_is_loaded_as_it_says(other_settings: tuple[Any, ...]) -> None:
    loaded = keras.models.model_from_json(mtg.to_json(PROGRAM))
    assert facts(loaded) == facts(mtg.compile(PROGRAM))


def test_a_refusal_restores_the_settings(other_settings: tuple[Any, ...]) -> None:
    with pytest.raises(MtgError):
        mtg.compile("model M { input x: float32[4] output y = x -> Reshape((3,)) }")
    with pytest.raises(MtgError):  # Keras alone knows that it refuses this
        mtg.compile('model M { input x: float32[4] output y = x -> Lambda("no.such.function") }')
    assert _settings() == other_settings


def test_threads_share_the_settings(other_settings: tuple[Any, ...]) -> None:
    """A thread that ends while another builds does not give that one the process's settings."""
    inside, go = threading.Event(), threading.Event()
    seen: list[Any] = []

    def first() -> None:
        with factory_settings():
            inside.set()
            go.wait(30)

    def second() -> None:
        with factory_settings():
            inside.wait(30)
            go.set()
            one.join(30)
            seen.append(_settings())
            seen.append(keras.config.dtype_policy().name)

    one, other = threading.Thread(target=first), threading.Thread(target=second)
    one.start()
    other.start()
    other.join(60)
    assert seen == [("float32", "channels_last", 1e-7), "float32"]
    assert _settings() == other_settings


def models() -> list[Any]:
    """Models as a process with other settings makes them, and with some of the usual ones."""
    layers = keras.layers
    x = keras.Input((8, 8, 3), name="x")
    seen = layers.Conv2D(4, 3, padding="same", data_format="channels_last")(x)
    y = layers.Activation("softmax", dtype="float32", name="y")(layers.Dense(3)(seen))
    z = keras.ops.max_pool(layers.SeparableConv2D(4, 3, padding="same")(x), 2)
    pooled = layers.GlobalMaxPooling2D(name="pooled")(layers.ZeroPadding2D()(x))
    ids = keras.Input((5,), dtype="int32", name="ids")
    words = layers.SpatialDropout1D(0.1)(layers.Embedding(9, 4)(ids))
    lstm = layers.Bidirectional(layers.LSTM(3, dtype="float32"), name="lstm")(words)
    hashed = layers.HashedCrossing(7, output_mode="one_hot", name="hashed")([ids[:, :1]] * 2)
    first = keras.Model(x, [y, z, pooled])
    first.compile("adam", "mse")
    return [first, keras.Model(ids, [lstm, hashed])]


#: Settings of a process: the policy, `floatx` and the data format.
SETTINGS = [
    ("mixed_float16", "float32", "channels_last"),
    ("float64", "float64", "channels_last"),
    ("float32", "float32", "channels_first"),
    ("mixed_bfloat16", "float16", "channels_first"),
]
OTHER = """
import json, sys, keras, mtg
sys.path[:0] = {paths!r}
from backends.test_factory_settings import SETTINGS, facts, models, _set
for settings in SETTINGS:
    keras.backend.clear_session()
    _set(*settings, 1e-3)
    print(json.dumps([[facts(each), mtg.decompile(each)] for each in models()]))
"""


@cache
def made_elsewhere() -> list[Any]:
    """The facts and the texts of models, for each of the settings, made in another process."""
    paths = [os.path.dirname(os.path.dirname(__file__))]
    done = subprocess.run(
        [sys.executable, "-c", OTHER.format(paths=paths)],
        env={**os.environ, "KERAS_BACKEND": keras.backend.backend()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()[-len(SETTINGS) :]]


@pytest.mark.parametrize("settings", SETTINGS, ids="-".join)
def test_the_text_of_a_model_made_elsewhere(settings: tuple[str, str, str]) -> None:
    """Made and decompiled in another process, compiled in this one."""
    for wanted, text in made_elsewhere()[SETTINGS.index(settings)]:
        found = json.loads(json.dumps(facts(mtg.compile(text))))
        rows = [sorted(str(row[1:]) for row in each[0]) for each in (found, wanted)]
        assert rows[0] == rows[1], text
        assert found[1] == wanted[1], text


def test_an_optimizer_that_the_policy_wrapped_stays_wrapped() -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = models()[0]
    finally:
        keras.config.set_dtype_policy(before)
    assert type(model.optimizer).__name__ == "LossScaleOptimizer"
    back = mtg.compile(mtg.decompile(model))
    assert type(back.optimizer) is type(model.optimizer)
    assert type(back.optimizer.inner_optimizer) is type(model.optimizer.inner_optimizer)
