"""The formats in which `mtg tasks` and `mtg diff` say what they have found."""

from __future__ import annotations

from mtg.backends.targets import PICTURES

REPORT_FORMATS = ("text", "json", *PICTURES)


def report_format(suffix: str) -> str:
    """Return the format of a file by its suffix: `.txt` is `text`, `.svg` is `svg`."""
    return "text" if suffix == ".txt" else suffix[1:]
