"""What is open at a place of a text: a declaration, the brackets in it, the bodies around it."""

from __future__ import annotations

from dataclasses import dataclass, field

from mtg.syntax.tokens import Token


@dataclass(slots=True, eq=False)
class Stretch:
    """A declaration, or the head of a model or block, from its first token to what follows it.

    Attributes:
        token: The first token.
        end: Where what follows it begins.
        whole_end: Of a head, where the whole model or block ends.
        is_head: Whether it is the head of a model or block.
        spoiled: Whether something is wrong with it, which has been reported; it is not parsed.
        body: Of a head, where its `{` stands; -1 before that is known.
    """

    token: Token
    end: int
    whole_end: int
    is_head: bool
    spoiled: bool = False
    body: int = -1


@dataclass(slots=True, eq=False)
class Open:
    """A bracket that is open.

    Attributes:
        token: The bracket, or what stands where the `{` of a body is missing.
        line_column: The column of the first token of its line.
        stretch: The declaration it stands in; of a body, its head.
        is_body: Whether it is the `{` of a model or block.
        inner_column: Of a body, the column of its first declaration; -1 before that is known.
    """

    token: Token
    line_column: int
    stretch: Stretch | None
    is_body: bool
    inner_column: int = -1


@dataclass(slots=True, eq=False)
class Nesting:
    """What is open while a text is read from its beginning.

    Attributes:
        stretches: The declarations up to here; the last one is that in which we stand.
        stack: The open brackets, the innermost last.
        head: A head whose body has not begun.
    """

    stretches: list[Stretch] = field(default_factory=list)
    stack: list[Open] = field(default_factory=list)
    head: Stretch | None = None

    @property
    def last(self) -> Stretch | None:
        """The declaration that began last."""
        return self.stretches[-1] if self.stretches else None

    def body(self) -> Open | None:
        """The innermost body."""
        return next((one for one in reversed(self.stack) if one.is_body), None)

    def inside(self) -> list[Open]:
        """The open brackets inside the innermost body, or all of them outside of bodies."""
        bodies = (number for number, one in enumerate(self.stack) if one.is_body)
        return self.stack[max(bodies, default=-1) + 1 :]

    def push(self, token: Token, line_column: int) -> None:
        """A bracket opens; the first `{` after a head is that of its body."""
        is_body = token.text == "{" and self.head is not None and not self.inside()
        stretch = self.head if is_body else self.last
        self.stack.append(Open(token, line_column, stretch, is_body))
        if is_body:
            if stretch is not None:
                stretch.body = token.start
            self.head = None

    def end_stretch(self, offset: int) -> None:
        """The declaration that began last ends here, if it has not ended before."""
        if self.last is not None:
            self.last.end = min(self.last.end, offset)

    def end_body(self, offset: int) -> None:
        """The innermost body ends here, and with it the declaration that began last."""
        body = self.body()
        self.end_stretch(offset)
        if body is not None and body.stretch is not None:
            body.stretch.whole_end = min(body.stretch.whole_end, offset)
