"""Every kind of layer has the weights that Keras gives it, though mtg fills them afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import keras
import pytest
from alike import differences, filled, ordinary
from layer_cases import cases
from oracle import ask_mtg

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
CASES = cases()
#: Calls of each class; JAX compiles every one of them anew.
CALLS = 2 if keras.backend.backend() == "tensorflow" else 1


@pytest.fixture(autouse=True, scope="module")
def fresh_keras() -> Iterator[None]:
    yield
    keras.backend.clear_session()


def graphs(cls: str) -> Iterator[Any]:
    """The graphs of the first calls in the table of a class that can be made."""
    found = 0
    for case in CASES[cls]:
        answer, types = ask_mtg(case)
        if answer.refused is None and answer.weights:
            types.graph.calls[-1].results = len(answer.outputs)
            yield types.graph
            found += 1
        if found == CALLS and not LONG:
            return


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("cls", sorted(CASES))
def test_values(cls: str) -> None:
    for graph in graphs(cls):
        first, second = _built(graph, ordinary), _built(graph, filled)
        assert (first is None) == (second is None)
        if first is not None:
            assert not differences(first, second)


def _built(graph: Any, how: Any) -> Any:
    """The model, or None where Keras refuses it, as it does where JAX lacks something."""
    try:
        return how(graph)
    except Exception:
        return None
