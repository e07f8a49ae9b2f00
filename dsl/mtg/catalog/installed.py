"""The Keras that is installed, beside the one that the catalogue describes."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from mtg.catalog import catalog


class Lacking(Exception):
    """The installed Keras lacks what the catalogue's has: a thing, or an argument of one."""

    def __init__(self, message: str, argument: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument


def other_keras(installed: str) -> tuple[str, ...]:
    """Return notes for what Keras refused, where it is not the Keras of the catalogue.

    A program is checked against the catalogue and built by the Keras that is installed. Where the
    two agree nothing need be said; where the installed one refuses what the other takes, the reader
    must know that it may be for that. Empty where both are the same.

    Args:
        installed: The `__version__` of the Keras that was imported.
    """
    described = catalog().keras_version
    if installed == described:
        return ()
    return (
        f"mtg describes Keras {described}, and Keras {installed} is installed: what one has the "
        "other may lack",
    )


def made_by(
    keras: Any,
    path: str,
    args: Iterable[Any] = (),
    arguments: Mapping[str, Any] | None = None,
) -> Any:
    """Call a class or function of the installed Keras, such as `layers.Dense`.

    Raises:
        Lacking: It has no such thing, or one that takes other arguments.
        Exception: Whatever Keras raises.
    """
    made = keras
    for part in path.split("."):
        made = getattr(made, part, None)
        if made is None:
            raise Lacking(f"Keras {keras.__version__} has no `{path}`")
    given = dict(arguments or {})
    try:
        return made(*args, **given)
    except Exception:
        if other_keras(keras.__version__):
            for argument in _unknown(made, given):
                raise Lacking(
                    f"`{path}` of Keras {keras.__version__} takes no argument `{argument}`",
                    argument,
                ) from None
        raise


def other_defaults(
    keras: object, kind: str, path: str, given: Iterable[str]
) -> list[tuple[str, Any, Any]]:
    """Return the omitted arguments whose default differs from the catalogue's.

    Args:
        kind: The catalogue's word for its kind.
        path: Where it stands in Keras, such as `layers.Dense`.
        given: The arguments that are not left out.

    Returns:
        For each the argument, the default the catalogue has, and the one of the installed Keras.
    """
    entry = catalog().find(kind, path.rpartition(".")[2])
    made: object = keras
    for part in path.split("."):
        made = getattr(made, part, None)
    if entry is None or made is None:
        return []
    written, found = set(given), []
    installed = _defaults(made)
    for parameter in entry.parameters:
        name = parameter.name
        if parameter.required or name in written or name not in installed:
            continue
        if _listed(installed[name]) != _listed(parameter.default):
            found.append((name, parameter.default, installed[name]))
    return found


def _defaults(made: object) -> dict[str, Any]:
    """Return the defaults of a class, those of what it is made of included, or of a function."""
    parts = reversed(made.__mro__) if inspect.isclass(made) else (made,)
    found: dict[str, Any] = {}
    for part in parts:
        function = part.__dict__.get("__init__") if inspect.isclass(part) else part
        if inspect.isfunction(function):
            for name, parameter in inspect.signature(function).parameters.items():
                found.pop(name, None)
                if parameter.default is not parameter.empty:
                    found[name] = parameter.default
    return found


def _listed(value: object) -> object:
    """Return a value as the catalogue keeps it: tuples as lists."""
    return [_listed(item) for item in value] if isinstance(value, (list, tuple)) else value


def _unknown(made: object, arguments: Iterable[str]) -> list[str]:
    """Return the arguments that neither a function, nor a class with those it is made of, names."""
    parts = made.__mro__ if inspect.isclass(made) else (made,)
    known: set[str] = set()
    for part in parts:
        function = part.__dict__.get("__init__") if inspect.isclass(part) else part
        if inspect.isfunction(function):
            known |= inspect.signature(function).parameters.keys()
    return [argument for argument in arguments if argument not in known]
