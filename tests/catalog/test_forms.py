"""The forms of `mtg.catalog.forms` are those of Keras: what a constructor saves and what it was
given have one form, and two values of which it saves different things have two."""

from __future__ import annotations

import json
import warnings
from typing import Any

import keras
import pytest
from mtg.catalog import Entry, Parameter, catalog
from mtg.catalog.dropped import dropped
from mtg.catalog.forms import DRAWN
from mtg.catalog.kinds import refuse
from mtg.graph.defaults import significant

from tools.catalog.sampling import NOT_PROBED, _required, make

POOL: list[Any] = [
    *(0, 1, 2, 3, 4, 0.5, -0.5, 0.25, -1, None),
    *([2], [1, 2], [2, 2], [0.1, 0.3], [-0.1, 0.3], [0.3, 0.3], [0, 0.5], [-0.5, 0.5], [1, 4]),
    *([1, 2, 3], [2, 2, 2], [2, 1, 3], [[1, 1], [1, 1]], [[1, 2], [1, 2]], [3, 1]),
]
NAMES = sorted(
    {
        entry.name
        for name in catalog().names("layer")
        if (entry := catalog().find("layer", name)) and entry.name not in NOT_PROBED
    }
    - {"Lambda"}
)
#: What every layer has is tested where it is read.
_BASE = {"name", "trainable", "dtype", "autocast", "activity_regularizer"}


#: What Keras puts into one form later, when the layer is built or called.
LATER = {("Dot", "axes"), ("RMSNormalization", "axis")}

#: What tells of the words that a layer was adapted to, which lie in no config. A layer that has
#: none yet saves the number that it has, whatever it was told.
OF_WORDS = {("TextVectorization", "vocabulary_size")}


def values(parameter: Parameter) -> list[Any]:
    words = [w for c in parameter.choices for w in (c, *([c.upper()] * parameter.any_case))]
    given = [*POOL, *words]
    return [value for value in given if refuse(parameter, value) is None]


def alike(kept: Any) -> str:
    """What Keras kept, in so far as it tells it apart: not 2 from `[2]`, nor 0 from -0.0."""
    if isinstance(kept, list):
        items = [alike(item) for item in kept]
        return items[0] if len(items) == 1 else str(items)
    number = isinstance(kept, (int, float)) and not isinstance(kept, bool)
    return str(float(kept) + 0.0) if number else str(kept)


def form(entry: Entry, name: str, value: Any) -> str:
    needed = {k: v for k, v in _required(getattr(keras.layers, entry.name)).items() if k != name}
    return alike(significant(entry, {**needed, name: value}).get(name, "as without it"))


@pytest.mark.parametrize("name", NAMES)
def test_one_form_for_what_keras_makes_one_of(name: str) -> None:
    entry = catalog().find("layer", name)
    assert entry is not None
    cls = getattr(keras.layers, name)
    for parameter in entry.parameters:
        key = parameter.name
        if key in _BASE or parameter.kinds or key in dropped("layer", name):
            continue
        if (name, key) in OF_WORDS:
            continue
        forms: dict[str, str] = {}
        for value in values(parameter):
            if ((name, key) in DRAWN and value is None) or key == "antialias":
                continue  # any value that is true is True
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    config = make(cls, **{key: value}).get_config()
            except Exception:
                continue  # what Keras refuses is tested with the rules
            config = json.loads(json.dumps(config, default=str))
            kept = config.get(key, "as without it")
            ours = form(entry, key, value)
            if key in config:
                assert form(entry, key, kept) == ours, (key, value, kept)
            if kept is not None and (name, key) not in LATER:
                assert forms.setdefault(ours, alike(kept)) == alike(kept), (key, value, kept)
