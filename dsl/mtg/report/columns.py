"""How text stands in the columns of a terminal: widths, tabs and what cannot be seen."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category, east_asian_width

TAB = 4

#: Invisible characters that words of some scripts need; they take no column and stay as they are.
_JOINERS = "\u200c\u200d"


@lru_cache(4096)
def cell(char: str) -> tuple[str, int]:
    """What to print for one character, and how many columns that takes.

    Control characters become their pictures (`␛`), other invisible ones their number (`<U+202E>`),
    so that no text of a program can move the cursor or turn the direction of what follows it.
    """
    code = ord(char)
    if 0x20 <= code < 0x7F:
        return char, 1
    if code < 0x20:
        return chr(0x2400 + code), 1
    if code == 0x7F:
        return "␡", 1
    kind = category(char)
    if kind in ("Mn", "Me") or char in _JOINERS or 0x1160 <= code <= 0x11FF:
        return char, 0
    if kind in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        shown = f"<U+{code:04X}>"
        return shown, len(shown)
    return char, 2 if east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """The number of columns that `visible(text)` takes."""
    return len(text) if text.isascii() and text.isprintable() else sum(cell(c)[1] for c in text)


def visible(text: str) -> str:
    """The text with everything in it that a terminal would obey made visible."""
    return text if text.isascii() and text.isprintable() else "".join(cell(c)[0] for c in text)


class Cells:
    """One line of source laid out in columns, tabs expanded.

    Attributes:
        shown: What to print for each character.
        columns: The column, from 0, that each character begins at, and the line's width last.
    """

    def __init__(self, line: str) -> None:
        self.shown: list[str] = []
        self.columns: list[int] = [0]
        for char in line:
            at = self.columns[-1]
            if char == "\t":
                wide = TAB - at % TAB
                self.shown.append(" " * wide)
            else:
                text, wide = cell(char)
                self.shown.append(text)
            self.columns.append(at + wide)

    @property
    def width(self) -> int:
        return self.columns[-1]

    def column(self, index: int) -> int:
        """The column that the character at `index` begins at; past the end, the line's width."""
        return self.columns[min(index, len(self.shown))]

    def cut(self, left: int, right: int) -> str:
        """What stands in the columns from `left` up to `right`, filled up with blanks where a
        character is cut in two."""
        parts: list[str] = []
        for text, start, end in zip(self.shown, self.columns, self.columns[1:], strict=False):
            if start == end:  # a mark on the character before it
                if left < start <= right:
                    parts.append(text)
            elif start >= left and end <= right:
                parts.append(text)
            elif start < right and end > left:
                parts.append(" " * (min(end, right) - max(start, left)))
        return "".join(parts)
