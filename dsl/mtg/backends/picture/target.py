"""The targets `.svg`, `.png`, `.pdf` and `.dot`."""

from __future__ import annotations

from mtg.backends.picture.draw import draw
from mtg.backends.picture.layout import LayoutError
from mtg.backends.targets import Artifact, CannotEmit, Request
from mtg.graph.graph import Graph
from mtg.text.diagnostics import Diagnostics
from mtg.types.types import Types


def emit(graph: Graph, types: Types, request: Request, diagnostics: Diagnostics) -> Artifact:
    """Return the picture of a graph, every block drawn open and families folded.

    Raises:
        CannotEmit: Graphviz cannot lay it out.
    """
    try:
        return Artifact(draw(graph, types, request.format))
    except LayoutError as error:
        raise CannotEmit(f"Graphviz cannot draw this: {error}") from None
