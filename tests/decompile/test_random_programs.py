"""Graphs at random become texts that say them."""

from __future__ import annotations

import json
import re

import mtg
from hypothesis import given
from mtg.decompiler.decompile import decompile_config
from random_programs import programs


@given(programs())
def test_random_programs(program: str) -> None:
    text = decompile_config(json.loads(mtg.to_json(program, model="M")))
    compile(mtg.to_python(text), "made.py", "exec")


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
