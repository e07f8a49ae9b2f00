"""Where a call of the graph comes from, as labels of a message about it."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.graph.graph import Call, Round, Use
from mtg.text.diagnostics import IN_A_USE, Label

_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def where(uses: Sequence[Use], rounds: Sequence[Round]) -> tuple[Label, ...]:
    """Return the labels of the block uses and the rounds of loops that led to a place."""
    return (
        *(Label(use.span, f"{IN_A_USE}`{use.block}`") for use in reversed(uses)),
        *(Label(each.item or each.loop.span, _shown(each)) for each in reversed(rounds)),
    )


def where_called(call: Call) -> tuple[Label, ...]:
    """Return the labels of the block uses and the rounds that a call comes from."""
    return where(call.uses, call.rounds)


def _shown(each: Round) -> str:
    """Return what a round is: `where task="like"`, third of five."""
    number = _ORDINALS[each.number] if each.number < len(_ORDINALS) else f"{each.number + 1}th"
    total = each.loop.total
    count = _NUMBERS[total - 1] if 0 < total <= len(_NUMBERS) else f"{total:,}"
    place = f"{number} of {count}"
    return f"where {each.shown}, {place}" if each.shown else f"in the round {place}"
