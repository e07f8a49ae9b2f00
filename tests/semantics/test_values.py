"""Compile-time values: Python's, and within limits."""

from __future__ import annotations

from typing import Any

import mtg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mtg.compiler import Compiler
from mtg.limits import MAX_CALLS
from mtg.semantics.constant_evaluation import (
    CannotCompute,
    call_function,
    compare,
    describe,
    operate,
)
from programs import codes, layer, model
from steps import peak, steps


def value(expression: str) -> Any:
    return layer(model(f"output y = x -> Reshape({expression})"), "y").arguments["target_shape"]


@pytest.mark.parametrize(
    "expression",
    [
        *("10_000", "1e-3", "0x10", '"relu"', "'it'", "True", "None", "[1, 2]", "(1,)", "(1, 2)"),
        *('{"a": 1, 2: [3]}', "2 + 3 * 4", "2 ** 3 ** 2", "-2 ** 2", "7 // 2", "-7 % 3", "7 / 2"),
        *("1 < 2 < 3", "1 < 3 < 2", "1 in [1]", "2 not in [1]", "not 1", "0 or 5", "0 and 1"),
        *("[1, 2, 3][-1]", "[1, 2, 3][1:]", '"relu"[0]', '{"a": 1}["a"]', "(1, 2)[::-1]"),
        *("len([1, 2])", "min(3, 1)", "max([1, 5])", "round(2.567, 1)", "range(2, 9, 3)[1]"),
        *('"a" + "b"', "[1] + [2]", "[0] * 3", "1 if 2 > 1 else 3", "1 == 1.0", '"b" > "a"'),
    ],
)
def test_values_are_those_of_python(expression: str) -> None:
    text = model(f"let v = {expression}\noutput y = x -> JaxLayer(v)")
    found = layer(text, "y").arguments["call_fn"]
    assert found == eval(expression)
    assert type(found) is type(eval(expression))


@pytest.mark.parametrize(
    "expression",
    [
        *("1 / 0", "1 % 0", '"a" + 1', '"a" < 1', "[1][3]", '{"a": 1}["b"]', "len(3)", "min()"),
        *('"%d" % 1', "[1][1.5]", "1[0]", "(-8) ** 0.5", "2.0 ** 10_000", "{[1]: 2}", "-[1]"),
        *("10 ** 10_000", "2 ** 200", "[0] * 1_000_000", '"a" * 10 ** 9', "round(1, -10 ** 9)"),
        *("range(10 ** 9)", "max(range=3)", "(2 ** 100) * (2 ** 100)", "len(range(10 ** 30))"),
    ],
)
def test_what_has_no_value(expression: str) -> None:
    text = model(f"output y = x -> Dense({expression})")
    (error,) = mtg.check(text)
    assert error.code == "MTG406"
    assert peak(lambda: mtg.check(text)) < 3_000_000  # it is refused before it is computed


@pytest.mark.parametrize(
    "step",
    ["[v{0}, v{0}]", "(v{0}, v{0})", '{{"a": v{0}, "b": v{0}}}', "v{0} * v{0}", "v{0} + v{0}"],
)
@pytest.mark.parametrize("start", ["[1]", "T", "2"])
def test_values_that_grow_are_stopped_in_time(step: str, start: str) -> None:
    lets = "\n".join(f"let v{i + 1} = {step.format(i)}" for i in range(60))
    text = f"dim T\nlet v0 = {start}\n{lets}\n" + model("output y = x -> JaxLayer(v60)")
    # A tenth of the limits: what has no limit grows past any number of steps.
    assert steps(Compiler(text, max_layers=MAX_CALLS // 10).check) < 2_000_000


simple = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = simple | st.lists(simple, max_size=3) | st.dictionaries(st.text(max_size=3), simple)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["+", "-", "*", "/", "//", "%", "**"]),
    st.sampled_from(["==", "!=", "<", "<=", "in"]),
    st.sampled_from(["range", "len", "min", "max", "round"]),
    values,
    values,
)
def test_nothing_else_is_ever_raised(
    operator: str, comparison: str, function: str, left: Any, right: Any
) -> None:
    for attempt in (
        lambda: operate(operator, [left, right]),
        lambda: compare(comparison, left, right),
        lambda: call_function(function, [left, right]),
        lambda: call_function(function, [left]),
    ):
        try:
            said = describe(attempt())
        except CannotCompute as error:
            said = str(error)
        assert len(said) < 500


def test_values_where_tensors_are_needed_and_the_other_way_round() -> None:
    assert codes(model("let k = x\noutput y = x -> Dense(k)")) == ["MTG404"]
    assert codes(model("let k = 3\noutput y = concat(x, k)")) == ["MTG207"]
    assert codes(model("output y = x -> Dense(x)")) == ["MTG404"]
