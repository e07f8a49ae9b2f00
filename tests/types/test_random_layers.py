"""Layers with arguments and tensors at random: mtg takes what Keras takes, and says the same.

A longer run is one command: `MTG_EXAMPLES=2000 python -m pytest tests/types/test_random_layers.py`
makes as many calls of each class, and other ones every time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import keras
import pytest
from differences import EVERYWHERE, LAXER, STRICTER, VAGUE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import ask_mtg, disagreement, reason
from strategies import calls, classes

EXAMPLES = int(os.environ.get("MTG_EXAMPLES", "0"))
#: What mtg refuses on purpose: the class, and what it says.
ON_PURPOSE = {(case.cls, reason(ask_mtg(case)[0])) for _, case in STRICTER}
OF_ALL = {reason(ask_mtg(case)[0]) for _, case in EVERYWHERE}
TAKEN = {case.cls for _, case in LAXER}
#: Where mtg may say less than Keras; of all others it says as much.
SAYS_LESS = {case.cls for _, case in VAGUE}

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="what a back end can run differs between them"
)


@pytest.fixture(autouse=True, scope="module")
def fresh_keras() -> Iterator[None]:
    """Keras counts the names of layers, and lists the weights without values: forget both."""
    yield
    keras.backend.clear_session()


@pytest.mark.parametrize("cls", classes())
def test_agrees_with_keras(cls: str) -> None:
    @settings(
        max_examples=EXAMPLES or 12,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        case = data.draw(calls(cls))
        wrong = disagreement(case, unknown=cls in SAYS_LESS)
        if wrong is None:
            return
        answer = ask_mtg(case)[0]
        why = reason(answer)
        tolerated = (cls, why) in ON_PURPOSE or why in OF_ALL if answer.refused else cls in TAKEN
        assert tolerated, wrong

    check()
