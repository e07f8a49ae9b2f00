"""Which fixes are applied: those after which a program checks cleaner, and no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtg.text.edits import Range, edited, moved, touch

if TYPE_CHECKING:
    from mtg.compiler import Compiler
    from mtg.text.diagnostics import Diagnostic, Edit

#: Iterations of fixing: what a fix brings to light may have one of its own.
MAX_ROUNDS = 10
#: Texts that are checked to mend one program.
MAX_CHECKS = 100

#: Checks a text in the place of a program.
Check = Callable[[str], "tuple[Compiler, list[Diagnostic]]"]


@dataclass(frozen=True, eq=False, slots=True)
class Text:
    """A text on the way: what is said of it, and where in it fixes have written.

    Attributes:
        count: How many fixes made it.
        made: The edits that made it of the text before it.
    """

    compiler: Compiler
    found: list[Diagnostic]
    written: tuple[Range, ...] = ()
    count: int = 0
    made: tuple[Edit, ...] = ()

    @property
    def text(self) -> str:
        return "" if self.compiler.source is None else self.compiler.source.text

    @property
    def faults(self) -> int:
        """How many declarations do not parse."""
        return sum(_is_syntax(each) for each in self.found)

    @property
    def errors(self) -> int:
        return sum(each.is_error for each in self.found)


class Mending:
    """Mends one program."""

    def __init__(self, check: Check, *, unsafe: bool) -> None:
        self._check = check
        self._unsafe = unsafe
        self._left = MAX_CHECKS

    def mend(self, text: Text) -> Text:
        """Return the text after all fixes that make it cleaner.

        No fix changes what another has written, in the same iteration or in one before.
        """
        for _ in range(MAX_ROUNDS):
            fixes = self._fixes(text)
            if not fixes:
                break
            better = self._better(text, fixes) or self._chained(text, fixes)
            if better is None:
                break
            text = better
        return text

    def _fixes(self, text: Text) -> list[Diagnostic]:
        """Return what can be fixed at once: no two fixes touch, nor what is written already."""
        chosen: list[Diagnostic] = []
        taken = [*text.written]
        for each in text.found:
            fix = each.fix
            if fix is None or not (fix.safe or self._unsafe):
                continue
            if any(edit.span.source is not text.compiler.source for edit in fix.edits):
                continue
            places = [Range(edit.span.start, edit.span.end) for edit in fix.edits]
            if not any(touch(one, other) for one in places for other in taken):
                chosen.append(each)
                taken += places
        return chosen

    def _after(self, text: Text, fixes: Sequence[Diagnostic]) -> Text | None:
        """Return the text after some fixes; None where that has been tried too often."""
        if not self._left:
            return None
        self._left -= 1
        edits = [edit for each in fixes if each.fix for edit in each.fix.edits]
        compiler, found = self._check(edited(text.text, edits))
        written = moved(text.written, edits)
        return Text(compiler, found, written, text.count + len(fixes), tuple(edits))

    def _better(self, text: Text, fixes: Sequence[Diagnostic]) -> Text | None:
        """Return the text after those of some fixes that make it cleaner, together and each.

        None where none does.
        """
        chosen: list[Diagnostic] = []
        best = None
        parts = [[*fixes]]
        while parts:
            part = parts.pop()
            after = self._after(text, [*chosen, *part])
            if after is None:
                break
            if _is_cleaner(best or text, after, part, len(text.written)):
                chosen, best = [*chosen, *part], after
            elif len(part) > 1:
                half = len(part) // 2
                parts += [part[half:], part[:half]]
        return best

    def _chained(self, text: Text, fixes: Sequence[Diagnostic]) -> Text | None:
        """Return the text after one of some fixes and those of the errors behind it."""
        for each in fixes:
            if (better := self._chain(text, each)) is not None:
                return better
        return None

    def _chain(self, text: Text, first: Diagnostic) -> Text | None:
        before, titles = text, {first.fix.title if first.fix else ""}
        after = self._after(text, [first])
        for _ in range(MAX_ROUNDS):
            if after is None or after.faults > text.faults:
                return None
            if _is_blamed(text, after, len(text.written)):
                return None
            # Of a declaration that does not parse one fault is known at a time. Mends of different
            # sorts that follow each other may all be of one wrong guess: less must be wrong then.
            parses = after.faults < text.faults and len(titles) == 1
            if after.errors < text.errors or (parses and after.errors == text.errors):
                return after
            behind = [each for each in self._fixes(after) if _is_new(each, before, after)]
            if not behind:
                return None
            before, after = after, self._after(after, behind)
            titles |= {each.fix.title for each in behind if each.fix}
        return None


def _is_syntax(diagnostic: Diagnostic) -> bool:
    return diagnostic.is_error and diagnostic.code.startswith("MTG0")


def _is_cleaner(before: Text, after: Text, fixes: Sequence[Diagnostic], old: int) -> bool:
    """Return whether a text has fewer errors after some fixes.

    Of a declaration that parses now, what is wrong further on may be seen for the first time; of
    others there must be fewer errors. Nothing new may be wrong with what the fixes wrote.
    """
    if after.faults > before.faults or _is_blamed(before, after, old):
        return False
    errors = sum(each.is_error for each in fixes)
    if len(fixes) == 1 and after.faults < before.faults:
        return after.errors <= before.errors
    if errors:
        return after.errors <= before.errors - errors
    return after.errors <= before.errors and len(after.found) <= len(before.found)


def _is_blamed(before: Text, after: Text, old: int) -> bool:
    """Return whether there are new errors in text that was written after the first places."""
    known = Counter((each.code, each.message) for each in before.found)
    for each in after.found:
        place = Range(each.span.start, each.span.end)
        ours = each.span.source is after.compiler.source
        if each.is_error and ours and any(touch(place, one) for one in after.written[old:]):
            known[each.code, each.message] -= 1
            if known[each.code, each.message] < 0:
                return True
    return False


def _is_new(diagnostic: Diagnostic, before: Text, after: Text) -> bool:
    """Return whether something that is said of a text was not said of the text before."""
    same = [each for each in before.found if each.code == diagnostic.code]
    places = [
        Range(each.span.start, each.span.end)
        for each in same
        if each.span.source is before.compiler.source
    ]
    starts = {place.start for place in moved(places, after.made)[: len(places)]}
    return diagnostic.span.start not in starts
