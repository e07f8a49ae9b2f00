"""Source files and places in them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

#: What ends a line for editors. Python's `splitlines` knows many more, and would count otherwise.
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Project:
    """What the texts of a program may reach.

    Attributes:
        folders: The program's own folder, and further ones that its caller allows; resolved.
        trusted: Whether its caller trusts the program, which may then reach whatever he may.
    """

    folders: tuple[str, ...]
    trusted: bool = False


class Source:
    """The text of one file, and the name people know it by.

    `name` is what diagnostics print: a path, or `<stdin>`. Offsets count characters of `text`,
    from 0; lines and columns count from 1. A line ends at a newline, a carriage return, or both.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        #: The folder the file stands in, where it is a file: `from python` looks there first.
        self.folder: str | None = None
        #: What it may reach; None where it comes from no file and no caller.
        self.project: Project | None = None

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @property
    def line_count(self) -> int:
        return len(self._line_starts)

    def line_column(self, offset: int) -> tuple[int, int]:
        """Return the line and column, both from 1, of the character at `offset`."""
        line = bisect_right(self._line_starts, min(offset, len(self.text)))
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of line `number` (from 1), without its line ending."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


class Span(NamedTuple):
    """The characters `start` up to, not including, `end` of one source."""

    source: Source
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, other.end)

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def location(self) -> str:
        """`file:line:column`, as editors and terminals understand it."""
        line, column = self.source.line_column(self.start)
        return f"{self.source.name}:{line}:{column}"


#: Where something stands that no text says, such as a graph made by a program.
NOWHERE = Span(Source("<no source>", ""), 0, 0)
