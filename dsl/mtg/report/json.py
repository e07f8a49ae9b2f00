"""Diagnostics as JSON; `docs/diagnostics.schema.json` says what stands where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mtg.report.places import place
from mtg.report.text import render
from mtg.text.diagnostics import Diagnostic, Fix
from mtg.text.documents import document
from mtg.text.source import Span

#: The number of the format: it grows where a reader of the old one would go wrong.
VERSION = 1


def json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return all diagnostics as one object, with a newline at its end."""
    found = list(diagnostics)
    severities = [one.severity for one in found]
    return document(
        {
            "version": VERSION,
            "errors": severities.count("error"),
            "warnings": severities.count("warning"),
            "notes": severities.count("note"),
            "diagnostics": [as_object(one) for one in found],
        }
    )


def as_object(diagnostic: Diagnostic) -> dict[str, Any]:
    """One diagnostic as plain data: strings, numbers, lists and dicts."""
    return {
        "code": diagnostic.code,
        "slug": diagnostic.slug,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "span": _span(diagnostic.span),
        "label": diagnostic.label,
        "labels": [{"span": _span(label.span), "text": label.text} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
        "fix": None if diagnostic.fix is None else _fix(diagnostic.fix),
        "rendered": render(diagnostic),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "safe": fix.safe,
        "edits": [{"span": _span(edit.span), "text": edit.text} for edit in fix.edits],
    }


def _span(span: Span) -> dict[str, Any] | None:
    where = place(span)
    if where is None:
        return None
    size = len(span.source.text)
    start = max(0, min(span.start, size))
    return {
        "file": where.file,
        "start": {"offset": start, "line": where.line, "column": where.column},
        "end": {
            "offset": max(start, min(span.end, size)),
            "line": where.end_line,
            "column": where.end_column,
        },
    }
