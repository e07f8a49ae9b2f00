"""The lexer: Lark's contextual one, with few scanners instead of one for nearly every state."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lark.lexer import ContextualLexer
from lark.parsers.lalr_parser_state import ParserState


class FewScannersLexer(ContextualLexer):
    """A contextual lexer whose states share scanners.

    Only a word can be one token here and another there: a keyword where a declaration may begin, a
    name elsewhere. So only the words that a state accepts choose its scanner, and no two states
    that differ in punctuation have two: each scanner is a regular expression of all terminals,
    whose compilation is the dearest part of a short program's parse.
    """

    def __init__(
        self, conf: Any, states: dict[int, Collection[str]], always_accept: Collection[str] = ()
    ) -> None:
        names = {terminal.name for terminal in conf.terminals}
        words = {
            terminal.name
            for terminal in conf.terminals
            if terminal.priority and terminal.pattern.value[0].isalpha()
        }
        shared: dict[int, Collection[str]] = {
            state: names - words.difference(accepted) if "NAME" in accepted else names
            for state, accepted in states.items()
        }
        super().__init__(conf, shared, always_accept)


def accepted(state: ParserState[int]) -> set[str]:
    """Return the names of the terminals that the parser accepts in a state."""
    return set(state.parse_conf.parse_table.states[state.position])
