"""JSON of numbers that JSON has no word for: infinity, and what is no number."""

from __future__ import annotations

import json
import math
import os
from typing import Any

#: A number beyond those that a float has: every reader makes infinity of it.
_INFINITY = "1e999"
_MARK = f"\0{os.urandom(8).hex()}\0"


def holds_nan(value: object) -> bool:
    """Return whether a value of JSON has something in it that is no number."""
    if isinstance(value, dict):
        return any(holds_nan(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_nan(item) for item in value)
    return isinstance(value, float) and math.isnan(value)


def dumps(value: object, **options: Any) -> str:
    """`json.dumps`, in JSON as it is defined: `Infinity` is `1e999`, and what is no number null."""
    text = json.dumps(_marked(value), **options)
    mark = json.dumps(_MARK)
    return text.replace(f'"-{mark[1:]}', f"-{_INFINITY}").replace(mark, _INFINITY)


def _marked(value: object) -> object:
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(item) for item in value]
    if not isinstance(value, float) or math.isfinite(value):
        return value
    if math.isnan(value):
        return None
    return _MARK if value > 0 else f"-{_MARK}"
