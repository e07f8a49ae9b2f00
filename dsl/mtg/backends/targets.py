"""What a program compiles to: the one table that the command line and the API read.

A target is a folder here whose `target.py` has a function `emit`. It is imported when something is
to be written, since some targets import Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from mtg.records import record

if TYPE_CHECKING:
    from mtg.graph.graph import Graph, OutputForm
    from mtg.text.diagnostics import Diagnostics
    from mtg.types.types import Types

    Emit = Callable[[Graph, Types, "Request", Diagnostics], "Artifact | None"]


@record
class Request:
    """What is asked of a target.

    Attributes:
        path: Where the result goes, as messages name it.
        format: The format of it, which is a key of `TARGETS`.
        outputs: Whether the model gives a list of its outputs or a dict.
        weights: The file to take the weights from, for what holds weights.
        by_name: Whether layers take the weights of those of their names, as far as there are any.
        trust: Whether the program may name files anywhere and run Python.
    """

    path: str
    format: str
    outputs: OutputForm = "list"
    weights: Path | None = None
    by_name: bool = False
    trust: bool = False


class CannotEmit(Exception):
    """What a target needs is not there, or refuses; the message says what."""


@record
class Artifact:
    """What a target made of a program.

    Attributes:
        content: The bytes of a file, or a function that writes one at a path, and may raise
            `MtgError`.
        remarks: What to say of the file once it is written, each with `note:` or `warning:`.
    """

    content: bytes | Callable[[Path], None]
    remarks: Callable[[], Sequence[str]] = tuple


class Target(NamedTuple):
    """One format.

    Attributes:
        format: Its name, which is also the suffix of its files.
        help: What it is, in a few words.
        room: The folder beside this file that writes it.
        holds_weights: Whether weights can be asked for.
    """

    format: str
    help: str
    room: str
    holds_weights: bool = False

    @property
    def is_picture(self) -> bool:
        return self.room == "picture"

    def emit(
        self, graph: Graph, types: Types, request: Request, diagnostics: Diagnostics
    ) -> Artifact | None:
        """Return what a graph becomes, or None where it becomes nothing, which is reported.

        Raises:
            CannotEmit: What the target needs is not there, or refuses.
        """
        emit = cast("Emit", import_module(f"mtg.backends.{self.room}.target").emit)
        return emit(graph, types, request, diagnostics)


TARGETS = {
    target.format: target
    for target in (
        Target("keras", "the model, built with Keras and saved", "keras", holds_weights=True),
        Target("json", "the config, written without Keras", "json"),
        Target("py", "Keras source that needs no mtg", "python"),
        Target("svg", "a picture", "picture"),
        Target("png", "a picture", "picture"),
        Target("pdf", "a picture", "picture"),
        Target("dot", "the text of a picture, for Graphviz", "picture"),
    )
}

#: The formats of pictures.
PICTURES = tuple(target.format for target in TARGETS.values() if target.is_picture)
