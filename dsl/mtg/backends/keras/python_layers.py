"""Layers of classes that a program imports from Python, whose constructors may take anything."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any


def layer_of_python(
    keras: Any, cls: Any, name: str, args: Sequence[Any], arguments: dict[str, Any]
) -> object:
    """Return a new layer: of the constructor, or else of the class's own `from_config`.

    A class of one's own need not take `name`, nor what its own config says: it may make that of
    other arguments, and has a `from_config` then. So Keras loads it too.
    """
    if not _takes_name(cls):
        made = cls(*args, **arguments)
        made.name = name
        return made
    try:
        return cls(*args, name=name, **arguments)
    except Exception:
        own = getattr(cls, "from_config", None)
        if args or own is None or _is_of_keras(own):
            raise
        config = {"name": name, **keras.saving.serialize_keras_object(arguments)}
        try:
            return own(config)
        except Exception:
            pass  # the constructor's reason is the one to give
        raise


def _takes_name(cls: Any) -> bool:
    try:
        parameters = inspect.signature(cls).parameters
    except (TypeError, ValueError):
        return True
    return "name" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _is_of_keras(method: object) -> bool:
    return str(getattr(method, "__module__", "")).startswith("keras.")
