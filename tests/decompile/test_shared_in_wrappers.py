"""A layer or model in a wrapper that also stands elsewhere keeps its one set of weights: from a
live model, from the file that Keras saves of it, and from that of the program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from keras import layers
from mtg.errors import MtgError


def _encoder() -> Any:
    inside = keras.Input((4,))
    return keras.Model(inside, layers.Dense(3, name="d")(inside), name="enc")


def _each(inner: Any) -> Any:
    """The layer in a wrapper, beside the layer."""
    x, v = keras.Input((3, 4), name="x"), keras.Input((4,), name="v")
    wrapped = layers.TimeDistributed(inner)(x)
    return keras.Model([x, v], [layers.Dense(2, name="a")(wrapped), layers.Dense(2)(inner(v))])


def _twice(inner: Any) -> Any:
    """The layer in two wrappers."""
    x = keras.Input((3, 4), name="x")
    ends = [layers.TimeDistributed(inner)(x) for _ in range(2)]
    return keras.Model(x, [layers.Dense(2, name=n)(e) for n, e in zip("ab", ends, strict=True)])


def _thrice(inner: Any) -> Any:
    x, v = keras.Input((3, 4), name="x"), keras.Input((4,), name="v")
    ends = [layers.TimeDistributed(inner)(x) for _ in range(2)]
    return keras.Model([x, v], [*ends, layers.Dense(2, name="b")(inner(v))])


@pytest.mark.parametrize("around", [_each, _twice, _thrice])
@pytest.mark.parametrize(
    "inner",
    [
        lambda: layers.Dense(3, name="dd"),
        lambda: layers.Dense(3, kernel_regularizer="l2"),
        _encoder,
        lambda: keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)]),
        lambda: layers.Dropout(0.5),
    ],
)
def test_one_set_of_weights(
    around: Callable[[Any], Any], inner: Callable[[], Any], tmp_path: Path
) -> None:
    model = around(inner())
    path = tmp_path / "m.keras"
    model.save(path)
    for source in (model, path):
        text = mtg.decompile(source)
        back = mtg.compile(text)
        assert back.count_params() == model.count_params(), text
        assert len(back.weights) == len(model.weights)
        assert not mtg.diff(text, source, names=False)
        again = tmp_path / "again.keras"
        back.save(again)
        assert not mtg.diff(text, again)
        assert mtg.decompile(back) == text


def test_what_is_not_shared_stays_apart(tmp_path: Path) -> None:
    program = """model M { input x: float32[3, 4]
      a = x -> TimeDistributed(Dense(3))
      b = x -> TimeDistributed(Dense(3))
      output y = add(a, b) -> Flatten() -> Dense(1) }"""
    model = mtg.compile(program)
    model.save(tmp_path / "m.keras")
    for source in (model, tmp_path / "m.keras"):
        assert mtg.compile(mtg.decompile(source)).count_params() == model.count_params()
        assert not mtg.diff(program, source)
    shared = program.replace("TimeDistributed(Dense(3))", "TimeDistributed(d)")
    shared = shared.replace("a =", "shared d = Dense(3)\n a =")
    assert mtg.diff(shared, model)


def test_a_layer_in_two_models_at_once_is_refused() -> None:
    shared, inside = layers.Dense(3, name="dd"), keras.Input((4,))
    inner = keras.Model(inside, shared(inside), name="inner")
    x, v = keras.Input((3, 4), name="x"), keras.Input((4,), name="v")
    model = keras.Model([x, v], [shared(x), layers.Dense(2, name="b")(inner(v))])
    with pytest.raises(MtgError, match="is in two models"):
        mtg.decompile(model)
