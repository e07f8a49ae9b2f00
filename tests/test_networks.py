"""Networks of our own, written as a user would: each checks, is what Keras builds, and comes back.

The programs are in `tests/cases/networks/`. They are no copies of the examples, which have twins
written by hand; here Keras itself is asked what it has built of each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from mtg.backends.summary.as_json import summary_object
from mtg.lengths.dims import is_known
from mtg.text.diagnostics import Diagnostics
from mtg.types.infer import infer

NETWORKS = {path.stem: path for path in sorted(Path(__file__).parent.glob("cases/networks/*.mtg"))}

#: Values of parameters for which a network is another one.
OTHERWISE: dict[str, dict[str, Any]] = {
    "attention_unet": {"depth": 5, "base": 2},
    "densenet": {"layers": [1, 1, 1, 1]},
    "early_exits": {"table": [(8, 1)]},
    "fcos": {"filters": [4, 8, 16, 32, 32], "depth": 0},
    "mmoe_heads": {"units": 4},
    "nbeats": {"stacks": ["generic"]},
    "optional_inputs": {"scan": True, "notes": False, "series": False},
    "relational_gnn": {"relations": ["knows"]},
}


def test_there_are_enough() -> None:
    assert len(NETWORKS) >= 28
    assert OTHERWISE.keys() <= NETWORKS.keys()


@pytest.mark.parametrize("name", NETWORKS)
def test_nothing_to_report(name: str) -> None:
    assert [str(each) for each in mtg.check(NETWORKS[name])] == []


@pytest.mark.parametrize("name", OTHERWISE)
def test_other_values(name: str) -> None:
    usual, other = mtg.load(NETWORKS[name]), mtg.load(NETWORKS[name], **OTHERWISE[name])
    assert mtg.diff(usual, other)


@pytest.mark.parametrize("name", NETWORKS)
def test_keras_builds_it(name: str, tmp_path: Path) -> None:
    path = NETWORKS[name]
    keras.backend.clear_session()  # which counts the names that Keras makes up
    model = mtg.compile(path)
    graph = mtg.load(path)
    types = infer(graph, Diagnostics())
    assert summary_object(graph, types)["total_params"] == model.count_params()
    shapes = {
        output.name: tuple(n if is_known(n) else None for n in types.of(output.tensor).shape or ())
        for output in graph.outputs
    }
    assert shapes == dict(zip(model.output_names, (y.shape for y in model.outputs), strict=True))
    # There and back: the text of what Keras built is the same model.
    text = mtg.decompile(model)
    assert [str(each) for each in mtg.check(text) if each.is_error] == []
    assert not mtg.diff(text, model, names=False), text
    config = tmp_path / "model.json"
    config.write_text(mtg.to_json(text), encoding="utf-8")
    assert mtg.decompile(config) == text
    assert not mtg.diff(path, model)
