"""Text that shows as it is: what controls a terminal or turns a line around is escaped."""

from __future__ import annotations


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
