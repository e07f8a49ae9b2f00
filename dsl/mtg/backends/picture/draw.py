"""The picture of a graph, in the format that is asked for."""

from __future__ import annotations

from mtg.backends.picture.dot import dot
from mtg.backends.picture.layout import layout
from mtg.backends.picture.options import DEFAULT, PictureOptions
from mtg.backends.picture.pdf import titled
from mtg.backends.picture.svg import described
from mtg.graph.graph import Graph
from mtg.types.types import Types


def draw(
    graph: Graph,
    types: Types | None,
    format: str,
    options: PictureOptions = DEFAULT,
) -> bytes:
    """Return the picture as bytes: Graphviz's own text for `dot`, else laid out.

    Args:
        graph: The graph.
        types: What is known of it, or None.
        format: `svg`, `png`, `pdf` or `dot`.
        options: How it is drawn.

    Raises:
        LayoutError: Graphviz cannot lay it out.
    """
    return drawn(dot(graph, types, options), graph, format)


def drawn(source: str, graph: Graph, format: str) -> bytes:
    """Return the picture of DOT source about a graph, in a format as `draw` takes it.

    Raises:
        LayoutError: Graphviz cannot lay it out.
    """
    if format == "dot":
        return source.encode()
    picture = layout(source, format)
    if format == "svg":
        return described(picture, graph)
    return titled(picture, graph) if format == "pdf" else picture
