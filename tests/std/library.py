"""Models of shipped blocks, and what every block must do: train, and come back from a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import mtg
import numpy as np
from numpy.typing import NDArray

Arrays = Sequence[NDArray[np.generic]]


def model(text: str) -> keras.Model:
    """Return the model of a text that `mtg check` says nothing of."""
    found = [str(each) for each in mtg.check(text)]
    assert not found, found
    return mtg.compile(text)


def outputs(model: keras.Model, *x: NDArray[np.generic]) -> list[NDArray[np.generic]]:
    """Return what a model gives in inference, as a list."""
    found = model(list(x) if len(x) > 1 else x[0], training=False)
    return [
        keras.ops.convert_to_numpy(each) for each in (found if isinstance(found, list) else [found])
    ]


def weights(model: keras.Model) -> dict[str, NDArray[np.float32]]:
    """Return the weights that are trained, by their paths."""
    return {w.path: keras.ops.convert_to_numpy(w).copy() for w in model.trainable_weights}


def assert_trains(model: keras.Model, x: Arrays, y: Arrays, steps: int = 30) -> None:
    """Hold that the loss falls, and that no weight stays as it was."""
    before = weights(model)
    losses = [_step(model, x, y) for _ in range(steps)]
    assert losses[-1] < 0.9 * losses[0], losses
    after = weights(model)
    still = [path for path, value in before.items() if np.array_equal(value, after[path])]
    assert before
    assert not still, still


def assert_saved(model: keras.Model, x: Arrays, y: Arrays, folder: Path) -> None:
    """Hold that a file gives the same model back: its outputs, its loss, and its next step."""
    path = folder / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    for ours, theirs in zip(outputs(model, *x), outputs(loaded, *x), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=1e-5)
    assert np.isclose(_evaluate(loaded, x, y), _evaluate(model, x, y), rtol=1e-5)
    assert np.isclose(_step(loaded, x, y), _step(model, x, y), rtol=1e-5)
    for ours, theirs in zip(weights(model).values(), weights(loaded).values(), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=1e-3, atol=1e-5)


def _given(x: Arrays) -> Arrays | NDArray[np.generic]:
    return list(x) if len(x) > 1 else x[0]


def _step(model: keras.Model, x: Arrays, y: Arrays) -> float:
    return float(model.train_on_batch(_given(x), _given(y), return_dict=True)["loss"])


def _evaluate(model: keras.Model, x: Arrays, y: Arrays) -> float:
    return float(model.evaluate(_given(x), _given(y), verbose=0, return_dict=True)["loss"])
