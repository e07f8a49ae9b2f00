"""The targets `.svg`, `.png`, `.pdf` and `.dot`."""

from __future__ import annotations

from mtg.backends.picture.draw import draw
from mtg.backends.picture.layout import LayoutError
from mtg.backends.picture.options import DEFAULT
from mtg.backends.picture.pages import folded_to_fit, is_large
from mtg.backends.targets import Artifact, CannotEmit, Request
from mtg.graph.graph import Graph
from mtg.text.diagnostics import Diagnostics
from mtg.types.types import Types


def emit(graph: Graph, types: Types, request: Request, diagnostics: Diagnostics) -> Artifact:
    """Return the picture of a graph, families folded, and of blocks what a page does not hold.

    Raises:
        CannotEmit: Graphviz cannot lay it out.
    """
    options, note = DEFAULT, ""
    if is_large(graph, options):
        options, note = folded_to_fit(graph, options)
        note = note.replace("`--levels all`", "`mtg render --levels all`")
    try:
        picture = draw(graph, types, request.format, options)
        return Artifact(picture, lambda: [f"note: {note}"] if note else [])
    except LayoutError as error:
        raise CannotEmit(f"Graphviz cannot draw this: {error}") from None
