"""Characters that begin no token: of other languages, of word processors, and invisible ones."""

from __future__ import annotations

import re
import unicodedata

from mtg.syntax.recovery.context import ErrorContext, Mistake
from mtg.syntax.recovery.tokens import Token

#: Characters of other languages, or other hands, and what mtg writes.
_CHARACTERS = {
    "\u201c": ("this is a typographic quote", 'write `"`'),
    "\u201d": ("this is a typographic quote", 'write `"`'),
    "\u201e": ("this is a typographic quote", 'write `"`'),
    "\u2018": ("this is a typographic quote", "write `'`"),
    "\u2019": ("this is a typographic quote", "write `'`"),
    "`": ("this is not a quote of mtg", 'write `"`'),
    "\u00d7": ("`×` is not an operator", "write `*`"),
    "\u2212": ("this is a typographic minus sign", "write `-`"),
    "\u2013": ("this is a dash, not a minus sign", "write `-`"),
    "\u2014": ("this is a dash, not a minus sign", "write `-`"),
    "\u2026": ("this is one character, not three dots", "write `...`"),
    ";": ("mtg has no `;`", "remove it: a new line separates declarations, or nothing at all"),
    "!": ("`!` is not an operator", "write `not`"),
    "&": ("`&` is not an operator", "write `and`"),
    "|": ("`|` is not an operator", "write `or`, or `->` between stages"),
    "\\": ("mtg needs no `\\` at the end of a line", "remove it"),
    "^": ("`^` is not an operator", "write `**` for a power"),
    "?": ("`?` is only allowed as a length of an input", ""),
}


def describe_character(context: ErrorContext) -> Mistake:
    """Return what to say of a character that begins no token."""
    here, char = context.here, context.error.text
    twice = context.structure.source.text.startswith(char * 2, context.error.start) and char in "&|"
    place = Token("punctuation", char * (1 + twice), context.error.start, here.line, 0, False)
    message, help = _CHARACTERS.get(char, ("", ""))
    if not message:
        name = unicodedata.name(char, "")
        number = f"U+{ord(char):04X}{' ' + name if name else ''}" if char else ""
        if char.isspace() or unicodedata.category(char) in ("Cf", "Zs"):
            message, help = f"invisible character ({number})", "remove it"
            if unicodedata.category(char) == "Zs":
                message, help = f"this is not an ordinary space ({number})", "write a space"
        elif char.isprintable():
            return Mistake(f"unexpected `{char}` ({number})", place, place)
        else:
            message, help = f"invalid character ({number})", "remove it"
    return Mistake(message, place, place, help=help, edits=_edits(context, place, char))


#: What is written for a character, where that is certain.
_WRITTEN = {
    "\u00d7": "*",
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "...",
    ";": "",
    "\\": "",
}
_QUOTED = re.compile(r"[“”„]([^“”„\"\\\r\n]*)[“”\"]|[‘’]([^‘’'\\\r\n]*)[‘’']")


def _edits(context: ErrorContext, place: Token, char: str) -> tuple[tuple[int, int, str], ...]:
    """Return the edits that write a character as mtg does; none where that is not certain."""
    quoted = _QUOTED.match(context.structure.source.text, place.start)
    if quoted is not None:
        return ((place.start, quoted.end(), f'"{quoted[1] or quoted[2] or ""}"'),)
    if place.text in ("&&", "||"):
        return ((place.start, place.end, " and " if char == "&" else " or "),)
    if char in _WRITTEN:
        return ((place.start, place.end, _WRITTEN[char]),)
    if char and unicodedata.category(char) == "Zs":
        return ((place.start, place.end, " "),)
    if char and unicodedata.category(char) == "Cf":
        return ((place.start, place.end, ""),)
    return ()
