"""Whether weights load, beside what `Model.load_weights` of Keras does."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import mtg
import numpy as np
import pytest

keras = pytest.importorskip("keras")


def model(body: str, before: str = "") -> str:
    return f"{before}model M {{\n  input x: float32[6, 4]\n{body}\n}}\n"


INNER = "model Inner {\n  input t: float32[4]\n  output o = t -> Dense(3) -> Dense(2)\n}\n"

#: Models whose weights fit each other in some pairs, and in others not.
MODELS = {
    "plain": model("output y = x -> LSTM(3) -> Dense(4) -> Dense(2)"),
    "renamed": model("h = x -> LSTM(3)\n g = h -> Dense(4)\n output z = g -> Dense(2)"),
    "wider": model("output y = x -> LSTM(3) -> Dense(5) -> Dense(2)"),
    "longer": model("output y = x -> LSTM(3) -> Dense(4) -> Dense(4) -> Dense(2)"),
    "shorter": model("output y = x -> LSTM(3) -> Dense(4)"),
    "dropout": model("output y = x -> LSTM(3) -> Dropout(0.5) -> Dense(4) -> Dense(2)"),
    "no_bias": model("output y = x -> LSTM(3) -> Dense(4, use_bias=False) -> Dense(2)"),
    "gru": model("output y = x -> GRU(3) -> Dense(4) -> Dense(2)"),
    "both_ways": model("output y = x -> Bidirectional(LSTM(3)) -> Dense(4) -> Dense(2)"),
    "narrower_both": model("output y = x -> Bidirectional(LSTM(2)) -> Dense(4) -> Dense(2)"),
    "norm": model("output y = x -> BatchNormalization() -> LSTM(3) -> Dense(4) -> Dense(2)"),
    "shared": model(
        "shared d = Dense(4)\n a = x -> d\n b = a -> d\n output y = b -> LSTM(3) -> Dense(2)"
    ),
    "nested": model("output y = x -> TimeDistributed(Inner()) -> LSTM(3) -> Dense(2)", INNER),
    "inside": model("output y = x[:, 0] -> Inner() -> Dense(2)", INNER),
    "flat": model("output y = x[:, 0] -> Dense(3) -> Dense(2) -> Dense(2)"),
    "two": model("a = x -> LSTM(3)\n output y = a -> Dense(2)\n output z = a -> Dense(4)"),
    "two_swapped": model("a = x -> LSTM(3)\n output z = a -> Dense(4)\n output y = a -> Dense(2)"),
}


@pytest.fixture(scope="module")
def built() -> dict[str, Any]:
    return {name: mtg.compile(text) for name, text in MODELS.items()}


#: All pairs in the long run, and else every fourth, which meets every model on both sides.
PAIRS = [
    pair
    for number, pair in enumerate(itertools.product(MODELS, MODELS))
    if os.environ.get("MTG_LONG_TESTS") or number % 4 == 0
]

Weights = dict[str, dict[str, list[np.ndarray]]]


@pytest.fixture(scope="module")
def saved(built: dict[str, Any]) -> Weights:
    """The weights of every layer of every model, as the files have them."""
    return {
        name: {layer.name: layer.get_weights() for layer in each.layers}
        for name, each in built.items()
    }


@pytest.fixture(scope="module")
def files(built: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("weights")
    found = {}
    for number, (name, each) in enumerate(built.items()):
        found[name] = folder / (f"{name}.keras" if number % 2 else f"{name}.weights.h5")
        each.save(found[name]) if number % 2 else each.save_weights(found[name])
    return found


@pytest.mark.parametrize(("a", "b"), PAIRS)
@pytest.mark.filterwarnings("ignore:Skipping nested container")
def test_as_keras_loads(
    a: str, b: str, built: dict[str, Any], saved: Weights, files: dict[str, Path]
) -> None:
    """The verdict is what Keras does, and every layer gets what it is said to get."""
    found = mtg.diff(MODELS[a], MODELS[b]).weights
    target = built[b]
    target.set_weights([np.zeros_like(each) for each in target.get_weights()])
    try:
        target.load_weights(files[a])
    except ValueError:
        assert found.verdict == "no"
        return
    assert found.verdict in ("yes", "partly")
    for each in found.layers:
        if len(each.layer) == len(each.giver) == 1:
            taken = target.get_layer(each.layer[0]).get_weights()
            given = saved[a][each.giver[0]]
            assert len(taken) == len(given)
            for one, other in zip(taken, given, strict=True):
                np.testing.assert_array_equal(one, other)


def verdict(a: Any, b: Any) -> str:
    return mtg.diff(a, b).weights.verdict


def test_verdicts() -> None:
    plain = MODELS["plain"]
    assert verdict(plain, plain) == verdict(plain, MODELS["renamed"]) == "yes"
    assert verdict(plain, MODELS["dropout"]) == "yes"
    assert verdict(plain, MODELS["shorter"]) == "partly"
    assert verdict(plain, MODELS["wider"]) == verdict(plain, MODELS["longer"]) == "no"


def test_weights_that_go_elsewhere() -> None:
    """Keras loads them without a word, since it goes by position."""
    a = model("h = x -> LSTM(3)\n output first = h -> Dense(2)\n output second = h -> Dense(2)")
    b = model("h = x -> LSTM(3)\n output second = h -> Dense(2)\n output first = h -> Dense(2)")
    found = mtg.diff(a, b).weights
    assert found.verdict == "partly"
    stray = {each.layer: each.giver for each in found.layers if each.stray}
    assert stray == {("second",): ("first",), ("first",): ("second",)}


@pytest.mark.filterwarnings("ignore:Skipping nested container")
def test_a_sequential_inside_has_another_key(tmp_path: Path) -> None:
    layers = keras.layers
    x = keras.Input((4,), name="x")
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="inner")
    whole = keras.Model(x, layers.Dense(2, name="y")(inner(x)))
    text = (
        "model Inner { input t: float32[4]\n output o = t -> Dense(3) }\n"
        "model M { input x: float32[4]\n output y = x -> Inner() -> Dense(2) }\n"
    )
    assert verdict(whole, text) == "no"
    whole.save(tmp_path / "a.keras")
    with pytest.raises(ValueError, match="could not be loaded"):
        mtg.compile(text).load_weights(tmp_path / "a.keras")
    assert verdict(whole, whole) == "yes"
