"""Importing Keras, and what to do where that fails."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

#: The back ends that train, by the names that `KERAS_BACKEND` takes, each also that of a package.
BACK_ENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def imported_keras() -> Any:
    """Return the module `keras`.

    Raises:
        ImportError: Keras or its back end is not installed, or not whole; it says what to do.
    """
    try:
        import keras
    except Exception as error:  # whatever a broken installation raises
        raise ImportError(f"Keras cannot be imported: {_reason(error)}") from error
    return keras


def _reason(error: Exception) -> str:
    missing = error.name if isinstance(error, ModuleNotFoundError) else None
    if missing == "keras":
        return "it is not installed: `pip install keras tensorflow`"
    if missing in BACK_ENDS:
        return (
            f"it runs on {BACK_ENDS[missing]} here, which is not installed: "
            f"`pip install {missing}`, or {_instead(missing)}"
        )
    if missing:
        return f"it needs the Python package `{missing}`, which is not installed"
    chosen = os.environ.get("KERAS_BACKEND")
    if isinstance(error, ValueError) and chosen and chosen not in BACK_ENDS:
        return (
            f"it has no back end `{chosen}`, which `KERAS_BACKEND` names; "
            f"choose {', '.join(list(BACK_ENDS)[:-1])} or {list(BACK_ENDS)[-1]}"
        )
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[0]


def _instead(missing: str) -> str:
    """Return what another back end takes."""
    others = [name for name in BACK_ENDS if name != missing]
    installed = [name for name in others if _is_installed(name)]
    if installed:
        return f"set `KERAS_BACKEND={installed[0]}`: {BACK_ENDS[installed[0]]} is installed"
    return " or ".join(f"`pip install {name}` and set `KERAS_BACKEND={name}`" for name in others)


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
