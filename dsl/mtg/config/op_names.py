"""Names of the operations in a Keras model."""

from __future__ import annotations


def free_name(name: str, taken: set[str]) -> str:
    """Take a name, or that with a number, that no layer of the model has yet.

    An op in a shared chain is one instance in a graph, and made anew at each use in Keras.
    """
    unique, number = name, 2
    while unique in taken:
        unique = f"{name}_again_{number}"
        number += 1
    taken.add(unique)
    return unique
