"""What to say of text that does not parse."""

from __future__ import annotations

import re
import unicodedata

from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span

RESERVED = frozenset(
    "model block input output shared train let dim from import python return repeat for in if "
    "else and or not True False None".split()
)

_DECLARATIONS = frozenset({"INPUT", "OUTPUT", "SHARED", "TRAIN", "LET", "DIM"})
_ITEMS = frozenset({"MODEL", "BLOCK", "FROM", "LET", "DIM"})
_VALUES = frozenset({"NAME", "INTEGER", "FLOAT", "STRING", "LPAR", "LSQB"})

#: What other languages, or other hands, write for what mtg writes.
_ARROWS = {"→": "->", "⟶": "->", "➔": "->", "=>": "->", "-->": "->", "|>": "->"}
_CHARACTERS = {
    ";": ("mtg has no `;`", "a new line, or nothing at all, separates declarations"),
    "\u201c": ("this is a typographic quote", 'write `"`'),
    "\u201d": ("this is a typographic quote", 'write `"`'),
    "\u2018": ("this is a typographic quote", "write `'`"),
    "\u2019": ("this is a typographic quote", "write `'`"),
    "\u00d7": ("`×` is no operator", "write `*`"),
    "\u2212": ("this is a minus sign that mtg does not read", "write `-`"),
    "!": ("`!` is no operator", "write `not`"),
    "&": ("`&` is no operator", "write `and`"),
    "|": ("`|` is no operator", "write `or`, or `->` between stages"),
    "@": ("`@` is no operator", "write `ops.matmul(a, b)`"),
    "$": ("`$` has no meaning in mtg", ""),
}


def explain_character(span: Span, diagnostics: Diagnostics) -> None:
    """Report a character that begins no token."""
    text = span.text
    rest = span.source.text[span.start : span.start + 3]
    for arrow, meant in _ARROWS.items():
        if rest.startswith(arrow):
            place = Span(span.source, span.start, span.start + len(arrow))
            diagnostics.report(
                "MTG001", f"`{arrow}` is not an arrow of mtg", place, help=f"write `{meant}`"
            )
            return
    message, help = _CHARACTERS.get(text, ("", ""))
    if not message:
        name = unicodedata.name(text, "") if text else ""
        shown = f"`{text}`" if text.isprintable() and not text.isspace() else "this character"
        message = f"{shown} (U+{ord(text):04X}{' ' + name if name else ''}) has no meaning here"
    diagnostics.report("MTG001", message, span, label="not expected here", help=help)


def explain_token(
    span: Span, kind: str, text: str, expected: set[str], diagnostics: Diagnostics
) -> None:
    """Report a token that cannot stand where it does, given the tokens that could."""
    if text in RESERVED and "NAME" in expected and not expected & {"INTEGER", "LSQB"}:
        diagnostics.report(
            "MTG005",
            f"`{text}` is a word of the language and cannot be a name",
            span,
            label="a name is expected here",
            help=f"choose another name, such as `{text.lower()}_`",
        )
        return
    found = "the end of the file" if kind == "$END" else f"`{text}`"
    message, help = _hint(span, kind, text, expected)
    diagnostics.report(
        "MTG001",
        message or f"{found} is not expected here",
        span,
        label="" if message else _wanted(expected),
        help=help,
    )


def _before(span: Span) -> str:
    """The text before a place, without comments and trailing blanks, for a look at its end."""
    return re.sub(r"#[^\r\n]*", "", span.source.text[max(0, span.start - 400) : span.start]).rstrip()


def _hint(span: Span, kind: str, text: str, expected: set[str]) -> tuple[str, str]:
    before = _before(span)
    after = span.source.text[span.start : span.start + 2]
    if kind == "ASSIGN" and after == "=>":
        return "`=>` is not an arrow of mtg", "write `->`"
    if kind == "MINUS" and "ARROW" in expected and re.match(r"-+>", span.source.text[span.start :]):
        return "this arrow is too long", "write `->`"
    if kind == "ARROW" and before.endswith("->"):
        return "a layer is missing between two arrows", "remove one arrow"
    if before.endswith("->"):
        return "a layer is missing after `->`", ""
    if kind == "ASSIGN" and "EQUAL" in expected:
        return "`=` gives a name; it does not compare", "write `==` to compare"
    if kind == "RETURN":
        if "RBRACE" in expected:
            return "`return` stands in a block, as its last statement", ""
        return "", ""
    if text in ("INPUT", "OUTPUT") or (kind in _DECLARATIONS - _ITEMS and expected & _ITEMS):
        return f"`{text}` stands inside a model or a block", "put it between the braces of one"
    if kind in ("MODEL", "BLOCK", "FROM") and "RBRACE" in expected and expected & _DECLARATIONS:
        return f"`{text}` stands at the top of a file, not inside a model or a block", ""
    if kind == "COLON" and "ASSIGN" in expected and "NAME" not in expected:
        return "`:` follows the name of an input only", "write `input NAME: DTYPE[LENGTHS]`"
    if kind in _VALUES and {"COMMA", "RPAR"} <= expected:
        return "a comma is missing before this", "write `,` between arguments"
    if kind in _VALUES and {"COMMA", "RSQB"} <= expected:
        return "a comma is missing before this", "write `,` between items"
    if kind == "NAME" and text in ("def", "class", "while", "lambda", "elif", "with", "import"):
        other = {"elif": "write `else if`"}.get(text, "")
        return f"`{text}` is Python's, not mtg's", other
    return "", ""


_SHOWN = {
    "ARROW": "`->`",
    "ASSIGN": "`=`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "NAME": "a name",
    "STRING": "a string",
    "QMARK": "`?`",
    "IMPORT": "`import`",
    "PYTHON": "`python`",
    "IN": "`in`",
    "ELSE": "`else`",
    "$END": "the end of the file",
}


def _wanted(expected: set[str]) -> str:
    """A few words on what could stand in a place."""
    if _ITEMS <= expected:
        return "expected `model`, `block`, `let`, `dim` or `from`"
    if _DECLARATIONS <= expected:
        return "expected a declaration or `}`"
    if _VALUES <= expected:
        return "expected a value, a layer or a tensor"
    shown = [_SHOWN[kind] for kind in _SHOWN if kind in expected]
    if not shown or len(shown) > 4:
        return "not expected here"
    return "expected " + (", ".join(shown[:-1]) + " or " if shown[1:] else "") + shown[-1]
