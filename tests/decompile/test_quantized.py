"""Quantized models: what Keras puts into their layers is its own, and needs no trust."""

from __future__ import annotations

import warnings

import keras
import mtg
import numpy as np
import pytest


@pytest.mark.parametrize("mode", ["int8", "float8"])
def test_a_quantized_model_compiles_from_its_text_without_trust(mode: str) -> None:
    keras.utils.clear_session()
    x = keras.Input((4,), name="x")
    model = keras.Model(x, keras.layers.Dense(3, name="y")(x))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras says that an input has nothing to quantize
        model.quantize(mode)
    text = mtg.decompile(model)
    assert [found for found in mtg.check(text) if found.is_error] == []
    again = mtg.compile(text)
    # Keras's own copy is the oracle: it orders weights by how a layer is built, not quantized.
    model = keras.Model.from_config(model.get_config())
    assert [(w.shape, w.dtype) for w in again.weights] == [
        (w.shape, w.dtype) for w in model.weights
    ]
    again.set_weights(model.get_weights())
    data = np.ones((2, 4), "float32")
    np.testing.assert_allclose(again(data), model(data), rtol=1e-5)
