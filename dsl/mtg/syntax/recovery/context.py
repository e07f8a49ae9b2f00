"""What the parts of the recovery share: a parse error in its context, and a mistake found there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from mtg.syntax.parse_errors import ParseError
from mtg.syntax.recovery.nesting import DeclarationSpan
from mtg.syntax.recovery.structure import Structure
from mtg.syntax.recovery.tokens import Token
from mtg.text.diagnostics import Label
from mtg.text.keywords import STATEMENT_WORDS
from mtg.text.source import Span

#: The kinds of tokens that begin a declaration of a model, an item of a file, and a value.
DECLARATIONS = frozenset({"INPUT", "OUTPUT", "SHARED", "TRAIN"})
ITEMS = frozenset({"MODEL", "BLOCK", "FROM"})
VALUES = frozenset({"NAME", "INTEGER", "FLOAT", "STRING", "LPAR", "LSQB"})

#: How each declaration is written, by its first word; a tensor has none.
FORMS = {
    "input": "an input is written `input NAME: DTYPE[LENGTHS]`, such as `input x: float32[10]`",
    "output": 'an output is written `output NAME(loss="…") = FLOW`',
    "shared": "a shared instance is written `shared NAME = LAYER`",
    "train": "training is written `train(optimizer=…, batch_size=…)`",
    "let": "a value is written `let NAME = VALUE`",
    "dim": "a dimension is written `dim NAME`; a length that is known, `let NAME = LENGTH`",
    "return": "a block ends with `return FLOW`",
    "model": "a model is written `model NAME { … }`, or `model NAME(PARAMETERS) { … }`",
    "block": "a block is written `block x -> NAME(PARAMETERS) { … return FLOW }`",
    "from": 'an import is written `from "path.mtg" import NAME, NAME`, of arrays '
    '`from data "path.npz" import NAME`',
    "for": "a loop is written `for NAME in VALUES { … }`",
    "when": "a choice is written `when VALUE { … } else { … }`",
    "": "a tensor is written `NAME = FLOW`",
}


class Mistake(NamedTuple):
    """What somebody got wrong, and what to say of it.

    Attributes:
        message: What is wrong, in one line.
        first: The first token that it is about.
        last: The last of them.
        label: What to write below these tokens.
        help: What to do.
        code: The code of the diagnostic.
        labels: Further places to point at.
        edits: What mends it: from where to where the text is to be what.
        safe: Whether the edits are certain to be meant.
    """

    message: str
    first: Token
    last: Token
    label: str = ""
    help: str = ""
    code: str = "MTG001"
    labels: tuple[Label, ...] = ()
    edits: tuple[tuple[int, int, str], ...] = ()
    safe: bool = True


@dataclass(slots=True)
class ErrorContext:
    """A parse error with the tokens around it.

    Attributes:
        structure: The tokens and declarations of the text.
        error: The error.
        index: The index of the token that is to blame, `here`.
        declaration: The declaration that is to blame, if any is.
        cut_short: Whether the declaration ends before it is complete; `here` is what follows it.
        statement: The first token of the declaration, or of the one in the body of its loop.
        in_loop: Whether that stands in the body of a loop.
        parses: Whether a text is a program.
    """

    structure: Structure
    error: ParseError
    index: int
    declaration: DeclarationSpan | None
    cut_short: bool
    statement: Token | None
    in_loop: bool
    parses: Callable[[str], bool]

    def token(self, distance: int) -> Token:
        """Return the token so many places from the error; past the ends, an empty one."""
        at = self.index + distance
        tokens = self.structure.tokens
        if 0 <= at < len(tokens):
            return tokens[at]
        end = len(self.structure.source.text) if at > 0 else 0
        return Token("", "", end, 0, 0, True)

    @property
    def here(self) -> Token:
        """The token that is to blame."""
        return self.token(0)

    @property
    def before(self) -> Token:
        """The token before it."""
        return self.token(-1)

    @property
    def after(self) -> Token:
        """The token after it."""
        return self.token(1)

    @property
    def keyword(self) -> str:
        """The keyword that begins the declaration; empty where that is a name."""
        text = self.statement.text if self.statement else ""
        return text if text in FORMS else ""

    def text_between(self, first: Token, last: Token) -> str:
        """Return the text of some tokens on one line; nothing where a comment stands between."""
        text = self.structure.source.text[first.start : last.end]
        return "" if "#" in text else " ".join(text.split())

    def parses_in_model(self, declaration: str) -> bool:
        """Return whether a text is a declaration of a model."""
        return bool(declaration) and self.parses(f"model M {{ {declaration} }}")

    def is_value(self, name: str) -> bool:
        """Return whether a `let` of the text declares a name."""
        tokens = self.structure.tokens
        return any(token.text == "let" and after.text == name for token, after in pairwise(tokens))

    def span_of(self, token: Token) -> Span:
        """Return where a token stands."""
        return Span(self.structure.source, token.start, token.end)

    def enclosing(self) -> tuple[Token | None, Token | None]:
        """Return the bracket around the error, and the token before that."""
        opening = self.structure.opening(self.index)
        if opening is None:
            return None, None
        tokens = self.structure.tokens
        return tokens[opening], tokens[opening - 1] if opening else None


def _statement_in(
    structure: Structure, declaration: DeclarationSpan | None, index: int
) -> tuple[Token | None, bool]:
    """Return the token that begins the statement before an index, and whether in a loop's body.

    A loop among declarations is one declaration, with all that stands in its body.
    """
    if declaration is None:
        return None, False
    if declaration.token.text not in ("for", "when"):
        return declaration.token, False
    start = structure.index(declaration.token.start)
    statements = [declaration.token]
    bodies: list[bool] = []  # of each open bracket, whether declarations stand in it
    tokens = structure.tokens
    for at in range(start, min(index, len(tokens))):
        token, before = tokens[at], tokens[at - 1] if at > start else None
        after = tokens[at + 1].text if at + 1 < len(tokens) else ""
        begins = before is not None and (token.first or before.text in ("{", "}"))
        if begins and token.kind == "word" and all(bodies):
            known = token.text in STATEMENT_WORDS | {"for", "when"}
            if (known and after != "=") or after in ("=", ",", "+", "-", "*", "/", ".", "["):
                statements.append(token)
        if token.text in ("(", "[", "{"):
            heads = (statements[-1].text in ("for", "when")) or (
                before is not None and before.text == "else"
            )
            bodies.append(token.text == "{" and heads)
        elif token.text in (")", "]", "}") and bodies:
            bodies.pop()
    return statements[-1], declaration.token.text == "for" and len(statements) > 1


def build_context(
    structure: Structure, error: ParseError, parses: Callable[[str], bool]
) -> ErrorContext:
    """Return the context of an error: the token and the declaration that are to blame."""
    index = structure.index(error.start)
    declaration = structure.declaration_at(error.start)
    at_boundary = declaration is None or declaration.token.start == error.start
    took_name = False
    if error.kind == "ASSIGN" and declaration is not None and "EQUAL" in error.expected:
        # `let a =` before a line `b = 1`: the parser takes `b` for the value, and stops at its `=`.
        names = structure.tokens[structure.index(declaration.token.start) : index]
        if declaration.token.first and all(
            name.kind == "word" or name.text == "," for name in names
        ):
            index -= len(names)
            took_name = True
    begins = error.expected & (DECLARATIONS | ITEMS) or "$END" in error.expected
    cut_short = took_name or (at_boundary and not begins and bool(error.kind))
    if cut_short:
        start = structure.tokens[index].start if index < len(structure.tokens) else error.start
        declaration = structure.declaration_before(start)
        while index > 0:
            skipped = structure.declaration_at(structure.tokens[index - 1].start)
            if skipped is None or skipped is declaration or not skipped.skipped:
                break
            index -= 1
            declaration = structure.declaration_before(skipped.token.start)
        if (
            declaration is not None
            and index
            and structure.tokens[index - 1].start < declaration.token.start
        ):
            declaration = None
    elif declaration is None:
        declaration = structure.declaration_before(error.start)
        if declaration is not None and declaration.end <= error.start:
            declaration = None
    statement, in_loop = _statement_in(structure, declaration, index)
    return ErrorContext(structure, error, index, declaration, cut_short, statement, in_loop, parses)
