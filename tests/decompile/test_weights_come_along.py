"""`mtg decompile` and `mtg compile --weights`: each layer gets its own weights again.

Layers of one shape would take each other's without a word, since Keras goes by position.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from keras import layers, ops


def named_by_an_identity() -> Any:
    """`name=` on the last layer of an output makes mtg add an `Identity`, one step more."""
    return mtg.compile(
        "model O {\n  input x: float32[4]\n  h = x -> Dense(3)\n"
        '  output a(loss="mse") = h -> Dense(1)\n'
        '  output b(loss="mse") = h -> Dense(1, name="head")\n}'
    )


def by_hand(pick: Callable[..., list[Any]]) -> Callable[[], Any]:
    """Outputs that end in shared layers and ops, which need an `Identity` that was not there."""

    def made() -> Any:
        x = keras.Input((4,), name="x")
        h = layers.Dense(3)(x)
        shared = layers.Dense(1)
        first, other = shared(h), layers.Dense(1)(h)
        again = shared(layers.Dense(3)(h))
        return keras.Model(x, pick(h, first, other, again))

    return made


MODELS: dict[str, Callable[[], Any]] = {
    "identity": named_by_an_identity,
    "shared first": by_hand(lambda h, first, other, again: [first, other]),
    "shared last": by_hand(lambda h, first, other, again: [other, first]),
    "shared twice": by_hand(lambda h, first, other, again: [other, again, first]),
    "op": by_hand(lambda h, first, other, again: [ops.exp(other), layers.Dense(1)(h)]),
    "two ops": by_hand(
        lambda h, first, other, again: [layers.Dense(1)(h), ops.exp(ops.abs(other))]
    ),
    "nested": by_hand(
        lambda h, first, other, again: [
            keras.Model(h, ops.exp(layers.Dense(1)(h)))(h),
            keras.Sequential([layers.Dense(1)])(h),
        ]
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_each_layer_gets_its_own(name: str, tmp_path: Path) -> None:
    model = MODELS[name]()
    for number, weight in enumerate(model.weights):
        weight.assign(np.full(weight.shape, 0.1 + number))
    path = tmp_path / "m.keras"
    model.save(path)
    again = mtg.compile(mtg.decompile(path), weights=path)
    x = np.linspace(0, 1, 8, dtype="float32").reshape(2, 4)
    for wanted, found in zip(model(x), again(x), strict=True):
        np.testing.assert_allclose(np.asarray(found), np.asarray(wanted), rtol=1e-5)


def test_the_text_keeps_the_order_of_the_weights(tmp_path: Path) -> None:
    """So that `load_weights` of Keras itself, which knows no names, loads them too."""
    model = named_by_an_identity()
    model.save_weights(tmp_path / "m.weights.h5")
    again = mtg.compile(mtg.decompile(model))
    again.load_weights(tmp_path / "m.weights.h5")
    for one, other in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    assert mtg.diff(model, mtg.decompile(model)).weights.verdict == "yes"


@pytest.mark.parametrize("form", ["list", "dict"])
def test_a_program_that_was_changed(form: Any, tmp_path: Path) -> None:
    """An output that goes on for a step stands at another place, and keeps its weights."""
    text = (
        "model O {{\n  input x: float32[4]\n  h = x -> Dense(3)\n"
        '  output a(loss="mse") = h -> Dense(1)\n  output b(loss="mse") = h -> Dense(1){}\n}}'
    )
    model = mtg.compile(text.format(""), outputs=form)
    path = tmp_path / "m.keras"
    model.save(path)
    longer = text.format(" -> ReLU(negative_slope=1.0)")
    again = mtg.compile(longer, weights=path, outputs=form)
    x = np.linspace(0, 1, 8, dtype="float32").reshape(2, 4)
    wanted, found = keras.tree.flatten(model(x)), keras.tree.flatten(again(x))
    for one, other in zip(wanted, found, strict=True):
        np.testing.assert_allclose(np.asarray(other), np.asarray(one), rtol=1e-5)
