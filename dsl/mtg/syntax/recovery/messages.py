"""What to say of text that does not parse."""

from __future__ import annotations

from collections.abc import Callable

from mtg.syntax.parse_errors import ParseError
from mtg.syntax.recovery.characters import describe_character
from mtg.syntax.recovery.context import (
    DECLARATIONS,
    FORMS,
    ITEMS,
    VALUES,
    ErrorContext,
    Mistake,
    build_context,
)
from mtg.syntax.recovery.misspelled_keywords import keyword_as_name
from mtg.syntax.recovery.mistakes import find_mistake
from mtg.syntax.recovery.nesting import DeclarationSpan
from mtg.syntax.recovery.structure import Structure
from mtg.text.diagnostics import Diagnostics, Edit, Fix
from mtg.text.keywords import RESERVED
from mtg.text.source import Span


def report_error(
    structure: Structure,
    error: ParseError,
    diagnostics: Diagnostics,
    parses: Callable[[str], bool],
) -> DeclarationSpan | None:
    """Report a parse error; return the declaration that is to blame, or None.

    Args:
        parses: Whether a text is a program: what is suggested must be a part of one.
    """
    context = build_context(structure, error, parses)
    if error.text in structure.reserved:
        return context.declaration  # the same word at another place, which is reported already
    mistake = (
        find_mistake(context)
        or (describe_character(context) if not error.kind else None)
        or _describe(context)
    )
    if mistake.code == "MTG005" or (mistake.first.text in RESERVED and context.here.text == "="):
        structure.reserved.add(mistake.first.text)
    place = Span(structure.source, mistake.first.start, mistake.last.end)
    edits = tuple(
        Edit(Span(structure.source, start, end), new) for start, end, new in mistake.edits
    )
    diagnostics.report(
        mistake.code,
        mistake.message,
        place,
        label=mistake.label,
        help=mistake.help,
        labels=mistake.labels,
        fix=Fix(mistake.help, edits, mistake.safe) if edits else None,
    )
    return context.declaration


def _describe(context: ErrorContext) -> Mistake:
    """Return what to say where no typical mistake is seen."""
    error, here, before = context.error, context.here, context.before
    wanted = _describe_expected(error.expected)
    form = FORMS[context.keyword] if context.declaration is not None else ""
    if context.cut_short and before.text:
        what = f"this `{context.keyword}`" if context.keyword else "this declaration"
        label = f"{wanted} after this" if wanted else "nothing follows"
        return Mistake(f"{what} is not complete", before, before, label, form)
    if (
        here.text == "dim"
        and context.after.text == "="
        and context.keyword not in ("model", "block")
    ):
        opening, _ = context.enclosing()
        if opening is not None and opening.text == "(":
            return Mistake(
                "`dim` is a keyword of mtg; in Keras this argument is `axis`",
                here,
                here,
                help="write `axis=…`",
                code="MTG005",
                edits=((here.start, here.end, "axis"),),
            )
    if error.text in RESERVED and (
        ("NAME" in error.expected and not error.expected & {"INTEGER", "LSQB"})
        or context.after.text == "="
    ):
        return keyword_as_name(here)
    if here.text == "=" and before.text in RESERVED and before.first:
        return keyword_as_name(before)
    if error.kind == "$END" or not here.text:
        return Mistake("unexpected end of the file", here, here, wanted, form)
    declares = context.token(-2).text
    if declares in ("input", "output") and here.text == "[" and before.kind == "word":
        help = f'write a computed name as `{declares} f"{{{before.text}[…]}}"`'
        return Mistake("unexpected `[`", here, here, wanted, help)
    if context.keyword == "input" and here.text == "[" and before.text == "]":
        help = (
            "all lengths stand in one; a dtype that is looked up is named first: "
            "`let dtype = …`, then `dtype[LENGTHS]`"
        )
        return Mistake("an input has one `[LENGTHS]`", here, here, "a second one", help)
    help = (
        form
        if context.structure.opening(context.index) is None or _stands_outside_brackets(context)
        else ""
    )
    return Mistake(
        f"unexpected `{_shorten(here.text)}`", here, here, wanted or "not expected", help
    )


def _stands_outside_brackets(context: ErrorContext) -> bool:
    """Return whether the error stands outside the brackets of its declaration."""
    opening, _ = context.enclosing()
    return (
        opening is None
        or context.declaration is None
        or opening.start < context.declaration.token.start
    )


def _shorten(text: str) -> str:
    text = text.split("\n")[0]
    return text if len(text) <= 40 else text[:39] + "…"


_NAMES = {
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
    "DATA": "`data`",
    "IN": "`in`",
    "ELSE": "`else`",
    "$END": "the end of the file",
}


def _describe_expected(expected: set[str]) -> str:
    """Return a few words on what could stand in a place; none where that would be a long list."""
    if expected >= ITEMS:
        return "expected `model`, `block`, `let`, `dim` or `from`"
    if expected >= DECLARATIONS:
        return "expected a declaration or `}`"
    if expected >= VALUES:
        return "expected a value, a layer or a tensor"
    shown = [word for kind, word in _NAMES.items() if kind in expected]
    if not shown or len(shown) > 4:
        return ""
    return "expected " + (", ".join(shown[:-1]) + " or " if shown[1:] else "") + shown[-1]
