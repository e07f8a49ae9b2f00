"""Filling variables after the model is built gives the model that Keras builds, value for value."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import keras
import mtg
import numpy as np
import pytest
from alike import SEED, differences, filled, ordinary

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mtg"))


def model(body: str, inputs: str = "input x: float32[6, 4]") -> str:
    return f"model M {{\n  {inputs}\n  {body}\n}}\n"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    graph = mtg.load(path)
    assert not differences(ordinary(graph), filled(graph))


#: Layers with more than plain weights, or with weights that are more than drawn.
STATES = {
    "dropout": "output y = x -> Dropout(0.5) -> GaussianNoise(0.1) -> Dense(2)",
    "seeded": "output y = x -> Dropout(0.5, seed=3) -> LSTM(2, dropout=0.2, recurrent_dropout=0.1)",
    "normalized": "output y = x -> Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[2.0] * 4)",
    "spectral": "output y = x -> SpectralNormalization(Dense(3)) -> Dense(2)",
    "lora": "output y = x -> Dense(3, lora_rank=2) -> EinsumDense('abc,cd->abd', (None, 2))",
    "frozen": "output y = x -> Dense(3, trainable=False) -> BatchNormalization() -> Dense(2)",
    "regularized": (
        'output y = x -> Dense(3, kernel_regularizer=L2(0.1), bias_constraint="non_neg", '
        'kernel_initializer=Orthogonal(seed=4), bias_initializer="random_normal")'
    ),
    "one_initializer": "shared d = Dense(4, kernel_initializer=RandomNormal(seed=1))\n"
    "  output y = x -> d -> d",
    "mixed": 'output y = x -> Dense(3, dtype="mixed_float16") -> Dense(2, dtype="bfloat16")',
    "float8": 'output y = x -> Dense(16, dtype="float8_from_float32")',
    "int8": 'output y = x -> Dense(16, dtype="int8_from_float32") -> Dense(2)',
    "wrapped": "output y = x -> Bidirectional(GRU(3)) -> Dense(1)",
    "cells": "output y = x -> RNN([LSTMCell(4), GRUCell(2)])",
    "stateful": "output y = x -> LSTM(3, stateful=True) -> Dense(2)",
    "random_crop": "output y = x -> RandomContrast(0.2, seed=1) -> Dense(2)",
}


@pytest.mark.parametrize("name", STATES)
def test_states(name: str) -> None:
    shape = "input x(batch_size=2): float32[6, 4]" if name == "stateful" else ""
    shape = "input x: float32[6, 4, 3]" if name == "random_crop" else shape
    graph = mtg.load(model(STATES[name], *[shape] * bool(shape)))
    assert not differences(ordinary(graph), filled(graph))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="its tables are TensorFlow's")
def test_tables() -> None:
    graph = mtg.load(
        model(
            'output y = x -> StringLookup(vocabulary=["a", "b"]) -> Embedding(4, 3) -> Dense(2)',
            "input x: string[3]",
        )
    )
    one, other = ordinary(graph), filled(graph)
    assert not differences(one, other)
    words = keras.ops.convert_to_tensor([["a", "b", "c"]])
    np.testing.assert_array_equal(one(words), other(words))


def test_as_by_hand() -> None:
    """The values of a model written by hand, whose layers are made in the order of the program."""
    text = model(
        "h = x -> LSTM(5)\n  g = h -> Dense(4)\n"
        '  output y(loss="mse") = concat(h, g) -> Dropout(0.1) -> Dense(2)'
    )
    keras.utils.set_random_seed(SEED)
    layers = keras.layers
    x = keras.Input((6, 4))
    h = layers.LSTM(5)(x)
    g = layers.Dense(4)(h)
    y = layers.Dropout(0.1)(layers.concatenate([h, g]))
    hand = keras.Model(x, layers.Dense(2)(y))
    keras.utils.set_random_seed(SEED)
    for one, other in zip(hand.variables, mtg.compile(text).variables, strict=True):
        np.testing.assert_array_equal(one, other)


def test_layers_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer that reads its weights while it is built is built in the ordinary way."""
    (tmp_path / "halved.py").write_text(
        "import keras\n\n\n"
        "class Halved(keras.layers.Layer):\n"
        "    def build(self, shape):\n"
        "        self.w = self.add_weight(shape=(shape[-1],), initializer='ones', name='w')\n"
        "        self.w.assign(self.w / 2)\n"
        "        self.half = keras.Variable(self.w.numpy())\n\n"
        "    def call(self, x):\n"
        "        return x * self.w\n",
        encoding="utf-8",
    )
    program = tmp_path / "model.mtg"
    program.write_text(
        'from python "halved" import Halved\n' + model("output y = x -> Halved() -> Dense(2)"),
        encoding="utf-8",
    )
    found = mtg.compile(program, trust=True)
    np.testing.assert_array_equal(found.weights[0], [0.5] * 4)
    assert not differences(*[how(mtg.load(program, trust=True)) for how in (ordinary, filled)])


def test_nothing_is_left_behind() -> None:
    """A scope of Keras that ends later finds no variables to fill; refusals are told once."""
    mtg.compile(model("output y = x -> Dense(2)"))
    graph = mtg.load(model("output y = x -> Dense(2)"))
    graph.calls[-1].layer.arguments["units"] = -2
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(graph)
    assert len(refused.value.diagnostics) == 1
    with keras.StatelessScope():
        keras.layers.Dense(2)
    assert keras.layers.Dense(3)(keras.ops.ones((1, 2))).shape == (1, 3)


def test_memory_that_does_not_suffice() -> None:
    """It is an error with the place of the layer."""
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(model("output y = x -> Dense(4_000_000_000_000)"))
    (found,) = refused.value.diagnostics
    assert (found.code, found.span.text) == ("MTG309", "Dense(4_000_000_000_000)")


def test_training_saving_loading(tmp_path: Path) -> None:
    """Weights that begin equal, such as zeros, are trained apart."""
    text = model(
        'h = x -> Dense(4) -> Dense(4, activation="tanh")\n'
        '  output y(loss="mse") = h -> Flatten() -> Dense(1)\n  train(optimizer="adam")'
    )
    rng = np.random.default_rng(0)
    x, y = rng.random((8, 6, 4), "float32"), rng.random((8, 1), "float32")
    trained = []
    for how in (ordinary, filled):
        built = how(mtg.load(text))
        built.fit(x, y, epochs=2, verbose=0)
        trained.append(built)
    for one, other in zip(*[each.weights for each in trained], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    path = tmp_path / "a.keras"
    trained[1].save(path)
    again = keras.models.load_model(path)
    np.testing.assert_allclose(
        again.predict(x, verbose=0), trained[1].predict(x, verbose=0), rtol=1e-5
    )
    taken = mtg.compile(text, weights=path)
    for one, other in zip(taken.weights, again.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_that_do_not_fit(tmp_path: Path) -> None:
    text = "model M(u=4) { input x: float32[5]\n output y = x -> Dense(u) -> Dense(1) }"
    path = tmp_path / "a.weights.h5"
    mtg.compile(text).save_weights(path)
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(text, weights=path, u=6)
    (found,) = refused.value.diagnostics
    assert found.message == (
        "the weights of `a.weights.h5` do not fit: `kernel` of `y_dense` is (5, 6), and in the "
        "file (5, 4)"
    )
    assert found.span.text == "Dense(u)"
    with pytest.raises(OSError, match="there is no such file"):
        mtg.compile(text, weights=tmp_path / "none.keras")
    (tmp_path / "bad.keras").write_text("no archive", encoding="utf-8")
    with pytest.raises(OSError, match=r"Keras 3: it is not a complete archive$"):
        mtg.compile(text, weights=tmp_path / "bad.keras")
    with zipfile.ZipFile(tmp_path / "bad.keras", "w") as archive:
        archive.writestr("config.json", mtg.to_json(text))
    with pytest.raises(OSError, match=r"Keras 3: the archive has no `model\.weights\.h5`$"):
        mtg.compile(text, weights=tmp_path / "bad.keras")
    (tmp_path / "bad.weights.h5").write_text("no HDF5", encoding="utf-8")
    with pytest.raises(OSError, match=r"Keras 3: it is not a complete HDF5 file$"):
        mtg.compile(text, weights=tmp_path / "bad.weights.h5")


JAX = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
import mtg
from alike import differences, filled, ordinary
graph = mtg.load({model(STATES["dropout"])!r})
assert not differences(ordinary(graph), filled(graph))
"""


@pytest.mark.jax
def test_jax() -> None:
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    command = [sys.executable, "-c", JAX]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not LONG, reason="takes half a minute; MTG_LONG_TESTS=1 runs it")
def test_a_chain_of_ten_thousand() -> None:
    """Keras by hand meets Python's limit of recursion at 989 layers."""
    built = mtg.compile(model("output y = x -> repeat 9999 { ReLU() } -> Dense(1)"))
    assert len(built.layers) == 10_001
