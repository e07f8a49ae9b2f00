"""The blocks of `std/noise` and `std/penalty`: values, gradients, files, and a VAE that learns."""

from __future__ import annotations

from pathlib import Path

import keras
import mtg
import numpy as np
import pytest
from library import assert_saved, model, outputs, weights
from numpy.typing import NDArray

# ------------------------------------------------------------------------------------ the penalty

PENALTY = """
from "std/penalty" import penalty
from "std/learned" import learned_vector

model Penalized {
  input x: float32[3]
  w = x -> learned_vector(3, initializer="ones")
  output y(loss="mse") = (add(x, w), ops.square(multiply(x, w))) -> penalty(0.5)
  train(optimizer=SGD(learning_rate=0.1))
}
"""
X = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0], [2.0, 0.0, 1.0], [1.0, -1.0, 0.0]], "float32")


def losses(built: keras.Model, x: NDArray[np.float32], y: NDArray[np.float32]) -> list[float]:
    """Return the loss by batch size, and with weights of samples that take all of "mse" away."""
    found = [
        built.evaluate(x, y, batch_size=size, verbose=0, return_dict=True)["loss"]
        for size in (4, 2, 1)
    ]
    nothing = np.zeros(len(x))
    found.append(built.evaluate(x, y, sample_weight=nothing, verbose=0, return_dict=True)["loss"])
    return [float(each) for each in found]


def test_what_a_penalty_adds_to_the_loss() -> None:
    """The mean over the samples of the sum of each, whatever the batch is divided into."""
    built = model(PENALTY)
    (y,) = outputs(built, X)
    np.testing.assert_array_equal(y, X + 1)  # it changes nothing
    term = 0.5 * np.mean(np.sum(X**2, axis=1))
    assert losses(built, X, y - 2) == pytest.approx([4 + term] * 3 + [term], rel=1e-5)


def test_the_gradient_of_a_penalty() -> None:
    """One step of gradient descent, in a graph and in batches as `fit` makes them."""
    built = model(PENALTY)
    (y,) = outputs(built, X)
    history = built.fit(X, y, epochs=1, verbose=0).history  # there is no gradient of "mse"
    assert history["loss"] == pytest.approx([0.5 * np.mean(np.sum(X**2, axis=1))], rel=1e-5)
    (found,) = weights(built).values()
    np.testing.assert_allclose(found, 1 - 0.1 * 0.5 * np.mean(2 * X**2, axis=0)[None], rtol=1e-5)


def test_a_penalty_comes_back(tmp_path: Path) -> None:
    built = model(PENALTY)
    assert_saved(built, [X], [X], tmp_path)


def test_a_penalty_in_a_nested_model_and_on_whole_numbers() -> None:
    """It counts from inside a model, keeps the dtype of `x`, and takes values of any shape."""
    text = """
from "std/penalty" import penalty
model Inner {
  input x: float32[2, 3]
  input number: int32[1]
  output kept = (number, x) -> penalty(2.0)
}
model Outer {
  input a: float32[2, 3]
  input b: int32[1]
  output y(loss="mse") = ops.cast((a, b) -> Inner(), "float32")
}
"""
    built = mtg.compile(text, model="Outer")
    a, b = np.arange(12, dtype="float32").reshape(2, 2, 3), np.array([[3], [4]], "int32")
    inner = next(layer for layer in built.layers if isinstance(layer, keras.Model))
    assert inner.output.dtype == "int32"
    found = built.evaluate([a, b], b, verbose=0, return_dict=True)["loss"]
    assert found == pytest.approx(2.0 * a.sum() / 2)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int32"])
def test_an_infinite_term_changes_no_output(dtype: str) -> None:
    text = f"""
from "std/penalty" import penalty
model M {{
  input x: {dtype}[2]
  input v: float32[1]
  output y = (x, v) -> penalty()
}}
"""
    x = np.array([[1, 2]], dtype)
    (found,) = outputs(model(text), x, np.array([[np.inf]], "float32"))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, x)


# -------------------------------------------------------------------------------------- the noise

NOISE = """
from "std/noise" import normal, sample
model Noisy {
  input mean: float32[500]
  input log_variance: float32[500]
  output noise = mean -> normal()
  output other = mean -> normal(seed=3)
  output sampled = (mean, log_variance) -> sample()
}
"""


def test_noise_in_training_and_in_inference() -> None:
    built = model(NOISE)
    rng = np.random.default_rng(1)
    mean, log_variance = rng.normal(size=(2, 40, 500)).astype("float32")
    given = [mean, log_variance]

    noise, other, sampled = built.predict(given, verbose=0)
    np.testing.assert_array_equal(noise, np.zeros((40, 500)))
    np.testing.assert_array_equal(other, np.zeros((40, 500)))
    np.testing.assert_array_equal(sampled, mean)

    noise, other, sampled = (
        keras.ops.convert_to_numpy(each) for each in built(given, training=True)
    )
    around = (sampled - mean) / np.exp(log_variance / 2)
    for each in (noise, other, around):
        assert abs(each.mean()) < 0.05
        assert each.std() == pytest.approx(1, abs=0.05)
        assert abs(np.mean(each**3)) < 0.15
        assert np.mean(each**4) == pytest.approx(3, abs=0.3)
    # Each batch has its own, and so has each use of a block.
    assert not np.array_equal(built(given, training=True)[0], noise)
    assert abs(np.corrcoef([noise.ravel(), other.ravel(), around.ravel()])[0, 1:]).max() < 0.05


def test_gradients_through_a_sample() -> None:
    """Of the mean, 1; of the log variance, half the deviation times the noise that was drawn."""
    text = """
from "std/noise" import sample
from "std/learned" import learned_vector
model Through {
  input x: float32[1]
  mean = x -> learned_vector(3, initializer=Constant(2.0))
  log_variance = x -> learned_vector(3, initializer=Constant(0.5))
  output z(loss="mse") = (mean, log_variance) -> sample()
  train(optimizer=SGD(learning_rate=1.0))
}
"""
    built = model(text)
    mean, log_variance = built.trainable_weights
    target = np.full((1, 3), 1.0, "float32")
    built.train_on_batch(np.zeros((1, 1), "float32"), target)
    # The gradient of "mse" by z, as the mean was changed by it.
    by_z = 2.0 - keras.ops.convert_to_numpy(mean)
    z = target + by_z * 3 / 2
    expected = 0.5 - by_z * 0.5 * (z - 2.0)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(log_variance), expected, rtol=1e-4)


# --------------------------------------------------------------------------------- the divergence

KL = """
from "std/noise" import kl_divergence
model Divergence {
  input mean: float32[2]
  input log_variance: float32[2]
  output of_two = (mean, log_variance) -> kl_divergence()
}
"""


def by_integration(mean: float, variance: float) -> float:
    """Return the divergence by its definition, the integral of p log(p / q)."""
    x = np.linspace(mean - 12 * variance**0.5, mean + 12 * variance**0.5, 200_001)
    log_p = -((x - mean) ** 2) / (2 * variance) - 0.5 * np.log(2 * np.pi * variance)
    log_q = -(x**2) / 2 - 0.5 * np.log(2 * np.pi)
    return float(np.sum(np.exp(log_p) * (log_p - log_q)) * (x[1] - x[0]))


def test_the_divergence_by_its_definition() -> None:
    built = model(KL)
    means, variances = [[0.0, 0.0], [1.5, -0.5], [0.1, 3.0]], [[1.0, 1.0], [0.2, 4.0], [1.1, 0.01]]
    expected = [
        [sum(by_integration(m, v) for m, v in zip(*each, strict=True))]
        for each in zip(means, variances, strict=True)
    ]
    given = np.array(means, "float32"), np.log(np.array(variances, "float32"))
    (found,) = outputs(built, *given)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    # Close to the standard distribution float32 has lost nothing: 1e-4 of mean and of variance.
    (close,) = outputs(built, np.full((1, 2), 1e-4, "float32"), np.full((1, 2), 1e-4, "float32"))
    np.testing.assert_allclose(close, [[1.5e-8]], atol=1.5e-8)


# ------------------------------------------------------------------------------------------ a VAE

VAE = """
from "std/noise" import variational, kl_divergence
model Autoencoder(beta=0.05) {
  input x: float32[8]
  h = x -> Dense(16, activation="tanh")
  mean, log_variance = ops.split(h -> Dense(4), 2, axis=-1)
  z = (mean, log_variance) -> variational(beta=beta)
  output copy(loss="mse") = z -> Dense(16, activation="tanh") -> Dense(8)
  output divergence = (mean, log_variance) -> kl_divergence()
  train(optimizer=Adam(learning_rate=0.02))
}
"""


def test_a_variational_autoencoder(tmp_path: Path) -> None:
    """Both parts of its loss are what they should be, fall, and come back from a file."""
    built = mtg.compile(VAE)
    rng = np.random.default_rng(1)
    x = (rng.normal(size=(64, 2)) @ rng.normal(size=(2, 8))).astype("float32")

    def parts(model: keras.Model) -> tuple[float, float]:
        copy, divergence = outputs(model, x)
        return float(np.mean((copy - x) ** 2)), float(np.mean(divergence))

    def loss(model: keras.Model) -> float:
        return float(model.evaluate(x, {"copy": x}, verbose=0, return_dict=True)["loss"])

    before = parts(built)
    assert loss(built) == pytest.approx(before[0] + 0.05 * before[1], rel=1e-5)
    built.fit(x, {"copy": x}, epochs=60, batch_size=32, verbose=0)
    after = parts(built)
    assert after[0] < 0.5 * before[0], (before, after)
    assert loss(built) == pytest.approx(after[0] + 0.05 * after[1], rel=1e-5)

    built.save(tmp_path / "vae.keras")
    loaded = keras.models.load_model(tmp_path / "vae.keras")
    assert parts(loaded) == pytest.approx(after, rel=1e-5)
    assert str(mtg.diff(VAE, tmp_path / "vae.keras")).endswith("are the same model")


def test_a_heavy_penalty_trains_the_encoder_to_the_prior() -> None:
    """The divergence falls though the other loss has nothing of it: the penalty has gradients."""
    built = mtg.compile(VAE, beta=10.0)
    x = np.random.default_rng(1).normal(size=(64, 8)).astype("float32")
    before = outputs(built, x)[1].mean()
    built.fit(x, {"copy": x}, epochs=30, batch_size=32, verbose=0)
    assert outputs(built, x)[1].mean() < 0.1 * before


def test_python_that_is_written_has_the_penalty() -> None:
    """The emitted source builds the same model: its outputs, and its term of the loss."""
    made: dict[str, keras.Model] = {}
    exec(mtg.to_python(PENALTY), made)
    built, written = model(PENALTY), made["model"]
    values = np.array([[0.5, -1.0, 2.0]], "float32")
    for each in (built, written):
        each.set_weights([values])
    np.testing.assert_array_equal(outputs(written, X)[0], outputs(built, X)[0])
    assert losses(written, X, X) == pytest.approx(losses(built, X, X), rel=1e-6)
