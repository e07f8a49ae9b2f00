"""The names that belong to the language: merges, and where Keras's names may stand."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.catalog import catalog
from mtg.semantics.evaluate import FUNCTIONS

#: Keras's merges in their function form, and the layer class each makes.
MERGES = {
    "concat": "Concatenate",
    "add": "Add",
    "subtract": "Subtract",
    "multiply": "Multiply",
    "average": "Average",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "dot": "Dot",
}

#: Kinds of the catalogue whose entries a program may write as a constructor call.
OBJECT_KINDS = (
    "layer",
    "initializer",
    "regularizer",
    "constraint",
    "optimizer",
    "schedule",
    "loss",
    "metric",
    "callback",
    "dtype_policy",
)


def kinds_of(name: str) -> list[str]:
    """The kinds of Keras object that have this name."""
    return [kind for kind in OBJECT_KINDS if catalog().find(kind, name) is not None]


def source_names() -> Iterator[str]:
    """The functions that a flow may begin with, and those of values."""
    yield from MERGES
    yield from FUNCTIONS


def meant_merge(name: str) -> str | None:
    """The merge that somebody means who writes a name of Keras: `concatenate`, `Add`."""
    from mtg.text.suggest import nearest

    classes = {cls.lower(): merge for merge, cls in MERGES.items()}
    known = [*MERGES, *classes]
    found = name.lower() if name.lower() in known else nearest(name.lower(), known)
    return classes.get(found, found) if found else None
