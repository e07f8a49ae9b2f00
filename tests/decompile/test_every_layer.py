"""Every class of layer and every function of `keras.ops`, on the calls that test the type rules.

Here the configs of Keras are compared as they are, not in canonical form: what the text leaves out
Keras must fill in alike. `MTG_LONG_TESTS=1` takes three calls of each, else one of every sixth.
"""

from __future__ import annotations

import json
import operator
import os
import random
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from mtg.errors import MtgError

sys.path.insert(0, str(Path(__file__).parents[1] / "types"))

import layer_cases
import op_cases
import op_more_cases
import op_rare_cases
from case import Case, In, Sub, mapped
from oracle import _keras_leaf

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
CALLS: dict[str, list[Case]] = dict(layer_cases.cases())
for _case in (*op_cases.cases(), *op_more_cases.cases(), *op_rare_cases.cases()):
    CALLS.setdefault(f"ops.{_case.cls}", []).append(_case)

#: What the names of Keras and the records of tensors say is not compared.
_NAMES = {"name", "registered_name", "build_config", "shared_object_id", "keras_history"}


@pytest.fixture(autouse=True, scope="module")
def fresh_keras() -> Iterator[None]:
    yield
    keras.backend.clear_session()


def built(case: Case) -> Any:
    """A model of one call, or None where Keras refuses it or computes it at once."""
    inputs: list[Any] = []

    def leaf(value: In | Sub) -> Any:
        made = _keras_leaf(value)
        if isinstance(value, In):
            inputs.append(made)
        return made

    try:
        args, kwargs = mapped(case.args, leaf), mapped(dict(case.kwargs), leaf)
        if case.cls == "getitem":
            results = args[0][args[1]]
        elif case.op:
            results = operator.attrgetter(case.cls)(keras.ops)(*args, **kwargs)
        else:
            results = _keras_leaf(Sub(case.cls, case.arguments))(*args, **kwargs)
        tensors = [t for t in keras.tree.flatten(results) if keras.backend.is_keras_tensor(t)]
        return keras.Model(inputs, tensors) if tensors else None
    except Exception:
        return None  # what Keras refuses is tested with the rules


def bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if k not in _NAMES}
    if isinstance(value, (list, tuple)):
        items = [bare(item) for item in value]
        # `[1]` for one axis, and 1.
        return items[0] if len(items) == 1 and isinstance(items[0], int) else items
    return None if value == "channels_last" else value


def layers_of(model: Any) -> list[Any]:
    found = [
        [entry["class_name"], bare(entry["config"])]
        for entry in json.loads(model.to_json())["config"]["layers"]
        if entry["class_name"] not in ("Identity", "InputLayer")
    ]
    return sorted(found, key=lambda entry: entry[0])


@pytest.mark.parametrize("name", sorted(CALLS) if LONG else sorted(CALLS)[::6])
def test_layer(name: str) -> None:
    calls = list(CALLS[name])
    random.Random(0).shuffle(calls)
    compared = 0
    with keras.StatelessScope(initialize_variables=False), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in calls:
            model = built(case)
            if model is None or (name == "Identity"):
                continue
            try:
                keras.models.model_from_json(model.to_json())
            except TypeError:
                continue  # Keras cannot load what it wrote
            try:
                text = mtg.decompile(model)
            except MtgError as error:
                if "a value that Keras accepts and mtg does not" in str(error):
                    continue  # arguments of which mtg knows more than Keras
                raise
            config = json.loads(mtg.to_json(text, trust=True))
            config.pop("compile_config")
            back = keras.models.model_from_json(json.dumps(config))
            assert layers_of(back) == layers_of(model), f"{case}\n{text}"
            compared += 1
            if compared == (3 if LONG else 1):
                break
