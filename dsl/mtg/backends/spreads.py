"""Words for what differs in the rounds of a family: `16 … 128`, `pool_0…7_dense`, `8 × 1,056`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

#: A number, or a size such as `3×3`.
_NUMBER = re.compile(r"((?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?(?:×\d+)*)")
#: Texts that differ in more than a number are listed, up to so many of them.
_LISTED = 3
#: Characters of one name in a list.
_LONGEST = 40


def spread(texts: Iterable[str]) -> str:
    """Return one text for many: numbers that differ become their least and their greatest."""
    different = list(dict.fromkeys(texts))
    if len(different) <= 1:
        return "".join(different)
    parts = [_NUMBER.split(text) for text in different]
    if len({tuple(part[::2]) for part in parts}) == 1:
        return "".join(
            column[0] if number % 2 == 0 else _range(column)
            for number, column in enumerate(zip(*parts, strict=True))
        )
    if len(different) > _LISTED:
        different = [*different[: _LISTED - 1], "…", different[-1]]
    return " / ".join(different)


def _range(numbers: Iterable[str]) -> str:
    ordered = sorted(
        set(numbers), key=lambda text: [float(part) for part in text.replace(",", "").split("×")]
    )
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]} … {ordered[-1]}"


def spread_lists(lists: Sequence[list[str]]) -> list[str]:
    """Return one list of texts for many: item by item, where they have as many."""
    if len({len(each) for each in lists}) == 1:
        return [spread(column) for column in zip(*lists, strict=True)]
    return [spread(", ".join(each) for each in lists)]


def name_span(first: str, last: str) -> str:
    """Return one name for those from the first to the last: `pool_0…7_dense`."""
    if first == last:
        return first
    ours, theirs = first.split("_"), last.split("_")
    most = min(len(ours), len(theirs)) - 1  # a word of each is left to show
    before = _alike(ours[:most], theirs)
    after = _alike(ours[::-1][: most - before], theirs[::-1])
    middles = ["_".join(words[before : len(words) - after]) for words in (ours, theirs)]
    return "_".join([*ours[:before], "…".join(middles), *ours[len(ours) - after :]])


def _alike(ours: list[str], theirs: list[str]) -> int:
    count = 0
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            break
        count += 1
    return count


def shortened(names: Sequence[str]) -> str:
    """Return a list of names, of a long one the ends: `click, like, … share`."""
    short = [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…" for name in names]
    if len(short) <= _LISTED + 1:
        return ", ".join(short)
    return f"{', '.join(short[: _LISTED - 1])}, … {short[-1]}"


def multiplied(numbers: Sequence[int], text: Callable[[int], str] = "{:,}".format) -> str:
    """Return a number for each round: `8 × 1,056`, or `Σ 8,448` of those that differ."""
    if len(numbers) == 1:
        return text(numbers[0])
    if len(set(numbers)) == 1:
        return f"{len(numbers)} × {text(numbers[0])}" if numbers[0] else text(0)
    return f"Σ {text(sum(numbers))}"


def title_times(times: int) -> str:
    """Return ` × 8` for several, else nothing."""
    return f" × {times}" if times > 1 else ""
