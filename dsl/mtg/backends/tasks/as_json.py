"""The tasks of a model and what they share, for machines: `docs/tasks.md` describes the object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtg.backends.tasks.text import in_words
from mtg.text.documents import document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtg.backends.tasks.sharing import Sharing
    from mtg.graph.layers import Layer
    from mtg.lengths.dims import Dim

#: The version of the object.
FORMAT = 1


def tasks_json(found: Sharing) -> str:
    """Return the text of a JSON object that ends with a newline."""
    return document(tasks_object(found))


def tasks_object(found: Sharing) -> dict[str, Any]:
    """Return the sharing as plain data; None where something is not known."""
    return {
        "format": FORMAT,
        "model": found.model,
        "inputs": list(found.inputs),
        "tasks": [
            {
                "name": task.output.name,
                "inputs": list(task.inputs),
                "own": {"layers": _names(task.own), "params": task.own_parameters},
                "shared": {"layers": _names(task.common), "params": task.common_parameters},
                "macs": _amount(task.macs),
            }
            for task in found.tasks
        ],
        "shared": [
            {
                "tasks": list(part.tasks),
                "layers": _names(part.layers),
                "params": part.parameters,
                "how": part.how,
            }
            for part in found.parts
        ],
        "joins": _names(found.joins),
        "params_in_common": [list(row) for row in found.matrix],
        "words": list(in_words(found)),
    }


def _names(layers: Iterable[Layer]) -> list[str]:
    return [layer.name for layer in layers]


def _amount(dim: Dim | None) -> int | str | None:
    """Return a number, the text of an expression, or None."""
    return dim if dim is None or isinstance(dim, int) else str(dim)
