"""The picture of what differs between two models, as DOT source for Graphviz.

How to read it: both models are one picture, in the places of the second. What was added has a thick
outline and a `+`, what was removed a dashed one and a `−`, and what was changed a double one and a
`~`, with what it was and is. What is equal in both is grey, and where it is much, one box. Lines
are drawn likewise. Hues tell nothing that form does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtg.backends.labels import layer_title
from mtg.backends.picture.both_models import BothModels, Box, Connection, Status
from mtg.backends.picture.style import blank
from mtg.backends.picture.themes import LIGHT, Theme
from mtg.backends.picture.words import escape, small, table, tooltip
from mtg.graph.layers import InputLayer
from mtg.text.source import NOWHERE

if TYPE_CHECKING:
    import graphviz

#: What stands before the title of a box.
_SIGNS: dict[Status, str] = {"same": "", "added": "+ ", "removed": "− ", "changed": "~ "}
#: Changes of a box that are told, and letters of one.
_TOLD, _LONGEST = 5, 60


def difference_dot(both: BothModels, title: str, theme: Theme = LIGHT) -> str:
    """Return the DOT source of the picture of two models as one."""
    drawing = blank(theme)
    drawing.attr(label=_title(both, title, theme))
    for key, box in both.boxes.items():
        if key not in both.folded:
            _draw(drawing, key, box, theme)
    for name in dict.fromkeys(both.folded.values()):
        inside = [both.boxes[key] for key in both.boxes if both.folded.get(key) == name]
        _draw_folded(drawing, name, inside, theme)
    drawn: dict[Connection, tuple[Status, int]] = {}
    for (tail, head), status in both.lines.items():
        line = Connection(both.folded.get(tail, tail), both.folded.get(head, head))
        if line.tail != line.head or tail == head:
            first, times = drawn.get(line, (status, 0))
            drawn[line] = first, times + both.times[Connection(tail, head)]
    for line, (status, times) in drawn.items():
        drawing.edge(*line, **_edge(status, times, theme))
    return str(drawing.source)


def in_words(both: BothModels) -> str:
    """Return what differs, counted: `1 added, 4 changed`."""
    counts = [f"{count} {status}" for status, count in both.counts().items()]
    return ", ".join([*counts, *both.whole()]) or "the same model"


def _color(status: Status, theme: Theme) -> str:
    hues = {"changed": 0, "removed": 1, "added": 2}
    return theme.grey if status == "same" else theme.hue(hues[status])


def _draw(drawing: graphviz.Digraph, key: str, box: Box, theme: Theme) -> None:
    color = _color(box.status, theme)
    title, name = box.name, ""
    if box.layer is not None and not isinstance(box.layer, InputLayer):
        title, name = layer_title(box.layer), box.name
    told = [line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…" for line in box.lines]
    if len(told) > _TOLD:
        told[_TOLD - 1 :] = [f"and {len(told) - _TOLD + 1} more"]
    ink = theme.grey if box.status == "same" else theme.ink
    lines = [
        f"<B>{escape(_SIGNS[box.status] + title)}</B>",
        small(name, theme.grey),
        *(small(line, theme.ink) for line in told),
    ]
    look = {
        "same": {},
        "added": {"penwidth": "2.4"},
        "removed": {"style": "filled,dashed", "penwidth": "1.6"},
        "changed": {"peripheries": "2"},
    }[box.status]
    fill = theme.paper if box.status == "same" else theme.tint(color, 0.9)
    if box.layer is None:
        look = look | {"style": look.get("style", "filled") + ",rounded"}
    drawing.node(
        key,
        label=f"<{table(lines)}>",
        fontcolor=ink,
        color=color,
        fillcolor=fill,
        tooltip=tooltip(box.name, NOWHERE if box.layer is None else box.layer.span),
        **{"class": box.status},
        **look,
    )


def _draw_folded(drawing: graphviz.Digraph, name: str, inside: list[Box], theme: Theme) -> None:
    ends = f"{inside[0].name} … {inside[-1].name}"
    lines = [escape(f"{len(inside):,} equal layers"), small(ends, theme.grey)]
    drawing.node(
        name,
        label=f"<{table(lines)}>",
        fontcolor=theme.grey,
        color=theme.frame_line,
        fillcolor=theme.frames[0],
        style="filled,rounded",
        tooltip=" ",
        **{"class": "same"},
    )


def _edge(status: Status, times: int, theme: Theme) -> dict[str, str]:
    color = _color(status, theme)
    sign = {"same": "", "added": "+", "removed": "−", "changed": ""}[status]
    words = " ".join(filter(None, [sign, f"× {times}" if times > 1 else ""]))
    look = {"color": color, "fontcolor": color}
    if words:
        look["label"] = f"<<B> {words} </B>>"
    more = {"added": {"penwidth": "2"}, "removed": {"style": "dashed"}}
    return look | more.get(status, {})


def _title(both: BothModels, title: str, theme: Theme) -> str:
    words = [f"{_SIGNS[status]}{count} {status}" for status, count in both.counts().items()]
    lines = [
        f'<FONT POINT-SIZE="14"><B>{escape(title)}</B></FONT>',
        small(", ".join(words) or "no box differs", theme.grey),
        *(small(line, theme.ink) for line in both.whole()),
    ]
    return f"<{table([*lines, ' '])}>"
