"""What no program can say is refused with its name and its place in the model, never dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import mtg
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


def unused_input() -> Any:
    x, y = Input((4,), name="x"), Input((4,), name="y")
    return Model([x, y], layers.Dense(2)(x), name="whole")


def list_of_one_loss() -> Any:
    x = Input((4,))
    made = Model(x, [layers.Dense(2)(x), layers.Dense(2)(x)], name="whole")
    made.compile(loss=["mse"])
    return made


def one_list_of_metrics() -> Any:
    x = Input((4,))
    made = Model(x, [layers.Dense(2)(x), layers.Dense(2)(x)], name="whole")
    made.compile(loss=["mse", "mse"], metrics=["mae", "mse", "acc"])
    return made


def unbuilt() -> Any:
    return keras.Sequential([layers.Dense(3)], name="whole")


class Own(Model):
    """A functional model of a class of its own."""


def own_class() -> Any:
    x = Input((4,))
    return Own(inputs=x, outputs=layers.Dense(2)(x), name="whole")


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
    (unused_input, "`whole/y`", "no output depends on this input"),
    (list_of_one_loss, "`whole/compile`", "`loss` has 1 item for 2 outputs"),
    (one_list_of_metrics, "`whole/compile`", "`metrics` is one list for several outputs"),
    (unbuilt, "`whole`", "the model was never built"),
    (own_class, "`whole`", "the model is of the class `Own`"),
    (no_number, "`whole`", "`nan`"),
]


@pytest.mark.parametrize(
    ("make", "place", "words"), REFUSED, ids=lambda v: getattr(v, "__name__", None)
)
def test_refused(make: Callable[[], Any], place: str, words: str) -> None:
    with pytest.raises(MtgError) as caught:
        mtg.decompile(make())
    (found,) = caught.value.diagnostics
    assert found.code == "MTG611"
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
            "no function of `keras.ops`",
        ),
        (lambda e: e["config"].update(units=-3), "Keras takes and mtg refuses"),
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
