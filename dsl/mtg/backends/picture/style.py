"""How every picture looks: letters, boxes and lines, before anything is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtg.backends.picture.font import FAMILY
from mtg.backends.picture.themes import Theme
from mtg.backends.picture.words import SMALL

if TYPE_CHECKING:
    import graphviz

FONT = f"{FAMILY},Helvetica,Arial,sans-serif"


#: Inches that no picture reaches: Graphviz bounds both sides of one, or none.
_NO_BOUND = 10_000


def _graph_attributes(theme: Theme, direction: str, width: float | None) -> dict[str, str]:
    found = {
        "rankdir": direction,
        "ranksep": "0.35",
        "nodesep": "0.3",
        "pad": "0.15",
        "fontname": FONT,
        "fontsize": str(SMALL),
        "fontcolor": theme.ink,
        "labelloc": "t",
    }
    if width is not None:
        found["size"] = f"{width / 25.4:.4f},{_NO_BOUND}"
    if theme.paper != "#FFFFFF":
        found["bgcolor"] = theme.paper
    return found


def _node_attributes(theme: Theme) -> dict[str, str]:
    return {
        "shape": "box",
        "style": "filled",
        "fillcolor": theme.fill,
        "color": theme.line,
        "fontname": FONT,
        "fontsize": "11",
        "fontcolor": theme.ink,
        "margin": "0.1,0.04",
        "height": "0.3",
    }


def _edge_attributes(theme: Theme) -> dict[str, str]:
    return {
        "color": theme.line,
        "arrowsize": "0.7",
        "fontname": FONT,
        "fontsize": str(SMALL),
        "fontcolor": theme.grey,
        "labeldistance": "1.6",
    }


def blank(theme: Theme, direction: str = "TB", width: float | None = None) -> graphviz.Digraph:
    """Return a drawing with nothing on it, in the colours of a theme.

    Args:
        theme: The colours.
        direction: Which way edges go, in Graphviz's words.
        width: The most that the picture may be wide, in millimetres.
    """
    import graphviz

    return graphviz.Digraph(
        graph_attr=_graph_attributes(theme, direction, width),
        node_attr=_node_attributes(theme),
        edge_attr=_edge_attributes(theme),
    )
