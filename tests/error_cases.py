"""The programs that are wrong, each with what mtg says of it: `tests/cases/errors/*.md`.

A file holds the cases of one code, each under a title: a program of one fault in a fence `mtg`,
and in a fence `text` what a user reads. The first case of a code is the wrong program of its
explanation (`mtg explain CODE`), and so it has no program here. `several.md` holds programs of
several faults that must not be mixed up, `accepted.md` what looks wrong and is not.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from goldens import CASES, updating
from mtg.text.explanations import explanation

FOLDER = CASES / "errors"
_CASE = re.compile(r"^## (.+)\n\n(?:```mtg\n((?:.*\n)*?)```\n\n)?```text\n((?:.*\n)*?)```$", re.M)


class ErrorCase(NamedTuple):
    """A program and what mtg says of it.

    Attributes:
        file: The name of its file, which is a code but for `several` and `accepted`.
        title: Its title, of which a file has no two.
        source: The program, as `main.mtg`.
        text: What a user reads of it.
    """

    file: str
    title: str
    source: str
    text: str

    @property
    def id(self) -> str:
        """The name of the test: letters, digits and hyphens."""
        return f"{self.file}-{re.sub(r'[^a-z0-9]+', '-', self.title.lower()).strip('-')}"


def read(path: Path) -> list[ErrorCase]:
    """Return the cases of a file."""
    text = path.read_text(encoding="utf-8")
    found = [
        ErrorCase(path.stem, title, source or explanation(path.stem).wrong + "\n", expected)
        for title, source, expected in _CASE.findall(text)
    ]
    assert len(found) == len(re.findall(r"^## ", text, re.M)), f"{path}: a case of another form"
    return found


def cases() -> list[ErrorCase]:
    """Return all cases, in the order of their files."""
    return [case for path in sorted(FOLDER.glob("*.md")) for case in read(path)]


def expect(case: ErrorCase, actual: str) -> None:
    """Compare what mtg says with what the case expects, or write it there; not with `-n`."""
    if updating() and actual != case.text:
        path = FOLDER / f"{case.file}.md"
        text = path.read_text(encoding="utf-8")
        start = text.index(f"## {case.title}\n")
        start = text.index("```text\n", start) + len("```text\n")
        end = start + len(case.text)
        path.write_text(text[:start] + actual + text[end:], encoding="utf-8", newline="\n")
    else:
        assert actual == case.text
