"""How much of a large model is drawn, so that it can be read on a page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mtg.backends.picture.dot import box_count
from mtg.backends.picture.options import PictureOptions

if TYPE_CHECKING:
    from mtg.graph.graph import Graph

#: Boxes that a page holds: a chain of so many is two pages long.
MOST_BOXES = 80


def is_large(graph: Graph, options: PictureOptions) -> bool:
    """Return whether a picture has more boxes than a page holds, though nobody asked for them."""
    if options.levels is not None or options.open or options.unfold:
        return False
    return len(graph.layers) > MOST_BOXES and box_count(graph, options) > MOST_BOXES


def folded_to_fit(graph: Graph, options: PictureOptions) -> tuple[PictureOptions, str]:
    """Return the options by which a large graph fits a page, as far as it may, and what to say.

    As many levels of blocks are open as fit, and equal layers that follow each other are one box.
    """
    before = box_count(graph, options)
    depth = max((len(call.uses) for call in graph.calls), default=0)
    for levels in range(depth, -1, -1):
        folded = replace(options, levels=levels, runs=True)
        count = box_count(graph, folded)
        if count <= MOST_BOXES:
            break
    if count == before:
        return options, ""
    note = (
        f"{before:,} boxes are more than a page holds: `{graph.name}` is drawn with {count}, and "
        f"{levels} level{'s' * (levels != 1)} of blocks open; `--levels all` draws all"
    )
    return folded, note
