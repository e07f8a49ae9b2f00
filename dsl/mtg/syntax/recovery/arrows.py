"""Arrows that are missing, spaced, doubled or written as in other languages."""

from __future__ import annotations

import re

from mtg.syntax.recovery.context import ErrorContext, Mistake
from mtg.syntax.recovery.tokens import Token
from mtg.text.keywords import RESERVED

_FOREIGN_ARROWS = re.compile(r"→|⟶|➔|➜|⇒|=>|-{2,}>|\|>|~>")


def find_foreign_arrow(context: ErrorContext) -> Mistake | None:
    """Find an arrow of another language, such as `=>`, and two arrows without a layer."""
    text = context.structure.source.text
    for back in (0, 1, 2):
        start = context.error.start - back
        match = _FOREIGN_ARROWS.match(text, start) if start >= 0 else None
        if match is not None and match.end() > context.error.start:
            token = Token("punctuation", match[0], start, context.here.line, 0, False)
            return Mistake(
                f"expected `->`, found `{match[0]}`",
                token,
                token,
                help="write `->`",
                edits=((start, match.end(), "->"),),
            )
    for back in (1, 2):
        first, second = context.token(-back), context.token(-back + 1)
        if first.text == "->" and (second.text == "->" or text.startswith("->", second.start)):
            return Mistake(
                "expected a layer between these two arrows", first, second, help="remove one"
            )
    return None


def find_spaced_arrow(context: ErrorContext) -> Mistake | None:
    """Find `x - > Dense(1)`, and `y <- x` in a declaration."""
    here, before, after = context.here, context.before, context.after
    if here.text == ">" and before.text == "-" and before.line == here.line:
        return Mistake(
            "expected `->`, found `- >`",
            before,
            here,
            help="write `->`, without a space",
            edits=((before.start, here.end, "->"),),
        )
    if here.text == "<" and after.text == "-" and "ASSIGN" in context.error.expected:
        return Mistake(
            "expected `=` after the name, found `<-`",
            here,
            after,
            help="write `=`",
            edits=((here.start, after.end, "="),),
        )
    return None


#: What an expression may end with.
_ENDS = (")", "]", "}")


def find_missing_arrow(context: ErrorContext) -> Mistake | None:
    """Find `x Dense(1)`: the parser takes `Dense` for the name of the next declaration."""
    here, before, ahead = context.here, context.before, context.token(-2)
    if here.text not in ("(", "->") or before.kind != "word" or before.text in RESERVED:
        return None
    if "ASSIGN" not in context.error.expected or not _ends_expression(ahead):
        return None
    if before.first and not _continues_declaration(context, before):
        return None
    return Mistake(
        f"expected `->` before `{before.text}`",
        before,
        before,
        help=f"write `-> {before.text}`",
        edits=((before.start, before.start, "-> "),),
    )


def find_slice_as_stage(context: ErrorContext) -> Mistake | None:
    """Find `x -> Dense(4) -> [:, 0]`: what stands after `->` is a layer."""
    opening, arrow = context.enclosing()
    if opening is None or arrow is None or (opening.text, arrow.text) != ("[", "->"):
        return None
    if context.here.text not in (":", "..."):
        return None
    return Mistake(
        "a slice is of a tensor, and no layer",
        opening,
        context.here,
        help="put the flow in parentheses, as `(x -> Dense(4))[:, 0]`, or name it and write "
        "`NAME[:, 0]`",
    )


def _ends_expression(token: Token) -> bool:
    return token.text in _ENDS or (token.kind == "word" and token.text not in RESERVED)


def _continues_declaration(context: ErrorContext, token: Token) -> bool:
    """Return whether a line stands further right than the declaration before it."""
    last = context.structure.declaration_before(token.start)
    if last is None or last.token is token or last.is_head:
        return False
    return token.column > last.token.column
