"""What is open at a place of a text: a declaration, the brackets in it, the bodies around it."""

from __future__ import annotations

from dataclasses import dataclass, field

from mtg.syntax.recovery.tokens import Token


@dataclass(slots=True, eq=False)
class DeclarationSpan:
    """A declaration, or the head of a model or block, from its first token to what follows it.

    Attributes:
        token: The first token.
        end: Where what follows it begins.
        whole_end: Of a head, where the whole model or block ends.
        is_head: Whether it is the head of a model or block.
        skipped: Whether something is wrong with it, which has been reported; it is not parsed.
        body: Of a head, where its `{` stands; -1 before that is known.
        indented: Whether its body stands indented after a colon, as in Python.
    """

    token: Token
    end: int
    whole_end: int
    is_head: bool
    skipped: bool = False
    body: int = -1
    indented: bool = False


@dataclass(slots=True, eq=False)
class OpenBracket:
    """A bracket that is open.

    Attributes:
        token: The bracket, or what stands where the `{` of a body is missing.
        line_column: The column of the first token of its line.
        declaration: The declaration it stands in; of a body, its head.
        is_body: Whether it is the `{` of a model or block.
        inner_column: Of a body, the column of its first declaration; -1 before that is known.
    """

    token: Token
    line_column: int
    declaration: DeclarationSpan | None
    is_body: bool
    inner_column: int = -1


@dataclass(slots=True, eq=False)
class Nesting:
    """What is open while a text is read from its beginning.

    Attributes:
        declarations: The declarations up to here; the last one is that in which we stand.
        stack: The open brackets, the innermost last.
        head: A head whose body has not begun.
    """

    declarations: list[DeclarationSpan] = field(default_factory=list)
    stack: list[OpenBracket] = field(default_factory=list)
    head: DeclarationSpan | None = None

    @property
    def last(self) -> DeclarationSpan | None:
        """The declaration that began last."""
        return self.declarations[-1] if self.declarations else None

    def body(self) -> OpenBracket | None:
        """Return the innermost body."""
        return next((bracket for bracket in reversed(self.stack) if bracket.is_body), None)

    def inside(self) -> list[OpenBracket]:
        """Return the open brackets inside the innermost body, or all of them outside of bodies."""
        bodies = (number for number, bracket in enumerate(self.stack) if bracket.is_body)
        return self.stack[max(bodies, default=-1) + 1 :]

    def push(self, token: Token, line_column: int) -> None:
        """Open a bracket; the first `{` after a head is that of its body."""
        is_body = token.text == "{" and self.head is not None and not self.inside()
        declaration = self.head if is_body else self.last
        self.stack.append(OpenBracket(token, line_column, declaration, is_body))
        if is_body:
            if declaration is not None:
                declaration.body = token.start
            self.head = None

    def end_declaration(self, offset: int) -> None:
        """End the declaration that began last, if it has not ended before."""
        if self.last is not None:
            self.last.end = min(self.last.end, offset)

    def end_body(self, offset: int) -> None:
        """End the innermost body, and with it the declaration that began last."""
        body = self.body()
        self.end_declaration(offset)
        if body is not None and body.declaration is not None:
            body.declaration.whole_end = min(body.declaration.whole_end, offset)
