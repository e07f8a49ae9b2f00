"""Values that Keras 3.15 saves and does not read again: its own loader refuses the file.

`tests/catalog/test_unloadable.py` makes each class of Keras from its own config, with each of its
arguments in turn, and holds that these are all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def unloadable(kind: str, name: str, arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the arguments of an object that a saved model cannot load, each with the reason.

    Args:
        kind: The kind of entry, as the catalogue has it.
        name: The class.
        arguments: Those that are given.
    """
    return [
        (parameter, reason)
        for (of, cls, parameter), (is_lost, reason) in _LOST.items()
        if (of, cls) == (kind, name) and is_lost(arguments.get(parameter))
    ]


def as_given(kind: str, name: str, parameter: str, value: object) -> object:
    """Return the value that was given for one that Keras saved in a form it does not take."""
    if (kind, name, parameter) in _SHEARS and isinstance(value, list) and len(value) == 2:
        low, high = value
        return high if low == -high else value
    return value


def _is_given(value: object) -> bool:
    return value is not None


def _is_none(value: object) -> bool:
    return value is None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and value != 0


_SHEARS = [("layer", "RandomShear", "x_factor"), ("layer", "RandomShear", "y_factor")]
_RANGE = "is saved as a range that begins below 0, which the layer does not take"
_TENSOR = "is saved as a tensor, which the metric does not take (`compile=False` leaves it out)"
_EMPTY = (
    "is not given, and Keras reads no file of a lookup without words: give it, or adapt the layer "
    "in Python and save the model then"
)
_LOOKUPS = [("layer", f"{of}Lookup", "vocabulary") for of in ("Integer", "String")]
_LOOKUPS.append(("layer", "TextVectorization", "vocabulary"))
#: Kind, class and argument; which of its values are lost, and why.
_LOST: dict[tuple[str, str, str], tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(_SHEARS, (_is_number, _RANGE)),
    **dict.fromkeys(_LOOKUPS, (_is_none, _EMPTY)),
    ("metric", "AUC", "label_weights"): (_is_given, _TENSOR),
}
