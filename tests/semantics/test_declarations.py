"""Declarations in any order, scopes, values and parameters."""

from __future__ import annotations

import random

import mtg
import pytest
from programs import calls, codes, layer, model, names

STATEMENTS = [
    "input x: float32[3]",
    "input z: float32[length]",
    "let length = 4",
    "let width = length * 2 + 1",
    "shared enc = Dense(width)",
    "joined = concat(x, z)",
    "a = joined -> enc",
    "b = joined -> Dense(6) -> ReLU()",
    'output p(loss="mse") = concat(a, b) -> Dense(1)',
    'output q(loss="mse") = joined -> enc -> Dense(2)',
    'train(optimizer="adam")',
]


def program(statements: list[str]) -> str:
    return "model M {\n" + "\n".join(statements) + "\n}\n"


@pytest.mark.parametrize("seed", range(8))
def test_declarations_may_stand_in_any_order(seed: int) -> None:
    shuffled = random.Random(seed).sample(STATEMENTS, len(STATEMENTS))
    assert sorted(calls(program(shuffled))) == sorted(calls(program(STATEMENTS)))
    assert codes(program(shuffled)) == []


def test_inputs_and_outputs_keep_the_declared_order() -> None:
    graph = mtg.load(program(list(reversed(STATEMENTS))))
    assert [call.layer.name for call in graph.inputs] == ["z", "x"]
    assert [output.name for output in graph.outputs] == ["q", "p"]


def test_a_let_of_the_file_is_seen_in_all_of_it() -> None:
    text = "block x -> f() { return x -> Dense(k) }\n" + model("output y = x -> f() -> Dense(k)")
    assert layer(text + "let k = 7", "y_f").arguments["units"] == 7


def test_a_block_does_not_see_the_lets_of_the_model_that_uses_it() -> None:
    text = "let k = 4\nblock x -> f() { return x -> Dense(k) }\n"
    text += model("let k = 5\noutput y = x -> f() -> Dense(k)")
    assert layer(text, "y_f").arguments["units"] == 4
    assert layer(text, "y").arguments["units"] == 5


def test_inner_names_hide_outer_ones() -> None:
    text = "let k = 3\nblock x -> f(k) { return x -> Dense(k) }\n"
    text += "block x -> g() { let k = 7 return x -> Dense(k) }\n"
    text += model("output y = x -> f(5) -> g() -> Dense(k) -> for k in [1] { Dense(k) }")
    graph = mtg.load(text)
    assert [item.arguments["units"] for item in graph.layers[1:]] == [5, 7, 3, 1]


def test_none_is_a_value() -> None:
    text = "let bias = None\nblock x -> f(act=None) { return x -> Dense(3, activation=act) }\n"
    text += model('output y = x -> f() -> f(act="relu") -> f(act=None) -> Dense(1, bias)')
    activations = [item.arguments["activation"] for item in mtg.load(text).layers[1:]]
    assert activations == [None, "relu", None, None]


def test_defaults_may_use_earlier_parameters_and_lets_of_the_file() -> None:
    text = "let base = 2\nblock x -> f(a, b=a * base) { return x -> Dense(b) }\n"
    assert layer(text + model("output y = x -> f(5)"), "y").arguments["units"] == 10
    assert codes(
        "block x -> f(a=b, b=1) { return x -> Dense(a + b) }\n" + model("output y = x")
    ) == ["MTG101"]


def test_parameters_are_overridden_by_the_caller() -> None:
    text = "model M(width=4, deep=False) {\ninput x: float32[8]\n"
    text += "output y = x -> if deep { Dense(2) } -> Dense(width)\n}"
    assert names(text) == ["x", "y"]
    assert names(text, deep=True) == ["x", "y_dense", "y"]
    assert layer(text, "y", width=9).arguments["units"] == 9
    with pytest.raises(mtg.MtgError, match="no parameter `depth`"):
        mtg.load(text, depth=3)


def test_a_parameter_without_a_default_is_asked_for() -> None:
    text = "model M(width) {\ninput x: float32[8]\noutput y = x -> Dense(width)\n}"
    assert codes(text) == ["MTG402"]
    assert codes(text, width=3) == []


def test_dims_name_lengths() -> None:
    body = "output y = concat(x, z) -> LSTM(2)"
    same = model(body, "dim T\ninput x: float32[T, 3]\ninput z: float32[T, 4]")
    other = model(body, "dim T\ndim U\ninput x: float32[T, 3]\ninput z: float32[U, 4]")
    assert codes(same) == []
    assert codes("dim T\n" + same.replace("dim T\n", "")) == []
    assert codes(other) == ["MTG301"]


def test_lengths_are_computed() -> None:
    text = model(
        "output y = x", "let n = 3\ndim T\ninput x: float32[n * 2, ?, T + 1, 8 if n else 9]"
    )
    assert str(mtg.load(text).inputs[0].layer.arguments["shape"]) == "(6, ?, T+1, 8)"


def test_docstrings_are_kept() -> None:
    assert mtg.load(model('"""What it does."""\ninput x: float32[2]\noutput y = x', "")).doc == (
        "What it does."
    )


def test_names_of_keras_are_free_for_tensors() -> None:
    assert names(model("Adam = x -> Dense(3)\noutput add = Adam -> Dense(2)")) == [
        "x",
        "Adam",
        "add",
    ]


def test_an_output_is_a_tensor_too() -> None:
    text = model("output h = x -> Dense(3)\noutput y = h -> Dense(1)")
    assert calls(text) == ["h = Dense(x)", "y = Dense(h)"]


def test_several_models_and_which_is_meant() -> None:
    inner = model("output y = x -> Dense(8)", name="Inner")
    outer = model("output y = x -> Inner() -> Dense(1)", name="Outer")
    assert mtg.load(inner + outer).name == "Outer"
    assert mtg.load(outer + inner).name == "Outer"
    assert mtg.load(inner + outer, model="Inner").name == "Inner"
    with pytest.raises(mtg.MtgError, match="the file has several models; choose one"):
        mtg.load(inner + model("output y = x -> Dense(1)", name="Other"))
    with pytest.raises(mtg.MtgError, match="did you mean `Inner`"):
        mtg.load(inner + outer, model="Iner")


def test_each_branch_of_a_when_may_say_how_to_train() -> None:
    text = (
        'model M(fine=False) { input x: float32[8] output y(loss="mse") = x -> Dense(1)\n'
        "when fine { train(epochs=2) } else { train(epochs=9) } }"
    )
    assert codes(text) == []
    for fine, epochs in ((True, 2), (False, 9)):
        train = mtg.load(text, fine=fine).train
        assert train is not None
        assert train.fit == {"epochs": epochs}
    assert codes(text.replace("} else {", "} train(epochs=3) when not fine {")) == ["MTG103"] * 2
