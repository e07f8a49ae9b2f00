"""The blocks of `std/learned`: values, training, files."""

from __future__ import annotations

from pathlib import Path

import mtg
import numpy as np
import pytest
from library import assert_saved, assert_trains, model, outputs, weights

TEXT = """
from "std/learned" import learned_scalar, learned_vector, learned_tokens
dim T

model Learned {
  input x: float32[T, 6]
  gated = multiply(x, x -> learned_scalar(0.5))
  weighed = multiply(gated, x -> learned_vector(6, initializer="ones"))
  output longer(loss="mse") = concat(x -> learned_tokens(6, 3), weighed, axis=1)
  output token(loss="mse") = x -> learned_tokens(4) -> Flatten()
  output number(loss="mse") = x -> learned_scalar(2.0)
  train(optimizer=Adam(learning_rate=0.02))
}
"""


def test_values_training_and_files(tmp_path: Path) -> None:
    built = model(TEXT)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4, 5, 6)).astype("float32")
    begun = weights(built)
    assert {path: value.shape for path, value in begun.items()} == {
        "gated_learned_scalar/embeddings": (1, 1),
        "weighed_learned_vector/embeddings": (1, 6),
        "longer_learned_tokens/embeddings": (3, 6),
        "token_learned_tokens/embeddings": (1, 4),
        "number/embeddings": (1, 1),
    }

    longer, token, number = outputs(built, x)
    tokens = np.broadcast_to(begun["longer_learned_tokens/embeddings"], (4, 3, 6))
    np.testing.assert_allclose(longer, np.concatenate([tokens, 0.5 * x], axis=1), rtol=1e-6)
    np.testing.assert_array_equal(
        token, np.broadcast_to(begun["token_learned_tokens/embeddings"], (4, 4))
    )
    np.testing.assert_array_equal(number, np.full((4, 1), 2.0))

    y = [np.ones((4, 8, 6)), np.ones((4, 4)), np.ones((4, 1))]
    assert_trains(built, [x], y)
    assert_saved(built, [x], y, tmp_path)
    assert str(mtg.diff(TEXT, tmp_path / "model.keras")).endswith("are the same model")


def test_a_gradient_is_that_of_the_number() -> None:
    """One step of gradient descent on (s - y)², of which every sample has its part."""
    text = """
from "std/learned" import learned_scalar
model Number {
  input x: float32[2]
  output s(loss="mse") = x -> learned_scalar(3.0)
  train(optimizer=SGD(learning_rate=0.1))
}
"""
    built = model(text)
    y = np.array([[1.0], [2.0], [6.0]])
    built.train_on_batch(np.zeros((3, 2)), y)
    (found,) = weights(built).values()
    assert found == pytest.approx(3.0 - 0.1 * np.mean(2 * (3.0 - y)))


@pytest.mark.parametrize(
    ("declared", "dtype", "shape"),
    [
        ("float32[]", "float32", ()),
        ("int32[4]", "int32", (4,)),
        ("bool[2, 3]", "bool", (2, 3)),
        ("float32[?, ?, 3]", "float32", (5, 2, 3)),
    ],
)
def test_any_input_will_do(declared: str, dtype: str, shape: tuple[int, ...]) -> None:
    """Only the batch counts: no shape, no dtype, and no value that is no number."""
    text = f"""
from "std/learned" import learned_scalar, learned_vector, learned_tokens
model Tied {{
  input x: {declared}
  output a = x -> learned_scalar(1.5)
  output b = x -> learned_vector(3, initializer=Constant(0.5))
  output c = x -> learned_tokens(2, 2, initializer="ones")
}}
"""
    x = np.full((2, *shape), np.nan if dtype == "float32" else 1).astype(dtype)
    a, b, c = outputs(model(text), x)
    np.testing.assert_array_equal(a, np.full((2, 1), 1.5))
    np.testing.assert_array_equal(b, np.full((2, 3), 0.5))
    np.testing.assert_array_equal(c, np.ones((2, 2, 2)))
