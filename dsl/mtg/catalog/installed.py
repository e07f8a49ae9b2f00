"""The Keras that is installed, beside the one that the catalogue describes."""

from __future__ import annotations

from mtg.catalog import catalog


def other_keras(installed: str) -> tuple[str, ...]:
    """Notes for what Keras refused, where it is another Keras than the catalogue describes.

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
