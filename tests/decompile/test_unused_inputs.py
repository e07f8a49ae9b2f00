"""An input that no output depends on is left out, with a warning: no program has one."""

from __future__ import annotations

import keras
import mtg
import numpy as np
import pytest
from keras import Input, Model, layers


def whole(dicts: bool) -> Model:
    """A model of five inputs, two of which nothing takes, and one only a model that drops it."""
    a, b, c, d, e = (Input((4,), name=name) for name in "abcde")
    given = {"c": c, "b": b, "a": a} if dicts else [a, b, c]
    inner = Model(given, layers.Dense(2, name="last")(layers.add([a, c])), name="inner")
    p, q, r, s, t = (Input((4,), name=name) for name in "pqrst")
    taken = {"a": p, "b": layers.Dense(4)(q), "c": r} if dicts else [p, layers.Dense(4)(q), r]
    one = Model([d, e], layers.Dense(3)(d), name="one")
    outputs = [inner(taken), one([r, s])]
    return Model([p, q, r, s, t], outputs, name="whole")


@pytest.mark.parametrize("dicts", [False, True])
def test_what_is_left_is_the_model(dicts: bool) -> None:
    keras.utils.clear_session()
    model = whole(dicts)
    model.compile(loss=["mse", "mae"])
    with pytest.warns(UserWarning, match="no output depends") as caught:
        text = mtg.decompile(model)
    said = [str(each.message) for each in caught]
    gone = ["whole/inner/b", "whole/one/e"]
    gone += [f"whole/{name}" for name in "qst"]
    assert said == [
        f"left out of the text of `whole`: the input `{name}`, on which no output depends"
        for name in gone
    ]
    back = mtg.compile(text)
    assert back.input_names == ["p", "r"]
    assert mtg.decompile(back) == text
    weights = {tuple(each.shape): each for each in model.get_weights()}  # all of other shapes
    back.set_weights([weights[tuple(each.shape)] for each in back.get_weights()])
    p, r, rest = np.random.default_rng(0).normal(size=(3, 2, 4))
    wanted = model([p, rest, r, rest, rest])
    for one, other in zip(wanted, back([p, r]), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-6)
    assert back.loss == ["mse", "mae"] or back.loss == {"inner": "mse", "one": "mae"}
