"""Pictures as notebooks show them: as SVG, and as PNG where a notebook is not trusted."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from mtg.backends.picture.draw import draw
from mtg.backends.picture.layout import LayoutError
from mtg.backends.picture.options import DEFAULT
from mtg.backends.picture.pages import folded_to_fit, is_large
from mtg.graph.graph import Graph
from mtg.text.diagnostics import Diagnostics
from mtg.types.infer import infer


def graph_bundle(graph: Graph) -> dict[str, str]:
    """Return the picture of a graph by MIME type, folded to what a page holds where it is large.

    Nothing where Graphviz cannot draw it.
    """
    types = infer(graph, Diagnostics())
    options = DEFAULT
    if is_large(graph, options):
        options, _ = folded_to_fit(graph, options)
    return bundle(lambda format: draw(graph, types, format, options))


def bundle(picture: Callable[[str], bytes]) -> dict[str, str]:
    """Return a picture by MIME type: SVG, which notebooks hide until they are trusted, and PNG.

    Args:
        picture: Returns the picture in a format.
    """
    try:
        svg, png = picture("svg"), picture("png")
    except LayoutError:
        return {}
    return {"image/svg+xml": svg.decode(), "image/png": b64encode(png).decode()}
