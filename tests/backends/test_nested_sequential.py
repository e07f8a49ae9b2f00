"""Weights of a `Sequential` inside another model, which mtg builds as a functional model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mtg
import numpy as np
import pytest
from keras import Input, Model, Sequential, layers


def tower(units: int, *inner: Any) -> Any:
    return Sequential([Input((6,)), *inner, layers.Dense(units), layers.Dense(6)])


def functional(units: int) -> Any:
    x = Input((6,))
    return Model(x, layers.Dense(6)(layers.Dense(units)(x)))


def siamese() -> Any:
    a, b, shared = Input((6,)), Input((6,)), tower(3)
    return Model([a, b], layers.Dense(1)(layers.Subtract()([shared(a), shared(b)])))


def deep() -> Any:
    x = Input((6,))
    return Model(x, tower(5)(tower(4, tower(3), tower(3))(x)))


def mixed() -> Any:
    """Two of each class and all alike, so that nothing but the order tells them apart."""
    x = Input((6,))
    return Model(x, functional(4)(tower(4)(functional(4)(tower(4)(x)))))


def in_a_sequential() -> Any:
    return Sequential([Input((6,)), tower(3), tower(3), functional(3)])


@pytest.mark.parametrize("make", [siamese, deep, mixed, in_a_sequential])
@pytest.mark.parametrize("suffix", [".keras", ".weights.h5"])
def test_weights_of_a_sequential(make: Any, suffix: str, tmp_path: Path) -> None:
    model, path = make(), tmp_path / f"m{suffix}"
    model.save(path) if suffix == ".keras" else model.save_weights(path)
    text = mtg.decompile(model)
    if suffix != ".keras" and make in (mixed, in_a_sequential):
        with pytest.raises(mtg.MtgError) as caught:
            mtg.compile(text, weights=path)
        (found,) = caught.value.diagnostics
        assert found.code == "MTG309"
        assert "nested `Sequential`, as `layers/sequential`" in found.notes[0]
        assert "`.keras` file" in found.help
        return
    built = mtg.compile(text, weights=path)
    data = [np.random.default_rng(n).normal(size=(2, 6)) for n in range(len(model.inputs))]
    given = data if len(data) > 1 else data[0]
    np.testing.assert_allclose(built(given), model(given), rtol=1e-5, atol=1e-6)
    assert len(built.weights) == len(model.weights)


def test_other_shapes_are_refused(tmp_path: Path) -> None:
    model = siamese()
    model.save(tmp_path / "m.keras")
    text = mtg.decompile(model).replace("Dense(3)", "Dense(7)")
    with pytest.raises(mtg.MtgError) as caught:
        mtg.compile(text, weights=tmp_path / "m.keras")
    (found,) = caught.value.diagnostics
    assert "is (6, 7), and in the file (6, 3)" in found.message
    assert "nested `Sequential`" not in "".join(found.notes)


def test_the_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "m.weights.h5"
    model = siamese()
    model.save_weights(path)
    before = path.read_bytes()
    mtg.compile(mtg.decompile(model), weights=path)
    assert path.read_bytes() == before
    model.load_weights(path)
