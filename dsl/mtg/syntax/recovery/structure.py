"""What can be made of a text that does not parse: what is left to parse, and what is skipped.

A declaration with an error is skipped: it becomes blank, at the same offsets, so that the others
can still be parsed. Of a skipped head of a model or block the body is kept, behind a head that is
made up.
"""

from __future__ import annotations

from bisect import bisect_right

from mtg.syntax.patterns import CLOSER, OPENER
from mtg.syntax.recovery.nesting import DeclarationSpan
from mtg.syntax.recovery.tokens import Token
from mtg.text.source import Source


class Structure:
    """The declarations of one source, and its text as far as it can be parsed.

    Attributes:
        tokens: All tokens.
        declarations: The declarations, as far as they can be told apart, in their order.
        unmatched: Closing brackets that close nothing, each with the declaration it stands in.
        closed_early: The models and blocks whose `}` is missing.
        reserved: Keywords that the text uses as names, and that have been reported.
    """

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.declarations: list[DeclarationSpan] = []
        self.unmatched: list[tuple[Token, DeclarationSpan | None]] = []
        self.closed_early: list[DeclarationSpan | None] = []
        self.reserved: set[str] = set()
        self._text = list(source.text)  # what is to be parsed, at the same offsets
        self._starts = [token.start for token in tokens]

    # The text that is left

    def blank(self, start: int, end: int) -> None:
        """Leave a part of the text out of what is parsed; where a line ended in it, one does."""
        part = self.source.text[start:end]
        self._text[start:end] = ("\n" if "\n" in part or "\r" in part else "").ljust(len(part))

    def replace(self, offset: int, character: str) -> None:
        """Parse another character in a place."""
        self._text[offset] = character

    def text(self) -> str:
        """Return the text to parse: what is skipped is blank, and missing braces are there."""
        for declaration in self.declarations:
            if declaration.skipped and self._stands_in(declaration):
                head = self._stands_in(declaration).ljust(
                    declaration.body - declaration.token.start
                )
                self._text[declaration.token.start : declaration.body] = head
            elif declaration.skipped:
                end = declaration.whole_end if declaration.is_head else declaration.end
                for at in range(declaration.token.start, end):
                    if self._text[at] not in "\r\n":
                        self._text[at] = " "
        missing = [
            head
            for head in self.closed_early
            if head is None or not head.skipped or self._stands_in(head)
        ]
        return "".join(self._text) + "}" * len(missing)

    def skipped_parts(self) -> list[tuple[int, str]]:
        """Return the declarations and open strings that are skipped, and where each begins."""
        return [
            *(
                (token.start, token.text)
                for token in self.tokens
                if token.kind == "open_string" and not self._text[token.start].strip()
            ),
            *(
                (each.token.start, self.source.text[each.token.start : self._skipped_end(each)])
                for each in self.declarations
                if each.skipped
            ),
        ]

    @property
    def is_doubtful(self) -> bool:
        """Whether a model or block ends where it may not be meant to."""
        return bool(self.closed_early or self.unmatched)

    def _skipped_end(self, declaration: DeclarationSpan) -> int:
        whole = declaration.is_head and not self._stands_in(declaration)
        return declaration.whole_end if whole else declaration.end

    def _stands_in(self, head: DeclarationSpan) -> str:
        """Return a head for the place of one that is skipped, or nothing where there is no room.

        With it, what is between the braces can still be parsed.
        """
        if not head.is_head or head.body < 0:
            return ""
        text = self.source.text[head.token.start : head.body]
        written = "block x -> b" if head.token.text == "block" or "->" in text else "model M"
        return written if len(written) <= len(text) and "\n" not in text else ""

    # Places

    def index(self, offset: int) -> int:
        """Return the index of the token at an offset, or of the first after it."""
        index = bisect_right(self._starts, offset) - 1
        if index >= 0 and self.tokens[index].end > offset:
            return index
        return index + 1

    def declaration_at(self, offset: int) -> DeclarationSpan | None:
        """Return the declaration that an offset lies in."""
        innermost = None
        for declaration in self.declarations:
            if declaration.token.start > offset:
                break
            if offset < declaration.end:
                innermost = declaration
        return innermost

    def declaration_before(self, offset: int) -> DeclarationSpan | None:
        """Return the declaration that ends nearest before an offset."""
        last = None
        for declaration in self.declarations:
            if declaration.token.start >= offset:
                break
            last = declaration
        return last

    def opening(self, index: int) -> int | None:
        """Return the index of the bracket around the token at an index."""
        depth = 0
        while index > 0:
            index -= 1
            text = self.tokens[index].text
            if text in OPENER:
                depth += 1
            elif text in CLOSER:
                if not depth:
                    return index
                depth -= 1
        return None
