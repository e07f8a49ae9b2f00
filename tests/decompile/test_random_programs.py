"""Graphs at random become texts that say them, or it is said what no text can."""

from __future__ import annotations

import json

import mtg
from hypothesis import given
from mtg.decompiler.decompile import decompile_config
from random_programs import programs


@given(programs())
def test_random_programs(program: str) -> None:
    config = json.loads(mtg.to_json(program, model="M"))
    text, codes = "", set()
    try:
        text = decompile_config(config)
    except mtg.MtgError as error:
        codes = {each.code for each in error.diagnostics}
    # Where no text says it, it is said so; MTG609 would be mtg at fault.
    assert bool(text) != (codes == {"MTG611"})
    if text:
        compile(mtg.to_python(text), "made.py", "exec")
