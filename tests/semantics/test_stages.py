"""`repeat`, `for` and `if` among stages, nested in each other."""

from __future__ import annotations

import mtg
import pytest
from programs import codes, layer, model, names


def classes(flow: str, **settings: object) -> list[str]:
    text = (
        f"model M(n=2, deep=True, wide=False) {{\ninput x: float32[8]\noutput y = x -> {flow}\n}}"
    )
    return [item.cls for item in mtg.load(text, **settings).layers[1:]]


def units(flow: str) -> list[int]:
    return [item.arguments["units"] for item in mtg.load(model(f"output y = {flow}")).layers[1:]]


def test_repeat() -> None:
    assert classes("repeat n { Dense(8) -> ReLU() }") == ["Dense", "ReLU"] * 2
    assert classes("repeat n { Dense(8) }", n=5) == ["Dense"] * 5
    assert classes("repeat 0 { Dense(8) }") == ["Identity"]
    assert classes("repeat 3 {} -> Dense(1)") == ["Dense"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("[3, 5]", [3, 5]),
        ("(3, 5)", [3, 5]),
        ("range(2, 5)", [2, 3, 4]),
        ("[3, 5][1:]", [5]),
        ("[4] * 3", [4, 4, 4]),
        ("[]", []),
        ("{3: 1, 4: 2}", [3, 4]),
    ],
)
def test_for(values: str, expected: list[int]) -> None:
    assert units(f"x -> for n in {values} {{ Dense(n) }} -> Dense(1)") == [*expected, 1]


def test_loops_in_loops() -> None:
    flow = "x -> for a in [4, 6] { Dense(a) -> for b in range(2) { Dense(a + b) } }"
    assert units(flow) == [4, 4, 5, 6, 6, 7]
    assert units("x -> for a in [1, 2] { for a in [a * 3] { Dense(a) } }") == [3, 6]


@pytest.mark.parametrize(
    ("deep", "wide", "expected"),
    [(True, False, "ReLU"), (False, True, "Dropout"), (False, False, "Dense")],
)
def test_if_else_if(deep: bool, wide: bool, expected: str) -> None:
    flow = "if deep { ReLU() } else if wide { Dropout(0.1) } else { Dense(2) }"
    assert classes(flow, deep=deep, wide=wide) == [expected]


def test_without_else_the_tensor_passes_through() -> None:
    assert classes("if wide { ReLU() } -> Dense(2)") == ["Dense"]


def test_all_of_them_nested() -> None:
    flow = "repeat n { for u in [2, 3] { Dense(u) -> if u > 2 { repeat 2 { ReLU() } } } }"
    assert classes(flow) == ["Dense", "Dense", "ReLU", "ReLU"] * 2


@pytest.mark.parametrize("condition", ["n == 2 and deep", "not wide", "1 < n <= 2", "n in [2]"])
def test_conditions(condition: str) -> None:
    assert classes(f"if {condition} {{ ReLU() }} else {{ Dense(1) }}") == ["ReLU"]


def test_a_conditional_chooses_a_stage_or_a_source() -> None:
    assert classes("(Dense(3) if deep else ReLU()) -> Dense(1)") == ["Dense", "Dense"]
    assert units("(x if False else x -> Dense(3)) -> Dense(1)") == [3, 1]


def test_the_branch_not_taken_is_not_expanded() -> None:
    assert codes(model("output y = x -> if False { Dense(1 / 0) } else { Dense(1) }")) == []
    assert codes(model("output y = x -> repeat 0 { Conv2D(3, 3) } -> Dense(1)")) == []
    assert codes(model("output y = x -> Dense(1 if True else 1 / 0)")) == []


def test_every_round_makes_new_layers() -> None:
    assert names(model("output y = x -> repeat 3 { Dense(8) }")) == [
        "x",
        "y_dense",
        "y_dense_2",
        "y",
    ]


@pytest.mark.parametrize(
    "stage", ["repeat -1 {}", 'repeat "a" {}', "repeat 1.5 {}", "for x in 3 {}"]
)
def test_what_cannot_be_counted(stage: str) -> None:
    assert codes(model(f"output y = x -> {stage}")) == ["MTG404"]


def test_merges_of_flows_in_loops_of_blocks() -> None:
    text = "block x -> dense_block(n) { return x -> repeat n { grow() } }\n"
    text += "block x -> grow() { return concat(x, x -> Dense(2)) }\n"
    text += model("output y = x -> dense_block(3) -> Dense(1)")
    assert layer(text, "y").cls == "Dense"
    assert codes(text) == []
