"""Punctuation that stands for another: `=` for `:`, `:` for `=`, round brackets for square ones."""

from __future__ import annotations

import re

from mtg.syntax.recovery.context import FORMS, ErrorContext, Mistake
from mtg.syntax.recovery.tokens import Token


def find_incomplete_input(context: ErrorContext) -> Mistake | None:
    """Find parts of an input that are missing, or stand in other brackets."""
    if context.keyword != "input" or context.statement is None:
        return None
    opening, _ = context.enclosing()
    if opening is not None and opening.start > context.statement.start:
        return None
    here, before, expected = context.here, context.before, context.error.expected
    first = context.structure.index(context.statement.start)
    name = context.structure.tokens[first + 1].text if context.index > first + 1 else "NAME"
    form = FORMS["input"]
    if expected & {"COLON"} and "ARROW" not in expected:
        if here.text == "=":
            edits = ((before.end, here.end, ":"),)
            return Mistake(
                "expected `:` after the name of the input", here, here, help=form, edits=edits
            )
        if context.cut_short:
            return Mistake(
                f"the input `{name}` has no dtype and lengths", before, before, help=form
            )
        return Mistake(
            "expected `:` after the name of the input",
            before,
            before,
            "expected `:` after this",
            form,
            edits=((before.end, before.end, ":"),) if here.kind == "word" else (),
        )
    if before.text == ":":
        return Mistake("expected a dtype after `:`", before, before, help=form)
    if "LSQB" in expected and before.kind == "word":
        if here.text == "(":
            return Mistake(
                "the lengths of an input must be in square brackets",
                here,
                here,
                help=f"write `{before.text}[…]`",
                edits=_square_brackets(context),
            )
        if (
            here.text == "."
            and before.text in _MODULES
            and len(context.structure.tokens) > context.index + 2
        ):
            tokens, last = context.structure.tokens, context.index + 1
            while tokens[last + 1].text == "." and last + 2 < len(tokens) - 1:
                last += 2  # `jax.numpy.float32`
            word = tokens[last]
            meant = _TYPE.match(context.structure.source.text, word.start)
            return Mistake(
                "a dtype has no module before it",
                before,
                here,
                help=f"write `{meant[0] if meant else word.text}`",
                edits=((before.start, word.start, ""),),
            )
        return Mistake(
            "expected the lengths of the input",
            before,
            before,
            f"expected `[` after `{before.text}`",
            f"write `{before.text}[…]`; for single numbers `{before.text}[1]`",
            edits=((before.end, before.end, "[1]"),),
            safe=False,
        )
    return None


#: Where Python has its dtypes.
_MODULES = {"torch", "tf", "tensorflow", "np", "numpy", "jnp", "jax", "keras", "mx", "ml_dtypes"}
_TYPE = re.compile(r"\w+\[[^\[\]{}#\r\n]*\]")
_LENGTHS = re.compile(r"\(([^()\[\]{}#\r\n]*)\)")


def _square_brackets(context: ErrorContext) -> tuple[tuple[int, int, str], ...]:
    """Return the edit that puts lengths of one line into square brackets, if they are plain."""
    lengths = _LENGTHS.match(context.structure.source.text, context.here.start)
    if lengths is None:
        return ()
    return ((context.here.start, lengths.end(), f"[{lengths[1].rstrip(' ,')}]"),)


def find_wrong_equals(context: ErrorContext) -> Mistake | None:
    """Find `=` for `==` or `:`, and `:` for `=`."""
    here, before, expected = context.here, context.before, context.error.expected
    opening, callee = context.enclosing()
    if here.text == ":" and opening is not None and opening.text == "(" and before.kind == "word":
        if callee is not None and callee.kind == "word":
            return Mistake(
                "expected `=` between the name of an argument and its value",
                here,
                here,
                help=f"write `{before.text}=…`",
                edits=((before.end, _blanks_after(context, here), "="),),
            )
    elif here.text == ":" and before.kind in ("word", "punctuation"):
        if context.keyword in ("model", "block", "") and context.error.expected & {"LBRACE"}:
            what = context.keyword or "this"
            return Mistake(
                "expected `{`, found `:`",
                here,
                here,
                help=FORMS.get(what, "write `{` and `}`"),
            )
        if context.keyword in ("output", "shared", "let", "") and "ASSIGN" in expected:
            edits = ((before.end, here.end, " ="),)
            help = FORMS[context.keyword]
            return Mistake(
                "expected `=` after the name, found `:`", here, here, help=help, edits=edits
            )
    if context.error.kind == "ASSIGN":
        if opening is not None and opening.text == "{" and "COLON" in expected:
            return Mistake(
                "expected `:` between the key and the value of a dict",
                here,
                here,
                help="write `:`",
                edits=((here.start, here.end, ":"),),
            )
        if "EQUAL" in expected:
            return _second_equals(context)
    return None


def _second_equals(context: ErrorContext) -> Mistake:
    """Return what to say of `if n = 3 { … }`, and of `a = b = …` as in Python."""
    here, tokens = context.here, context.structure.tokens
    opening, _ = context.enclosing()
    for token in reversed(tokens[max(0, context.index - 30) : context.index]):
        if token.text == "if":
            return Mistake(
                "`=` declares a name; it does not compare",
                here,
                here,
                help="write `==` to compare",
                edits=((here.start, here.end, "=="),),
            )
        if token.text in ("=", "{", "}", "->"):
            break
    if opening is not None and opening.text != "{":
        help = "write `==` to compare"
        return Mistake("`=` declares a name; it does not compare", here, here, help=help)
    return Mistake(
        "a declaration can have only one `=`",
        here,
        here,
        help="declare the other name separately: `a = …`, then `b = a`",
    )


def _blanks_after(context: ErrorContext, token: Token) -> int:
    """Return the end of a token and of the blanks after it."""
    text, end = context.structure.source.text, token.end
    while end < len(text) and text[end] in " \t":
        end += 1
    return end
