"""Models with classes and functions that are none of Keras's come back from their text."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from decompile import own
from decompile.test_round_trip import data_for, outputs_of
from keras import Input, Model, Sequential, layers, ops
from mtg.cli import main

MODELS: dict[str, Callable[[], Any]] = {}


def model(make: Callable[[], Any]) -> Callable[[], Any]:
    MODELS[make.__name__] = make
    return make


def through(*made: Any, shape: tuple[int, ...] = (4,)) -> Any:
    x = y = Input(shape, name="x")
    for layer in made:
        y = layer(y)
    return Model(x, y)


@model
def without_keywords() -> Any:
    return through(own.Bare(3), own.Silent(), layers.Dense(2))


@model
def without_keywords_in_a_row() -> Any:
    inner = Sequential([Input((4,)), own.Bare(3), own.Bare(5), own.Silent(), layers.Dense(2)])
    return through(inner, layers.Dense(1))


@model
def its_own_from_config() -> Any:
    return through(own.Counted([1, 2, 3]), Sequential([Input((4,)), own.Counted([1, 2])]))


@model
def layers_in_a_list() -> Any:
    return through(own.Stack([layers.Dense(3), own.Counted([1, 2, 3]), layers.Dense(3)][::2]))


@model
def words_as_arguments() -> Any:
    return through(own.Project(dim=3, output=0.5, repeat=2))


@model
def the_second_of_three_results() -> Any:
    x = Input((4,), name="x")
    return Model(x, layers.Dense(2)(own.Three()(x)[1]))


@model
def the_first_of_three_results_twice() -> Any:
    x = Input((4,), name="x")
    three = own.Three()
    return Model(x, [three(x)[0], ops.exp(three(three(x)[0])[0])])


@model
def results_by_name() -> Any:
    x = Input((4,), name="x")
    found = own.Named()(x)
    return Model(x, layers.Dense(2)(layers.Subtract()([found["a"], found["b"]])))


@model
def a_part_of_a_result() -> Any:
    x = Input((4,), name="x")
    return Model(x, layers.Dense(2)(own.Three()(x)[2][:, 1:3]))


@model
def a_cell() -> Any:
    return through(layers.RNN([own.Cell(3), own.Cell(2)]), shape=(5, 4))


@model
def functions() -> Any:
    return through(
        layers.Dense(3, activation=own.squashed),
        layers.Activation(own.squashed),
        layers.Dense(3, activation=ops.exp),
        layers.Lambda(own.times, arguments={"by": 3.0}),
        layers.TimeDistributed(layers.Dense(3, activation=own.squashed)),
        shape=(5, 4),
    )


@model
def a_registered_function_that_the_layer_does_not_keep() -> Any:
    return through(own.Gated(own.halved), layers.Dense(3, activation=own.halved))


@model
def a_backbone() -> Any:
    return own.Backbone(3)


@model
def a_backbone_in_a_model() -> Any:
    x, y = Input((4,), name="x"), Input((4,), name="y")
    inner = own.Backbone(3)
    return Model([x, y], [inner(x), layers.Dense(2)(inner(y))])


@pytest.mark.parametrize("several", [False, True])
def test_a_model_whose_layers_give_no_config_is_called_as_its_class(several: bool) -> None:
    """Keras saves of it what its constructor takes, and so does the text."""
    made = own.ClosedBackbone(3, several, name="whole")
    with pytest.warns(UserWarning, match=r"the layers of the class `ClosedBackbone`, .*ask the m"):
        text = mtg.decompile(made)
    assert "layers" not in text
    back = mtg.compile(text, trust=True)
    assert mtg.decompile(back) == text
    back.set_weights(made.get_weights())
    data = np.arange(8.0).reshape(2, 4) / 8
    wanted = keras.tree.flatten(made({"x": data, "y": data + 1}))
    found = keras.tree.flatten(back([data, data + 1]))
    assert len(found) == len(wanted) == 1 + several
    for one, other in zip(wanted, found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-6)


@model
def a_row_in_a_row() -> Any:
    return Sequential([Input((4,)), own.Row([layers.Dense(3), own.Bare(2)]), own.Backbone(1)][:2])


@model
def losses_and_metrics() -> Any:
    x = Input((4,), name="x")
    made = Model(x, [layers.Dense(2, name=name)(x) for name in ("a", "b", "c")])
    made.compile(
        own.Slow(0.25, slower=3.0, momentum=0.5),
        loss={"a": own.Distance(2.0), "b": own.distance, "c": "mse"},
        metrics={"a": [own.Largest(), "mae"], "b": [own.distance]},
        weighted_metrics={"c": [own.Largest(name="best")]},
    )
    return made


@pytest.mark.parametrize("name", MODELS)
def test_round_trip(name: str) -> None:
    model = MODELS[name]()
    text = mtg.decompile(model)
    back = mtg.compile(text, trust=True)
    assert mtg.decompile(back) == text
    assert [tuple(w.shape) for w in back.weights] == [tuple(w.shape) for w in model.weights]
    back.set_weights(model.get_weights())
    data = data_for(model)
    for wanted, found in zip(outputs_of(model, data), outputs_of(back, data), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)
    if model.compiled:
        wanted, found = model.get_compile_config(), back.get_compile_config()
        assert found["optimizer"]["config"] == wanted["optimizer"]["config"]
        target = [np.ones((2, 2))] * 3
        np.testing.assert_allclose(
            back.evaluate(*data, target, verbose=0),
            model.evaluate(*data, target, verbose=0),
            rtol=1e-5,
        )


@pytest.mark.parametrize("name", ["without_keywords_in_a_row", "its_own_from_config"])
def test_from_a_file(name: str, tmp_path: Path) -> None:
    model = MODELS[name]()
    path = tmp_path / "model.keras"
    model.save(path)
    keras.backend.clear_session()
    back = mtg.compile(mtg.decompile(path), trust=True)
    assert [tuple(w.shape) for w in back.weights] == [tuple(w.shape) for w in model.weights]


def test_a_file_does_not_say_how_many_results_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = MODELS["the_second_of_three_results"]()
    monkeypatch.chdir(tmp_path)
    model.save("model.keras")
    assert main(["decompile", "model.keras", "-o", "model.mtg"]) == 0
    capsys.readouterr()
    assert main(["compile", "model.mtg", "-o", "again.keras", "--trust"]) == 0
    assert "`Three` has 3 results, but 2 are used" in capsys.readouterr().err  # MTG631
    back = mtg.compile(Path("model.mtg"), trust=True)
    back.set_weights(model.get_weights())
    data = data_for(model)
    np.testing.assert_allclose(
        outputs_of(back, data)[0], outputs_of(model, data)[0], rtol=1e-6, atol=1e-6
    )


# ---- training that cannot be said ----------------------------------------------------------------


def compiled(**settings: Any) -> Any:
    x = Input((4,), name="x")
    made = Model(x, [layers.Dense(2, name="a")(x), layers.Dense(2, name="b")(x)], name="whole")
    made.compile(**settings)
    return made


def trained_otherwise() -> Any:
    x = Input((4,), name="x")
    return own.Trainer(inputs=x, outputs=layers.Dense(2)(x), name="whole")


class Secret(keras.losses.Loss):
    def call(self, y: Any, p: Any) -> Any:
        return y - p

    def get_config(self) -> dict[str, Any]:
        raise RuntimeError("secret")


LEFT_OUT: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: compiled(loss=["mse"]), "`loss` has 1 item for 2 outputs", ""),
    (
        lambda: compiled(loss=["mse", "mae"], metrics=["mae", "mse", "acc"]),
        "`metrics` is one list for several outputs",
        'loss="mae"',
    ),
    (
        lambda: compiled(optimizer="sgd", loss=[lambda y, p: p, "mse"]),
        "byte code of a Python `lambda`",
        'train(optimizer="sgd")',
    ),
    (
        lambda: compiled(loss="mse", metrics=[[lambda y, p: p], None]),
        "byte code of a Python `lambda`",
        'loss="mse"',
    ),
    (
        lambda: compiled(loss="mse", optimizer=keras.optimizers.SGD(lambda: 0.1)),
        "byte code of a Python `lambda`",
        'loss="mse"',
    ),
    (lambda: compiled(loss=Secret(), optimizer="sgd"), "secret", 'train(optimizer="sgd")'),
    (lambda: compiled(loss={"z": "mse"}), "`loss` names `z`", ""),
    (lambda: compiled(loss="mse", loss_weights=[1.0, float("nan")]), "`nan`", ""),
    (lambda: compiled(loss="mse", loss_weights=[-1.0, 1.0]), "MTG504", ""),
    (trained_otherwise, "`train_step` of the class `Trainer`", ""),
]


@pytest.mark.parametrize(("make", "words", "kept"), LEFT_OUT)
def test_training_that_cannot_be_said_is_left_out(
    make: Callable[[], Any], words: str, kept: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        text = mtg.decompile(model)
    said = [str(each.message) for each in caught]
    assert all(each.startswith("left out of the text of `whole`: ") for each in said)
    assert any(words in each for each in said)
    assert kept in text
    back = mtg.compile(text, trust=True)
    assert [tuple(w.shape) for w in back.weights] == [tuple(w.shape) for w in model.weights]


def test_what_can_be_said_of_the_other_outputs_is_kept(tmp_path: Path) -> None:
    def secret(y: Any, p: Any) -> Any:
        return keras.losses.mean_squared_error(y, p)

    secret.__module__ = "__main__"
    x = keras.Input((4,), name="x")
    y, z = (keras.layers.Dense(2, name=name)(x) for name in ("y", "z"))
    model = keras.Model(x, [y, z], name="whole")
    model.compile(
        loss={"y": secret, "z": "mse"},
        loss_weights={"y": 2.0, "z": 0.5},
        metrics={"y": [secret, "mae"], "z": ["mse"]},
    )
    path = tmp_path / "model.json"
    path.write_text(model.to_json(), encoding="utf-8")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        text = mtg.decompile(path)
    said = " ".join(str(each.message) for each in caught)
    for words in ("the loss of `y`", "the metric of `y`", "the weight 2.0 of `y`"):
        assert words in said
    assert 'z(loss="mse", weight=0.5, metrics=["mse"])' in text
    assert 'y(metrics=["mae"])' in text


def test_of_a_file_the_command_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.json"
    path.write_text(compiled(loss=["mse"]).to_json(), encoding="utf-8")
    assert main(["decompile", str(path)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("model Whole {")
    assert "warning[MTG630]: left out of the text of `whole`: " in err
    assert main(["decompile", str(path), "-W", "error"]) == 1
    assert capsys.readouterr().out == ""
