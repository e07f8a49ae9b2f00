"""Declarations, loops and calls of which a part is missing."""

from __future__ import annotations

from mtg.syntax.recovery.context import FORMS, VALUES, ErrorContext, Mistake
from mtg.syntax.recovery.misspelled_keywords import keyword_as_name
from mtg.text.diagnostics import Label
from mtg.text.keywords import OPERATORS


def find_missing_end(context: ErrorContext) -> Mistake | None:
    """Find a declaration that ends after an arrow, an equals sign or an operator."""
    before = context.before
    closes = context.here.text in ("}", ")", "]") or not context.here.text
    if before.text == "->" and (context.cut_short or closes):
        return Mistake("expected a layer after `->`", before, before, "nothing follows")
    if not context.cut_short:
        return None
    if before.text == "=":
        what = "a value" if context.keyword == "let" else "a flow"
        return Mistake(
            f"expected {what} after `=`",
            before,
            before,
            "nothing follows",
            FORMS[context.keyword],
        )
    if before.text in OPERATORS or before.text in (",", "for", "repeat"):
        return Mistake(
            f"the declaration ends after `{before.text}`", before, before, "nothing follows"
        )
    return None


def find_missing_name(context: ErrorContext) -> Mistake | None:
    """Find a declaration without its name."""
    here, before = context.here, context.before
    words = ("let", "dim", "input", "output", "shared", "model", "for")
    if before.first and before.text in ("input", "model") and here.text == "=":
        return keyword_as_name(before)
    if before.text in words and here.kind not in ("word",) and "NAME" in context.error.expected:
        if before.text == "for":
            return Mistake(
                "expected a name after `for`",
                before,
                before,
                help="write `for NAME in VALUES { … }`",
            )
        return Mistake(
            f"expected a name after `{before.text}`",
            before,
            before,
            "expected a name after this",
            FORMS[before.text],
        )
    return None


def find_wrong_block_head(context: ErrorContext) -> Mistake | None:
    """Find `block tower(x)`: a block whose tensors stand behind its name."""
    if (
        context.keyword == "block"
        and "ARROW" in context.error.expected
        and context.here.text == "("
    ):
        name = context.before.text
        return Mistake(
            "the tensors of a block come before its name",
            context.here,
            context.here,
            help=f"write `block x -> {name}(…) {{ … }}`, the way it is used",
        )
    return None


def find_incomplete_loop(context: ErrorContext) -> Mistake | None:
    """Find `repeat`, `for` and `if` without their parts."""
    here = context.here
    if not context.error.kind:
        return None
    if "IN" in context.error.expected and context.token(-2).text == "for":
        return Mistake(
            "expected `in` after the name of the loop variable",
            context.before,
            context.before,
            "expected `in` after this",
            "write `for NAME in VALUES { … }`",
        )
    opening, word = context.enclosing()
    if opening is not None and opening.text == "{" and word is not None:
        if word.text == "repeat":
            return Mistake(
                "expected a number after `repeat`", word, word, help="write `repeat N { … }`"
            )
        if word.text in ("if", "in"):
            return Mistake(f"expected a value after `{word.text}`", word, word)
    if "LBRACE" in context.error.expected and "ARROW" not in context.error.expected:
        first = (
            context.structure.index(context.declaration.token.start) if context.declaration else 0
        )
        for token in reversed(context.structure.tokens[first : context.index]):
            if token.text in ("repeat", "for", "if", "else", "when"):
                what = "body" if token is context.statement else "layers"
                return Mistake(
                    f"the {what} of `{token.text}` must be in braces",
                    context.before,
                    context.before,
                    "expected `{` after this",
                    labels=(Label(context.span_of(token), "of this"),)
                    if token is not context.before
                    else (),
                )
    if here.text == "else" and context.error.kind == "ELSE":
        among = "WHEN" in context.error.expected
        choice, an = ("when", "a") if among else ("if", "an")
        return Mistake(
            f"`else` without {an} `{choice}` before it",
            here,
            here,
            help=f"write `{choice} VALUE {{ … }} else {{ … }}`",
        )
    return None


def find_unnamed_flow(context: ErrorContext) -> Mistake | None:
    """Find flows without a name, several flows without parentheses."""
    here, before, expected = context.here, context.before, context.error.expected
    if here.text == "->" and before.first and "ASSIGN" in expected:
        return Mistake(
            "this flow has no name",
            before,
            here,
            help=f"write `NAME = {before.text} -> …`, or `output NAME = …`",
        )
    if (
        before.first
        and here.text in ("(", "[", ".")
        and "ASSIGN" in expected
        and not context.keyword
    ):
        return Mistake(
            "this is not a declaration", before, before, "expected `=` after this", FORMS[""]
        )
    if (
        here.text == ","
        and not here.first
        and context.declaration is not None
        and (expected & {"INPUT", "MODEL"})
    ):
        help = f"write `({', '.join(_names_around(context)) or 'a, b'})`"
        return Mistake("several tensors must be in parentheses", here, here, help=help)
    if here.kind == "string" and "RBRACE" in expected and "NAME" in expected:
        return Mistake(
            "a docstring must come first, and only once", here, here, help="for a comment write `#`"
        )
    return None


def _names_around(context: ErrorContext) -> list[str]:
    """Return the names around a comma, and those after further commas; none if one is no name."""
    tokens = context.structure.tokens[context.index - 1 :]
    names: list[str] = []
    for name, comma in zip(tokens[::2], [*tokens[1::2], None], strict=False):
        if name.kind != "word":
            return []
        names.append(name.text)
        if comma is None or comma.text != ",":
            break
    return names


def find_missing_comma(context: ErrorContext) -> Mistake | None:
    """Find commas and parentheses of arguments that are missing."""
    here, before, kind = context.here, context.before, context.error.kind
    expected = context.error.expected
    if (
        kind in VALUES
        and not here.first
        and before.kind == "word"
        and "LPAR" in expected
        and (context.token(-2).text == "->")
    ):
        return Mistake(
            f"the arguments of `{before.text}` must be in parentheses",
            here,
            here,
            help=f"write `{before.text}({here.text})`",
        )
    if kind in VALUES or kind in ("LBRACE", "NOT", "TRUE", "FALSE", "NONE"):
        for closer, what in (("RPAR", "arguments"), ("RSQB", "items"), ("RBRACE", "items")):
            if {"COMMA", closer} <= expected and "NAME" not in expected:
                if context.keyword == "return" and closer == "RBRACE":
                    continue
                # Of `x Dense(1)` it may be an arrow that is missing.
                call = here.kind == "word" and context.after.text == "("
                return Mistake(
                    "expected `,` before this",
                    here,
                    here,
                    help=f"write `,` between {what}",
                    edits=((before.end, before.end, ","),),
                    safe=not call,
                )
    return None
