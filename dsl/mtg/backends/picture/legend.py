"""The legend of a picture: what occurs in it, each with the words for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mtg.backends.picture.badges import badge, shared_badge
from mtg.backends.picture.themes import Theme
from mtg.backends.picture.words import SMALL, escape

#: What may occur, in the order in which a legend has it: how it looks, and what it means.
_ENTRIES: dict[str, tuple[Callable[[Theme], str], str]] = {
    "input": (lambda t: _box("input", t, fill=t.source, ink=t.source_ink), "an input"),
    "layer": (lambda t: _box("Dense 64", t), "a layer with its size, its name, shape, parameters"),
    "model": (lambda t: _box("model", t, border=3), "a model as a layer: it has a double line"),
    "merge": (lambda t: _box("concat", t, round=True), "a merge or an operation"),
    "output": (lambda t: _box("task", t, fill=t.end(0), line=t.hue(0), border=2, round=True),
               "a task with its loss, × its weight, and metrics"),
    "own": (lambda t: badge("A", t.hue(0)), "the letter and the colour of the task that it serves"),
    "some": (lambda t: badge("A", t.hue(0)) + badge("B", t.hue(1)),
             "serves these tasks; what serves all has no letter"),
    "shared": (lambda t: shared_badge(2, t), "one set of weights, called so often"),
    "call": (lambda t: _box("1", t), "the call of a shared layer, in and out"),
    "block": (lambda t: _box("block", t, fill=t.frames[0], line=t.frame_line, round=True),
              "the use of a block, or with × N so many that are alike"),
    "family": (lambda t: _box("× 8", t, fill=t.frames[0], line=t.frame_line, round=True),
               "one of so many alike, side by side"),
    "place": (lambda t: _words("1", t), "the place among the arguments"),
    "unused": (lambda t: _box("unused", t), "dashed: no output depends on it"),
}  # fmt: skip


def legend(seen: Iterable[str], theme: Theme) -> str:
    """HTML for the legend of what was seen, the words of `_ENTRIES`."""
    known = set(seen)
    rows = [
        f'<TR><TD ALIGN="RIGHT"><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="2">'
        f'<TR>{look(theme)}</TR></TABLE></TD><TD ALIGN="LEFT"><FONT POINT-SIZE="{SMALL}"'
        f' COLOR="{theme.ink}">{escape(words)}</FONT></TD></TR>'
        for kind, (look, words) in _ENTRIES.items()
        if kind in known
    ]
    inner = "".join(rows)
    return (
        f'<TABLE BORDER="1" COLOR="{theme.frame_line}" CELLBORDER="0" CELLSPACING="0"'
        f' CELLPADDING="1">{inner}</TABLE>'
    )


def _box(
    words: str,
    theme: Theme,
    *,
    fill: str = "",
    line: str = "",
    ink: str = "",
    border: int = 1,
    round: bool = False,
) -> str:
    style = ' STYLE="ROUNDED"' if round else ""
    return (
        f'<TD BORDER="{border}" COLOR="{line or theme.line}" BGCOLOR="{fill or theme.fill}"{style}>'
        f'<FONT POINT-SIZE="{SMALL}" COLOR="{ink or theme.ink}">{escape(words)}</FONT></TD>'
    )


def _words(words: str, theme: Theme) -> str:
    return f'<TD><FONT POINT-SIZE="{SMALL}" COLOR="{theme.grey}">{escape(words)}</FONT></TD>'
