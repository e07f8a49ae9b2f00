"""Declarations in a place where they cannot stand."""

from __future__ import annotations

import re

from mtg.syntax.recovery.context import ErrorContext, Mistake
from mtg.text.diagnostics import Label


def find_misplaced_declaration(context: ErrorContext) -> Mistake | None:
    """Find a declaration where it cannot stand."""
    kind, here, expected = context.error.kind, context.here, context.error.expected
    if context.after.text in ("=", ",", ":") and kind != "NAME":
        return None  # the word is used as a name
    inside, outside = "RBRACE" in expected and "NAME" in expected, "MODEL" in expected
    if kind in ("INPUT", "OUTPUT", "SHARED", "TRAIN", "RETURN") and outside:
        where = "a block" if kind == "RETURN" else "a model"
        return Mistake(
            f"`{here.text}` is only allowed in {where}, not at the top of a file",
            here,
            here,
            help=f"put it between the braces of {where}",
            code="MTG006",
        )
    if kind == "NAME" and outside and context.after.text in ("=", ",", "->"):
        if context.declaration is not None and context.keyword == "from":
            return None
        # `x = Dense(3)`, `x = y -> Dense(3)`: what makes a tensor, and is no value.
        line = context.structure.source.text[here.start :].split("\n", 1)[0]
        tensor = "->" in line or re.match(r"\w+\s*=\s*(?:\w+\.)*[A-Z]\w*\(", line)
        help = "put it between the braces of a model: `model NAME { … }`"
        if context.after.text == "=" and not tensor:
            help = f"for a value write `let {here.text} = …`"
        return Mistake(
            "a tensor must be declared in a model or a block",
            here,
            here,
            code="MTG006",
            help=help,
        )
    if kind in ("MODEL", "BLOCK", "FROM") and inside:
        what = {"MODEL": "a model", "BLOCK": "a block", "FROM": "an import"}[kind]
        return Mistake(
            f"{what} must be at the top of a file, not in a model or a block",
            here,
            here,
            help="move it out of these braces",
            code="MTG006",
        )
    if kind == "RETURN" and inside:
        return Mistake(
            "`return` is only allowed in a block",
            here,
            here,
            code="MTG006",
            help="a model has outputs: `output NAME = FLOW`",
        )
    return None


def find_declaration_after_return(context: ErrorContext) -> Mistake | None:
    """Find a declaration after the `return` of a block."""
    last = context.structure.declaration_before(context.here.start)
    if last is None or last.token.text != "return":
        return None
    if last is context.declaration and not context.cut_short:
        return None
    if not context.here.first or context.here.text in ("}", ""):
        return None
    if not {"COMMA", "RBRACE"} <= context.error.expected:
        return None
    here = context.here
    return Mistake(
        "unexpected declaration after `return`",
        here,
        here,
        code="MTG006",
        labels=(Label(context.span_of(last.token), "the block returns here"),),
        help="put `return` last",
    )


def find_value_at_top(context: ErrorContext) -> Mistake | None:
    """Find `n = 64` at the top of a file."""
    here, after = context.here, context.after
    if context.error.kind != "NAME" or "MODEL" not in context.error.expected:
        return None
    if "INPUT" in context.error.expected or after.text != "=":
        return None
    value = context.token(2)
    if value.kind not in ("number", "string") and value.text not in ("[", "-", "True", "False"):
        return None
    return Mistake(
        f"expected `let` before `{here.text}`",
        here,
        here,
        code="MTG006",
        help=f"write `let {here.text} = …`; without `let` it is a tensor of a model",
        edits=((here.start, here.start, "let "),),
    )
