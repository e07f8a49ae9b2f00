"""The nearest known name for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

#: Names that are compared, and the characters of the longest.
_MANY = 2_000
_LONGEST = 100


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The name in `known` that `word` is most likely a misspelling of, or None.

    A difference in upper and lower case or in underscores alone counts as a match; otherwise
    similarity is that of `difflib`.
    """
    from difflib import SequenceMatcher

    def fold(text: str) -> str:
        return text.casefold().replace("_", "")

    if len(word) > _LONGEST:
        return None
    names = sorted(name for name in set(known) if len(name) <= _LONGEST)
    if len(names) > _MANY:  # a look at each would take too long
        names = [name for name in names if name[:1] == word[:1]][:_MANY]
    folded = fold(word)
    matcher = SequenceMatcher()
    matcher.set_seq2(folded)
    best, best_score = None, (0.6 if len(word) > 3 else 0.5, 0.0)
    for name in names:
        if name == word:
            continue
        matcher.set_seq1(fold(name))
        if matcher.real_quick_ratio() < best_score[0] or matcher.quick_ratio() < best_score[0]:
            continue
        # Of `"accuracy"` and `"Accuracy"` the one in the style of the word is meant.
        score = matcher.ratio(), SequenceMatcher(None, name, word).ratio()
        if score > best_score:
            best, best_score = name, score
    return best


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A help line for a misspelt name, or an empty string where nothing is near."""
    found = nearest(word, known)
    return f"did you mean `{found}`?" if found else ""
