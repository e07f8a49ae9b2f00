"""Diagnostics as annotations of GitHub Actions: workflow commands, one line each.

    ::error file=news.mtg,line=7,col=5,endLine=7,endColumn=11,title=MTG101 unknown-name::nothing …

Source: GitHub's page "Workflow commands for GitHub Actions". What a command says must have `%`, CR
and LF escaped; its properties `:` and `,` too. Columns are given only where the place ends on the
line it begins on, since GitHub takes them for no other.
"""

from __future__ import annotations

from collections.abc import Iterable

from mtg.report.places import place
from mtg.text.diagnostics import Diagnostic
from mtg.text.documents import whole


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a workflow command for each diagnostic, each with its newline; empty without any."""
    return "".join(f"{_command(diagnostic)}\n" for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    where = place(diagnostic.span)
    properties: dict[str, object] = {}
    if where is not None:
        properties |= {"file": where.file.replace("\\", "/"), "line": where.line}
        if where.line == where.end_line:
            properties |= {
                "col": where.column,
                "endLine": where.end_line,
                "endColumn": max(where.end_column, where.column),
            }
        else:
            properties["endLine"] = where.end_line
    properties["title"] = f"{diagnostic.code} {diagnostic.slug}"
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    lines = [
        diagnostic.message,
        *diagnostic.notes,
        *([f"help: {diagnostic.help}"] if diagnostic.help else []),
    ]
    level = "notice" if diagnostic.severity == "note" else diagnostic.severity
    return f"::{level} {written}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return whole(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
