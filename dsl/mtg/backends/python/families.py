"""Lists of tensors that are made alike, as comprehensions, or loops that fill a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.backends.python.arguments import ArgumentWriter
from mtg.backends.python.calls import has_frozen
from mtg.backends.python.layout import Atom, Bracketed, Called, Comprehension, Expression
from mtg.backends.python.variables import word_of
from mtg.backends.python.writer import LONG, SHORT
from mtg.outline.ir import FamilyList, Flow, Repeat, Rounds
from mtg.outline.names import counted, plural


class FamilyWriter(ArgumentWriter):
    """Writes families."""

    def bind_family(self, name: str, family: FamilyList) -> None:
        """Make a list of the tensors of a family: a comprehension where an item is short."""
        clause = self.clause(family.rounds)
        item = self.inline(family.item, _LINE)
        if item is not None:
            self.assign(name, Comprehension(item, clause))
            return
        self.line(f"{name} = []")
        self.line(f"{clause}:")
        between, self.between = self.between, None
        with self.indented():
            made = self.names.take(word_of(family.item, self.module.blocks))
            self.flow(family.item, made, None)
            self.line(f"{name}.append({made})")
        self.between = between

    def family(self, family: FamilyList, word: str) -> Expression:
        """Return the tensors of a family as a list, or the name of one."""
        lines = len(self.lines)
        item = self.inline(family.item, LONG)
        if item is not None:
            clause = self.clause(family.rounds)
            if len(clause) < SHORT:
                return Comprehension(item, clause)
        del self.lines[lines:]
        name = self.names.take(plural(word))
        self.bind_family(name, family)
        return Atom(name)

    def clause(self, rounds: Rounds) -> str:
        """Return what stands behind the item of a comprehension; a long table has a name."""
        if rounds.said is not None:
            return f"for {rounds.said}"
        if not rounds.variables:
            count = self.values.value(rounds.count, self.renamed).flat
            return f"for _ in range({count})"
        names = ", ".join(rounds.variables)
        if rounds.members is not None and len(rounds.variables) == 1:
            return f"for {names} in {rounds.members}"
        table = self.table(rounds.values)
        if len(table.flat) > SHORT:
            # The name of a table says what its values are, not that tensors stand beside them.
            row, beside = rounds.values[0], rounds.members is not None
            own = (n for n, value in enumerate(row, beside) if not isinstance(value, Flow))
            short = self.names.take(plural(rounds.variables[next(own, 0)]))
            self.assign(short, table)
            table = Atom(short)
        if rounds.members is None:
            return f"for {names} in {table.flat}"
        if len(rounds.variables) > 2:
            names = f"{rounds.variables[0]}, ({', '.join(rounds.variables[1:])})"
        return f"for {names} in zip({rounds.members}, {table.flat})"

    def table(self, rows: Sequence[tuple[Any, ...]]) -> Expression:
        """Return a list of values or of tuples of them, or a `range` of numbers that count."""
        short = counted([row[0] if len(row) == 1 else None for row in rows])
        if short is not None and all(isinstance(row[0], str) for row in rows):
            return Atom(short)
        numbers = [row[0] for row in rows if len(row) == 1 and type(row[0]) is int]
        if len(numbers) == len(rows) > 2 and numbers == list(range(len(rows))):
            return Called(Atom("range"), (Atom(str(len(rows))),))
        items = [tuple(map(self.written, row)) for row in rows]
        return Bracketed(
            "[]", tuple(row[0] if len(row) == 1 else Bracketed("()", row) for row in items)
        )

    def inline(self, flow: Flow, most: int) -> Expression | None:
        """Return a flow as one expression of so many letters; None where it is none."""
        lines, taken = len(self.lines), set(self.names.taken)
        outer, self.in_item = self.in_item, True
        try:
            found = self.nested(flow)
        except _NotShort:
            found = None
        self.in_item = outer
        if found is None or len(found.flat) > most:
            del self.lines[lines:]
            self.names.taken = taken
            return None
        return found

    def nested(self, flow: Flow) -> Expression:
        """Return a flow as one expression, calls within calls.

        Raises:
            _NotShort: There is a loop in it, or more calls than are read so.
        """
        calls = (not isinstance(flow.source, str)) + len(flow.stages)
        stages = [*flow.stages, *([] if isinstance(flow.source, str) else [flow.source.stage])]
        if calls > _NESTED or any(isinstance(stage, Repeat) for stage in stages):
            raise _NotShort
        if any(map(has_frozen, stages)):
            raise _NotShort
        source = flow.source
        found = Atom(source) if isinstance(source, str) else self.apply(source, "", None)
        for stage in flow.stages:
            found = self.called(stage, (found,), None)
        return found


class _NotShort(Exception):
    """A flow that no one would write as one expression."""


#: How many calls within calls an item of a comprehension may have.
_NESTED = 3


#: How long an item of a comprehension may be that has a line of its own.
_LINE = 76
