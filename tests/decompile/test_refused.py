"""What no program can say is refused with its name and its place in the model, never dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from keras import Input, Model, layers
from mtg.cli import main
from mtg.errors import MtgError


def nested_lambda() -> Any:
    p = Input((4,), name="p")
    inner = Model(p, layers.Lambda(lambda x: x * 2, name="twice")(p), name="encoder")
    x = Input((4,))
    return Model(x, inner(layers.Dense(4)(x)), name="whole")


def unknown_function() -> Any:
    x = Input((4,))
    return Model(x, layers.Dense(2, activation=strange, name="last")(x), name="whole")


def strange(x: Any) -> Any:
    return x


strange.__module__ = "__main__"  # as one in a script or a notebook


def activation_lambda() -> Any:
    x = Input((4,))
    return Model(x, layers.Dense(2, activation=lambda x: x, name="last")(x), name="whole")


def unbuilt() -> Any:
    return keras.Sequential([layers.Dense(3)], name="whole")


class Own(Model):
    """A functional model that computes more than its layers do."""

    def call(self, inputs: Any) -> Any:
        return super().call(inputs) * 2


def own_call() -> Any:
    x = Input((4,))
    return Own(inputs=x, outputs=layers.Dense(2)(x), name="whole")


class Silent(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {"missing": self.there_is_no_such_attribute}


def no_config() -> Any:
    x = Input((4,))
    inner = keras.Sequential([Input((4,)), Silent(name="silent")], name="inner")
    return Model(x, inner(x), name="whole")


def no_number() -> Any:
    x = Input((4,))
    return Model(x, keras.ops.multiply(x, float("nan")), name="whole")


def of_a_script() -> Any:
    """A registered class of `__main__`, whose module Keras leaves out."""
    made = keras.saving.register_keras_serializable("own")(
        type("Gate", (layers.Layer,), {"__module__": "__main__", "call": lambda self, x: x})
    )
    x = Input((4,))
    return Model(x, made(name="gate")(x), name="whole")


REFUSED: list[tuple[Callable[[], Any], str, str]] = [
    (nested_lambda, "`whole/encoder/twice`", "byte code of a Python `lambda`"),
    (unknown_function, "`whole/last`", "no module for a Python function such as `strange`"),
    (of_a_script, "`whole/gate`", "`Gate` was defined in the script or notebook"),
    (activation_lambda, "`whole/last`", "byte code of a Python `lambda`"),
    (unbuilt, "`whole`", "the model was never built"),
    (own_call, "cannot read a model from `<whole>`", "`Own` has a `call` of its own"),
    (no_config, "cannot read a model from `<whole>`", "`whole/inner/silent` has no config"),
    (no_number, "`whole`", "`nan`"),
]


@pytest.mark.parametrize(
    ("make", "place", "words"), REFUSED, ids=lambda v: getattr(v, "__name__", None)
)
def test_refused(make: Callable[[], Any], place: str, words: str) -> None:
    with pytest.raises(MtgError) as caught:
        mtg.decompile(make())
    (found,) = caught.value.diagnostics
    assert found.code == ("MTG609" if place.startswith("cannot read") else "MTG611")
    assert found.message.startswith(place)
    assert words in found.message


def changed(change: Callable[[dict[str, Any]], Any]) -> str:
    x = Input((4,))
    config = json.loads(Model(x, layers.Dense(2, name="last")(x), name="whole").to_json())
    change(config["config"]["layers"][1])
    return json.dumps(config)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda e: e.update(module=None, class_name="Mine"),
            "`Mine` was defined in the script or notebook",
        ),
        (lambda e: e.update(class_name="Denser"), "has no layer `Denser`"),
        (lambda e: e["config"].update(sparkle=3), "a setting `sparkle`"),
        (
            lambda e: e["config"].update(kernel_initializer={"class_name": "X", "config": {}}),
            "`X` was defined in the script or notebook",
        ),
        (
            lambda e: e.update(module="keras.src.ops.numpy", class_name="Unheard"),
            "is not a function of `keras.ops`",
        ),
        (lambda e: e["config"].update(units=-3), "Keras accepts and mtg does not"),
    ],
)
def test_refused_configs(
    change: Callable[[dict[str, Any]], Any],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "model.json"
    path.write_text(changed(change), encoding="utf-8")
    assert main(["decompile", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "MTG611" in err
    assert words in err


class Kept(Model):
    """A functional model of a class of its own."""


def test_a_file_does_not_say_what_a_class_of_its_own_computes(tmp_path: Path) -> None:
    x = Input((4,))
    path = tmp_path / "model.keras"
    Kept(inputs=x, outputs=layers.Dense(2)(x), name="whole").save(path)
    with pytest.raises(MtgError, match="the model is of the class `Kept`"):
        mtg.decompile(path)


def test_a_constant_that_is_too_large_is_named() -> None:
    keras.utils.clear_session()  # Keras numbers operations through the whole process
    x = Input((300, 300))
    start = keras.initializers.Constant(np.zeros((600, 200)).tolist())
    inner = keras.Sequential(
        [Input((3,)), layers.Embedding(600, 200, embeddings_initializer=start, name="table")],
        name="inner",
    )
    y = Input((3,), name="y")
    many = (np.arange(90_000) % 7).reshape(300, 300).astype("float32")  # of no pattern
    for made, name in (
        (Model(x, layers.Add(name="sum")([x, x + many]), name="whole"), "whole/add"),
        (Model(y, inner(y), name="whole"), "whole/inner/table"),
    ):
        with pytest.raises(MtgError) as caught:
            mtg.decompile(made)
        (found,) = caught.value.diagnostics
        assert f"`{name}` holds " in found.message


def test_what_became_another_model_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever mtg is at fault, the message tells what differs."""
    from mtg.decompiler import decompile

    x = Input((4,))
    made = Model(x, layers.Dense(2, activation="relu", name="last")(x), name="whole")
    right = decompile.print_outline
    monkeypatch.setattr(decompile, "print_outline", lambda o: right(o).replace("relu", "tanh"))
    with pytest.raises(MtgError) as caught:
        mtg.decompile(made)
    assert (
        "`Dense`, arguments / activation: `relu` became `tanh`" in caught.value.diagnostics[0].notes
    )
