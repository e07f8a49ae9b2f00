"""The explanation of a code, for a terminal and for the page `docs/errors.md`."""

from __future__ import annotations

from itertools import groupby

from mtg.report.paint import ansi, plain
from mtg.text.codes import CODES
from mtg.text.explanations import explanation

#: What the codes with one first digit are about.
FAMILIES = {
    "0": "text",
    "1": "names",
    "2": "graph",
    "3": "types",
    "4": "values",
    "5": "tasks and training",
    "6": "imports and limits",
}


def explain(code: str, *, color: bool = False) -> str:
    """Return what a code means: text for a terminal, with a newline at its end."""
    paint = ansi if color else plain
    about, more = CODES[code], explanation(code)
    lines = [
        paint(f"{about.severity}[{code}]", about.severity)
        + paint(f": {about.slug}", "strong")
        + f": {about.meaning}",
        "",
        more.text,
    ]
    for word, example in (("Wrong:", more.wrong), ("Right:", more.right)):
        lines += ["", paint(word, "strong"), ""]
        lines += [f"    {line}".rstrip() for line in example.split("\n")]
    return "\n".join(lines) + "\n"


def listing(*, color: bool = False) -> str:
    """List all codes with their names and meanings, by family."""
    paint = ansi if color else plain
    wide = max(len(about.slug) for about in CODES.values())
    parts = []
    for family, codes in groupby(CODES, lambda code: code[3]):
        lines = [paint(FAMILIES[family], "strong")]
        for code in codes:
            about = CODES[code]
            sign = paint(about.severity[0].upper(), about.severity)
            lines.append(f"  {code} {sign} {about.slug:<{wide}}  {about.meaning}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
