"""How near words are to each other: the slips that hands make, and what each counts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice, pairwise

#: What may be spent on one word, so that no program makes this take long: names that are looked at,
#: letters of names that are compared, and letters and pairs of letters in the search for larger
#: parts that are alike.
_MANY = 1_000
_LETTERS = 1_500
_LONGEST = 100
_SHORT = 20
_ALIKE_LETTERS = 8_000
_ALIKE_PAIRS = 25_000

#: Neighbours on the keyboards most people write on.
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {pair for row in _ROWS for pair in pairwise(row)}
_NEIGHBOURS |= {(b, a) for a, b in _NEIGHBOURS}

#: What the likelier slips count; others count 1.
_LIKELY = 0.9
#: A letter in another case, an underscore more or less.
_SLIGHT = 0.1


def distance(word: str, name: str, limit: float = 3.0) -> float:
    """Return the edit distance of two words: letters missing, too many, wrong or exchanged.

    It is more than `limit` where there are more than that.

    Doubled letters, exchanged ones and neighbours on the keyboard count a little less; upper and
    lower case and underscores next to nothing.
    """
    return _compare(word, name, limit)[0]


def _compare(word: str, name: str, limit: float) -> tuple[float, int]:
    """Return the distance, and how many letters of the word were looked at to find it."""
    start, end = 0, 0
    shorter = min(len(word), len(name))
    while start < shorter and word[start] == name[start]:
        start += 1
    start = max(0, start - 1)  # a letter may double the one before it
    while end < shorter - start - 1 and word[-1 - end] == name[-1 - end]:
        end += 1
    word, name = word[start : len(word) - end], name[start : len(name) - end]
    band = int(limit) + 2
    far = limit + 1
    extras = [_single(word, at) for at in range(len(word))]
    missings = [_single(name, at, 0.95) for at in range(len(name))]
    before: list[float] = []
    row: list[float] = [0.0]
    for at in range(len(name)):
        row.append(row[-1] + _single(name, at))
    for i, char in enumerate(word, 1):
        low, high = max(1, i - band), min(len(name), i + band)
        last, row = row, [far] * (len(name) + 1)
        spent = extras[i - 1]
        row[0] = last[0] + spent
        for j in range(low, high + 1):
            other = name[j - 1]
            best = last[j - 1] if char == other else last[j - 1] + _instead(char, other)
            if (cost := last[j] + spent) < best:
                best = cost
            if (cost := row[j - 1] + missings[j - 1]) < best:
                best = cost
            if i > 1 and j > 1 and char == name[j - 2] and other == word[i - 2] and char != other:
                best = min(best, before[j - 2] + _LIKELY)
            row[j] = best
        if min(row[low - 1 : high + 1]) > limit:
            return far, i
        before = last
    return row[-1], len(word)


def _single(word: str, at: int, usual: float = 1) -> float:
    """Return what a letter counts that is there in one of the words only."""
    if word[at] == "_":
        return _SLIGHT
    return _LIKELY if at and word[at] == word[at - 1] else usual


@lru_cache(5_000)
def _instead(a: str, b: str) -> float:
    """Return what a letter counts in the place of another that it is not."""
    if a.casefold() == b.casefold():
        return _SLIGHT
    return _LIKELY if (a.lower(), b.lower()) in _NEIGHBOURS else 1


def ranked(word: str, known: Iterable[str]) -> list[tuple[float, str]]:
    """Return the names that a word may be a misspelling of, by distance, the likeliest first.

    A word of up to three letters may have one slip, others more, the longer the more. Where no name
    is that near, those count that are alike in larger parts, as `batch_norm` and
    `BatchNormalization` are.
    """
    if not word or len(word) > _LONGEST:
        return []
    names = _affordable(word, known)
    limit = 1.0 if len(word) <= 3 else min(3.0, 1 + len(word) / 4)
    matches, letters = [], 0
    for name in sorted(names, key=lambda name: (name[0] != word[0], name)):
        if abs(len(name) - len(word)) > limit + 2:
            continue
        cost, compared = _compare(word, name, limit)
        letters += compared
        if cost <= limit and (len(word) > 2 or name[0] == word[0]):
            matches.append((round(cost, 3), name))
        if letters > (_LETTERS if len(word) <= _SHORT else _LETTERS // 3):
            break
    if not matches and len(word) > 3:
        return _alike(word, names)
    # Of `accuracy` and `Accuracy` the one in the style of the word is meant.
    return sorted(matches, key=lambda each: (each[0], _style(each[1]) != _style(word), each[1]))


def _alike(word: str, names: list[str]) -> list[tuple[float, str]]:
    from difflib import SequenceMatcher

    def fold(text: str) -> str:
        return text.casefold().replace("_", "")

    if sum(map(len, names)) > _ALIKE_LETTERS:
        names = [name for name in names if name[0] == word[0]]
    matcher = SequenceMatcher()
    matcher.set_seq2(fold(word))
    found = []
    letters = _ALIKE_LETTERS
    pairs = _ALIKE_PAIRS if len(word) <= 2 * _SHORT else _ALIKE_PAIRS // 5
    for name in names:
        matcher.set_seq1(fold(name))
        if matcher.real_quick_ratio() < 0.6:
            continue
        letters -= len(name)
        if matcher.quick_ratio() >= 0.6:
            pairs -= len(name) * len(word)
            ratio = matcher.ratio()
            if ratio >= 0.6:
                found.append((round(4 + 10 * (1 - ratio), 3), name))
        if letters < 0 or pairs < 0:
            break
    return sorted(found, key=lambda each: (each[0], _style(each[1]) != _style(word), each[1]))


def _affordable(word: str, known: Iterable[str]) -> list[str]:
    """Return the names that are compared, in order.

    They are all, or the first of those that begin as the word does and are about as long.
    """
    names = [*dict.fromkeys(sorted(known) if isinstance(known, (set, frozenset)) else known)]
    if len(names) > _MANY:
        first, low, high = word[0], len(word) - 2, len(word) + 2
        near = (name for name in names if name[:1] == first and low <= len(name) <= high)
        names = [*islice(near, _MANY)]
    return sorted(name for name in names if name != word and 0 < len(name) <= _LONGEST)


def _style(name: str) -> str:
    return "title" if name[:1].isupper() else "lower"
