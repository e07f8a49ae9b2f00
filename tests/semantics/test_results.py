"""Layers, blocks and models with several results, and nested models."""

from __future__ import annotations

import mtg
import pytest
from mtg.graph.layers import NestedModel
from programs import calls, codes, model

SEQUENCE = "input x: float32[5, 3]"
TWO = "block x -> two() { return x -> Dense(2), x -> Dense(3) -> ReLU() }\n"
INNER = model(
    "output u = p -> Dense(2)\noutput v = q -> Dense(3)",
    "input p: float32[3]\ninput q: float32[4]",
    "Inner",
)
PAIR = "input a: float32[3]\ninput b: float32[4]"


def test_the_results_of_a_layer_have_names() -> None:
    text = model(
        "seq, h, c = x -> LSTM(4, return_sequences=True, return_state=True)\n"
        "output y = concat(seq -> Flatten(), h, c)",
        SEQUENCE,
    )
    assert calls(text) == [
        "seq = LSTM(x)",
        "y_flatten = Flatten(seq)",
        "y = Concatenate([y_flatten, seq[1], seq[2]])",
    ]


def test_an_underscore_is_a_result_that_is_not_wanted() -> None:
    text = model("_, h = x -> GRU(4, return_state=True)\noutput y = h", SEQUENCE)
    assert calls(text) == ["h = GRU(x)", "y = Identity(h[1])"]
    assert codes(model("_, h = x -> GRU(4, return_state=True)\noutput y = _", SEQUENCE)) == [
        "MTG101"
    ]


def test_beside_an_underscore_what_is_unused_is_still_said() -> None:
    inputs = SEQUENCE + "\ninput z: float32[3]"
    text = model("_, h = x -> GRU(4, return_state=True)\noutput y = h", inputs)
    assert codes(text) == ["MTG202"]


def test_underscores_may_stand_several_times() -> None:
    text = model("_, _, c = x -> LSTM(4, return_state=True)\noutput y = c", SEQUENCE)
    assert codes(text) == []


def test_a_result_left_unused_beside_one_that_is_used_is_no_fault() -> None:
    body = "a, b = x -> {}\noutput y = a -> Flatten()"
    assert codes(model(body.format("GRU(4, return_state=True)"), SEQUENCE)) == []
    assert codes(TWO + model(body.format("two()"))) == []


@pytest.mark.parametrize(
    "taken", ["a = x -> {}\noutput z = a -> Dense(1)", "output z = x -> {} -> Dense(1)"]
)
@pytest.mark.parametrize("maker", ["LSTM(4, return_state=True)"])
def test_several_results_in_a_chain_are_an_error(taken: str, maker: str) -> None:
    text = TWO + model(taken.format(maker) + "\noutput y = x -> Flatten()", SEQUENCE)
    (error,) = [found for found in mtg.check(text) if found.is_error]
    assert error.code == "MTG208"
    assert "a, b" in error.help


def test_several_results_of_a_block_in_a_chain_are_an_error() -> None:
    text = TWO + model("output z = x -> two() -> Dense(1)\noutput y = x -> Flatten()", SEQUENCE)
    (error,) = [found for found in mtg.check(text) if found.is_error]
    assert error.code == "MTG208"
    assert "a, b" in error.help


@pytest.mark.parametrize("maker", ["LSTM(4, return_sequences=True, return_state=True)", "two()"])
def test_several_results_taken_by_one_name_are_a_list(maker: str) -> None:
    body = f"all = x -> {maker}\noutput y = all[0]\noutput z = concat([*all[1:]])"
    assert codes(TWO + model(body, SEQUENCE)) == []


@pytest.mark.parametrize(
    "binding",
    ["a, b = x -> Dense(3)", "a, b = x -> LSTM(2, return_state=True)", "a, b, c = x -> two()"],
)
def test_names_and_results_must_be_as_many(binding: str) -> None:
    text = TWO + model(f"{binding}\noutput y = a -> Flatten()", SEQUENCE)
    assert codes(text) == ["MTG208"]


def test_a_block_returns_several_tensors() -> None:
    text = TWO + model("a, b = x -> two()\noutput y = concat(a, b)")
    assert calls(text)[-1] == "y = Concatenate([a_two_dense, a_two_re_lu])"


def test_a_block_returns_a_flow_whose_last_layer_has_several_results() -> None:
    text = "block x -> read(k) { return x -> LSTM(k, return_state=True) }\n"
    text += model("out, h, c = x -> read(4)\noutput y = concat(out, h, c)", SEQUENCE)
    assert calls(text) == ["out = LSTM(x)", "y = Concatenate([out, out[1], out[2]])"]


def test_a_block_takes_several_tensors() -> None:
    text = "block (p, q) -> join(k) { return concat(p -> Dense(k), q -> Dense(k)) }\n"
    by_position = calls(text + model("output y = (a, b) -> join(2)", PAIR))
    assert by_position == calls(text + model("output y = (q=b, p=a) -> join(2)", PAIR))
    assert by_position == calls(text + model("output y = [a, b] -> join(k=2)", PAIR))
    assert by_position[0] == "y_dense = Dense(a)"


@pytest.mark.parametrize("group", ["(a, b)", "(p=a, q=b)", "(q=b, p=a)", "(a, q=b)", "[a, b]"])
def test_a_nested_model_takes_its_inputs_by_position_or_by_name(group: str) -> None:
    text = INNER + model(f"u, v = {group} -> Inner()\noutput y = concat(u, v)", PAIR)
    assert calls(text) == ["u = Inner([a, b])", "y = Concatenate([u, u[1]])"]


@pytest.mark.parametrize(
    ("group", "code"),
    [
        ("a", "MTG307"),
        ("(a, b, b)", "MTG307"),
        ("(a, r=b)", "MTG401"),
        ("(a, p=b)", "MTG403"),
    ],
)
def test_a_nested_model_is_given_the_wrong_inputs(group: str, code: str) -> None:
    text = INNER + model(f"u, v = {group} -> Inner()\noutput y = concat(u, v, a, b)", PAIR)
    assert codes(text) == [code]


def test_a_call_of_a_nested_model_takes_training() -> None:
    inner = model("output u = x -> Dropout(0.5)", name="Inner")
    text = inner + model("output y = (x, training=False) -> Inner() -> Dense(1)")
    assert calls(text)[0] == "y_inner = Inner(x, training=False)"


def test_a_nested_model_takes_parameters() -> None:
    inner = "model Inner(k=2) {\ninput x: float32[8]\noutput u = x -> Dense(k) -> Dense(8)\n}\n"
    text = inner + model("output y = x -> Inner() -> Inner(5) -> Inner(k=6)")
    graph = mtg.load(text)
    units = [
        item.graph.layers[1].arguments["units"]
        for item in graph.layers
        if isinstance(item, NestedModel)
    ]
    assert units == [2, 5, 6]


def test_what_is_wrong_in_a_nested_model_is_said_once() -> None:
    inner = model("output u = x -> Desne(8)", name="Inner")
    text = inner + model("output y = x -> Inner() -> Inner() -> Dense(1)")
    assert codes(text) == ["MTG102"]
    wrong_input = INNER.replace("float32[3]", "flaot32[3]")
    text = wrong_input + model("u, v = (a, b) -> Inner()\noutput y = concat(u, v)", PAIR)
    assert codes(text) == ["MTG405"]


def test_losses_of_a_nested_model_are_its_own() -> None:
    inner = model('output u(loss="mse") = x -> Dense(8)\ntrain(optimizer="adam")', name="Inner")
    graph = mtg.load(inner + model("output y = x -> Inner()"))
    assert [output.loss for output in graph.outputs] == [None]
    assert graph.train is None
