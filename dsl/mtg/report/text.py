"""Diagnostics as text for people: the message, the place in the source, the way out.

error[MTG101]: nothing named `encodr` is declared
  --> news.mtg:7:5
   |
 7 |     encodr -> Dense(1)
   |     ^^^^^^ not declared
   |
   = help: did you mean `encoded`?
"""

from __future__ import annotations

from collections.abc import Iterable

from mtg.report.excerpt import Excerpt, Mark
from mtg.report.paint import ansi, plain
from mtg.text.diagnostics import Diagnostic
from mtg.text.source import NOWHERE
from mtg.text.visible import visible

#: Lines between two places up to which they stand in one excerpt.
NEAR = 6


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """One diagnostic as text, without a newline at its end."""
    paint = ansi if color else plain
    severity = diagnostic.severity
    head, *more = _lines(diagnostic.message)
    title = paint(f"{severity}[{diagnostic.code}]", severity) + paint(f": {head}", "strong")
    lines = [title, *(f"  {line}" for line in more)]

    groups, homeless = _groups(diagnostic)
    gutter = max([len(str(group.last)) for group in groups], default=1)
    bar = " " * gutter + " " + paint("|", "gutter")
    source = diagnostic.span.source
    if source is not NOWHERE.source:
        place = diagnostic.location if source.text else source.name
        lines.append(" " * gutter + paint("--> ", "gutter") + visible(place))
    for number, group in enumerate(groups):
        if number:
            lines.append(bar)
            lines.append(" " * gutter + paint("::: ", "gutter") + visible(group.location))
        lines.append(bar)
        lines.extend(group.render(gutter, severity, paint))

    remarks = [("note", "strong", note) for note in (*homeless, *diagnostic.notes)]
    if diagnostic.help:
        remarks.append(("help", "help", diagnostic.help))
    if remarks and groups:
        lines.append(bar)
    for word, style, text in remarks:
        first, *rest = _lines(text)
        indent = " " * (gutter + 1)
        lines.append(f"{indent}{paint('=', 'gutter')} {paint(word, style)}: {first}")
        lines.extend(f"{indent}  {' ' * len(word)}  {line}".rstrip() for line in rest)
    return "\n".join(lines)


def render_all(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """Several diagnostics in the order given, and a last line that counts them.

    The text ends with a newline; without diagnostics it is empty.
    """
    found = list(diagnostics)
    if not found:
        return ""
    paint = ansi if color else plain
    severities = [one.severity for one in found]
    counts = [(severities.count(word), word) for word in ("error", "warning", "note")]
    closing = ", ".join(
        paint(f"{count} {word}{'s' if count > 1 else ''}", word) for count, word in counts if count
    )
    return "\n\n".join([*(render(one, color=color) for one in found), closing]) + "\n"


def _lines(text: str) -> list[str]:
    return [visible(line.expandtabs(4)) for line in text.splitlines()] or [""]


def _groups(diagnostic: Diagnostic) -> tuple[list[Excerpt], list[str]]:
    """Return the excerpts to show, and the labels that have no source.

    The excerpt of the diagnostic's own place comes first.
    """
    marks = [Mark.of(diagnostic.span, diagnostic.label, primary=True)]
    marks += sorted(
        (Mark.of(label.span, label.text) for label in diagnostic.labels),
        key=lambda mark: (mark.source.name, mark.start),
    )
    homeless = [mark.text for mark in marks if mark.text and not mark.source.text]
    groups: list[Excerpt] = []
    waiting = [mark for mark in marks if mark.source.text]
    while waiting:
        group = Excerpt([waiting.pop(0)])
        while near := [mark for mark in waiting if group.is_near(mark, NEAR)]:
            group.marks += near
            waiting = [mark for mark in waiting if mark not in near]
        groups.append(group)
    return groups, homeless


def more(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """Return a line on where to read more, with a newline; empty without diagnostics."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    if not codes:
        return ""
    paint = ansi if color else plain
    return paint("more:", "gutter") + f" mtg explain {' '.join(codes)}\n"
