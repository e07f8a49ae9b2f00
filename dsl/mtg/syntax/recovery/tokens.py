"""The tokens of any text, also of one that no parser takes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mtg.syntax.patterns import OPEN_STRING, STRING

_TOKENS = re.compile(
    rf"(?P<string>{STRING})"
    rf"|(?P<open_string>{OPEN_STRING})"
    r"|(?P<between>(?:[ \t\f\r\n]++|\#[^\r\n]*+)++)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<number>\.?[0-9](?:[eE][+-]?[0-9]|[0-9_.])*)"
    r"|(?P<punctuation>->|\.\.\.|\*\*|//|[<>=!]=|.)"
)
#: What begins and ends a string of several lines.
QUOTES = ('"""', "'''")


@dataclass(slots=True, eq=False)
class Token:
    """A token of any text.

    Attributes:
        kind: `word` (a name or a keyword), `number`, `string`, `open_string` or `punctuation`.
        text: What stands there.
        start: The offset at which it begins.
        line: The number of its line, from one.
        column: How many characters stand before it on its line.
        first: Whether it is the first of its line.
    """

    kind: str
    text: str
    start: int
    line: int
    column: int
    first: bool

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + len(self.text)


def scan(text: str) -> tuple[list[Token], list[tuple[int, int]]]:
    """Return the tokens of a text, and from where to where comments stand between them."""
    tokens: list[Token] = []
    comments: list[tuple[int, int]] = []
    line, line_start, first = 1, 0, True
    for match in _TOKENS.finditer(text):
        kind, start, found = str(match.lastgroup), match.start(), match[0]
        if kind != "between":
            tokens.append(Token(kind, found, start, line, start - line_start, first))
            first = False
        elif "#" in found:
            comments.append(match.span())
        if "\n" in found or "\r" in found:
            line += found.count("\n") + found.count("\r") - found.count("\r\n")
            line_start = max(found.rfind("\n"), found.rfind("\r")) + 1 + start
            first = first or kind == "between"
    return tokens, comments
