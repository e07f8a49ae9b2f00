"""Diagnostics in one line each: `FILE:LINE:COLUMN: error[CODE]: message`.

Compilers print them so, and editors read them.
"""

from __future__ import annotations

from collections.abc import Iterable

from mtg.report.paint import ansi, plain
from mtg.report.places import place
from mtg.text.diagnostics import Diagnostic
from mtg.text.visible import visible


def concise(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """Return a line for each diagnostic, each with its newline; empty without any."""
    return "".join(f"{_line(diagnostic, color=color)}\n" for diagnostic in diagnostics)


def _line(diagnostic: Diagnostic, *, color: bool) -> str:
    paint = ansi if color else plain
    where = place(diagnostic.span)
    head = f"{visible(where.file)}:{where.line}:{where.column}: " if where else ""
    title = paint(f"{diagnostic.severity}[{diagnostic.code}]", diagnostic.severity)
    return f"{head}{title}: {visible(' '.join(diagnostic.message.split()))}"
