"""Brackets and strings that do not close, found before the parser runs.

A parser meets the consequence far from the cause. One linear scan over brackets, strings and
comments finds the opening that nothing closes, and bounds how deep a text may nest.
"""

from __future__ import annotations

import re

from mtg.limits import MAX_NESTING
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Source, Span

_TOKENS = re.compile(
    r'''"""(?:[^\\]|\\[\s\S])*?"""'''
    r"""|\'\'\'(?:[^\\]|\\[\s\S])*?\'\'\'"""
    r'''|"(?!"")(?:[^\\"\r\n]|\\.)*"'''
    r"""|'(?!'')(?:[^\\'\r\n]|\\.)*'"""
    r"""|\#[^\r\n]*|[()\[\]{}]|["']"""
)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_CLOSER = {opening: closing for closing, opening in _CLOSES.items()}


def check_brackets(source: Source, diagnostics: Diagnostics) -> bool:
    """Whether every bracket and string of the text closes; reports the first that does not."""
    open_: list[re.Match[str]] = []

    def place(match: re.Match[str]) -> Span:
        return Span(source, match.start(), match.end())

    for match in _TOKENS.finditer(source.text):
        token = match[0]
        if token in "([{":
            open_.append(match)
            if len(open_) > MAX_NESTING:
                diagnostics.report(
                    "MTG606",
                    f"brackets are nested more than {MAX_NESTING} deep",
                    place(match),
                    label=f"level {MAX_NESTING + 1}",
                    labels=(Label(place(open_[0]), "the outermost bracket"),),
                    help="name parts of it with a declaration of their own",
                )
                return False
        elif token in _CLOSES:
            if open_ and open_[-1][0] == _CLOSES[token]:
                open_.pop()
                continue
            _report_closing(match, open_, place, diagnostics)
            return False
        elif token in ('"', "'"):
            triple = source.text.startswith(token * 3, match.start())
            diagnostics.report(
                "MTG002",
                "this string is never closed",
                Span(source, match.start(), match.start() + (3 if triple else 1)),
                label="the string begins here",
                help=f"close it with {token * 3 if triple else token}"
                + ("" if triple else ", on the same line"),
            )
            return False
    if open_:
        _report_open(open_[-1], source, diagnostics)
    return not open_


def _report_open(opening: re.Match[str], source: Source, diagnostics: Diagnostics) -> None:
    diagnostics.report(
        "MTG002",
        f"this `{opening[0]}` is never closed",
        Span(source, opening.start(), opening.end()),
        label=f"no `{_CLOSER[opening[0]]}` follows",
    )


def _report_closing(
    match: re.Match[str], open_: list[re.Match[str]], place: object, diagnostics: Diagnostics
) -> None:
    assert callable(place)
    token = match[0]
    if not open_:
        diagnostics.report(
            "MTG002",
            f"this `{token}` closes nothing",
            place(match),
            label=f"no `{_CLOSES[token]}` is open here",
        )
        return
    opening = open_[-1]
    if any(earlier[0] == _CLOSES[token] for earlier in open_):
        # A bracket further out would fit: the innermost one is what is missing its end.
        diagnostics.report(
            "MTG002",
            f"this `{opening[0]}` is never closed",
            place(opening),
            label=f"`{_CLOSER[opening[0]]}` is missing",
            labels=(Label(place(match), f"this `{token}` comes first"),),
        )
    else:
        diagnostics.report(
            "MTG002",
            f"`{token}` stands where `{_CLOSER[opening[0]]}` is expected",
            place(match),
            label=f"expected `{_CLOSER[opening[0]]}`",
            labels=(Label(place(opening), f"this `{opening[0]}` is open"),),
        )
