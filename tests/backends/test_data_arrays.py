"""A model with arrays of a data file is the one that Keras makes of the same arrays by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import mtg
import numpy as np
import pytest
from keras import layers, ops

PROGRAM = """\
from data "x.npz" import table, positions, prior, words, ids, mean, edges

model M {
  input tokens: int32[3]
  input color: string[1]
  input item: int32[1]
  input height: float32[2]

  e = tokens -> Embedding(len(table), 4, embeddings_initializer=Constant(table))
  c = color -> StringLookup(vocabulary=words) -> Embedding(len(words) + 1, 3) -> Flatten()
  i = item -> IntegerLookup(vocabulary=ids, output_mode="one_hot")
  n = height -> Normalization(mean=mean, variance=[1.0, 4.0])
  d = height -> Discretization(bin_boundaries=edges, output_mode="multi_hot")
  p = e + positions -> GlobalAveragePooling1D()
  h = concat(p, c, i, n, d) -> Dense(3, bias_initializer=Constant(prior))

  output y = h * prior
}
"""


def by_hand(tables: dict[str, np.ndarray]) -> keras.Model:
    tokens = keras.Input((3,), dtype="int32", name="tokens")
    color = keras.Input((1,), dtype="string", name="color")
    item = keras.Input((1,), dtype="int32", name="item")
    height = keras.Input((2,), name="height")
    table = keras.initializers.Constant(tables["table"])
    e = layers.Embedding(5, 4, embeddings_initializer=table)(tokens)
    c = layers.StringLookup(vocabulary=tables["words"])(color)
    c = layers.Flatten()(layers.Embedding(4, 3)(c))
    i = layers.IntegerLookup(vocabulary=tables["ids"], output_mode="one_hot")(item)
    n = layers.Normalization(mean=tables["mean"], variance=[1.0, 4.0])(height)
    edges = list(tables["edges"])
    d = layers.Discretization(bin_boundaries=edges, output_mode="multi_hot")(height)
    p = layers.GlobalAveragePooling1D()(e + tables["positions"])
    prior = keras.initializers.Constant(tables["prior"].tolist())
    h = layers.Dense(3, bias_initializer=prior)(layers.Concatenate()([p, c, i, n, d]))
    return keras.Model([tokens, color, item, height], h * tables["prior"], name="M")


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    monkeypatch.chdir(tmp_path)
    Path("m.mtg").write_text(PROGRAM, encoding="utf-8")
    found = {
        "table": np.asfortranarray(np.linspace(-1, 1, 20, dtype="float32").reshape(5, 4)),
        "positions": np.linspace(0, 3, 12, dtype="float32").reshape(3, 4),
        "prior": np.array([0.5, -1.25, 2.0]),
        "words": np.array(["red", "green", "blue"]),
        "ids": np.array([7, 5, 9], dtype=">i4"),
        "mean": np.array([0.25, -1.5], dtype="float32"),
        "edges": np.array([-0.5, 0.0, 1.5]),
    }
    np.savez("x.npz", **found)
    return found


SAMPLES = {
    "tokens": np.array([[0, 4, 2], [1, 1, 3]]),
    "color": np.array([["blue"], ["pink"]]),
    "item": np.array([[5], [6]]),
    "height": np.array([[0.5, -2.0], [3.0, 1.0]], dtype="float32"),
}

#: Put after an emitted source: what its model computes with the weights of the other.
RUN = """
import numpy as np

model.load_weights("m.weights.h5")
with np.load("samples.npz") as samples:
    given = {name: ops.convert_to_tensor(samples[name]) for name in samples}
np.save("y.npy", model(given))
"""


def test_it_is_the_model_that_keras_makes_of_the_arrays(tables: dict[str, np.ndarray]) -> None:
    model, twin = mtg.compile("m.mtg"), by_hand(tables)
    for mine, theirs in zip(model.get_weights(), twin.get_weights(), strict=True):
        assert mine.shape == theirs.shape
    assert np.array_equal(model.get_layer("e").get_weights()[0], tables["table"])
    assert np.array_equal(model.get_layer("h").get_weights()[1], tables["prior"].astype("float32"))
    twin.set_weights(model.get_weights())
    samples = {name: ops.convert_to_tensor(value) for name, value in SAMPLES.items()}
    expected = twin(samples)
    assert np.array_equal(model(samples), expected)
    model.save("m.keras")
    assert np.array_equal(keras.saving.load_model("m.keras", compile=False)(samples), expected)

    # The config that is written without Keras, and the source, in a process of its own.
    config = mtg.to_json("m.mtg")
    read = keras.models.model_from_json(config)
    read.set_weights(model.get_weights())
    assert np.array_equal(read(samples), expected)
    model.save_weights("m.weights.h5")
    np.savez("samples.npz", **SAMPLES)
    Path("m.py").write_text(mtg.to_python("m.mtg") + RUN, encoding="utf-8")
    subprocess.run([sys.executable, "m.py"], check=True)
    assert np.array_equal(np.load("y.npy"), expected)
