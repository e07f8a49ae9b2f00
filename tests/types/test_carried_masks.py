"""A mask that nobody wrote: Keras hands it to layers that take one, and some cannot run with it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from keras import layers

#: A flow of `e`, an `Embedding(mask_zero=True)` of six steps, and of `f`, which has no mask; and
#: the same in Keras.
FLOWS: dict[str, Callable[[Any, Any], Any]] = {
    "e -> Softmax()": lambda e, f: layers.Softmax()(e),
    "e -> Dense(1) -> Softmax(axis=1)": lambda e, f: layers.Softmax(axis=1)(layers.Dense(1)(e)),
    'e -> Activation("softmax")': lambda e, f: layers.Activation("softmax")(e),
    "e -> TimeDistributed(Softmax())": lambda e, f: layers.TimeDistributed(layers.Softmax())(e),
    "e -> TimeDistributed(Dense(2)) -> Softmax()": lambda e, f: layers.Softmax()(
        layers.TimeDistributed(layers.Dense(2))(e)
    ),
    "e -> TimeDistributed(Reshape((2, 2))) -> TimeDistributed(LSTM(3))": (
        lambda e, f: layers.TimeDistributed(layers.LSTM(3))(
            layers.TimeDistributed(layers.Reshape((2, 2)))(e)
        )
    ),
    "e -> LSTM(2, return_sequences=True) -> Softmax()": lambda e, f: layers.Softmax()(
        layers.LSTM(2, return_sequences=True)(e)
    ),
    "e -> LSTM(2) -> Softmax()": lambda e, f: layers.Softmax()(layers.LSTM(2)(e)),
    "e -> Bidirectional(GRU(2, return_sequences=True)) -> Softmax()": lambda e, f: layers.Softmax()(
        layers.Bidirectional(layers.GRU(2, return_sequences=True))(e)
    ),
    'e -> GlobalAveragePooling1D(data_format="channels_first")': (
        lambda e, f: layers.GlobalAveragePooling1D(data_format="channels_first")(e)
    ),
    "e -> GlobalAveragePooling1D()": lambda e, f: layers.GlobalAveragePooling1D()(e),
    "e -> BatchNormalization()": lambda e, f: layers.BatchNormalization()(e),
    "concat(e, f) -> Softmax()": lambda e, f: layers.Softmax()(layers.Concatenate()([e, f])),
    "concat(f, e, axis=1) -> LSTM(2)": lambda e, f: layers.LSTM(2)(
        layers.Concatenate(axis=1)([f, e])
    ),
    "add(e, e) -> Softmax()": lambda e, f: layers.Softmax()(layers.Add()([e, e])),
    "add(e, f) -> Softmax()": lambda e, f: layers.Softmax()(layers.Add()([e, f])),
    "e -> Conv1D(3, 3) -> Softmax()": lambda e, f: layers.Softmax()(layers.Conv1D(3, 3)(e)),
    "f -> Masking() -> Dense(2) -> Softmax()": lambda e, f: layers.Softmax()(
        layers.Dense(2)(layers.Masking()(f))
    ),
    "e[:, 0] -> Softmax()": lambda e, f: layers.Softmax()(e[:, 0]),
    "(e, e) -> MultiHeadAttention(2, 2)": lambda e, f: layers.MultiHeadAttention(2, 2)(e, e),
}


def runs(make: Callable[[Any, Any], Any]) -> bool:
    """Whether Keras runs the model; it builds all of them."""
    words = np.array([[1, 2, 3, 0, 0, 0], [4, 5, 0, 0, 0, 0], [6, 7, 8, 1, 0, 0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a layer loses the mask
        x, f = keras.Input((6,), dtype="int32"), keras.Input((6, 4))
        model = keras.Model([x, f], [make(layers.Embedding(9, 4, mask_zero=True)(x), f), f])
        try:
            model([words, np.ones((3, 6, 4), "float32")])
        except Exception:
            return False
    return True


def check(flow: str) -> list[mtg.Diagnostic]:
    text = (
        "model M { input x: int32[6] input f: float32[6, 4] "
        f"e = x -> Embedding(9, 4, mask_zero=True) output y = {flow} output z = f output w = e }}"
    )
    return [each for each in mtg.check(text) if each.is_error]


@pytest.mark.parametrize("flow", FLOWS)
def test_what_keras_cannot_run_is_an_error(flow: str) -> None:
    assert bool(check(flow)) == (not runs(FLOWS[flow]))


def test_the_error_says_whose_mask_it_is() -> None:
    (error,) = check("e -> Dense(1) -> Softmax(axis=1)")
    assert error.code == "MTG301"
    assert error.notes[0].startswith("`Embedding` makes this mask, and Keras hands it on")
    assert "ops.softmax" in error.help
    assert not check("ops.softmax(e -> Dense(1), axis=1)")


def test_words_of_sentences_are_masked_step_by_step() -> None:
    """Each sentence has the mask of its words, as a network over both wants it."""
    text = (
        "model M { input x: int32[5, 6] "
        "output y = x -> Embedding(9, 4, mask_zero=True) -> TimeDistributed(LSTM(3)) -> Dense(2) }"
    )
    assert not mtg.check(text)
    words = np.array([[[1, 2, 0, 0, 0, 0]] * 5, [[3, 4, 5, 0, 0, 0]] * 5])
    assert mtg.compile(text)(words).shape == (2, 5, 2)
