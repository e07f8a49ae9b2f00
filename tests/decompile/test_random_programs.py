"""Graphs at random become texts that say them; `MTG_EXAMPLES=1000` tries as many."""

from __future__ import annotations

import json
import os
import re

import mtg
import pytest
from hypothesis import given, settings
from mtg.decompiler.decompile import decompile_config
from random_programs import programs

MANY = int(os.environ.get("MTG_EXAMPLES", "30"))


@settings(max_examples=MANY)
@given(programs())
def test_random_programs(program: str) -> None:
    text = decompile_config(json.loads(mtg.to_json(program, model="M")))
    compile(mtg.to_python(text), "made.py", "exec")


@settings(max_examples=MANY)
@given(programs())
def test_a_text_that_was_decompiled_stays(program: str) -> None:
    """What the compiled text is decompiled to again is that text, names and all.

    The first text may name what a program leaves to Keras, and so may differ from the second.
    """
    first = decompile_config(json.loads(mtg.to_json(program, model="M")))
    second = decompile_config(json.loads(mtg.to_json(first)))
    assert decompile_config(json.loads(mtg.to_json(second))) == second


@pytest.mark.parametrize(
    "chain",
    [
        "N() -> Dense(4)",
        "Dense(4) -> N() -> N() -> Dense(4)",
        "TimeDistributed(N()) -> Dense(4)",
        "N() -> NetOf1() -> Dropout(0.5)",
    ],
)
def test_a_model_in_a_shared_chain_keeps_its_name(chain: str) -> None:
    shape = "3, 4" if "Time" in chain else "4"
    program = f"""
model N {{ input t: float32[4] output o = t -> Dense(4) }}
model NetOf1 {{ input t: float32[4] output o = t -> ReLU() }}
model M {{
  input a: float32[{shape}]
  input b: float32[{shape}]
  shared s = {chain}
  output y = add(a -> s, b -> s)
}}
"""
    first = decompile_config(json.loads(mtg.to_json(program, model="M")))
    assert decompile_config(json.loads(mtg.to_json(first))) == first
    assert set(re.findall(r"model (\w)", first)) <= {"N", "M"}


def test_a_model_is_not_called_as_a_class_that_it_uses() -> None:
    """`model Dense` would hide the layer `Dense`, in itself and in the others."""
    program = """
model N { input t: float32[4] output o = t -> Dense(4, kernel_regularizer=L2(0.1)) }
model M {
  input b: float32[4]
  l2 = b -> N()
  output dense = l2 -> Dense(4) -> N()
}
"""
    text = decompile_config(json.loads(mtg.to_json(program, model="M")))
    assert not re.search(r"model (Dense|L2)\b", text)
    assert decompile_config(json.loads(mtg.to_json(text))) == text


def test_models_in_a_model_stand_in_the_order_of_what_takes_them() -> None:
    """And not in that of their calls, which is another one in the config of the text."""
    program = """
model N { input t: float32[4] output o = t -> Dense(4) }
model M {
  input a: float32[4]
  input b: float32[4]
  t = b -> ReLU() -> N() -> Dense(4)
  output identity = a -> N() -> Dense(5)
  output rest = concat(a, t) -> Dense(2)
}
"""
    text = decompile_config(json.loads(mtg.to_json(program, model="M")))
    assert decompile_config(json.loads(mtg.to_json(text))) == text
