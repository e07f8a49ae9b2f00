"""The nearest known name for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from mtg.text.diagnostics import Fix
from mtg.text.source import Span

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


class Mend(TypedDict):
    """The part of a diagnostic that says how to mend it."""

    help: str
    fix: Fix | None


NO_MEND = Mend(help="", fix=None)


def respell(word: str, known: Iterable[str], span: Span, *, quoted: bool = False) -> Mend:
    """Help and fix for a misspelt name that stands at `span`; `quoted` for a string.

    The fix is safe where one known name, and no other, is a single slip of the hand away.
    """
    names = set(known)
    found = nearest(word, names)
    if found is None:
        return {"help": "", "fix": None}
    return replaced(found, span, quoted=quoted, safe=found == one_slip_away(word, names))


def replaced(name: str, span: Span, *, quoted: bool = False, safe: bool = True) -> Mend:
    """Help and fix for something that is written otherwise."""
    if not quoted:
        return {"help": f"did you mean `{name}`?", "fix": Fix.replace(span, name, safe=safe)}
    written = span.text
    help = f'did you mean "{name}"?'
    if written[:1] not in ("'", '"') or written[:3] in ("'''", '"""'):
        return {"help": help, "fix": None}  # a `let`, or what is computed
    quote = written[0]
    return {"help": help, "fix": Fix.replace(span, f"{quote}{name}{quote}", safe=safe)}


def one_slip_away(word: str, known: Iterable[str]) -> str | None:
    """The one known name that is `word` but for a letter too many, missing, wrong or exchanged with
    the next; None where there is none, or several.

    Names of one pattern, such as `conv1` and `conv2`, and very short ones are not slips.
    """
    names = {name for name in known if name != word and abs(len(name) - len(word)) <= 1}
    for fold in (str, str.casefold):
        same = [name for name in names if _differ_in_case(name, word)]
        slips = [name for name in names if _is_slip(fold(word), fold(name))]
        found = same or slips
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _differ_in_case(a: str, b: str) -> bool:
    return a.casefold() == b.casefold()


def _is_slip(a: str, b: str) -> bool:
    if min(len(a), len(b)) < 3 or _digits(a) != _digits(b):
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    if len(a) == len(b):
        rest = a[start + 1 :] == b[start + 1 :]
        exchanged = a[start : start + 2] == b[start : start + 2][::-1]
        return rest or (exchanged and a[start + 2 :] == b[start + 2 :])
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[start + 1 :] == shorter[start:]


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
