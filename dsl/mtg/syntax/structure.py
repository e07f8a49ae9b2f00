"""What can be made of a text that does not parse: what is left to parse, and what is lost.

A declaration with a fault is spoiled: it becomes blank, at the same offsets, so that the others can
still be parsed. Of a spoiled head of a model or block the body is kept, behind a head that is made
up.
"""

from __future__ import annotations

from bisect import bisect_right

from mtg.syntax.brackets import CLOSER, CLOSES
from mtg.syntax.nesting import Stretch
from mtg.syntax.tokens import Token
from mtg.text.source import Source


class Structure:
    """The declarations of one source, and its text as far as it can be parsed.

    Attributes:
        tokens: All tokens.
        stretches: The declarations, as far as they can be told apart, in their order.
        strays: Closing brackets that close nothing, each with the declaration it stands in.
        closed_early: The models and blocks whose `}` is missing.
        reserved: Words of the language that the text uses as names, and that have been reported.
    """

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.stretches: list[Stretch] = []
        self.strays: list[tuple[Token, Stretch | None]] = []
        self.closed_early: list[Stretch | None] = []
        self.reserved: set[str] = set()
        self._text = list(source.text)  # what is to be parsed, at the same offsets
        self._starts = [token.start for token in tokens]

    # The text that is left

    def blank(self, start: int, end: int) -> None:
        """Leave a part of the text out of what is parsed; where a line ended in it, one does."""
        part = self.source.text[start:end]
        self._text[start:end] = ("\n" if "\n" in part or "\r" in part else "").ljust(len(part))

    def put(self, offset: int, sign: str) -> None:
        """Parse another character in a place."""
        self._text[offset] = sign

    def text(self) -> str:
        """The text to parse: comments and spoiled stretches are blank, missing braces are there."""
        for stretch in self.stretches:
            if stretch.spoiled and self._stands_in(stretch):
                head = self._stands_in(stretch).ljust(stretch.body - stretch.token.start)
                self._text[stretch.token.start : stretch.body] = head
            elif stretch.spoiled:
                end = stretch.whole_end if stretch.is_head else stretch.end
                for at in range(stretch.token.start, end):
                    if self._text[at] not in "\r\n":
                        self._text[at] = " "
        missing = [
            one
            for one in self.closed_early
            if one is None or not one.spoiled or self._stands_in(one)
        ]
        return "".join(self._text) + "}" * len(missing)

    def lost(self) -> list[tuple[int, str]]:
        """The texts that are not parsed, and where each begins: declarations and open strings."""
        return [
            *(
                (token.start, token.text)
                for token in self.tokens
                if token.kind == "open_string" and not self._text[token.start].strip()
            ),
            *(
                (one.token.start, self.source.text[one.token.start : self._lost_end(one)])
                for one in self.stretches
                if one.spoiled
            ),
        ]

    @property
    def is_doubtful(self) -> bool:
        """Whether a model or block ends where it may not be meant to."""
        return bool(self.closed_early or self.strays)

    def _lost_end(self, stretch: Stretch) -> int:
        whole = stretch.is_head and not self._stands_in(stretch)
        return stretch.whole_end if whole else stretch.end

    def _stands_in(self, head: Stretch) -> str:
        """A head in the place of one that is spoiled, so that what is between its braces can still
        be parsed; empty where there is no room for it."""
        if not head.is_head or head.body < 0:
            return ""
        text = self.source.text[head.token.start : head.body]
        made = "block x -> b" if head.token.text == "block" or "->" in text else "model M"
        return made if len(made) <= len(text) and "\n" not in text else ""

    # Places

    def index(self, offset: int) -> int:
        """The index of the token at an offset, or of the first after it."""
        found = bisect_right(self._starts, offset) - 1
        if found >= 0 and self.tokens[found].end > offset:
            return found
        return found + 1

    def stretch_at(self, offset: int) -> Stretch | None:
        """The stretch that an offset lies in."""
        found = None
        for stretch in self.stretches:
            if stretch.token.start > offset:
                break
            if offset < stretch.end:
                found = stretch
        return found

    def stretch_before(self, offset: int) -> Stretch | None:
        """The stretch that ends nearest before an offset."""
        found = None
        for stretch in self.stretches:
            if stretch.token.start >= offset:
                break
            found = stretch
        return found

    def opening(self, index: int) -> int | None:
        """The index of the bracket around the token at an index."""
        depth = 0
        while index > 0:
            index -= 1
            text = self.tokens[index].text
            if text in CLOSES:
                depth += 1
            elif text in CLOSER:
                if not depth:
                    return index
                depth -= 1
        return None
