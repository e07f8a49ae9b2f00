"""Colours of a terminal, by what they mean."""

from __future__ import annotations

_ANSI = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "second": "1;34",
    "gutter": "1;34",
    "strong": "1",
    "help": "1;36",
}


def ansi(text: str, style: str) -> str:
    """Return the text in the colour of a style; a style that is unknown leaves it as it is."""
    return f"\x1b[{_ANSI[style]}m{text}\x1b[0m" if text and style in _ANSI else text


def plain(text: str, style: str) -> str:
    """Return the text, without colour."""
    return text
