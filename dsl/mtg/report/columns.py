"""How a line of source stands in the columns of a terminal, tabs expanded."""

from __future__ import annotations

from mtg.text.visible import cell

TAB = 4


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
        """Return the column of the character at `index`; past the end, the line's width."""
        return self.columns[min(index, len(self.shown))]

    def cut(self, left: int, right: int) -> str:
        """Return the text of the columns from `left` up to `right`.

        Blanks stand for a character that is cut in two.
        """
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
