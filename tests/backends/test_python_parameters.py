"""Parameters of models and blocks as arguments of the functions that are written."""

from __future__ import annotations

import inspect
import json
import os
import re
from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from emitted import assert_same, graph_of
from hypothesis import given, settings
from hypothesis import strategies as st
from mtg.catalog.names import snake_case
from mtg.compare.canonical import canonical
from mtg.config.read import read_config
from python_programs import EXAMPLES
from random_programs import programs

MANY = int(os.environ.get("MTG_EXAMPLES", "12"))

#: Programs, values for their parameters, and what the function of the model takes.
PARAMETERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "of the model": (
        """
model M(vocab=50, width=8, act="relu", rate=0.5, unused=3) {
  input a: int32[9]
  shared read = Embedding(vocab, width) -> LSTM(width * 2) -> Dense(8, activation=act)
  input b: int32[9]
  output y = add(a -> read, b -> read) -> Dropout(rate) -> Dense(width // 4) -> Dense(1)
}
""",
        {"vocab": 60, "width": 12, "act": "tanh", "rate": 0.25},
        'vocab=50, width=8, act="relu", rate=0.5',
    ),
    "through blocks": (
        """
block x -> inner(units, act="relu") { return x -> Dense(units, activation=act) -> Dense(units * 2) }
block x -> outer(size, depth=2) {
  h = x -> inner(size) -> repeat depth { inner(size * 2, act="tanh") }
  return h -> Dense(size // 2)
}
model M(width=8, other=6) {
  input x: float32[4]
  output y = concat(x -> outer(width), x -> outer(other, depth=3), x -> outer(10)) -> Dense(1)
}
""",
        {"width": 16, "other": 2},
        "width=8, other=6",
    ),
    "that decide more than values": (
        """
block x -> f(n, wide=True) { return x -> Dense(n) -> if wide { Dense(8) } else { Dense(4) } }
model M(depth=2, width=8, half=width // 2, units=5, flag=True, size=7, steps=[3, 4]) {
  let twice = width * 2
  input x: float32[size]
  output y = x -> repeat depth { Dense(depth) } -> for n in steps { Dense(n) }
    -> Dense(half) -> Dense(twice, trainable=flag) -> f(units) -> f(6, wide=False)
}
""",
        {"half": 3, "units": 9},
        "half=4, units=5",
    ),
    "of families": (
        """
block x -> expert(units, norm=BatchNormalization, table={"n": 3}) {
  return x -> Dense(units, activation="relu") -> norm() -> Dense(table["n"]) -> Dense(units * 2)
}
model M(tasks=["click", "like"], experts=3, units=8, tower=6, rate=0.5, more=[2, 3], last=1) {
  input context: float32[12]
  pool = ops.stack([context -> expert(units) for _ in range(experts)], axis=1)
  for task in tasks {
    gate = context -> Dense(experts, activation="softmax")
    output f"{task}" = dot(gate, pool, axes=1) -> Dense(tower) -> Dropout(rate) -> Dense(1)
  }
  when last > 0 { output end = context -> Dense(tower if last else 3) -> expert(*[4]) }
}
""",
        {"units": 16, "rate": 0.25},
        "units=8, rate=0.5",
    ),
    "that loops hide, and models in the model": (
        """
model Inner(n=4, hidden=3) {
  input t: float32[4]
  output o = t -> for n in [5, 6, 7] { Dense(n) } -> Dense(n) -> Dense(hidden)
}
model M(n=4, name="relu", layers=3, input_units=2) {
  input x: float32[4]
  z = x -> for n in [5, 6, 7] { Dense(n, activation=name) }
  output y = z -> Dense(n) -> Dense(layers) -> Dense(input_units)
}
""",
        {"input_units": 9},
        'name_2="relu", layers_2=3, input_units=2',
    ),
    "that Python has another use for": (
        """
block x -> low(dim, rank=4, filter=3) { return x -> Dense(rank) -> Dense(dim) -> Dense(filter) }
model Inner(dim=4) { input name: float32[3] output o = name -> Dense(dim) }
model M(dim=16, rank=4, input=8, add=2, range=5) {
  input x: float32[10]
  h = x -> low(dim) -> low(8, rank=rank) -> Dense(input) -> Dense(add) -> Dense(range)
  output y = h -> Dense(3) -> Inner()
}
""",
        {"dim": 32, "rank": 2, "input": 6, "add": 3},
        "dim=16, rank=4, input=8, add=2, range_2=5",
    ),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_are_arguments(name: str) -> None:
    """The function makes what the program makes, for the values of both, as far as it takes any."""
    program, values, taken = PARAMETERS[name]
    source = mtg.to_python(program, model="M")
    assert f"def m({taken}):" in source
    names = functions(source)
    for each in ({}, values):
        said = json.loads(mtg.to_json(program, model="M", **each))
        with keras.StatelessScope(initialize_variables=False):
            forms = [graph_of(names["m"](**each)), read_config(said["config"]).graph]
        one, other = (canonical(graph, names=True, training=False) for graph in forms)
        assert one == other
    # What is set stays set.
    changed = mtg.to_python(program, model="M", **values)
    (first, value), *_ = values.items()
    assert f"{first}={json.dumps(value)}" in changed


@pytest.mark.parametrize(
    "name", ["EfficientNetV2B0", "EfficientNetB0", "ConvNeXtTiny", "DenseNet121", "MobileNetV2"]
)
def test_applications_take_no_name(name: str) -> None:
    """What its constructor looks up by its name, as `EfficientNetV2B0` its blocks, it finds."""
    top = "include_top=False, weights=None"
    source = mtg.to_python(
        "model M {\n  input x: float32[224, 224, 3]\n"
        f"  output y = x -> applications.{name}({top}) -> Flatten()\n}}"
    )
    (call,) = re.findall(rf"(\w+) = keras\.applications\.{name}\(\s*{top}\s*\)", source)
    assert f'    {call}.name = "y_{snake_case(name)}"\n' in source


def test_applications_in_functions() -> None:
    """Of a function each has a name of its own, and the one that an output asks for."""
    program = """
block x -> f() {
  return x -> applications.MobileNet(include_top=False, weights=None, pooling="avg")
}
model Inner { input t: float32[4] output o = t -> Dense(4) }
model M {
  input a: float32[32, 32, 3]
  input b: float32[32, 32, 3]
  input seq: float32[3, 4]
  output e = a -> applications.EfficientNetV2B0(include_top=False, weights=None, pooling="max")
  output pair = concat(a -> f(), b -> f()) -> Dense(2)
  output single = a -> f()
  output h = seq -> TimeDistributed(Inner(trainable=False))
}
"""
    source = mtg.to_python(program)
    assert "    inner_2.trainable = False\n" in source
    assert_same(program)


#: Programs in which something depends on a parameter that no formula says, and those that stay.
UNSAID = {
    "of a tensor": (
        """
model M(width=8, rate=0.5, last=3) {
  input x: float32[4]
  h = x -> Dense(width) -> Dropout(rate)
  output y = h * (h -> Dense(h.shape[-1], activation="sigmoid")) -> Dense(last)
}
""",
        "rate=0.5, last=3",
    ),
    "in a block": (
        """
block x -> gated(units, act="tanh", ratio=2) {
  h = x -> Dense(units, activation=act)
  n = h.shape[-1]
  return h * (h -> Dense(n // ratio) -> Dense(n))
}
model M(width=8, other=6, act="relu") {
  input x: float32[4]
  output y = x -> gated(width, act=act) -> gated(12, ratio=3) -> Dense(other)
}
""",
        'other=6, act="relu"',
    ),
    "that a branch asks for": (
        """
model M(width=8, kernel=3, side=2, padding="same", act="relu") {
  input x: float32[16, 4]
  h = x -> Conv1D(width, kernel, padding=padding, activation=act)
  t = h -> if h.shape[1] > 9 { MaxPooling1D(side) } else { Identity() }
  output y = t -> GlobalAveragePooling1D() -> Dense(side)
}
""",
        'side=2, act="relu"',
    ),
    "in a shared use of a block": (
        """
block x -> twice(units=4) { return x -> Dense(units) -> Dense(units * 2) }
block (x, s) -> after() { return x -> s -> Dense(3) }
model M(width=8, half=8, third=9) {
  input a: float32[4]
  input b: float32[4]
  shared s = twice(width)
  shared t = Dense(third) -> Dense(4)
  output y = concat(a -> s, b -> s) -> twice(half // 2) -> Dense(half)
  output z = concat((a, t) -> after(), b -> t)
}
""",
        "width=8, third=9",
    ),
    "of the shared, the wrapped and the split": (
        """
block x -> head(size) { return x -> Dense(size) }
model M(width=4, inner=6, units=5, size=7, alone=9) {
  input a: float32[3, 4]
  shared s = TimeDistributed(Dense(inner)) -> LSTM(units)
  h = a -> s
  output y = h -> head(h.shape[-1] * 2) -> head(size)
  output z = a -> s -> Dense(width) -> Dense(alone)
}
""",
        "width=4, size=7, alone=9",
    ),
}


@pytest.mark.parametrize("name", UNSAID)
def test_parameters_that_decide_more_are_no_arguments(name: str) -> None:
    program, taken = UNSAID[name]
    assert f"def m({taken}):" in mtg.to_python(program)
    assert_parameters_hold(program)


def another(value: Any) -> Any:
    """Another value for a parameter: twice a number, which is as divisible, or another word."""
    words = {"relu": "tanh", "tanh": "relu", "same": "valid", "valid": "same"}
    return words[value] if isinstance(value, str) else not value if value is True else value * 2


def functions(source: str) -> dict[str, Any]:
    """What a source defines; its script, which makes the model and its weights, does not run."""
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(source.partition("\nmodel = ")[0], "made.py", "exec"), names)
    return names


def assert_parameters_hold(program: Path | str, model: str | None = None) -> int:
    """Each parameter that the function keeps makes what mtg makes of its other value.

    Returns how many were tried: the program may have an error with the other value.
    """
    source = mtg.to_python(program, model=model)
    (call,) = re.findall(r"^model = (\w+)\(\)$", source, re.MULTILINE)
    made = functions(source)[call]
    tried = 0
    for name, parameter in inspect.signature(made).parameters.items():
        value = another(parameter.default)
        try:
            said = json.loads(mtg.to_json(program, model=model, **{name: value}))
        except mtg.MtgError:
            continue
        with keras.StatelessScope(initialize_variables=False):
            forms = [graph_of(made(**{name: value})), read_config(said["config"]).graph]
        one, other = (canonical(graph, names=True, training=False) for graph in forms)
        assert one == other, f"{name}={value!r}\n{source}"
        tried += 1
    return tried


def test_parameters_hold() -> None:
    """In the examples, and in programs at random that have parameters."""
    assert sum(map(assert_parameters_hold, EXAMPLES)) > 5
    settings(max_examples=MANY)(given(programs(), st.booleans())(assert_random_parameters_hold))()


def assert_random_parameters_hold(program: str, measured: bool) -> None:
    before, _, body = program.rpartition("model M {")
    for literal, formula in {
        "Dense(8)": "Dense(width)",
        "Dense(6)": "Dense(units * 3)",
        "(8)": "(width)",
        "Dropout(0.5)": "Dropout(rate)",
        '"relu"': "act",
        "repeat 2": "repeat times",
        "-> Dense(2)": "-> Dense(units)",
        "-> Dense(n)": "-> Dense(n + times)",
    }.items():
        body = body.replace(literal, formula)
    taken = 'width=8, units=2, rate=0.5, act="relu", times=2, side=4'
    more = """
  wide = a -> Dense(width, activation=act) -> Dropout(rate)
  output measured = wide * (wide -> Dense(wide.shape[-1])) -> Dense(side)
}"""
    body = body.rstrip().removesuffix("}") + more if measured else body
    assert_parameters_hold(f"{before}model M({taken}) {{{body}", "M")
