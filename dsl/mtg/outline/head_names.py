"""What the outputs of the rounds of a loop are called: by what varies in their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mtg.outline.names import common_start


@dataclass(frozen=True, slots=True)
class HeadNames:
    """The names of the outputs of a round.

    Attributes:
        keys: For each round what the variables have that names are made of.
        parts: For each output of a round what stands before the key in its name, the number of the
            key, and what stands behind it.
    """

    keys: tuple[tuple[str | int, ...], ...]
    parts: tuple[tuple[str, int, str], ...]


def names_of_rounds(rounds: Sequence[Sequence[str]]) -> HeadNames:
    """Return the names of several rounds, each of as many outputs.

    Names of one key, such as `like_rate` and `like_value`, are made of it; others are keys.
    """
    count = len(rounds[0])
    split = [_split([names[number] for names in rounds]) for number in range(count)]
    keys = {each[1] for each in split}
    if count == 1 or len(keys) > 1:
        return HeadNames(tuple(map(tuple, rounds)), tuple(("", n, "") for n in range(count)))
    (own,) = keys
    numbers = all(re.fullmatch(r"0|[1-9]\d{0,8}", key) for key in own)
    return HeadNames(
        tuple((int(key) if numbers else key,) for key in own),
        tuple((before, 0, behind) for before, _, behind in split),
    )


def _split(names: Sequence[str]) -> tuple[str, tuple[str, ...], str]:
    """Return what all names begin with, what differs, and what all end with: in whole words."""
    before = common_start(names)
    before = before[: before.rfind("_") + 1]
    rest = [name[len(before) :] for name in names]
    behind = common_start([name[::-1] for name in rest])[::-1]
    behind = behind[behind.find("_") :] if "_" in behind else ""
    keys = tuple(name.removesuffix(behind) for name in rest)
    return (before, keys, behind) if all(keys) else ("", tuple(names), "")
