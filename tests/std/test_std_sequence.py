"""The blocks of `std/sequence`: values against NumPy, training, files."""

from __future__ import annotations

from pathlib import Path

import keras
import mtg
import numpy as np
from library import assert_saved, assert_trains, model, outputs
from numpy.typing import NDArray

HEAD = 'from "std/sequence" import {names}\ndim T\n'
VALUES = (
    HEAD.format(names="positions, sinusoids, class_token, padding_mask, causal_mask")
    + """
model Values {
  input x: float32[T, 6]
  input tokens: int32[T]
  output learned = x -> positions(9, 6)
  output fixed = x -> sinusoids(6)
  output short = x -> sinusoids(6, wavelength=20.0)
  output with_token = x -> class_token(6, initializer="ones")
  output padded = tokens -> padding_mask()
  output padded_by_nine = tokens -> padding_mask(9)
  output causal = x -> causal_mask()
}
"""
)


def sinusoids(length: int, width: int, wavelength: float = 10_000.0) -> NDArray[np.float64]:
    """Return the table of the paper, by its formula."""
    table = np.zeros((length, width))
    for step in range(length):
        for i in range(width // 2):
            angle = step / wavelength ** (2 * i / width)
            table[step, 2 * i : 2 * i + 2] = np.sin(angle), np.cos(angle)
    return table


def test_values_at_any_length() -> None:
    """One model, of an unknown length, at three lengths."""
    built = model(VALUES)
    table = keras.ops.convert_to_numpy(built.get_layer("learned_embedding").embeddings)
    assert table.shape == (9, 6)
    rng = np.random.default_rng(1)
    for length in (1, 4, 9):
        x = rng.normal(size=(3, length, 6)).astype("float32")
        tokens = rng.choice([0, 5, 9], size=(3, length)).astype("int32")
        learned, fixed, short, token, padded, by_nine, causal = outputs(built, x, tokens)
        np.testing.assert_allclose(learned, x + table[:length], rtol=1e-5)
        np.testing.assert_allclose(fixed, x + sinusoids(length, 6), atol=1e-5)
        np.testing.assert_allclose(short, x + sinusoids(length, 6, 20.0), atol=1e-5)
        np.testing.assert_array_equal(token, np.concatenate([np.ones((3, 1, 6)), x], axis=1))
        np.testing.assert_array_equal(padded, (tokens != 0)[:, None])
        np.testing.assert_array_equal(by_nine, (tokens != 9)[:, None])
        lower = np.tril(np.ones((length, length), dtype=bool))
        np.testing.assert_array_equal(causal, np.broadcast_to(lower, (3, length, length)))


def test_sinusoids_far_along_a_half_precision_sequence() -> None:
    """Steps are counted in whole numbers: those of float16 end at 2048."""
    text = HEAD.format(names="sinusoids") + (
        "model M { input x: float16[T, 4] output y = x -> sinusoids(4) }"
    )
    (found,) = outputs(model(text), np.zeros((1, 3000, 4), dtype="float16"))
    np.testing.assert_allclose(found[0], sinusoids(3000, 4), atol=2e-3)


def test_masks_in_attention() -> None:
    """The masks do in attention what Keras's own do, and what is hidden has no say."""
    text = (
        HEAD.format(names="padding_mask, causal_mask")
        + """
model Attend {
  input tokens: int32[T]
  x = tokens -> Embedding(10, 8)
  shared attention = MultiHeadAttention(2, 4)
  seen = tokens -> padding_mask()
  past = x -> causal_mask()
  output by_mask = (query=x, value=x, attention_mask=past) -> attention
  output by_keras = (query=x, value=x, use_causal_mask=True) -> attention
  output both = (query=x, value=x, attention_mask=ops.logical_and(seen, past)) -> attention
}
"""
    )
    built = model(text)
    tokens = np.array([[3, 4, 0, 5, 6]], dtype="int32")
    by_mask, by_keras, both = outputs(built, tokens)
    np.testing.assert_allclose(by_mask, by_keras, rtol=1e-5)
    # Steps see what is before them: the last token changes the last step alone.
    changed = outputs(built, np.array([[3, 4, 0, 5, 7]], dtype="int32"))[0]
    np.testing.assert_allclose(changed[:, :4], by_mask[:, :4], rtol=1e-5)
    assert not np.allclose(changed[:, 4], by_mask[:, 4])
    # Padding is not seen: the steps behind it are those of the sequence without it.
    without = outputs(built, np.array([[3, 4, 5, 6]], dtype="int32"))[2]
    np.testing.assert_allclose(both[:, [0, 1, 3, 4]], without, rtol=1e-5)


def test_the_mask_goes_on_behind_a_class_token() -> None:
    text = (
        HEAD.format(names="class_token")
        + """
model Masked {
  input tokens: int32[T]
  output y = tokens -> Embedding(10, 4, mask_zero=True) -> class_token(4) -> LSTM(3)
}
"""
    )
    built = model(text)
    (padded,) = outputs(built, np.array([[3, 4, 0, 0]], dtype="int32"))
    (short,) = outputs(built, np.array([[3, 4]], dtype="int32"))
    np.testing.assert_allclose(padded, short, rtol=1e-5)


def test_they_train_and_come_back(tmp_path: Path) -> None:
    text = (
        HEAD.format(names="positions, sinusoids, class_token, padding_mask")
        + """
model Classify {
  input tokens: int32[T]
  x = tokens
    -> Embedding(10, 8) -> positions(5, 8, initializer=RandomNormal(stddev=0.02)) -> sinusoids(8)
  seen = tokens -> padding_mask()
  y = (query=x, value=x, attention_mask=seen) -> MultiHeadAttention(2, 4, use_bias=False)
    -> class_token(8)
  z = (query=y, value=y) -> MultiHeadAttention(2, 4, use_bias=False)
  output label(loss="sparse_categorical_crossentropy") = z[:, 0] -> Dense(5, activation="softmax")
  train(optimizer=Adam(learning_rate=0.02))
}
"""
    )
    built = model(text)
    # The label is where the 3 stands, which only positions can tell.
    tokens = np.where(np.eye(5, dtype=bool), 3, np.arange(5) + 4).astype("int32")
    labels = np.arange(5)
    assert_trains(built, [tokens], [labels], steps=60)
    assert_saved(built, [tokens], [labels], tmp_path)
    assert str(mtg.diff(text, tmp_path / "model.keras")).endswith("are the same model")


def test_a_mask_that_positions_end_is_warned_of() -> None:
    text = (
        HEAD.format(names="positions")
        + """
model Masked {
  input words: int32[T]
  x = words -> Embedding(10, 4, mask_zero=True) -> positions(9, 4)
  output y = x -> LSTM(3)
}
"""
    )
    assert [each.code for each in mtg.check(text)] == ["MTG215"]
    # As the help says: no mask to lose, and one of its own.
    mended = text.replace(", mask_zero=True", "").replace(
        "x -> LSTM", "(x, mask=ops.not_equal(words, 0)) -> LSTM"
    )
    built = model(mended)
    (padded,) = outputs(built, np.array([[3, 4, 0, 0]], dtype="int32"))
    (short,) = outputs(built, np.array([[3, 4]], dtype="int32"))
    np.testing.assert_allclose(padded, short, rtol=1e-5)
