"""The parser: Lark's LALR one, which tells rules apart by what they are.

At the end of a rule Lark looks up what to make of it, by the rule, which it hashes and compares by
its names: in Python, and for each node of the tree. It was a quarter of the time of a parse. A rule
is one object wherever it stands in the tables, so that the object itself is enough of a key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from lark.grammar import Rule
from lark.parsers.lalr_parser import LALR_Parser


class _Same(Rule):
    """A rule that equals itself alone."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


class FastParser(LALR_Parser):
    """A parser whose tables come from a file, as they do in every run but the first."""

    @classmethod
    def deserialize(  # type: ignore[override]  # as Lark's own, which goes by what it hands over
        cls, data: Any, memo: Any, callbacks: Mapping[Any, Callable[..., Any]], debug: bool = False
    ) -> FastParser:
        """Return the parser of the tables that were kept in a file."""
        by_rule = list(callbacks.items())
        for rule, _ in by_rule:
            if type(rule) is Rule:
                rule.__class__ = _Same
        made = super().deserialize(data, memo, dict(by_rule), debug)  # type: ignore[no-untyped-call]
        return cast("FastParser", made)
