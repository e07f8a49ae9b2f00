"""Objects as values, the settings of every instance, Python imports and `train`."""

from __future__ import annotations

from typing import Any

import mtg
import pytest
from mtg.graph.layers import Layer, PythonLayer
from mtg.graph.values import KerasObject, PythonObject
from programs import codes, layer, model, names

SEQUENCE = "input x: float32[5, 8]"


def argument(stage: str, name: str, inputs: str = "input x: float32[8]") -> Any:
    return layer(model(f"output y = x -> {stage}", inputs), "y").arguments[name]


@pytest.mark.parametrize(
    ("stage", "name", "kind", "cls"),
    [
        (
            "Dense(3, kernel_initializer=HeNormal(seed=1))",
            "kernel_initializer",
            "initializer",
            "HeNormal",
        ),
        ("Dense(3, kernel_regularizer=L2(1e-4))", "kernel_regularizer", "regularizer", "L2"),
        ("Dense(3, bias_constraint=MaxNorm(2.0))", "bias_constraint", "constraint", "MaxNorm"),
        ('Dense(3, dtype=DTypePolicy("mixed_float16"))', "dtype", "dtype_policy", "DTypePolicy"),
    ],
)
def test_objects_in_layers(stage: str, name: str, kind: str, cls: str) -> None:
    found = argument(stage, name)
    assert isinstance(found, KerasObject)
    assert (found.kind, found.name) == (kind, cls)


def test_arguments_of_objects_have_names() -> None:
    assert argument("Dense(3, kernel_regularizer=L2(1e-4))", "kernel_regularizer").arguments == {
        "l2": 1e-4
    }


def test_layers_in_layers() -> None:
    inner = argument("Bidirectional(LSTM(3, return_sequences=True))", "layer", SEQUENCE)
    assert isinstance(inner, Layer)
    assert (inner.cls, inner.arguments) == ("LSTM", {"units": 3, "return_sequences": True})
    cells = argument("RNN([LSTMCell(3), GRUCell(2)])", "cell", SEQUENCE)
    assert [cell.cls for cell in cells] == ["LSTMCell", "GRUCell"]
    nested = argument(
        "TimeDistributed(TimeDistributed(Dense(2)))", "layer", "input x: float32[2, 3, 4]"
    )
    assert nested.arguments["layer"].cls == "Dense"


def test_a_new_model_in_a_wrapper() -> None:
    text = model("output u = x -> Dense(2)", name="Inner")
    text += model("output y = x -> TimeDistributed(Inner())", SEQUENCE)
    assert layer(text, "y").arguments["layer"].graph.name == "Inner"
    assert codes(text) == []


def test_objects_are_values_of_lets_and_parameters() -> None:
    text = "let reg = L2(0.1)\nmodel M(other=L1(0.2)) {\ninput x: float32[8]\n"
    text += "a = x -> Dense(3, kernel_regularizer=reg)\n"
    text += "output y = a -> Dense(3, kernel_regularizer=other)\n}"
    assert layer(text, "a").arguments["kernel_regularizer"].name == "L2"
    assert layer(text, "y").arguments["kernel_regularizer"].name == "L1"


def test_tasks_and_training() -> None:
    text = model(
        "output y(loss=CategoricalCrossentropy(from_logits=True), weight=1 / 4,\n"
        '  metrics=[AUC(from_logits=True), "accuracy", TopKCategoricalAccuracy(k=2)]) =\n'
        "  x -> Dense(4)\n"
        "train(optimizer=Adam(learning_rate=CosineDecay(1e-3, 1000)), epochs=3, batch_size=32,\n"
        "  steps_per_execution=2, callbacks=[EarlyStopping(patience=3), ReduceLROnPlateau()])"
    )
    graph = mtg.load(text)
    (output,) = graph.outputs
    assert output.loss.name == "CategoricalCrossentropy"
    assert output.weight == 0.25
    assert [getattr(metric, "name", metric) for metric in output.metrics or ()] == [
        "AUC",
        "accuracy",
        "TopKCategoricalAccuracy",
    ]
    assert graph.train is not None
    assert set(graph.train.compile) == {"optimizer", "steps_per_execution"}
    assert graph.train.compile["optimizer"].arguments["learning_rate"].kind == "schedule"
    assert set(graph.train.fit) == {"epochs", "batch_size", "callbacks"}
    assert codes(text) == []


def test_a_loss_may_be_left_out_when_no_output_has_one() -> None:
    two = "output a{} = x -> Dense(1)\noutput b = x -> Dense(1)"
    assert codes(model(two.format(""))) == []
    assert codes(model(two.format('(loss="mse")'))) == ["MTG505"]


@pytest.mark.parametrize(
    "made",
    [
        "x -> Dense(8, {})",
        "x -> Flatten({})",
        "concat(x, x, {})",
        "x -> Inner({})",
        "x -> TimeDistributed(Dense(2), {})",
        "x -> applications.MobileNet(weights=None, input_shape=(32, 32, 3), include_top=False, {})",
    ],
)
def test_every_instance_takes_a_name_and_trainable(made: str) -> None:
    inner = model("output u = x -> Dense(8)", "input x: float32[4, 8]", "Inner")
    shape = "32, 32, 3" if "applications" in made else "4, 8"
    made = made.format('name="own", trainable=False')
    text = inner + model(f"output y = {made}", f"input x: float32[{shape}]")
    assert layer(text, "own", model="M").trainable is False
    assert layer(text, "y", model="M").cls == "Identity"
    assert codes(text) == []


def test_a_use_of_a_block_takes_a_name_and_trainable() -> None:
    text = "block x -> f() { return x -> Dense(3) -> Dense(4, trainable=True) }\n"
    text += model('output y = x -> f(name="own", trainable=False) -> f()')
    assert names(text) == ["x", "own_dense", "own", "y_dense", "y"]
    assert [item.trainable for item in mtg.load(text).layers[1:]] == [False, True, None, True]


def test_an_input_takes_neither_but_other_settings() -> None:
    assert codes(model("output y = x", 'input x(name="z"): float32[8]')) == ["MTG401"]
    assert codes(model("output y = x", "input x(trainable=False): float32[8]")) == ["MTG401"]
    text = model("output y = x -> Dense(1)", "input x(sparse=True, batch_size=4): float32[8]")
    assert layer(text, "x").arguments == {
        "shape": (8,), "dtype": "float32", "sparse": True, "batch_size": 4
    }  # fmt: skip


# Python


PYTHON = 'from python "mine" import Thing, loss, metric, act\n'


def test_python_is_unknown_where_it_does_not_run() -> None:
    text = PYTHON + model("output y(loss=loss, metrics=[metric]) = x -> Thing(3) -> Dense(1, act)")
    assert codes(text) == codes(text, trust=True) == []


def test_what_python_gives() -> None:
    text = PYTHON + model(
        "output y(loss=loss, metrics=[metric(k=2)]) =\n"
        '  x -> Thing(3, rate=0.5, name="thing", trainable=False) -> Dense(1, activation=act)'
    )
    graph = mtg.load(text)
    thing = next(item for item in graph.layers if item.name == "thing")
    assert isinstance(thing, PythonLayer)
    assert (thing.module, thing.positional, thing.arguments) == ("mine", (3,), {"rate": 0.5})
    assert thing.trainable is False
    (output,) = graph.outputs
    assert isinstance(output.loss, PythonObject)
    assert (output.loss.name, output.loss.arguments) == ("loss", None)
    assert output.metrics is not None
    assert output.metrics[0].arguments == ((), {"k": 2})


def test_checking_never_imports_the_python_of_a_program() -> None:
    text = 'from python "no.such.module" import Thing\n' + model("output y = x -> Thing()")
    assert codes(text) == codes(text, trust=True) == []
