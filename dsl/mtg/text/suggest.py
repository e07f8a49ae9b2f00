"""The nearest known name for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The name in `known` that `word` is most likely a misspelling of, or None.

    A difference in upper and lower case or in underscores alone counts as a match; otherwise
    similarity is that of `difflib`.
    """
    from difflib import SequenceMatcher

    def fold(text: str) -> str:
        return text.casefold().replace("_", "")

    folded = fold(word)
    best, best_score = None, 0.6 if len(word) > 3 else 0.5
    for name in sorted(set(known)):
        if name == word:
            continue
        candidate = fold(name)
        if candidate == folded:
            return name
        matcher = SequenceMatcher(None, candidate, folded)
        if matcher.real_quick_ratio() > best_score and matcher.quick_ratio() > best_score:
            score = matcher.ratio()
            if score > best_score:
                best, best_score = name, score
    return best


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A help line for a misspelt name, or an empty string where nothing is near."""
    found = nearest(word, known)
    return f"did you mean `{found}`?" if found else ""
