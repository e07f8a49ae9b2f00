"""Text that shows as it is: what controls a terminal or turns a line around is made visible."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category, east_asian_width

#: Invisible characters that words of some scripts need; they take no column and stay as they are.
_JOINERS = "\u200c\u200d"


@lru_cache(4096)
def cell(char: str) -> tuple[str, int]:
    """Return what to print for one character, and how many columns that takes.

    Control characters become their pictures (`␛`), other invisible ones their number (`<U+202E>`),
    so that no text of a program can move the cursor or turn the direction of what follows it.
    """
    code = ord(char)
    if 0x20 <= code < 0x7F:
        return char, 1
    if code < 0x20:
        return chr(0x2400 + code), 1
    if code == 0x7F:
        return "␡", 1
    kind = category(char)
    if kind in ("Mn", "Me") or char in _JOINERS or 0x1160 <= code <= 0x11FF:
        return char, 0
    if kind in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        shown = f"<U+{code:04X}>"
        return shown, len(shown)
    return char, 2 if east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """Return the number of columns that `visible(text)` takes."""
    return len(text) if text.isascii() and text.isprintable() else sum(cell(c)[1] for c in text)


def visible(text: str) -> str:
    """Return the text with everything in it that a terminal would obey made visible."""
    return text if text.isascii() and text.isprintable() else "".join(cell(c)[0] for c in text)


def in_docstring(text: str) -> str:
    r"""Text as it stands between three double quotes, in Python and in `.mtg` alike.

    Letters that do not print (controls, marks of direction, halves of a pair) become escapes such
    as `\u202e`: a reader must see what is there, and a half of a pair has no bytes.
    """
    text = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else _escape(letter) for letter in text
    )


def _escape(letter: str) -> str:
    code = ord(letter)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else (f"\\U{code:08x}")
    )
