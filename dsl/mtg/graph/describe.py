"""Values as messages name them."""

from __future__ import annotations

import json
from typing import Any

from mtg.graph.values import DataArray, KerasObject, PythonObject
from mtg.lengths.dims import Length

#: Bits of a whole number that is still written out.
_BITS = 128


def describe(value: object) -> str:
    """Describe a value for a message: its kind, and itself where it is short."""
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "the bool"),
        (int, "the number"),
        (float, "the number"),
        (str, "the string"),
        (list, "the list"),
        (tuple, "the tuple"),
        (dict, "the dict"),
        (range, "the range"),
    )
    if value is None:
        return "`None`"
    if isinstance(value, DataArray):
        return f"the array `{value.name}`"
    if isinstance(value, (KerasObject, PythonObject)):
        return f"the object `{value.name}`"
    shown = str(value) if isinstance(value, Length) else short(value)
    for kind, name in kinds:
        if isinstance(value, kind):
            return f"{name} `{shown}`"
    return f"`{shown}`"


def short(value: object) -> str:
    """Return a value itself, cut where it is long."""
    if isinstance(value, int) and value.bit_length() > _BITS:
        return f"a whole number of {value.bit_length()} bits"
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 40 else value[:39] + "…", ensure_ascii=False)
    if isinstance(value, (list, tuple, dict)):
        return _items(value)
    if isinstance(value, DataArray):
        return value.name
    if isinstance(value, (KerasObject, PythonObject)):
        return f"{value.name}(…)"
    if value is None or isinstance(value, (int, float, complex, range, slice, Length)):
        return repr(value)
    return "…"


def _items(value: list[Any] | tuple[object, ...] | dict[Any, Any]) -> str:
    """Return a list, tuple or dict, as far as there is room."""
    shown: list[str] = []
    for item in value:
        if len(shown) == 6 or sum(map(len, shown)) > 40:
            shown.append("…")
            break
        text = "…" if isinstance(item, (list, tuple, dict)) and len(item) > 6 else short(item)
        shown.append(f"{text}: …" if isinstance(value, dict) else text)
    start, end = "{}" if isinstance(value, dict) else "()" if isinstance(value, tuple) else "[]"
    return f"{start}{', '.join(shown)}{end}"
