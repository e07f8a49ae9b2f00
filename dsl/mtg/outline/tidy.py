"""Values as a person writes them: `3` for `[3, 3]`, `(1, 7)` for `[1, 7]`.

A config holds what Keras made of an argument. What is written instead means the same: Keras makes
the same of it again.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from mtg.catalog import Entry, Parameter
from mtg.graph.values import Words, tupled
from mtg.outline.ir import Param


def tidy(parameter: Parameter | None, value: object) -> object:
    """Return the shortest value that means the same for this parameter."""
    if isinstance(value, Words):
        return value.array or value.path
    if parameter is None or not isinstance(value, (list, tuple)):
        return value
    if parameter.name == "axis" and len(value) == 1 and parameter.takes.startswith("int"):
        return value[0]
    if not parameter.one_for_all:
        return value
    # Of one axis only, the ends may be told apart: `(1, 1)` is the pair of them, and so is 1.
    same = _one_number(value)
    return tupled(value) if same is None else same


def default_of(entry: Entry | None, name: str) -> tuple[bool, Any]:
    """Return whether a parameter has a default that is known, and the tidy default."""
    parameter = None if entry is None else entry.parameter(name)
    if entry is None or parameter is None or parameter.required:
        return False, None
    return True, tidy(parameter, parameter.default)


def _one_number(value: object) -> int | None:
    """Return the number that every item is, however deep."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if not isinstance(value, (list, tuple)) or not value:
        return None
    found = {_one_number(item) for item in value}
    return found.pop() if len(found) == 1 else None


def value_key(value: object) -> Hashable:
    """Return a key that is equal for equal values only: `1`, `1.0`, `True` differ."""
    if isinstance(value, Param):
        return ("Param", value)
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, *map(value_key, value))
    if isinstance(value, dict):
        items = sorted(((str(k), value_key(v)) for k, v in value.items()), key=lambda item: item[0])
        return ("dict", *items)
    return (type(value).__name__, repr(value))
