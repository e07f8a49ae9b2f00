"""The letters of tasks and the numbers of calls, as HTML-like labels of Graphviz."""

from __future__ import annotations

from mtg.backends.picture.service import Service, letters, listed
from mtg.backends.picture.themes import Theme, words_on
from mtg.backends.picture.words import SMALL, column, row

#: Tasks up to which each has a badge of its own on a box; more are one badge, `A–F H`.
MOST_BADGES = 4
#: Calls of a shared layer up to which each has its number on the box.
MOST_PORTS = 24


def badge(text: str, color: str) -> str:
    """HTML for a cell with the letters of a task, or of several."""
    return (
        f'<TD BGCOLOR="{color}" WIDTH="14" STYLE="ROUNDED"><FONT POINT-SIZE="{SMALL}"'
        f' COLOR="{words_on(color)}"><B>{text}</B></FONT></TD>'
    )


def badges(service: Service, theme: Theme) -> list[str]:
    """HTML for the cells that say whom something serves: none where that is all tasks."""
    numbers = service.numbers
    if len(numbers) > MOST_BADGES:
        return [badge(f" {listed(numbers)} ", theme.line)]
    return [badge(letters(number), theme.hue(number)) for number in numbers]


def beside(cells: list[str], words: str) -> str:
    """HTML for badges, as high as the box, and the words of the box beside them."""
    if not cells:
        return words
    gap = '<TD WIDTH="2"></TD>'
    return row([gap.join(cells), '<TD WIDTH="4"></TD>', f"<TD>{words}</TD>"])


def shared_bar(times: int, theme: Theme) -> str:
    """HTML for the bar that says how often a shared layer is called."""
    return (
        '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="2"><TR>'
        f"{shared_badge(times, theme)}</TR></TABLE>"
    )


def shared_badge(times: int, theme: Theme) -> str:
    """HTML for a cell that says how often something is called."""
    return (
        f'<TD BGCOLOR="{theme.ink}" CELLPADDING="2"><FONT POINT-SIZE="{SMALL}"'
        f' COLOR="{words_on(theme.ink)}"><B>shared × {times}</B></FONT></TD>'
    )


def ports(side: str, times: int, theme: Theme, direction: str) -> str:
    """HTML for a row or column of numbers, the ports of the calls of a shared layer."""
    cells = [
        f'<TD PORT="{side}{turn}" BORDER="1" COLOR="{theme.line}" BGCOLOR="{theme.paper}"'
        f' WIDTH="18" HEIGHT="13" FIXEDSIZE="TRUE">'
        f'<FONT POINT-SIZE="{SMALL}" COLOR="{theme.ink}"><B>{turn + 1}</B></FONT></TD>'
        for turn in range(times)
    ]
    if direction in ("LR", "RL"):
        return column(['</TR><TR><TD HEIGHT="6"></TD></TR><TR>'.join(cells)])
    return row(['<TD WIDTH="12"></TD>'.join(cells)])


#: Where tensors come in and go out.
_COMPASS = {"TB": "ns", "BT": "sn", "LR": "we", "RL": "ew"}


def compass(side: str, direction: str) -> str:
    """Return the side of a box, for Graphviz, where tensors come `in` or go `out`."""
    return _COMPASS[direction][side == "out"]


def between_ports(entry: str, words: str, exit: str, direction: str) -> str:
    """HTML for the words of a shared layer between the numbers of its calls."""
    parts = [f"<TD>{part}</TD>" for part in (entry, words, exit)]
    if direction in ("BT", "RL"):
        parts.reverse()
    return (row if direction in ("LR", "RL") else column)(parts)
