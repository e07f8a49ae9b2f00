"""The nearest known name for a misspelt one."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TypedDict

from mtg.text.diagnostics import Fix
from mtg.text.source import Span
from mtg.text.spelling import ranked


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the name in `known` that `word` is most likely a misspelling of, or None."""
    matches = ranked(word, known)
    return matches[0][1] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a help line for a misspelt name, or an empty string where nothing is near."""
    match = nearest(word, known)
    return f"did you mean `{match}`?" if match else ""


class Suggestion(TypedDict):
    """The part of a diagnostic that says how to mend it."""

    help: str
    fix: Fix | None


NO_SUGGESTION = Suggestion(help="", fix=None)


def suggest_spelling(
    word: str,
    known: Iterable[str],
    span: Span,
    *,
    quoted: bool = False,
    sure: Container[str] | None = None,
) -> Suggestion:
    """Help and fix for a misspelt name that stands at `span`; `quoted` for a string.

    The fix is safe where one known name, and no other, is a single slip of the hand away. Of names
    that a program declares it may be the declaration that is misspelt: `sure` are those that are
    spelt right, if that is not all of them.
    """
    likely = ranked(word, known)
    if not likely:
        return {"help": "", "fix": None}
    best = likely[0][1]
    safe = best == one_slip_away(word, [name for _, name in likely]) and (
        sure is None or best in sure
    )
    suggestion = replaced(best, span, quoted=quoted, safe=safe)
    others = [name for cost, name in likely if cost == likely[0][0]][:4]
    if not safe and len(others) > 1:
        suggestion["help"] = _which(others, '"' if quoted else "`")
    return suggestion


def _which(names: list[str], quote: str) -> str:
    quoted = [f"{quote}{name}{quote}" for name in names]
    return f"did you mean {', '.join(quoted[:-1])} or {quoted[-1]}?"


def replaced(name: str, span: Span, *, quoted: bool = False, safe: bool = True) -> Suggestion:
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
    """Return the one known name that is a single slip away from `word`; None if not one.

    A slip is a letter too many, missing, wrong or exchanged with the next.

    Names of one pattern, such as `conv1` and `conv2`, and very short ones are not slips.
    """
    names = {name for name in known if name != word and abs(len(name) - len(word)) <= 1}
    folded = word.casefold()
    matches = [name for name in names if name.casefold() == folded or _is_slip(word, name)]
    matches = matches or [name for name in names if _is_slip(folded, name.casefold())]
    return matches[0] if len(matches) == 1 else None


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
