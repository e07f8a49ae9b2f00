"""The picture of a graph, in the format that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtg.backends.picture.dot import dot
from mtg.backends.picture.layout import layout
from mtg.backends.picture.options import DEFAULT, PictureOptions
from mtg.backends.picture.pdf import titled
from mtg.backends.picture.svg import described, in_words
from mtg.graph.graph import Graph
from mtg.types.types import Types

if TYPE_CHECKING:
    from mtg.compare.difference import Side


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
    return drawn(dot(graph, types, options), format, graph.name, in_words(graph))


def difference_picture(a: Side, b: Side, format: str, *, names: bool = True) -> bytes:
    """Return the picture of what differs from one model to another, in a format as `draw` takes it.

    Args:
        names: Whether the names of models, layers and ops count.

    Raises:
        LayoutError: Graphviz cannot lay it out.
    """
    from mtg.backends.picture.both_models import both_models
    from mtg.backends.picture.difference import difference_dot
    from mtg.backends.picture.difference import in_words as words_of

    title = f"{a.title} → {b.title}"
    both = both_models(a.beside(b).graph, b.beside(a).graph, names=names)
    return drawn(difference_dot(both, title), format, title, words_of(both))


def drawn(source: str, format: str, name: str, words: str) -> bytes:
    """Return the picture of DOT source, in a format as `draw` takes it.

    Args:
        source: The DOT source.
        format: `svg`, `png`, `pdf` or `dot`.
        name: What it is of, for those who do not see it.
        words: What it shows, likewise.

    Raises:
        LayoutError: Graphviz cannot lay it out.
    """
    if format == "dot":
        return source.encode()
    picture = layout(source, format)
    if format == "svg":
        return described(picture, name, words)
    return titled(picture, name, words) if format == "pdf" else picture
