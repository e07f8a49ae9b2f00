"""Configs that Keras never wrote: each gives a text or a diagnostic, and never an exception.

`MTG_EXAMPLES=2000` tries so many of each model.
"""

from __future__ import annotations

import copy
import json
import os
import random
from typing import Any

import pytest
from decompile.models import MODELS
from mtg.decompiler.decompile import decompile_config
from mtg.errors import MtgError

MANY = int(os.environ.get("MTG_EXAMPLES", "25"))

#: What stands where something else should.
WRONG: list[Any] = [
    *(None, 0, -1, 1.5, "x", "", [], {}, [1], True, "a/b", float("inf"), 10**30, [[]]),
    *(["x", 0, 0], ["x", 99, 0], ["x", 0, 10**9]),
    {"class_name": "__keras_tensor__", "config": {}},
    {"class_name": "X", "config": {}},
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a config: what holds it, and its key there."""
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    found: list[tuple[Any, Any]] = [(value, key) for key, _ in items]
    for _, item in items:
        if isinstance(item, (dict, list)):
            found += places(item)
    return found


@pytest.mark.parametrize("name", ["two_tasks", "many_ops", "nested_with_dicts", "cells"])
def test_any_config(name: str) -> None:
    whole = json.loads(MODELS[name]().to_json())
    rng = random.Random(name)
    said: list[str] = []
    for _ in range(MANY):
        config = copy.deepcopy(whole)
        for _ in range(rng.choice([1, 1, 2, 4])):
            holder, key = rng.choice(places(config))
            if rng.random() < 0.3:
                del holder[key]
            else:
                holder[key] = copy.deepcopy(rng.choice(WRONG))
        try:
            assert "model " in decompile_config(config)
        except MtgError as error:
            said += [each.code for each in error.diagnostics]
    assert set(said) == {"MTG609", "MTG611"} or set(said) == {"MTG609"}
