"""Functions of `keras.ops` with arguments and tensors at random, compared with Keras.

The calls of the tables are made with other tensors, and with arguments of each other. A longer run
is one command: `MTG_EXAMPLES=2000 python -m pytest tests/types/test_random_ops.py` makes as many
calls of each function, and other ones every time.
"""

from __future__ import annotations

import os
from functools import cache

import keras
import pytest
from case import Case, In, Sub, mapped
from differences import STRICTER_OPS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mtg.catalog import catalog
from op_cases import cases
from op_more_cases import cases as more_cases
from op_rare_cases import cases as rare_cases
from oracle import ask_mtg, disagreement, reason
from strategies import tensors

EXAMPLES = int(os.environ.get("MTG_EXAMPLES", "0"))
#: What mtg refuses on purpose: the function, and what it says.
ON_PURPOSE = {(case.cls, reason(ask_mtg(case)[0])) for _, case in STRICTER_OPS}

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="what a back end can run differs between them"
)


@cache
def tables() -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in (*cases(), *more_cases(), *rare_cases()):
        found.setdefault(case.cls, []).append(case)
    return found


@st.composite
def calls(draw: st.DrawFn, name: str) -> Case:
    """A call of a function: tensors like those of one call, some arguments of another."""
    like, other = draw(st.sampled_from(tables()[name])), draw(st.sampled_from(tables()[name]))
    args, kwargs = list(like.args), dict(like.kwargs)
    entry = catalog().find("op", name)
    taken = [p.name for p in entry.parameters][: len(args)] if entry else []
    for key, value in other.kwargs.items():
        if key not in taken and draw(st.booleans()):
            kwargs[key] = value
    for place, value in enumerate(other.args[: len(args)]):
        plain = not isinstance(value, In) and not isinstance(args[place], In)
        if plain and draw(st.booleans()):
            args[place] = value

    def changed(leaf: In | Sub) -> In | Sub:
        return draw(tensors(leaf)) if isinstance(leaf, In) else leaf

    return Case(name, {}, mapped(tuple(args), changed), mapped(kwargs, changed), op=True)


@pytest.mark.parametrize("name", sorted(tables()))
def test_agrees_with_keras(name: str) -> None:
    @settings(
        max_examples=EXAMPLES or 6,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        case = data.draw(calls(name))
        answer = ask_mtg(case)[0]
        if (name, reason(answer)) in ON_PURPOSE:
            return  # and not run either: some of it ends the process of TensorFlow
        wrong = disagreement(case, unknown=True)
        if wrong is None:
            return
        # mtg may know less than Keras, and say nothing that is wrong.
        knows_less = not answer.refused and all(shape is None for _, shape in answer.outputs)
        assert knows_less, wrong

    check()
