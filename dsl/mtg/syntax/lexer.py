"""The lexer: Lark's contextual one, whose scanners have what they share in common.

To compile the regular expression of all terminals is the dearest part of a short program's parse,
and Lark does it for nearly every state of the parser. But only a word can be one token here and
another there: a keyword where a declaration may begin, a name elsewhere. So a state has an
expression of its own for the words that it accepts, and all states share one for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, ClassVar

from lark.lexer import BasicLexer, ContextualLexer, Scanner, TerminalDef
from lark.parsers.lalr_parser_state import ParserState


def _is_word(terminal: TerminalDef) -> bool:
    """Return whether a terminal is a keyword that may also be a name: such have a priority."""
    return terminal.priority > 0 and terminal.pattern.value[0].isalpha()


class _SharingScanner(Scanner):
    """A scanner that tries its words first, and then what all scanners of a grammar share."""

    #: The expressions of the terminals that are no words, by the names and texts of these.
    _shared: ClassVar[dict[tuple[tuple[str, str], ...], list[re.Pattern[str]]]] = {}

    def _build_mres(self, terminals: list[TerminalDef], max_size: int) -> list[re.Pattern[str]]:
        words = [terminal for terminal in terminals if _is_word(terminal)]
        rest = [terminal for terminal in terminals if not _is_word(terminal)]
        key = tuple((terminal.name, terminal.pattern.to_regexp()) for terminal in rest)
        if key not in self._shared:
            self._shared[key] = self._compiled(rest, max_size)
        return [*self._compiled(words, max_size), *self._shared[key]]

    def _compiled(self, terminals: list[TerminalDef], max_size: int) -> list[re.Pattern[str]]:
        compiled: list[re.Pattern[str]]
        compiled = super()._build_mres(terminals, max_size)  # type: ignore[no-untyped-call]
        return compiled


class _SharingLexer(BasicLexer):
    def _build_scanner(self) -> Scanner:
        # Lark would look for strings that a regular expression matches too: this grammar has none.
        self.callback = dict(self.user_callbacks)
        flags = self.g_regex_flags
        return _SharingScanner(self.terminals, flags, self.re, self.use_bytes)  # type: ignore[no-untyped-call]


class SharingContextualLexer(ContextualLexer):
    """A contextual lexer that is told apart by the words of its states only."""

    BasicLexer = _SharingLexer

    def __init__(
        self, conf: Any, states: dict[int, Collection[str]], always_accept: Collection[str] = ()
    ) -> None:
        names = {terminal.name for terminal in conf.terminals}
        words = {terminal.name for terminal in conf.terminals if _is_word(terminal)}
        taken: dict[int, Collection[str]] = {
            state: names - words.difference(accepted) if "NAME" in accepted else names
            for state, accepted in states.items()
        }
        super().__init__(conf, taken, always_accept)


def accepted(state: ParserState[int]) -> set[str]:
    """Return the names of the terminals that the parser accepts in a state."""
    return set(state.parse_conf.parse_table.states[state.position])
