"""No pass, back end or check writes into a graph, and the order of questions changes no answer."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from mtg.backends.picture.draw import draw
from mtg.backends.summary.as_json import summary_json
from mtg.compare.canonical import canonical
from mtg.compiler import Compiler
from mtg.graph.graph import Call, Graph, Output
from mtg.graph.layers import Layer
from mtg.graph.validate import validate
from mtg.outline.outline import outline
from mtg.text.diagnostics import Diagnostics
from mtg.types.checks import check_types
from mtg.types.infer import infer
from mtg.types.lints import lint

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.mtg"))

PROGRAMS = {
    "an output of float16": "model M { input x: float16[4] output y = x }",
    "outputs that go on": """
model N {
  input x: float16[4]
  output y = x
  output z = ops.exp(x)
}
model M {
  input x: float16[4]
  input b: bfloat16[4]
  output e = ops.exp(x)
  output f = ops.exp(e)
  n, m = f -> N()
  output g = n
  output h = m -> Identity(dtype="float16")
  output i = m -> Identity()
  output j = b[:, 0:2]
  output k = b -> Dense(3, dtype="mixed_float16")
}
""",
    "what Keras alone knows": """
model M {
  input x: float32[3, 4]
  shared s = LSTM(4)
  output y(loss="mse", metrics=["mae"]) = x -> s
  output z(loss="mse") = x -> TimeDistributed(Dense(4)) -> s
  train(optimizer=Adam(learning_rate=1e-3), epochs=2)
}
""",
}


def written(value: Any, known: dict[int, int]) -> Any:
    """Everything that a graph holds, as plain data; objects by the order they are met in."""
    if isinstance(value, (Graph, Layer, Call, Output)) or dataclasses.is_dataclass(value):
        if id(value) in known:
            return known[id(value)]
        known[id(value)] = len(known)
        if isinstance(value, Graph):
            names = [n for n in vars(value) if n not in ("edges", "_edges")]
        elif isinstance(value, Layer):
            names = [n for c in type(value).__mro__ for n in getattr(c, "__slots__", ())]
        else:
            names = [each.name for each in dataclasses.fields(value)]
        return [type(value).__name__, *[(n, written(getattr(value, n), known)) for n in names]]
    if isinstance(value, dict):
        return [(written(k, known), written(v, known)) for k, v in value.items()]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *[written(item, known) for item in value]]
    return repr(value)


def snapshot(graph: Graph) -> Any:
    return written(graph, {})


def _types(graph: Graph) -> Any:
    return infer(graph, Diagnostics())


STEPS: dict[str, Callable[[Graph], Any]] = {
    "infer": _types,
    "validate": lambda graph: validate(graph, Diagnostics()),
    "check_types": lambda graph: check_types(graph, _types(graph), Diagnostics()),
    "lint": lambda graph: lint(graph, _types(graph), Diagnostics()),
    "canonical": canonical,
    "outline": outline,
    "summary": mtg.summary,
    "summary with Keras": lambda graph: mtg.summary(graph, with_keras=True),
    "summary as JSON": lambda graph: summary_json(graph, _types(graph)),
    "picture": lambda graph: draw(graph, _types(graph), "dot"),
    "JSON": mtg.to_json,
    "Python": mtg.to_python,
    "diff": lambda graph: mtg.diff(graph, graph),
    "Keras": mtg.compile,
    "fit": mtg.fit_arguments,
}


def assert_nothing_writes(program: Any, **settings: Any) -> None:
    graph = mtg.load(program, **settings)
    before = snapshot(graph)
    for name, step in STEPS.items():
        with redirect_stdout(io.StringIO()):
            step(graph)
        assert snapshot(graph) == before, name


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_writes_into_a_graph(name: str) -> None:
    assert_nothing_writes(PROGRAMS[name], model="M")


@pytest.mark.parametrize(
    "path", [p for p in EXAMPLES if p.stat().st_size < 900], ids=lambda p: p.stem
)
def test_nothing_writes_into_the_graph_of_an_example(path: Path) -> None:
    assert_nothing_writes(path)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_order_of_questions_changes_nothing(name: str) -> None:
    graphs = []
    for first in ("graph", "types", "check"):
        compiler = Compiler(PROGRAMS[name], model="M")
        asked = getattr(compiler, first)
        if first == "check":
            asked()
        assert compiler.types is not None
        graphs.append(compiler.graph)
    assert all(graph is not None and canonical(graph) == canonical(graphs[0]) for graph in graphs)
    assert len({mtg.to_python(graph) for graph in graphs}) == 1
    assert len({mtg.to_json(graph) for graph in graphs}) == 1


def test_outputs_have_the_dtypes_of_their_tensors() -> None:
    """What Keras builds of a graph that was never asked for its types, and of each other form."""
    program = PROGRAMS["outputs that go on"]
    wanted = [*["float16"] * 4, "float32", "bfloat16", "float16"]
    graph = Compiler(program, model="M").graph
    assert graph is not None
    model = mtg.compile(graph)
    names: dict[str, Any] = {}
    exec(mtg.to_python(graph), names)
    read = keras.models.model_from_json(mtg.to_json(graph))
    for built in (model, names["model"], read):
        assert [tensor.dtype for tensor in built.outputs] == wanted
    assert mtg.diff(graph, model).equal


def test_a_cast_at_an_output_is_a_difference() -> None:
    """`Identity()` makes float32 of float16, and is not the name of an output only."""
    kept = "model M { input x: float16[4] output y = x }"
    cast = "model M { input x: float16[4] output y = x -> Identity() }"
    assert not mtg.diff(kept, cast).equal
    assert "Identity()" in mtg.decompile(mtg.compile(cast))
    assert "Identity" not in mtg.decompile(mtg.compile(kept))
