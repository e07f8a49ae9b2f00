"""Every type rule against Keras: shapes, dtypes, weights, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from case import Case, In, has_unknown
from differences import FAILING, LAXER, STRICTER, VAGUE
from layer_cases import cases
from mtg.catalog import Entry, catalog
from mtg.lengths.dims import BATCH, UNKNOWN
from mtg.types.rules.apply import classes_with_rules
from mtg.types.rules.registry import RULES, UNKNOWABLE
from mtg.types.tensor import TensorType
from oracle import ask_keras, ask_mtg, disagreement, keras_layers, wrong_length

CASES = cases()
#: What is said of those that fail; the others give what is no number.
SAID = {
    "a division by what is left": "division by zero|raised to a negative power",
    "no chains": "-1",
    "a function that takes more": "missing 2 required positional arguments",
}
BASES = {"InputLayer", "Layer", "Wrapper"}


@pytest.fixture(autouse=True, scope="module")
def fresh_keras() -> Iterator[None]:
    """Keras counts the names of layers, and lists the weights without values: forget both."""
    yield
    keras.backend.clear_session()


@pytest.mark.parametrize("cls", sorted(CASES))
def test_agrees_with_keras(cls: str) -> None:
    wrong = [found for case in CASES[cls] if (found := disagreement(case))]
    assert not wrong, f"{len(wrong)} of {len(CASES[cls])}:\n" + "\n".join(wrong[:5])


@pytest.mark.parametrize("cls", sorted(CASES))
def test_symbolic_lengths_stand_for_the_numbers(cls: str) -> None:
    unknown = [case for case in CASES[cls] if has_unknown(case)][::4]
    wrong = [found for case in unknown if (found := wrong_length(case))]
    assert not wrong, f"{len(wrong)} of {len(unknown)}:\n" + "\n".join(wrong[:5])


@pytest.mark.parametrize(("reason", "case"), STRICTER, ids=lambda value: str(value)[:40])
def test_refuses_what_is_no_use(reason: str, case: Case) -> None:
    assert ask_keras(case).refused is None, "Keras refuses it by now: move it to the other cases"
    assert ask_mtg(case)[0].refused


@pytest.mark.parametrize(("reason", "case"), FAILING, ids=lambda value: str(value)[:40])
def test_what_fails_when_it_is_called(reason: str, case: Case) -> None:
    layer = getattr(keras.layers, case.cls)(**case.arguments)
    given = np.linspace(0, 1, math.prod(case.args[0].shape) * 2, dtype="float32")
    given = given.reshape(2, *case.args[0].shape)
    if reason in SAID:
        with pytest.raises(Exception, match=SAID[reason]):  # each back end raises its own
            layer(given, training=True)
    else:
        assert np.isnan(keras.ops.convert_to_numpy(layer(given, training=True))).any()


@pytest.mark.parametrize(("reason", "case"), VAGUE, ids=lambda value: str(value)[:40])
def test_says_less_where_keras_is_vague(reason: str, case: Case) -> None:
    assert disagreement(case) is not None, "no longer vague: move it to the other cases"
    assert disagreement(case, unknown=True) is None


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX runs some of it")
@pytest.mark.parametrize(("reason", "case"), LAXER, ids=lambda value: str(value)[:40])
def test_takes_what_keras_refuses(reason: str, case: Case) -> None:
    assert ask_keras(case).refused
    assert ask_mtg(case)[0].refused is None


def test_every_class_has_a_rule_or_a_reason() -> None:
    known = {entry.name for name in catalog().names("layer") if (entry := _entry(name))}
    assert set(classes_with_rules()) | set(UNKNOWABLE) == known
    assert not set(classes_with_rules()) & set(UNKNOWABLE)
    # Nothing to be called: the bases, and what `input` statements are.
    assert set(keras_layers()) - {*known, *catalog().names("layer")} == BASES


def _entry(name: str) -> Entry | None:
    return catalog().find("layer", name)


def test_every_rule_is_compared() -> None:
    """Every class with a rule has a call that Keras takes and, unless it takes any, one refused."""
    assert set(CASES) == set(classes_with_rules())
    takes_any = {"Identity"}
    for cls, found in CASES.items():
        stricter = [case for _, case in STRICTER if case.cls == cls]
        refused = {bool(ask_mtg(case)[0].refused) for case in (*found, *stricter)}
        assert refused == ({False} if cls in takes_any else {False, True}), cls


@pytest.mark.parametrize(
    "wrong",
    [
        lambda found: found._replace(weights=found.weights[:1]),
        lambda found: found._replace(weights=found.weights[::-1]),
        lambda found: found._replace(weights=None),
        lambda found: found._replace(outputs=(found.outputs[0]._replace(dtype="int32"),)),
        lambda found: found._replace(outputs=(found.outputs[0]._replace(shape=None),)),
        lambda found: found._replace(outputs=(TensorType("float32", (BATCH, 4)),)),
        lambda found: found._replace(outputs=(TensorType("float32", (BATCH, UNKNOWN)),)),
        lambda found: found._replace(outputs=found.outputs * 2),
    ],
)
def test_comparison_can_fail(monkeypatch: pytest.MonkeyPatch, wrong: Any) -> None:
    case = Case("Dense", {"units": 3}, (In((4,)),))
    assert disagreement(case) is None
    right = RULES["Dense"]
    assert right is not None
    monkeypatch.setitem(RULES, "Dense", lambda call: wrong(right(call)))
    assert disagreement(case) is not None
