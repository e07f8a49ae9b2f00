"""An SVG whose texts fit their boxes wherever it is seen.

It carries the font it was measured with, which browsers use. Each text also says how long it is:
the programs that read no fonts out of files, and the characters that the font lacks, are fitted.
"""

from __future__ import annotations

import re

from mtg.backends.picture.font import faces

#: What draws the texts of something in Graphviz's `xdot`, and in it one text: where it stands, how
#: wide it is, and how many bytes it has.
_DRAWN = re.compile(rb'\b_(?:l|hl|tl)draw_="((?:[^"\\]|\\.)*)"', re.DOTALL)
_TEXT = re.compile(rb"(?:^| )T (\S+) (\S+) -?[01] (\S+) (\d+) -")

_PLACE = re.compile(r'(<text (?:xml:space="preserve" )?text-anchor="\w+" x="([^"]*)" y="([^"]*)")')
_OPENING = re.compile(r"<svg [^>]*>")


def fitted(svg: bytes, xdot: bytes) -> bytes:
    """Return an SVG of Graphviz with the font in it, and the length of each text.

    Args:
        svg: The picture.
        xdot: The same layout in Graphviz's format `xdot`.
    """
    widths = _widths(xdot)

    def told(match: re.Match[str]) -> str:
        start, x, y = match.groups()
        width = widths.get((float(x), -float(y)))
        if not width:
            return start
        return f'{start} textLength="{width:g}" lengthAdjust="spacingAndGlyphs"'

    text = _PLACE.sub(told, svg.decode())
    style = f"<style>\n{faces(text)}</style>"
    return _OPENING.sub(lambda match: f"{match[0]}\n{style}", text, count=1).encode()


def _widths(xdot: bytes) -> dict[tuple[float, float], float]:
    """Return how wide each text is, in points, by where it stands."""
    widths: dict[tuple[float, float], float] = {}
    for drawn in _DRAWN.findall(xdot):
        operations = drawn.replace(b"\\\r\n", b"").replace(b"\\\n", b"").replace(b'\\"', b'"')
        at = 0
        while match := _TEXT.search(operations, at):
            x, y, width = map(float, match.groups()[:3])
            widths[x, y] = width
            at = match.end() + int(match[4])
    return widths
