"""The font of the pictures, which ships with mtg: Graphviz measures with it, and files carry it.

It is Inter, cut to what pictures write, under the SIL Open Font License; `python -m tools.font`
makes it. What it lacks, such as the signs of Chinese or Japanese, is drawn in what the machine has.
"""

from __future__ import annotations

import string
from base64 import b64encode
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

FAMILY = "mtg Sans"

#: The characters of nearly all pictures, for which an SVG carries the font without the rest.
BASIC = (
    string.digits
    + string.ascii_letters
    + string.punctuation
    + " \u00a0·×…–—‘’“”−≈≠≤≥∞Σ←↑→↓①②③④⑤⑥⑦⑧⑨"
)

_STYLES = {"Regular": "normal", "Bold": "bold"}

#: Where fontconfig looks, for Graphviz's Pango. Without hinting a letter is as wide as it should
#: be, to the nearest pixel of 1/96 inch.
_CONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
  <cachedir>{folder}</cachedir>
  <match target="pattern">
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
  </match>{others}
</fontconfig>
"""


def install(folder: Path, text: str, others: str) -> Path:
    """Write the fonts, and a configuration of fontconfig by which there is no other, to a folder.

    Args:
        folder: A folder of the picture's own.
        text: What will be drawn. Where the font lacks some of it, the fonts of the machine are
            there as well.
        others: The name of the machine's own configuration, as fontconfig takes it.

    Returns:
        The path of the configuration.
    """
    for style in _STYLES:
        (folder / f"{style}.ttf").write_bytes(_data(f"{style}.ttf"))
    included = f'\n  <include ignore_missing="yes">{escape(others)}</include>'
    config = folder / "fonts.conf"
    config.write_text(
        _CONFIG.format(folder=escape(str(folder)), others=included if lacks(text) else ""),
        encoding="utf-8",
    )
    return config


def lacks(text: str) -> bool:
    """Return whether a text has printable characters that the font does not have."""
    return not all(each in _characters() for each in set(text) if each not in "\t\n\r")


def faces(text: str) -> str:
    """Return CSS that gives a document the font, with at least the characters of a text."""
    suffix = "-basic" if set(text) - set("\t\n\r") <= set(BASIC) else ""
    return "".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};'
        f"src:url(data:font/woff2;base64,"
        f'{b64encode(_data(f"{style}{suffix}.woff2")).decode()}) format("woff2")}}\n'
        for style, weight in _STYLES.items()
    )


@cache
def _characters() -> frozenset[str]:
    return frozenset(_data("characters.txt").decode())


def _data(name: str) -> bytes:
    return files(__package__).joinpath("mtg_sans", name).read_bytes()
