"""`keras.applications` there and back, and chains that are deeper than Python recurses.

Configs are made without values. `MTG_LONG_TESTS=1` takes all forty, and builds the deep chain with
Keras; without, a few of them are taken.
"""

from __future__ import annotations

import json
import os
import warnings
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import keras
import mtg
import pytest
from mtg.backends.keras.build import Builder
from mtg.catalog import catalog
from mtg.compare.canonical import canonical
from mtg.compare.difference import Side, difference
from mtg.compare.operand import config_side
from mtg.config.read import read_config
from mtg.config.write import to_config
from mtg.decompiler.decompile import decompile_config
from mtg.graph.layers import Application
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE
from mtg.types.infer import application_graph, infer

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
ALL = sorted(set(catalog().names("application")))
#: Of these, momentum, epsilon and initializers are not those of Keras's layers.
SEVERAL = ["EfficientNetB0", "DenseNet121", "MobileNetV2"]
FEW = ["ConvNeXtTiny", "InceptionV3", "MobileNetV3Small", "ResNet50"]


@cache
def config_of(name: str) -> dict[str, Any]:
    with (
        keras.StatelessScope(initialize_variables=False),
        mock.patch.object(keras.Model, "load_weights"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        text = getattr(keras.applications, name)(weights=None).to_json()
    keras.backend.clear_session()  # which lists the weights without values
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("name", sorted({*(ALL if LONG else FEW), *SEVERAL}))
def test_what_mtg_takes_an_application_for(name: str) -> None:
    """All that its layers are, what changes no type included: it is written to JSON."""
    layer = Application(name, name, {"weights": None}, NOWHERE)
    graph = application_graph(layer)
    assert graph is not None
    assert canonical(graph) == canonical(read_config(config_of(name)).graph)


@pytest.mark.parametrize("name", sorted({*(ALL if LONG else FEW), *SEVERAL}))
def test_an_application_and_what_keras_saves_of_it(name: str) -> None:
    """`mtg diff` says nothing of a program and of what is compiled from it, and weights load."""
    program = mtg.load(
        f"model M {{ input x: float32[224, 224, 3]\n"
        f" output y = x -> applications.{name}(weights=None, input_shape=(224, 224, 3),"
        f" include_top=False) }}"
    )
    with keras.StatelessScope(initialize_variables=False):
        saved = json.loads(Builder(Diagnostics()).model(program, "M").to_json())
    keras.backend.clear_session()
    types = infer(program, Diagnostics())
    written = to_config(program, types, Diagnostics())
    assert written is not None
    for title, config in (("saved", saved), ("written", written)):
        found = difference(Side("program", program, types), config_side(title, config))
        assert found.equal, found
        assert found.weights.verdict == "yes", found


@pytest.mark.parametrize("name", ALL if LONG else FEW)
def test_application(name: str) -> None:
    config = config_of(name)
    wanted = canonical(read_config(config).graph, names=True)
    text = decompile_config(config)
    assert [each.message for each in mtg.check(text) if each.is_error] == []
    assert canonical(mtg.load(text), names=True) == wanted
    back = json.loads(mtg.to_json(text))
    assert canonical(read_config(back).graph, names=True) == wanted
    assert decompile_config(back) == text
    flat = decompile_config(config, structure=False)
    assert canonical(mtg.load(flat), names=True) == wanted
    assert len(text) <= len(flat)
    # And Keras makes of it what it made itself, weights in their order included.
    if LONG or name == "ResNet50":
        back.pop("compile_config")
        with keras.StatelessScope(initialize_variables=False), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            built = keras.models.model_from_json(json.dumps(back))
            model = keras.models.model_from_json(json.dumps(config))
            assert [(w.shape, w.dtype) for w in built.weights] == [
                (w.shape, w.dtype) for w in model.weights
            ]
            again = json.loads(built.to_json())
        assert canonical(read_config(again).graph, names=True) == wanted
        keras.backend.clear_session()


def chain(depth: int) -> str:
    stages = [f"Dense({4 + number % 7})" for number in range(depth)]
    return f"model Deep {{ input x: float32[4]\n output y = x -> {' -> '.join(stages)} }}"


def test_a_deep_chain(tmp_path: Path) -> None:
    """It is checked, written as a config, read from the file and decompiled; Keras is not asked."""
    program = chain(10_000 if LONG else 1_500)
    path = tmp_path / "deep.json"
    path.write_text(mtg.to_json(program), encoding="utf-8")
    text = mtg.decompile(path)
    assert canonical(mtg.load(text)) == canonical(mtg.load(program))


@pytest.mark.skipif(not LONG, reason="Keras takes minutes")
def test_a_chain_of_ten_thousand_in_keras(tmp_path: Path) -> None:
    """It compiles, saves, loads and decompiles."""
    program = chain(10_000)
    model = mtg.compile(program)
    path = tmp_path / "deep.keras"
    model.save(path)
    text = mtg.decompile(path)
    assert canonical(mtg.load(text)) == canonical(mtg.load(program))
    assert len(mtg.compile(text).weights) == 20_000
