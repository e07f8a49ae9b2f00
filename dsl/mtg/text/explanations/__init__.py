"""What every code means: `mtg explain CODE` and `docs/errors.md` are made from the files here.

A file says what is wrong and why it matters, then shows a program that is refused (or warned of),
and one that is not. Where no program alone provokes the code, the two are commands.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import NamedTuple

_PARTS = re.compile(
    r"(?P<text>.*?)\n\n## Wrong\n\n```(?P<kind>mtg|console)\n(?P<wrong>.*?)\n```\n"
    r"\n## Right\n\n```(?:mtg|console)\n(?P<right>.*?)\n```\n",
    re.DOTALL,
)


class Explanation(NamedTuple):
    """What a code means; `kind` is `mtg` where the examples are programs, else `console`."""

    text: str
    kind: str
    wrong: str
    right: str


def explanation(code: str) -> Explanation:
    """Return the explanation of a code.

    Raises:
        KeyError: There is none.
    """
    file = files("mtg.text.explanations").joinpath(f"{code}.md")
    if not file.is_file():
        raise KeyError(code)
    match = _PARTS.fullmatch(file.read_text(encoding="utf-8"))
    assert match is not None, f"{code}.md is not written as the others are"
    return Explanation(match["text"], match["kind"], match["wrong"], match["right"])
