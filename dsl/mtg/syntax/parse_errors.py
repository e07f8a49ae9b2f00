"""What the parser gives of a text that is not right: where it gave up, and what it could read."""

from __future__ import annotations

from typing import NamedTuple

from mtg.records import record
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span


class InvalidToken(NamedTuple):
    """What is wrong with a token that the grammar takes."""

    message: str
    span: Span
    help: str = ""

    def report(self, diagnostics: Diagnostics) -> None:
        """Report it as a syntax error."""
        diagnostics.report("MTG001", self.message, self.span, help=self.help)


class ParseError(NamedTuple):
    """Where the parser gave up.

    Attributes:
        kind: The kind of the token, by its name in the grammar; empty for no token.
        text: The token, or the character that begins none.
        start: The offset at which it stands.
        expected: The kinds of tokens that could stand there.
    """

    kind: str
    text: str
    start: int
    expected: set[str]


@record
class PartialTree:
    """What can be read of a source that does not parse as a whole.

    Attributes:
        program: The tree of the declarations that parse.
        skipped_words: Every word of those that do not: what they would declare or use is among
            them.
        incomplete: The models and blocks (by `id`) of which something is missing.
        unnamed: Those of them whose head does not parse, so that their name is made up.
        skips_nameless: Whether a declaration that does not parse has no name that could be read.
    """

    program: ast.Program
    skipped_words: frozenset[str]
    incomplete: frozenset[int]
    unnamed: frozenset[int]
    skips_nameless: bool
