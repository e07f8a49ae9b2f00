"""The Keras back end: what mtg builds is what a person would write in Keras."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mtg
import numpy as np
import pytest

keras = pytest.importorskip("keras")
layers, ops = (keras.layers, keras.ops) if keras else (None, None)


def model(body: str, inputs: str = "input x: float32[8]", name: str = "M") -> str:
    return f"model {name} {{\n{inputs}\n{body}\n}}\n"


def data(built: Any, rows: int = 5, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    found = []
    for tensor in built.inputs:
        shape = (rows, *(length or 4 for length in tensor.shape[1:]))
        whole = "int" in str(tensor.dtype)
        found.append(
            rng.integers(0, 5, shape).astype("int32") if whole else rng.random(shape, "float32")
        )
    return found


def predictions(built: Any, x: list[np.ndarray]) -> list[np.ndarray]:
    results = built(x if len(x) > 1 else x[0], training=False)
    return [keras.ops.convert_to_numpy(tensor) for tensor in keras.tree.flatten(results)]


def assert_same(built: Any, twin: Any) -> None:
    """The same weights in the same order, and with the same values in them the same outputs."""
    assert [w.shape for w in built.weights] == [w.shape for w in twin.weights]
    twin.set_weights(built.get_weights())
    x = data(built)
    for found, expected in zip(predictions(built, x), predictions(twin, x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


# Programs and what one would write in Keras


def shared_chain() -> Any:
    x, z = keras.Input((8,)), keras.Input((8,))
    first, second = layers.Dense(4, activation="relu"), layers.Dense(3)
    outer = layers.Dense(2)
    a, b = second(first(x)), second(first(z))
    return keras.Model([x, z], [layers.Concatenate()([outer(a), outer(b), b])])


def results() -> Any:
    x = keras.Input((5, 3))
    seq, h, c = layers.LSTM(4, return_sequences=True, return_state=True)(x)
    again = layers.LSTM(4)(seq, initial_state=[h, c])
    return keras.Model(x, layers.Concatenate()([again, h]))


def groups() -> Any:
    q, v = keras.Input((5, 8)), keras.Input((6, 8))
    a = layers.Attention()([q, v])
    b = layers.MultiHeadAttention(2, 4)(query=q, value=v, key=v)
    c = layers.BatchNormalization()(layers.Add()([a, b]), training=False)
    return keras.Model([q, v], [layers.Dot(axes=-1)([c, q])])


def functions() -> Any:
    x = keras.Input((5, 8))
    position = ops.cast(ops.expand_dims(ops.arange(5), -1), "float32")
    y = ops.concatenate([layers.Dense(4)(x) + position, x[:, ::-1, 1:3]], axis=-1)
    return keras.Model(x, [ops.mean(y, axis=1), x[:, -1], x[..., 0]])


def wrapped() -> Any:
    frame = keras.Input((4,))
    digit = keras.Model(frame, layers.Dense(2)(frame))
    x, z = keras.Input((7, 4)), keras.Input((4,))
    frames = layers.Bidirectional(layers.LSTM(3), merge_mode="sum")(
        layers.TimeDistributed(digit)(x)
    )
    return keras.Model([x, z], layers.Concatenate()([frames, digit(z)]))


def blocks() -> Any:
    def residual(tensor: Any, filters: int, strides: int) -> Any:
        body = layers.Conv2D(filters, 3, strides=strides, padding="same")(tensor)
        skip = layers.Conv2D(filters, 1, strides=strides)(tensor) if strides > 1 else tensor
        return layers.ReLU()(layers.Add()([body, skip]))

    x = keras.Input((8, 8, 3))
    y = x
    for filters in (4, 6):
        y = residual(residual(y, filters, 2), filters, 1)
    return keras.Model(x, layers.GlobalAveragePooling2D()(y))


def cells() -> Any:
    x = keras.Input((5, 3))
    y = layers.RNN([layers.LSTMCell(4), layers.GRUCell(2)])(x)
    return keras.Model(x, layers.Dense(2, kernel_regularizer=keras.regularizers.L2(0.1))(y))


def two_outputs() -> Any:
    a, b = keras.Input((3,)), keras.Input((4,))
    inner = keras.Model([a, b], [layers.Dense(2)(a), layers.Dense(3)(b)])
    x, z = keras.Input((3,)), keras.Input((4,))
    u, v = inner([x, z])
    return keras.Model([x, z], [v, layers.Concatenate()([u, v])])


TWINS: dict[str, tuple[str, Callable[[], Any]]] = {
    "shared_chain": (
        model(
            'shared enc = Dense(4, activation="relu") -> Dense(3)\nshared out = enc -> Dense(2)\n'
            "output y = concat(x -> out, z -> out, z -> enc)",
            "input x: float32[8]\ninput z: float32[8]",
        ),
        shared_chain,
    ),
    "results": (
        model(
            "seq, h, c = x -> LSTM(4, return_sequences=True, return_state=True)\n"
            "output y = concat((seq, initial_state=[h, c]) -> LSTM(4), h)",
            "input x: float32[5, 3]",
        ),
        results,
    ),
    "groups": (
        model(
            "a = (q, v) -> Attention()\nb = (query=q, value=v, key=v) -> MultiHeadAttention(2, 4)\n"
            "c = (add(a, b), training=False) -> BatchNormalization()\noutput y = dot(c, q)",
            "input q: float32[5, 8]\ninput v: float32[6, 8]",
        ),
        groups,
    ),
    "functions": (
        model(
            'let n = 5\nposition = ops.cast(ops.expand_dims(ops.arange(n), -1), "float32")\n'
            "moved = ops.add(x -> Dense(4), position)\n"
            "joined = ops.concatenate([moved, x[:, ::-1, 1:3]], axis=-1)\n"
            "output a = ops.mean(joined, axis=1)\noutput b = x[:, -1]\noutput c = x[..., 0]",
            "input x: float32[5, 8]",
        ),
        functions,
    ),
    "wrapped": (
        model("output u = x -> Dense(2)", "input x: float32[4]", "Digit")
        + model(
            "shared digit = Digit()\n"
            'frames = x -> TimeDistributed(digit) -> Bidirectional(LSTM(3), merge_mode="sum")\n'
            "output y = concat(frames, z -> digit)",
            "input x: float32[7, 4]\ninput z: float32[4]",
        ),
        wrapped,
    ),
    "blocks": (
        "block x -> residual(filters, strides=1) {\n"
        '  body = x -> Conv2D(filters, 3, strides=strides, padding="same")\n'
        "  skip = x -> if strides > 1 { Conv2D(filters, 1, strides=strides) }\n"
        "  return add(body, skip) -> ReLU()\n}\n"
        + model(
            "output y = x -> for f in [4, 6] { residual(f, strides=2) -> residual(f) }\n"
            "  -> GlobalAveragePooling2D()",
            "input x: float32[8, 8, 3]",
        ),
        blocks,
    ),
    "cells": (
        model(
            "output y = x -> RNN([LSTMCell(4), GRUCell(2)])\n"
            "  -> Dense(2, kernel_regularizer=L2(0.1))",
            "input x: float32[5, 3]",
        ),
        cells,
    ),
    "two_outputs": (
        model(
            "output u = a -> Dense(2)\noutput v = b -> Dense(3)",
            "input a: float32[3]\ninput b: float32[4]",
            "Inner",
        )
        + model(
            "u, v = (x, z) -> Inner()\noutput first = v\noutput second = concat(u, v)",
            "input x: float32[3]\ninput z: float32[4]",
        ),
        two_outputs,
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_what_is_built_is_what_one_would_write(name: str) -> None:
    program, twin = TWINS[name]
    built = mtg.compile(program)
    assert_same(built, twin())
    graph = mtg.load(program)
    assert built.output_names == [output.name for output in graph.outputs]
    assert built.input_names == [call.layer.name for call in graph.inputs]
    assert [tensor.name for tensor in built.inputs] == built.input_names


# Keras cannot load its own file of a layer that stands inside a wrapper and outside of it.
@pytest.mark.parametrize("name", sorted(set(TWINS) - {"wrapped"}))
def test_after_saving_and_loading_it_predicts_the_same(name: str, tmp_path: Path) -> None:
    built = mtg.compile(TWINS[name][0])
    built.optimizer.build(built.trainable_variables)
    built.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.output_names == built.output_names
    x = data(built)
    for found, expected in zip(predictions(loaded, x), predictions(built, x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_ops_and_slices_in_a_shared_chain(tmp_path: Path) -> None:
    """A function of `keras.ops` is called anew at each use, and names stay unique."""
    program = "block x -> f() { return add(x[:, 0:4], ops.abs(x)[:, 4:]) -> Dense(8) }\n"
    program += model("shared enc = f() -> Dense(8)\noutput y = x -> enc -> enc -> enc")
    built = mtg.compile(program)
    operations = [operation.name for operation in built.operations]
    assert len(set(operations)) == len(operations)
    assert len(built.weights) == 4
    built.optimizer.build(built.trainable_variables)
    built.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    x = data(built)
    np.testing.assert_allclose(predictions(loaded, x)[0], predictions(built, x)[0], rtol=1e-5)


def test_names_of_layers_are_those_of_the_graph() -> None:
    program = TWINS["blocks"][0]
    assert [layer.name for layer in mtg.compile(program).layers] == [
        layer.name for layer in mtg.load(program).layers
    ]


def test_outputs_stand_in_the_declared_order_even_before_the_inputs() -> None:
    built = mtg.compile(
        "model M {\noutput b = h -> Dense(2)\noutput a = h\nh = concat(z, x)\n"
        "input z: float32[3]\ninput x: float32[4]\n}"
    )
    assert (built.output_names, built.input_names) == (["b", "a"], ["z", "x"])


def test_trainable() -> None:
    built = mtg.compile(
        model("output u = x -> Dense(8) -> Dense(8)", name="Inner")
        + "block x -> f() { return x -> Dense(8) -> Dense(8, trainable=True) }\n"
        + model("output y = x -> Inner(trainable=False) -> f(trainable=False) -> Dense(1)")
    )
    assert len(built.weights) == 10
    assert len(built.trainable_weights) == 4


# Compiling, fitting


TASKS = model(
    'output a(loss="mse", weight=0.5, metrics=["mae", RootMeanSquaredError()]) = x -> Dense(1)\n'
    "output b(loss=CategoricalCrossentropy(from_logits=True)) = z -> Dense(3)\n"
    "output c = ops.abs(x)\n"
    "train(optimizer=SGD(learning_rate=0.5, momentum=0.9), epochs=3,\n"
    "  callbacks=[EarlyStopping(patience=2)])",
    "input x: float32[8]\ninput z: float32[4]",
)


def test_what_is_given_to_compile() -> None:
    built = mtg.compile(TASKS)
    assert type(built.optimizer).__name__ == "SGD"
    assert built.optimizer.get_config()["momentum"] == pytest.approx(0.9)
    config = built.get_compile_config()
    assert config["loss"]["a"] == "mse"
    assert config["loss"]["b"]["class_name"] == "CategoricalCrossentropy"
    assert config["loss"]["c"] is None
    assert config["loss_weights"] == {"a": 0.5, "b": 1.0, "c": 1.0}
    assert list(config["metrics"]) == ["a"]
    fit = mtg.fit_arguments(TASKS)
    assert fit["epochs"] == 3
    assert isinstance(fit["callbacks"][0], keras.callbacks.EarlyStopping)


def test_a_program_without_losses_has_none() -> None:
    assert mtg.compile(model("output y = x -> Dense(1)")).loss is None


@pytest.mark.parametrize("way", ["by position", "by name", "by name, as far as there are losses"])
def test_both_ways_of_feeding(way: str) -> None:
    keras.utils.set_random_seed(1)
    built = mtg.compile(TASKS)
    x = data(built)
    y = [np.ones((5, 1), "float32"), np.eye(5, 3, dtype="float32"), np.ones((5, 8), "float32")]
    inputs, targets = x, y
    if way != "by position":
        inputs, targets = dict(zip(["x", "z"], x, strict=True)), dict(zip("abc", y, strict=True))
        targets = {name: targets[name] for name in reversed("abc" if way == "by name" else "ab")}
    history = built.fit(inputs, targets, validation_data=(inputs, targets), verbose=0).history
    tasks = {"loss", "a_loss", "b_loss", "a_mae", "a_root_mean_squared_error"}
    assert set(history) == tasks | {f"val_{name}" for name in tasks}
    logs = built.evaluate(inputs, targets, return_dict=True, verbose=0)
    errors = predictions(built, x)[0] - y[0]
    assert logs["a_mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-4)
    assert logs["loss"] == pytest.approx(0.5 * (errors**2).mean() + logs["b_loss"], rel=1e-4)
    assert set(built.train_on_batch(inputs, targets, return_dict=True)) == tasks


# Keras warns where a model of one input is given it by name, and takes it all the same.
@pytest.mark.filterwarnings("ignore:Exception encountered when calling Functional")
@pytest.mark.filterwarnings("ignore:The structure of `inputs`")
def test_a_model_of_one_output_takes_its_targets_by_name() -> None:
    """Keras alone does so for several outputs only."""
    program = model('output y(loss="mse", metrics=["mae"]) = x -> Dense(1)')
    built, twin = mtg.compile(program), mtg.compile(program)
    twin.set_weights(built.get_weights())
    (x,) = data(built)
    y, weight = np.ones((5, 1), "float32"), np.arange(5, dtype="float32")
    named = {"y": y}
    for settings in ({}, {"sample_weight": weight}):
        by_name = {key: {"y": value} for key, value in settings.items()}
        found = built.evaluate({"x": x}, named, verbose=0, return_dict=True, **by_name)
        assert found == twin.evaluate(x, y, verbose=0, return_dict=True, **settings)
        found = built.fit({"x": x}, named, verbose=0, validation_data=({"x": x}, named), **by_name)
        expected = twin.fit(x, y, verbose=0, validation_data=(x, y), **settings)
        for key, values in expected.history.items():
            assert found.history[key] == pytest.approx(values, rel=1e-4)
    assert built.train_on_batch({"x": x}, named) == pytest.approx(
        twin.train_on_batch(x, y), rel=1e-4
    )


# Long models


@pytest.mark.parametrize(
    "program",
    [
        'output y = x -> repeat 2_500 { Activation("relu") }',
        "\n".join(
            [
                "output y = a1799",
                *(f"a{i} = a{i - 1} -> ReLU()" for i in range(1799, 0, -1)),
                "a0 = x",
            ]
        ),
    ],
    ids=["2,500 layers", "1,800 statements"],
)
def test_long_chains(program: str) -> None:
    before = sys.getrecursionlimit()
    built = mtg.compile(model(program))
    assert len(built.layers) > 1500
    assert sys.getrecursionlimit() == before


# What Keras refuses, and Python


def test_what_keras_refuses_is_an_error_with_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    other = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    other.save_weights("w.weights.h5")
    made = 'applications.MobileNet(weights="w.weights.h5", include_top=False)'
    text = model(f"output y = x -> {made}", "input x: float32[32, 32, 3]")
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(text)
    (error,) = refused.value.errors
    assert error.code == "MTG309"
    assert error.span.text == made
    assert "`MobileNet`" in error.message


MINE = """
import keras

@keras.saving.register_keras_serializable("mine")
class Scale(keras.layers.Layer):
    def __init__(self, by, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def call(self, x):
        return x * self.by

def loss(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)

def metric(k):
    def times(y_true, y_pred):
        return keras.ops.mean(y_pred) * 0 + k
    return times
"""


def test_layers_losses_and_metrics_from_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mtg_mine.py").write_text(MINE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    text = 'from python "mtg_mine" import Scale, loss, metric\n' + model(
        "output y(loss=loss, metrics=[metric(k=7)]) = x -> Scale(3.0, trainable=False) -> Dense(1)"
    )
    built = mtg.compile(text, trust=True)
    assert built.get_layer("y_scale").by == 3.0
    x = data(built)[0]
    logs = built.evaluate(x, np.zeros((5, 1), "float32"), verbose=0, return_dict=True)
    assert logs["times"] == 7
    assert logs["loss"] == pytest.approx(np.abs(predictions(built, [x])[0]).mean(), rel=1e-4)


@pytest.mark.parametrize("names", ["Missing", "boom"])
def test_python_that_cannot_be_had(
    names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mtg_broken.py").write_text("def __getattr__(name): 1 / 0\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = "mtg_broken" if names == "boom" else "mtg_no_such_module"
    text = f'from python "{module}" import {names}\n' + model(f"output y = x -> {names}()")
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(text, trust=True)
    assert [error.code for error in refused.value.errors] == ["MTG610"]


# Other back ends of Keras


@pytest.mark.jax
def test_it_works_with_jax() -> None:
    script = (
        "import mtg, numpy as np, keras\n"
        "assert keras.backend.backend() == 'jax'\n"
        f"built = mtg.compile({TASKS!r})\n"
        "x = {'x': np.ones((4, 8), 'float32'), 'z': np.ones((4, 4), 'float32')}\n"
        "y = {'a': np.ones((4, 1)), 'b': np.ones((4, 3)) / 3}\n"
        "print(sorted(built.fit(x, y, verbose=0).history))\n"
        f"print(len(mtg.compile({TWINS['functions'][0]!r}).outputs))\n"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "['a_loss', 'a_mae', 'a_root_mean_squared_error', 'b_loss', 'loss']",
        "3",
    ]


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16", "float32", "int32"])
def test_the_name_of_an_output_does_not_cast_it(dtype: str) -> None:
    """Neither in the model nor in a model in it, which Keras's `Identity` would do."""
    text = (
        f"model Inner {{\n  input z: {dtype}[1]\n  output w = ops.add(z, 1)\n}}\n"
        f"model M {{\n  input x: {dtype}[1]\n  output y = ops.add(x, 1)\n"
        "  output v = x -> Inner()\n}\n"
    )
    built = mtg.compile(text, model="M")
    x = keras.Input((1,), dtype=dtype)
    assert [tensor.dtype for tensor in built.outputs] == [ops.add(x, 1).dtype] * 2
    read = mtg.compile(mtg.decompile(built), model="M")
    assert [tensor.dtype for tensor in read.outputs] == [tensor.dtype for tensor in built.outputs]
    small = np.full((1, 1), 1e-3 if "float" in dtype else 3, "float64")
    by_hand = keras.Model(x, ops.add(x, 1))
    for found in predictions(built, [ops.cast(small, dtype)]):
        wanted = predictions(by_hand, [ops.cast(small, dtype)])[0]
        assert found.dtype == wanted.dtype
        np.testing.assert_allclose(found.astype(float), wanted.astype(float), rtol=1e-5)


def test_an_identity_that_casts_stays_when_a_model_is_read_back() -> None:
    x = keras.Input((3,), dtype="float64", name="x")
    built = keras.Model(x, layers.Identity(name="y")(ops.multiply(x, 2)))
    text = mtg.decompile(built)
    assert mtg.compile(text).outputs[0].dtype == built.outputs[0].dtype == "float32"
    assert "Identity()" in text
