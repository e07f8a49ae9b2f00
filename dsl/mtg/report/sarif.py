"""Diagnostics as SARIF 2.1.0, the format of code scanners.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from mtg.report.places import place
from mtg.text.codes import CODES
from mtg.text.diagnostics import Diagnostic, Fix
from mtg.text.documents import document
from mtg.text.source import Source, Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(diagnostics: Iterable[Diagnostic], *, version: str) -> str:
    """Return a SARIF log of one run, with a newline at its end; `version` is mtg's own."""
    found = list(diagnostics)
    codes = sorted({one.code for one in found})
    errors = any(one.is_error for one in found)
    run = {
        "tool": {
            "driver": {
                "name": "mtg",
                "semanticVersion": version,
                "rules": [_rule(code) for code in codes],
            }
        },
        "invocations": [{"executionSuccessful": True, "exitCode": int(errors)}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes.index(one.code)) for one in found],
    }
    return document({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> dict[str, Any]:
    about = CODES[code]
    return {
        "id": code,
        "name": about.slug,
        "shortDescription": {"text": about.meaning},
        "help": {"text": f"mtg explain {code}", "markdown": f"`mtg explain {code}`"},
        "defaultConfiguration": {"level": about.severity},
    }


def _result(diagnostic: Diagnostic, index: int) -> dict[str, Any]:
    lines = [
        diagnostic.message,
        *diagnostic.notes,
        *([f"help: {diagnostic.help}"] if diagnostic.help else []),
    ]
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": diagnostic.severity,
        "message": {"text": "\n".join(lines)},
    }
    location = _location(diagnostic.span)
    if location is not None:
        result["locations"] = [location]
    related: list[dict[str, Any]] = []
    for label in diagnostic.labels:
        place_of_label = _location(label.span)
        if place_of_label is not None:
            place_of_label |= {"id": len(related) + 1, "message": {"text": label.text}}
            related.append(place_of_label)
    if related:
        result["relatedLocations"] = related
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix)]
    return result


def _location(span: Span) -> dict[str, Any] | None:
    region = _region(span)
    if region is None:
        return None
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(span.source)},
            "region": region,
        }
    }


def _region(span: Span) -> dict[str, Any] | None:
    where = place(span)
    if where is None:
        return None
    return {
        "startLine": where.line,
        "startColumn": where.column,
        "endLine": where.end_line,
        "endColumn": where.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        changes.setdefault(_uri(edit.span.source), []).append(
            {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        )
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {"artifactLocation": {"uri": uri}, "replacements": replacements}
            for uri, replacements in changes.items()
        ],
    }


def _uri(source: Source) -> str:
    """Return the name of a source as a reference: relative paths stay relative."""
    path = PurePath(source.name)
    # Bytes, since a name need not be text.
    return path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
