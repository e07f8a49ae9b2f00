"""Models that emitted sources build, and what they are compared with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import mtg
from mtg.compare.canonical import canonical
from mtg.config.read import read_config
from mtg.graph.graph import Graph
from mtg.graph.layers import Application
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE
from mtg.types.infer import application_graph, infer


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
