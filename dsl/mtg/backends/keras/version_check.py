"""What is said where the installed Keras is not the one that mtg describes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mtg.catalog.installed import other_defaults, other_keras
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span


def compare_defaults(
    keras: Any, kind: str, path: str, given: Iterable[str], span: Span, diagnostics: Diagnostics
) -> None:
    """Warn of arguments that are left out and mean another thing to the installed Keras.

    Args:
        kind: The catalogue's word for its kind.
        path: Where it stands in Keras, such as `layers.Dense`.
        given: The arguments that are not left out.
    """
    notes = other_keras(keras.__version__)
    if not notes:
        return
    for argument, described, installed in other_defaults(keras, kind, path, given):
        diagnostics.report(
            "MTG310",
            f"`{argument}` of `{path}` is {installed!r} by default, but mtg assumes {described!r}",
            span,
            notes=notes,
            help=f"write `{argument}={described!r}`, to have the same value everywhere",
        )
