"""Walks the tables that Lark makes of the grammar: reading a program as Lark would, in a third of
the time.

Lark's own walk keeps lines and columns of every token, and calls a function for each rung of the
ladder of operators that a value falls through. Here the rungs that hand on what they are given are
known beforehand. What Lark would refuse is left to Lark, which knows how to say what it expected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark

#: What a rule does: how many values it takes, what makes its own of them (None: the one value is
#: handed on), and its name.
Reduction = tuple[int, Callable[[list[Any]], Any] | None, str]

#: The tokens that a state reads, and what each leads to: the next state, or a reduction.
Reading = tuple[Callable[[str, int], Any], dict[str, Any]]


class Refused(Exception):
    """The text is not of the grammar."""


class Word(str):
    """A token: its text, its terminal, and its place."""

    __slots__ = ("end_pos", "start_pos", "type")

    type: str
    start_pos: int
    end_pos: int


class Driver:
    """The tables of one parser, made ready state by state as texts reach them.

    Raises:
        LookupError: Lark is built otherwise than it is known to be here.
    """

    def __init__(self, lark: Lark) -> None:
        try:
            parser: Any = lark.parser
            table, walk = parser.parser._parse_table, parser.parser.parser
            self._states = table.states
            self._callbacks = walk.callbacks
            (self._start,) = table.start_states.values()
            (self._end,) = table.end_states.values()
            self._lexers = parser.lexer.lexers
            self._ignored = parser.lexer.root_lexer.ignore_types
            terminals = {each.name for each in lark.terminals}
        except (AttributeError, ValueError) as error:
            raise LookupError(str(error)) from error
        if terminals & {each for each in self._callbacks if isinstance(each, str)}:
            raise LookupError("tokens are made into values")
        self._readings: dict[Any, Reading] = {}
        self._reductions: dict[int, Reduction] = {}

    def _reading(self, state: Any) -> Reading:
        lexer = self._lexers[state]
        patterns = lexer.scanner._mres
        if len(patterns) != 1 or lexer.callback:
            raise LookupError("tokens are read in several steps")
        actions = {
            symbol: self._reduction(argument) if hasattr(argument, "expansion") else argument
            for symbol, (_, argument) in self._states[state].items()
        }
        found = self._readings[state] = patterns[0].match, actions
        return found

    def _reduction(self, rule: Any) -> Reduction:
        found = self._reductions.get(id(rule))
        if found is None:
            call = self._callbacks[rule]
            size = len(rule.expansion)
            if size == 1 and rule.options.expand1 and not rule.alias:
                (symbol,) = rule.expansion
                inner = str(symbol.name)
                if not inner.startswith("_") and not (symbol.is_term and symbol.filter_out):
                    call = None
            found = self._reductions[id(rule)] = size, call, rule.origin.name
        return found

    def parse(self, text: str) -> Any:
        """What the callbacks make of a text.

        Raises:
            Refused: The grammar does not have it.
            LookupError: Lark is built otherwise than it is known to be here.
        """
        readings, ignored, ends = self._readings, self._ignored, self._end
        state = self._start
        states = [state]
        values: list[Any] = []
        position, size = 0, len(text)
        while True:
            match, actions = readings.get(state) or self._reading(state)
            kind, end, written = "$END", size, ""
            if position < size:
                found = match(text, position)
                if found is None:
                    raise Refused
                kind, end, written = found.lastgroup, found.end(), found[0]
                if kind in ignored:
                    position = end
                    continue
            while True:
                action = actions.get(kind)
                if action is None:
                    raise Refused
                if type(action) is not tuple:
                    break
                count, call, origin = action
                if call is None:
                    states.pop()
                elif count:
                    children = values[-count:]
                    del states[-count:]
                    del values[-count:]
                    values.append(call(children))
                else:
                    values.append(call([]))
                below = states[-1]
                state = (readings.get(below) or self._reading(below))[1][origin]
                states.append(state)
                if kind == "$END" and state == ends:
                    return values[-1]
                actions = (readings.get(state) or self._reading(state))[1]
            state = action
            word = Word(written)
            word.type, word.start_pos, word.end_pos = kind, position, end
            position = end
            states.append(state)
            values.append(word)
