"""The lines of a picture: what they say, and how they look."""

from __future__ import annotations

from typing import NamedTuple

from mtg.backends.picture.themes import Theme
from mtg.backends.picture.words import escape

#: How the lines of the calls of a shared layer differ, in turn, beside their numbers.
CALL_STYLES = ("solid", "dashed", "dotted")
#: Characters of what may stand beside an arrow, where Graphviz keeps no room for words.
MARK = 2


class EdgeEnd(NamedTuple):
    """One end of an edge.

    Attributes:
        node: The node, perhaps with a port.
        turn: Which call of a shared layer it belongs to, None where there is one call.
        label: What it says of the tensor.
        mark: A sign or a number that stands beside the arrow.
    """

    node: str
    turn: int | None = None
    label: str = ""
    mark: str = ""


def edge(tail: EdgeEnd, head: EdgeEnd, theme: Theme, task: int | None) -> dict[str, str]:
    """Return the attributes of an edge.

    Args:
        tail: Where the tensor is made.
        head: Where it is taken.
        theme: The colours.
        task: The only task that the tensor is taken for; None where there are several.
    """
    found: dict[str, str] = {}
    turns = [turn for turn in (tail.turn, head.turn) if turn is not None]
    if task is not None:
        found["color"] = theme.hue(task)
    elif turns:
        found["color"] = theme.ink
    if turns:
        found["penwidth"] = "1.6"
    styles = {CALL_STYLES[turn % len(CALL_STYLES)] for turn in turns} - {"solid"}
    if len(styles) == 1:
        found["style"] = styles.pop()
    if head.mark:
        found["headlabel"] = f"<{escape(head.mark)}>"
    label = " → ".join(dict.fromkeys(filter(None, (tail.label, head.label))))
    if label:
        found["label"] = f"<{escape(f' {label} ')}>"
    return found
