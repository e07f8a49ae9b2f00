"""A quick look at brackets and strings, before the parser runs.

One linear scan bounds how deep a text may nest, and tells whether all of it closes. What is wrong
with a text that does not close, `mtg.syntax.matching` finds out.
"""

from __future__ import annotations

import re

from mtg.limits import MAX_NESTING
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Source, Span

STRING = (
    r'"""(?:[^\\]|\\[\s\S])*?"""'
    r"|'''(?:[^\\]|\\[\s\S])*?'''"
    r'|"(?!"")(?:[^\\"\r\n]|\\.)*"'
    r"|'(?!'')(?:[^\\'\r\n]|\\.)*'"
)
#: A string that does not close, where no `STRING` matches: it takes the rest of its line, or of the
#: text. Nothing in it is tried again, which would take as many looks as its quotes are many.
OPEN_STRING = r'"""[\s\S]*|\'\'\'[\s\S]*|"[^\r\n]*|\'[^\r\n]*'
#: Comments, with the lines between them: a run of them is looked at once, not once for each line.
_COMMENTS = r"(?:\#[^\r\n]*+\s*+)++"
CLOSES = {")": "(", "]": "[", "}": "{"}
CLOSER = {opening: closing for closing, opening in CLOSES.items()}

_TOKENS = re.compile(rf"{STRING}|(?P<open>{OPEN_STRING})|{_COMMENTS}|[()\[\]{{}}]")

_SKIPPED = re.compile(rf"{STRING}|{OPEN_STRING}|{_COMMENTS}")
_COUNTED = re.compile(r"\w+|->|[^\w\s]")
#: An item of a list of words or numbers, such as a vocabulary, with the comma behind it.
_ITEM = re.compile(r'(?:"|(?<![\w.])\d[\d_.]*)\s*,')


def too_deep(source: Source, diagnostics: Diagnostics) -> bool:
    """Whether brackets nest past the limit, which is reported."""
    open_: list[re.Match[str]] = []
    for match in _TOKENS.finditer(source.text):
        token = match[0]
        if token in CLOSER:
            open_.append(match)
            if len(open_) > MAX_NESTING:
                first = open_[0].start()
                diagnostics.report(
                    "MTG606",
                    f"brackets are nested more than {MAX_NESTING} deep",
                    Span(source, match.start(), match.end()),
                    label=f"level {MAX_NESTING + 1}",
                    labels=(Label(Span(source, first, first + 1), "the outermost bracket"),),
                    help="name parts of it with a declaration of their own",
                )
                return True
        elif token in CLOSES and open_ and open_[-1][0] == CLOSES[token]:
            open_.pop()
    return False


def tokens(text: str) -> int:
    """How many words, numbers, strings and signs a text has; comments do not count.

    A word or number of a list, such as a vocabulary, counts as one with the comma behind it.
    """
    bare = _SKIPPED.sub(lambda match: " " if match[0][0] == "#" else '"', text)
    return len(_COUNTED.findall(bare)) - sum(1 for _ in _ITEM.finditer(bare))


def too_many(source: Source, diagnostics: Diagnostics, limit: int) -> bool:
    """Whether a text has more words, numbers, strings and signs than the limit; reports it."""
    if len(source.text) <= limit:
        return False
    count = tokens(source.text)
    if count <= limit:
        return False
    diagnostics.report(
        "MTG605",
        f"the file has {count:,} words and signs; mtg reads at most {limit:,}",
        Span(source, 0, 0),
        help="say what repeats with `repeat` or a block, move parts into files of their own, or "
        "raise the limit with `--max-layers N`",
    )
    return True


def balanced(text: str) -> bool:
    """Whether every bracket and string of the text closes."""
    open_: list[str] = []
    for match in _TOKENS.finditer(text):
        token = match[0]
        if token in CLOSER:
            open_.append(token)
        elif token in CLOSES:
            if not open_ or open_.pop() != CLOSES[token]:
                return False
        elif match.lastgroup == "open":
            return False
    return not open_
