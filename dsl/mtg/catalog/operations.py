"""Which operation of Keras each function of `keras.ops` becomes in a config.

The facts stand in `operations.json`, which `python -m tools.catalog.operations` writes.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import dataclass

#: Functions that are other functions under another name.
_SAME = {"abs": "absolute", "conj": "conjugate"}


@dataclass(frozen=True, slots=True)
class Operation:
    """The class that a function makes an instance of, and calls.

    `init` are the constructor's arguments, `args` and `kwargs` those of the call; each names a
    parameter of the function. `*name` is what the function takes beyond its parameters by position,
    and the key `**` what it takes beyond them by keyword.
    """

    module: str
    cls: str
    init: Mapping[str, str]
    args: tuple[str, ...]
    kwargs: Mapping[str, str]


@functools.cache
def _facts() -> dict[str, dict[str, object]]:
    text = importlib.resources.files("mtg.catalog").joinpath("operations.json")
    found: dict[str, dict[str, object]] = json.loads(text.read_text(encoding="utf-8"))
    return found


@functools.cache
def operation(function: str) -> Operation | None:
    """Return the operation of a function, or None if it has none (`ops.shape`, `ops.zeros`)."""
    if function == "getitem":
        return Operation("keras.src.ops.numpy", "GetItem", {}, ("x", "key"), {})
    facts = _facts().get(_SAME.get(function, function))
    if facts is None:
        return None
    return Operation(
        str(facts["module"]),
        str(facts["class"]),
        dict(facts["init"]),  # type: ignore[call-overload]
        tuple(facts["args"]),  # type: ignore[arg-type]
        dict(facts["kwargs"]),  # type: ignore[call-overload]
    )


def one_name(function: str) -> str:
    """Return the name of a function, of an alias the canonical one: `abs` is `absolute`."""
    return _SAME.get(function, function)
