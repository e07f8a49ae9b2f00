"""The Python back end: source that a person would keep, and that builds the model mtg builds."""

from __future__ import annotations

import inspect
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from expander import expand, same
from goldens import expect
from hypothesis import given, settings
from hypothesis import strategies as st
from mtg.backends.python.layout import (
    WIDTH,
    Atom,
    Bracketed,
    Called,
    Keyword,
    docstring,
    quoted,
    statement,
)
from mtg.backends.python.source import python_source
from mtg.catalog import catalog
from mtg.catalog.applications import application_names
from mtg.catalog.names import snake_case
from mtg.compare.canonical import canonical
from mtg.config.read import read_config
from mtg.graph.graph import Graph
from mtg.graph.layers import Application
from mtg.outline.names import class_words
from mtg.outline.outline import outline
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE
from mtg.types.infer import application_graph, infer
from random_programs import programs

MANY = int(os.environ.get("MTG_EXAMPLES", "12"))
LONG = os.environ.get("MTG_LONG_TESTS") == "1"
ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.mtg"))


def run(source: str) -> Any:
    """The model that a source builds; its weights have no values, which would take most of it."""
    head, _, script = source.partition("\nmodel = ")
    first, _, rest = f"model = {script}".partition("\n")
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(head, "made.py", "exec"), names)
    with keras.StatelessScope(initialize_variables=False):
        exec(compile(first, "made.py", "exec"), names)
    exec(compile(rest, "made.py", "exec"), names)
    return names["model"]


def application(name: str) -> Graph:
    made = Application("base", name, {"weights": None}, NOWHERE)
    graph = application_graph(made)
    assert graph is not None
    graph.name = name.lower()
    return graph


def graph_of(model: Any) -> Graph:
    return read_config(model.get_config()).graph


def training(found: dict[str, Any], names: list[str]) -> list[Any]:
    """What a model is compiled with, output by output."""
    rows = []
    for key in ("loss", "loss_weights", "metrics"):
        value = found.get(key)
        for name in names:
            by_name = isinstance(value, dict) and set(value) <= set(names)
            one = value.get(name) if by_name else value
            rows.append(one[0] if key == "loss_weights" and isinstance(one, list) else one)
    return rows


def says(model: Any, said: Any) -> bool:
    """Whether a model is compiled as a config says, which leaves out defaults."""
    if isinstance(said, dict):
        return isinstance(model, dict) and all(says(model.get(k), v) for k, v in said.items())
    if isinstance(said, (list, tuple)):
        return len(model) == len(said) and all(map(says, model, said))
    return bool(model == said)


def assert_same(program: Path | str) -> None:
    """The source builds the model that the program is; compared with its config."""
    said = json.loads(mtg.to_json(program))
    graph = read_config(said["config"]).graph
    model = run(mtg.to_python(program))
    forms = [canonical(each, names=True, training=False) for each in (graph_of(model), graph)]
    assert forms[0] == forms[1]
    weights = infer(graph, Diagnostics()).model_weights()
    assert weights is not None
    assert [(w.shape, w.trainable) for w in model.weights] == [
        (weight.shape, weight.trainable) for weight in weights
    ]
    loaded = mtg.load(program)
    names = [output.name for output in loaded.outputs]
    assert model.output_names == names
    if loaded.train is not None or any(output.loss is not None for output in loaded.outputs):
        compiled = training(model.get_compile_config(), names)
        assert says(compiled, training(said["compile_config"], names))
        assert isinstance(model.optimizer, keras.optimizers.Optimizer)


# ---- the model -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    assert_same(path)


@pytest.mark.parametrize(
    "name",
    ["ResNet50", "InceptionV3", "MobileNetV3Small", "ConvNeXtTiny", "EfficientNetB0", "Xception"],
)
def test_applications(name: str) -> None:
    graph = application(name)
    model = run(python_source(graph))
    assert canonical(graph_of(model), names=True) == canonical(graph, names=True)


#: Programs with what the examples have not.
PROGRAMS = {
    "slices and ops": """
model M {
  input x: float32[6, 4]
  first = x[:, 0]
  rest = x[:, 1:5:2, ..., 1]
  output y = ops.concatenate([ops.mean(x, axis=1), first * 1 if False else first], axis=-1)
    -> Dense(2)
  output z = ops.max(rest, axis=[-1], keepdims=True) -> Dense(1)
}
""".replace("first * 1 if False else first", "first"),
    "operators": """
model M {
  input x: float32[4]
  input w: float32[4]
  output y = ((x -> Dense(4)) * w - 2) / (1 + x ** 2) % 3 -> Dense(1)
  output z = ops.where(x >= w, -x, x // w)
  output m = (x -> Reshape((2, 2))) @ (w -> Reshape((2, 2)))
  output n = (-x) ** -w ** 2 - (x - (w - x)) * -2 + (x * w)[:, 0] -> Dense(4)
  output o = (x < w) == (w < x)
  output p = ops.ones([4], dtype="float32") * x + ops.divide(x, 2)
  output q = ops.where(2 < x, 2 - x, ops.mean(x + w) ** 0.5)
}
""",
    "objects": """
model M {
  input x: float32[6, 4]
  output y(loss=CategoricalCrossentropy(from_logits=True), metrics=[TopKCategoricalAccuracy(k=2)])
    = x
    -> Bidirectional(LSTM(3, kernel_regularizer=L2(1e-4), return_sequences=True))
    -> TimeDistributed(Dense(2, kernel_initializer=VarianceScaling(scale=2.0)))
    -> Flatten() -> Dense(3, kernel_constraint=MaxNorm(2.0), dtype="float32")
  train(
    optimizer=Adam(learning_rate=CosineDecay(1e-3, 1000), clipnorm=1.0), jit_compile=False,
    epochs=3, callbacks=[EarlyStopping(patience=2)]
  )
}
""",
    "groups": """
model M {
  input q: float32[5, 8]
  input v: float32[?, 8]
  seq, h, c = v -> LSTM(8, return_sequences=True, return_state=True)
  a = (query=q, value=seq) -> MultiHeadAttention(2, 4)
  b = (q, v) -> Attention()
  n = (a, training=False) -> BatchNormalization()
  output y = (add(n, b), initial_state=[h, c]) -> LSTM(8) -> Dense(1)
}
""",
    "shared chains": """
model M {
  input a: int32[9]
  input b: int32[9]
  shared read = Embedding(50, 8) -> LSTM(4) -> Dense(2, trainable=False)
  output y = subtract(a -> read, b -> read) -> Dense(1)
}
""",
    "a shared chain of several arguments and results, models in it": """
model Inner(n=4) {
  input x: float32[?, 8]
  output z = x -> Dense(n) -> Dense(8)
}
model M {
  input a: float32[3, 8]
  input b: float32[3, 8]
  shared look = MultiHeadAttention(2, 4) -> Inner(trainable=False)
    -> GRU(4, return_sequences=True, return_state=True)
  seq, last = (a, value=b) -> look
  _, first = (query=b, value=seq -> Dense(8)) -> look
  output y = add(last, first) -> Dense(1)
}
""",
    "loops over blocks of several tensors": """
block (x0, x) -> cross(n) { return x0, add(multiply(x0, x -> Dense(n)), x) }
block (h, c) -> cell(rate=0.1) {
  u = concat(h, c) -> Dense(8, activation="tanh") -> Dropout(rate)
  return add(u, c), u
}
block x -> tower(n) {
  _, q = (x, x) -> repeat 3 { cross(n) }
  return q
}
model M {
  input a: float32[8]
  input b: float32[8]
  _, q = (a -> Dense(8), b -> Dense(8)) -> repeat 3 { cross(8) }
  r, s = (a, b) -> for k in [0.1, 0.2, 0.3] { cell(rate=k) }
  t, u = (r, s) -> repeat 2 { cell(rate=0.5) -> cell() }
  _, named = (q, t) -> repeat 2 { cross(8) }
  output v = concat(u, a -> tower(8), b -> tower(8), named) -> Dense(1)
  output w = q
}
""",
    "frozen": """
model Inner(n=4) {
  input x: float32[8]
  output z = x -> Dense(n) -> Dense(n)
}
model M {
  input x: float32[8]
  shared inner = Inner(trainable=False)
  once = x -> Inner(n=3, trainable=False)
  output y = concat(x -> inner, x * 1 -> inner, once) -> Dense(2)
}
""".replace("x * 1 -> inner", "x -> Dense(8) -> inner"),
    "outputs that end in blocks and loops": """
block x -> head(n) { return x -> Dense(n) -> repeat 2 { Dense(n) } }
model M {
  input x: float32[8]
  output a(loss="mse", weight=2.0) = x -> head(3)
  output b(loss="mae") = x -> head(4)
  output c = x -> repeat 3 { Dense(5) }
  output d(loss="mse", metrics=["mae"]) = x -> for n in [4, 5, 6] { Dense(n) -> ReLU() }
}
""".replace("output c =", 'output c(loss="mse") ='),
    "inputs": """
model M {
  input ids(batch_size=2): int32[?]
  input words: string[1]
  input flags(optional=True): float32[3, 3, 1]
  output y = ids -> Embedding(5, 4) -> GlobalAveragePooling1D() -> Dense(1)
  output w = words -> Identity()
  output f = flags -> Flatten() -> Dense(1)
}
""",
    "names that clash": """
model M {
  input layers: float32[8]
  input keras: float32[8]
  input x: float32[8]
  units = layers -> Dense(4)
  print = keras -> Dense(4)
  output range = concat(units, print, x -> for units in [2, 3, 4] { Dense(units) }) -> Dense(1)
}
""",
    "several inputs to a block": """
block (a, b) -> cell(n, rate=0.1) {
  h = concat(a, b) -> Dense(n, activation="tanh") -> Dropout(rate)
  g = concat(a, b) -> Dense(n, activation="sigmoid")
  return multiply(h, g), add(h, b)
}
model M {
  input x: float32[8]
  input s: float32[8]
  output y, = (x, s) -> cell(8) -> cell(8, rate=0.2)
}
""".replace(
        "output y, = (x, s) -> cell(8) -> cell(8, rate=0.2)",
        "p, q = (x, s) -> cell(8)\n"
        "  r, t = (p, q) -> cell(8, rate=0.2)\n  output y = add(r, t) -> Dense(1)",
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.filterwarnings("ignore:.*does not support masking.*")
def test_programs(name: str) -> None:
    assert_same(PROGRAMS[name])


#: The texts of networks that have families, which become lists and loops.
FAMILIES = sorted((ROOT / "tests/cases/decompile").glob("family_*.mtg"))


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_families(path: Path) -> None:
    assert_same(path)
    graph = mtg.load(path)
    expect(mtg.to_python(path), f"python/{path.stem}.py.txt")
    assert same(graph, expand(outline(graph, python=True)))


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


def test_a_loop_goes_over_the_name_of_its_result() -> None:
    program = """
model M {
  input x: float32[4]
  deep = x -> repeat 3 { Dense(4) -> ReLU() }
  output y = add(deep, x)
}
"""
    source = mtg.to_python(program)
    assert "    deep = x\n    for _ in range(3):\n        deep = layers.Dense(4)(deep)\n" in source
    assert "= deep\n" not in source


def test_arguments_stand_as_the_block_declares_them() -> None:
    """The tensors in the order of its head, then the parameters, those that are found anew too."""
    program = """
block (a, skip) -> gated(filters, dilation, act="relu") {
  h = a -> Conv1D(4, 3, dilation_rate=dilation, padding="same", activation=act)
    -> Conv1D(filters + 1, 1)
  return add(h, skip) if filters > 4 else multiply(h, skip)
}
block (a, b) -> swap(n, m=2) { h = b -> Dense(n) return concat(h, a) -> Dense(m) }
model M {
  input a: float32[8, 4]
  input b: float32[8, 1]
  output y = concat((a, b) -> gated(8, 2), (a, b) -> gated(9, 4))
  output z = concat((a, b) -> gated(3, 3), (a, b) -> gated(4, 5))
  output w = concat((a, b) -> swap(8), (b, a) -> swap(5, m=3))
  output u = (y, (b, a) -> swap(4)) -> swap(7)
}
"""
    source = mtg.to_python(program)
    assert 'def gated(x, y, filters, dilation, act="relu"):' in source
    assert 'def gated_2(x, y, filters, dilation, act="relu"):' in source
    assert "def swap(x, y, n, m=2" in source
    assert "swap(a, b, 8)" in source
    assert "swap(b, a, 5, m=3)" in source
    assert_same(program)


def test_functions_have_the_names_of_models() -> None:
    """Where a variable has that name, the function builds it."""
    graph = mtg.load(
        "model Sub { input a: float32[3] output b = a -> Dense(2) }\n"
        "model Head { input a: float32[2] output c = a -> Dense(2) }\n"
        "model Model {\n  input x: float32[3]\n  sub = x -> Sub()\n  other = x -> Dense(2)\n"
        "  output y = concat(sub, other) -> Dense(2) -> Head()\n  output z = add(sub, other)\n}\n",
        model="Model",
    )
    source = python_source(graph)
    for line in ("def build_sub(name=None):", "def head(name=None):", "def build_model():"):
        assert line in source
    assert "model = build_model()" in source
    assert run(source).name == "Model"


def test_python_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers written in Python are imported as the program imports them."""
    (tmp_path / "made_by_hand.py").write_text(
        "import keras\n\n\n"
        "class Scale(keras.layers.Layer):\n"
        "    def __init__(self, by, **rest):\n"
        "        super().__init__(**rest)\n"
        "        self.by = by\n\n"
        "    def call(self, x):\n"
        "        return x * self.by\n\n\n"
        "def halved(y_true, y_pred):\n"
        "    return keras.losses.mean_squared_error(y_true, y_pred) / 2\n",
        encoding="utf-8",
    )
    (tmp_path / "m.mtg").write_text(
        'from python "made_by_hand" import Scale, halved\n'
        "model M {\n  input x: float32[8]\n"
        "  output y(loss=halved) = x -> Scale(2.0) -> Dense(1)\n}\n",
        encoding="utf-8",
    )
    source = mtg.to_python(tmp_path / "m.mtg", trust=True)
    assert "from made_by_hand import Scale, halved" in source
    monkeypatch.syspath_prepend(str(tmp_path))
    model = run(source)
    assert [type(layer).__name__ for layer in model.layers] == ["InputLayer", "Scale", "Dense"]
    sys.modules.pop("made_by_hand")


def test_command(tmp_path: Path) -> None:
    """`mtg compile -o model.py` imports no Keras; the file runs alone, and names nothing of mtg."""
    made = tmp_path / "model.py"
    code = (
        "import sys\nfrom mtg.cli import main\n"
        f"assert main(['compile', {str(EXAMPLES[0])!r}, '-o', {str(made)!r}]) == 0\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    text = made.read_text(encoding="utf-8")
    assert "mtg" not in text
    assert mtg.to_python(EXAMPLES[0]) == text


def test_operators() -> None:
    """Where Python's operator makes the op of the program; a number before `<` is turned round."""
    source = mtg.to_python(PROGRAMS["operators"])
    assert "true_divide = (dense * w - 2) / (1 + x**2)\n" in source
    assert "power = (-x) ** -(w**2)\n" in source
    assert "n = power - multiply + (x * w)[:, 0]\n" in source
    assert "ops.equal(x < w, w < x)" in source
    assert 'ops.multiply(ops.ones((4,), dtype="float32"), x)' in source
    assert "ops.where(ops.less(2, x), 2 - x, power_out)" in source


def test_a_shared_chain_is_one_callable() -> None:
    source = mtg.to_python(PROGRAMS["shared chains"])
    assert "def chain(first, *rest):" in source
    assert "layers.Subtract()([read(a), read(b)])" in source
    assert source.count("for ") == 1


def test_a_chain_that_is_called_chain() -> None:
    """What the program calls so keeps the name; a source without shared chains has no function."""
    program = PROGRAMS["shared chains"].replace("read", "chain")
    assert "def chain_2(first, *rest):" in mtg.to_python(program)
    assert_same(program)
    assert "def chain" not in mtg.to_python(PROGRAMS["frozen"])


# ---- how it reads --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["news_headline", "tiny_resnet", "model_as_layer"])
def test_goldens(name: str) -> None:
    expect(mtg.to_python(ROOT / "examples" / f"{name}.mtg"), f"python/{name}.py.txt")


@pytest.mark.parametrize("name", ["ResNet152", "InceptionV3"])
def test_golden_applications(name: str) -> None:
    expect(python_source(application(name)), f"python/{name}.py.txt")


def ruff(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ruff", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def assert_tidy(folder: Path) -> None:
    """As `ruff format` leaves it, and nothing for `ruff check` to say."""
    formatted = ruff("format", "--isolated", "--no-cache", "--diff", str(folder))
    assert formatted.returncode == 0, formatted.stdout + formatted.stderr
    rules = "E4,E7,E9,W,F,I,B,UP,C4,PIE"
    checked = ruff("check", "--isolated", "--no-cache", "--select", rules, str(folder))
    assert checked.returncode == 0, checked.stdout


def test_tidy(tmp_path: Path) -> None:
    sources = {path.stem: mtg.to_python(path) for path in EXAMPLES}
    names = application_names() if LONG else ["EfficientNetB3", "NASNetMobile", "ConvNeXtTiny"]
    sources |= {name: python_source(application(name)) for name in names}
    sources |= {name.replace(" ", "_"): mtg.to_python(text) for name, text in PROGRAMS.items()}
    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    assert_tidy(tmp_path)


def test_imports_are_in_natural_order(tmp_path: Path) -> None:
    source = mtg.to_python(
        'from python "parts10" import Last\n'
        'from python "parts2" import Part10, Part2, halved, Part1\n'
        "model M {\n  input x: float32[8]\n"
        "  output y(loss=halved) = x -> Part2() -> Part10() -> Part1() -> Last() -> Dense(1)\n}\n"
    )
    assert "from parts2 import Part1, Part2, Part10, halved\nfrom parts10 import Last\n" in source
    (tmp_path / "made.py").write_text(source, encoding="utf-8")
    assert_tidy(tmp_path)


@pytest.mark.parametrize("name", ["InceptionV3", "NASNetMobile"])
def test_numbers_count_from_one(name: str) -> None:
    """In every function the names `body`, `body_2`, … come in that order, and none is left out."""
    for function in python_source(application(name)).split("\n\n\n")[1:-1]:
        targets = re.findall(r"^    (?:    )?([\w, ]+) = ", function, re.MULTILINE)
        names = dict.fromkeys(name for each in targets for name in each.split(", "))
        counts: dict[str, int] = {}
        for each in names:
            stem = re.sub(r"_\d+$", "", each)
            counts[stem] = counts.get(stem, 0) + 1
            declared = stem == "dense"  # the output's own name
            assert declared or each == (stem if counts[stem] == 1 else f"{stem}_{counts[stem]}")


words = st.text("abcdefgh", min_size=1, max_size=24).map(lambda text: f"v{text}")
atoms = words.map(Atom)
items = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(Called, atoms, st.lists(inner, max_size=5).map(tuple)),
        st.builds(
            lambda callee, first, second: Called(Called(callee, first), second),
            atoms,
            st.lists(inner, max_size=4).map(tuple),
            st.lists(inner, min_size=1, max_size=3).map(tuple),
        ),
        st.builds(Bracketed, st.sampled_from(["[]", "()"]), st.lists(inner, max_size=4).map(tuple)),
        st.builds(
            lambda values: Bracketed(
                "{}", tuple(Keyword(f'"k{number}": ', v) for number, v in enumerate(values))
            ),
            st.lists(inner, max_size=4),
        ),
    ),
    max_leaves=14,
)


@settings(max_examples=int(os.environ.get("MTG_EXAMPLES", "200")) // 20)
@given(st.data())
def test_statements_are_as_ruff_leaves_them(data: st.DataObject) -> None:
    """Twenty statements at once, since each start of ruff takes a while."""
    lines: list[str] = []
    for _ in range(20):
        value = data.draw(items)
        if isinstance(value, Atom):
            continue
        prefix = data.draw(st.sampled_from(["x = ", "return ", "", "some_longer_name = "]))
        if prefix == "" and not isinstance(value, Called):
            continue
        lines += statement(prefix, value, "", 4)
    source = "def f():\n" + "\n".join(lines or ["    pass"]) + "\n"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "-"],
        input=source,
        capture_output=True,
        text=True,
    )
    assert done.stdout == source


@pytest.mark.parametrize(
    "text", ["plain", 'say "this"', "it's", 'it\'s "both"', "tab\t", "back\\slash", "ünï", ""]
)
def test_quoted(text: str) -> None:
    found = quoted(text)
    assert eval(found) == text
    assert found.startswith('"') == (text.count('"') <= text.count("'") or '"' not in text)


@pytest.mark.parametrize(
    "text",
    [
        "One line.",
        'Ends in "quotes"',
        "Two\n\n  lines\n    deeper",
        "back\\slash",
        'of """three"""',
    ],
)
def test_docstrings(text: str, tmp_path: Path) -> None:
    source = "def f():\n" + "\n".join(docstring(text)) + "\n    return 1\n"
    names: dict[str, Any] = {}
    exec(source, names)
    assert text.split()[0] in names["f"].__doc__
    (tmp_path / "f.py").write_text(source, encoding="utf-8")
    assert ruff("format", "--isolated", "--no-cache", "--diff", str(tmp_path)).returncode == 0


def test_no_line_is_too_long() -> None:
    sources = map(python_source, map(application, ["EfficientNetB3", "InceptionResNetV2"]))
    lines = itertools.chain.from_iterable(source.splitlines() for source in sources)
    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize("name", ["class", "__debug__", "\ufb01", "size"])
def test_arguments_that_python_cannot_spell(name: str) -> None:
    """What a program calls with a name of its own gets that name, whatever Python takes it for."""
    source = mtg.to_python(
        'from python "made_by_hand" import Scale\n'
        f"model M {{ input x: float32[4] output y = x -> Scale({name}=3) }}"
    )
    given: list[dict[str, object]] = []

    def scale(**arguments: object) -> Any:
        given.append(arguments)
        return keras.layers.Dense(1, name="y")

    made = source.replace("from made_by_hand import Scale", "")
    assert made != source
    exec(compile(made.partition("\nmodel.compile(")[0], "made.py", "exec"), {"Scale": scale})
    assert given[0][name] == 3


@pytest.mark.parametrize(
    ("model", "function"),
    [
        *[("DCNv2", "dcn_v2"), ("UNetDS", "unet_ds"), ("VAEPure", "vae_pure"), ("MMoE", "mmoe")],
        *[("MoEModel", "moe_model"), ("ESMM", "esmm"), ("DeepFM", "deep_fm"), ("M", "m")],
        *[("TinyUNet3D", "tiny_unet3d"), ("ResNet50V2", "res_net50_v2"), ("YOLOv3", "yolo_v3")],
        *[("ResNeXt50", "res_next50"), ("NASNetLarge", "nas_net_large"), ("MyGAN", "my_gan")],
        *[("Inceptionv3", "inception_v3"), ("Conv2DBlock", "conv2d_block"), ("V2", "v2")],
        *[("Net1_0_224", "net1_0_224"), ("two_towers", "two_towers"), ("ÄrgerNetz", "ärger_netz")],
    ],
)
def test_functions_are_spelt_as_people_spell_them(model: str, function: str) -> None:
    source = mtg.to_python(f"model {model} {{ input a: float32[4] output y = a -> Dense(2) }}")
    assert f"\ndef {function}():\n" in source


def test_classes_of_keras_are_spelt_as_keras_spells_them() -> None:
    """So that words for variables are found by what Keras calls layers."""
    for name in catalog().names("layer"):
        assert class_words(name) == snake_case(name)
