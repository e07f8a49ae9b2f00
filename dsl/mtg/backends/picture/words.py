"""Words as HTML-like labels of Graphviz, safe whatever is in them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import PurePath

from mtg.text.source import NOWHERE, Span

#: The size of words of less weight, in points.
SMALL = 9


def table(lines: Iterable[str]) -> str:
    """HTML for lines one below the other, those that are empty left out."""
    rows = "".join(f"<TR><TD>{line}</TD></TR>" for line in lines if line)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'


def row(cells: Iterable[str]) -> str:
    """HTML for cells beside each other, each a whole `<TD>`."""
    inner = "".join(cells)
    return (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{inner}</TR></TABLE>'
    )


def column(cells: Iterable[str]) -> str:
    """HTML for cells one below the other, each a whole `<TD>`."""
    rows = "".join(f"<TR>{cell}</TR>" for cell in cells)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'


def small(text: str, color: str) -> str:
    """HTML for a line in small letters, or an empty string."""
    if not text:
        return ""
    return f'<FONT POINT-SIZE="{SMALL}" COLOR="{color}">{escape(text)}</FONT>'


#: What XML forbids, and the marks that turn the direction of a text.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def escape(text: str) -> str:
    r"""Any text as text of an HTML-like label.

    XML allows no control characters: they become their pictures. Graphviz replaces `\N` and its
    like even here, unless the backslash is doubled; and it takes no element without a text.
    """
    return html.escape(_printable(text) or " ").replace("\\", "\\\\")


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(lambda m: chr(0x2400 + ord(m[0])) if m[0] < " " else "\ufffd", text)


def tooltip(name: str, span: Span) -> str:
    """Return the tooltip of a node or a frame: a name, and its place in the source."""
    from graphviz import nohtml

    place = ""
    if span.source is not NOWHERE.source and span.source.text:
        line, _ = span.source.line_column(span.start)
        place = f"{PurePath(span.source.name).name}:{line}"
    words = " · ".join(filter(None, [name, place])) or " "
    # Graphviz reads escapes in a tooltip twice; nothing survives that but a text without any.
    text: str = nohtml(_printable(words).replace("\\", "⧵"))
    return text
