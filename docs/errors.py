"""Writes `docs/errors.md`: every code, from the explanations that `mtg explain` shows.

python docs/errors.py
"""

from __future__ import annotations

import os
import tempfile
from itertools import groupby
from pathlib import Path

import mtg
from mtg.report.explain import FAMILIES
from mtg.report.text import render
from mtg.text.codes import ALIASES, CODES
from mtg.text.explanations import explanation

HEAD = """\
# Errors and warnings

What each code means. `mtg explain CODE` shows the same in a terminal. This page is made by
`docs/errors.py` from the files in `dsl/mtg/text/explanations/`.

A warning becomes an error by `--deny CODE` or `-W error`, and is not shown with `--allow CODE`;
codes and their names serve alike. What `mtg check` says to machines, and what Keras says of the
same mistakes, is described in [diagnostics.md](diagnostics.md).
"""


def said(program: str) -> str:
    """What `mtg check` says of a program."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            Path("main.mtg").write_text(program + "\n", encoding="utf-8")
            return "\n\n".join(map(render, mtg.check("main.mtg")))
        finally:
            os.chdir(before)


def page() -> str:
    """The text of the page."""
    parts = [HEAD]
    for family, codes in groupby(CODES, lambda code: code[3]):
        members = list(codes)
        parts.append(f"## {family}xx: {FAMILIES[family]}\n")
        rows = [
            f"| [{code}](#{code.lower()}) | {CODES[code].slug} | {CODES[code].severity} "
            f"| {CODES[code].meaning} |"
            for code in members
        ]
        parts.append(
            "\n".join(["| code | name | severity | meaning |", *["| --- " * 4 + "|"], *rows]) + "\n"
        )
        for code in members:
            more = explanation(code)
            about = CODES[code]
            former = "".join(f"; formerly `{alias}`" for alias, of in ALIASES.items() if of == code)
            parts.append(
                f"### {code}\n\n**{about.slug}** ({about.severity}{former}): "
                f"{about.meaning}\n\n{more.text}\n\n```{more.kind}\n{more.wrong}\n```\n"
            )
            if more.kind == "mtg":
                parts.append(f"```text\n{said(more.wrong)}\n```\n")
            parts.append(f"Right:\n\n```{more.kind}\n{more.right}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    path = Path(__file__).with_name("errors.md")
    path.write_text(page(), encoding="utf-8", newline="\n")
