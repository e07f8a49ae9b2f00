"""Names that stand in programs and in Keras: of merges, and of classes in the names of layers."""

from __future__ import annotations

import re

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
#: Those that go through their tensors element by element.
ELEMENTWISE = frozenset(MERGES.values()) - {"Concatenate", "Dot"}


def snake_case(name: str) -> str:
    """Return a class name as Keras spells it in the names of layers.

    Source: `keras.src.utils.naming.to_snake_case`.
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
