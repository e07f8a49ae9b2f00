"""A program, and what Keras saves of the model built from it, are the same model: for every class
of layer and every function of `keras.ops`, on the calls that test the type rules.

`MTG_LONG_TESTS=1` takes all of the calls, else two of each that are far apart in its table.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest
from mtg.backends.keras.build import Builder
from mtg.backends.keras.refusals import KerasRefused
from mtg.catalog import catalog
from mtg.catalog.dropped import dropped, loses_policy
from mtg.compare.difference import Side, difference
from mtg.compare.operand import config_side
from mtg.graph.graph import Graph, Output
from mtg.graph.layers import KerasLayer, Op
from mtg.graph.values import TensorRef
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE, Source, Span
from mtg.types.carriers import settle
from mtg.types.infer import infer

sys.path.insert(0, str(Path(__file__).parents[1] / "types"))

import layer_cases
import op_cases
import op_more_cases
import op_rare_cases
from case import Case, layers_of, mapped
from oracle import _Build

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
CALLS: dict[str, list[Case]] = dict(layer_cases.cases())
for _case in (*op_cases.cases(), *op_more_cases.cases(), *op_rare_cases.cases()):
    CALLS.setdefault(f"ops.{_case.cls}", []).append(_case)

#: A program has spans; what is read from a config has none.
PLACE = Span(Source("program", "x"), 0, 1)

#: Layers that save the dtype in which they compute, not the policy that they were given, and those
#: that save none.
OWN_DTYPES = {
    *("Discretization", "HashedCrossing", "SpatialDropout1D", "SpatialDropout2D"),
    *("SpatialDropout3D", "StringLookup", "IntegerLookup"),
}


@pytest.fixture(autouse=True, scope="module")
def fresh_keras() -> Iterator[None]:
    yield
    keras.backend.clear_session()


def program(case: Case) -> Graph | None:
    """The graph of one call as a program has it, or None where mtg refuses it."""
    build = _Build(False, False)
    args, kwargs = mapped(case.args, build.leaf), mapped(dict(case.kwargs), build.leaf)
    arguments = mapped(dict(case.arguments), build.leaf)
    trainable = arguments.pop("trainable", None)
    kind = Op if case.op else KerasLayer
    layer = kind("it", case.cls, arguments, NOWHERE, trainable=trainable)
    graph = build.graph
    graph.span = PLACE
    call = graph.add_call(layer, args, kwargs, NOWHERE)
    diagnostics = Diagnostics()
    types = infer(graph, diagnostics)
    results = types.outputs[call.id]
    if diagnostics.has_errors or results == ():
        return None
    call.results = 1 if results is None else len(results)
    for index in range(call.results):
        name, ref = "it", TensorRef(call.id, index)
        if call.results > 1:
            name = f"out_{index}"
            carrier = KerasLayer(name, "Identity", {}, NOWHERE, carries=True)
            ref = TensorRef(graph.add_call(carrier, (ref,), {}, NOWHERE).id)
        graph.outputs.append(Output(name, ref, NOWHERE))
    return settle(graph)


def saved(graph: Graph) -> dict[str, Any] | None:
    """What Keras saves of the model, or None where it refuses to build it."""
    try:
        with keras.StatelessScope(initialize_variables=False):
            found: dict[str, Any] = json.loads(
                Builder(Diagnostics()).model(graph, graph.name).to_json()
            )
    except (KerasRefused, ValueError, TypeError, AttributeError, NotImplementedError):
        return None
    return found


def loses(case: Case) -> bool:
    """Whether Keras does not save something of the call."""
    for layer in layers_of(case):
        if {*dropped("layer", layer.cls)} & set(layer.arguments):
            return True
        if layer.cls in OWN_DTYPES and layer.arguments.get("dtype"):
            return True
    # Keras saves the pair as a list, and loads none.
    return case.cls == "histogram" and "range" in case.kwargs


def narrowed(case: Case) -> bool:
    """Whether the back end computes in another dtype: JAX has no float64 unless it is told."""
    return keras.backend.backend() == "jax" and any(
        layer.arguments.get("dtype") == "float64" for layer in layers_of(case)
    )


def chosen(cases: list[Case]) -> list[Case]:
    return cases if LONG else cases[:: max(1, len(cases) // 3)]


@pytest.mark.parametrize("name", sorted(CALLS))
def test_saved(name: str) -> None:
    wanted, compared = len(CALLS[name]) if LONG else 2, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in chosen(CALLS[name]) + CALLS[name]:
            if compared >= wanted:
                break
            graph = None if loses(case) or narrowed(case) else program(case)
            config = None if graph is None else saved(graph)
            if graph is None or config is None:
                continue
            one = Side("program", graph, infer(graph, Diagnostics()))
            found = difference(one, config_side("saved", config))
            assert found.equal, f"{case}\n{found}"
            compared += 1


def test_every_layer_of_the_catalogue_is_tried() -> None:
    entries = [catalog().find("layer", name) for name in catalog().names("layer")]
    left = {entry.name for entry in entries if entry is not None} - set(CALLS)
    assert left <= {"FlaxLayer", "JaxLayer", "Lambda", "TFSMLayer", "TorchModuleWrapper"}, left


def test_the_policy_that_a_layer_does_not_save() -> None:
    compared = 0
    for name, calls in layer_cases.cases().items():
        for call in calls:
            given = {**call.arguments, "dtype": "mixed_float16"}
            try:
                config = getattr(keras.layers, name)(**given).get_config()
            except (AttributeError, TypeError, ValueError):
                continue  # another layer in it, or a dtype that it does not take
            saved = config["dtype"]
            kept = isinstance(saved, dict) and saved["config"]["name"] == "mixed_float16"
            assert kept != loses_policy(name, "mixed_float16"), name
            compared += 1
            break
    assert compared > 100
    assert not loses_policy("Discretization", "float16")
