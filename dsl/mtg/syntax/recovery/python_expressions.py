"""Expressions of Python that mtg does not have: generators, sets, starred targets, `:=`, `?:`."""

from __future__ import annotations

from mtg.syntax.patterns import CLOSER, OPENER
from mtg.syntax.recovery.context import ErrorContext, Mistake

#: Characters of a text that a message suggests.
_LONGEST = 120


def find_python_expression(context: ErrorContext) -> Mistake | None:
    """Find an expression that Python has, or C, and mtg has not."""
    for find in (
        _find_choice,
        _find_loop_head,
        _find_generator,
        _find_set,
        _find_star,
        _find_walrus,
        _find_question_mark,
    ):
        mistake = find(context)
        if mistake is not None:
            return mistake
    return None


def _inside(context: ErrorContext) -> str:
    """Return the text between the brackets around the error, if they close soon."""
    tokens = context.structure.tokens
    opening = context.structure.opening(context.index)
    if opening is None:
        return ""
    depth = 0
    for at in range(opening, min(opening + 100, len(tokens))):
        depth += (tokens[at].text in CLOSER) - (tokens[at].text in OPENER)
        if not depth:
            first, last = tokens[opening + 1], tokens[at - 1]
            return context.text_between(first, last) if at > opening + 1 else ""
    return ""


def _find_choice(context: ErrorContext) -> Mistake | None:
    """Find `x -> when c { … }`: between stages a choice is written with `if`."""
    for distance in (-1, -2, -3):
        token, before = context.token(distance), context.token(distance - 1)
        if token.text == "when" and before.text in ("->", "{") and not token.first:
            if before.text == "{" and context.token(distance - 2).text not in ("else", "repeat"):
                continue
            return Mistake(
                "between stages a choice is written with `if`, not with `when`",
                token,
                token,
                help="write `x -> if VALUE { … } else { … }`",
                edits=((token.start, token.end, "if"),),
            )
    return None


def _find_loop_head(context: ErrorContext) -> Mistake | None:
    """Find `for (x in values) {`."""
    opening, word = context.enclosing()
    if context.error.kind != "IN" or word is None or word.text != "for" or opening is None:
        return None
    inner = _inside(context)
    text = f"for {inner} {{ … }}"
    if not inner or len(text) > _LONGEST or not context.parses_in_model(f"for {inner} {{ }}"):
        text = "for NAME in VALUES { … }"
    return Mistake(
        "the names and values of `for` stand without parentheses",
        opening,
        context.here,
        help=f"write `{text}`",
    )


def _find_generator(context: ErrorContext) -> Mistake | None:
    """Find `(f(x) for x in xs)`: a comprehension stands in square brackets."""
    opening, callee = context.enclosing()
    if context.here.text != "for" or opening is None or opening.text != "(":
        return None
    if context.before.text in ("(", ",", "=", "->") or "RPAR" not in context.error.expected:
        return None
    inner = _inside(context)
    called = callee is not None and callee.kind == "word" and callee.end == opening.start
    text = f"[{inner}]"
    if not inner or len(text) > _LONGEST or not context.parses_in_model(f"y = {text}"):
        text = "[… for NAME in VALUES]"
    where = f" in `{callee.text}(…)`" if called and callee is not None else ""
    return Mistake(
        "a comprehension must be in square brackets",
        context.here,
        context.here,
        help=f"write `{text}`{where}",
    )


def _find_set(context: ErrorContext) -> Mistake | None:
    """Find `{a, b}` and `{a for a in values}`."""
    opening, word = context.enclosing()
    if opening is None or opening.text != "{" or context.here.text not in (",", "for", "}"):
        return None
    if context.error.expected & {"INPUT", "MODEL", "RBRACE"}:
        return None
    if "COLON" not in context.error.expected or word is None:
        return None
    if word.text not in ("=", "(", "[", ",", "in", ":", "->"):
        return None
    inner = _inside(context)
    text = f"[{inner}]"
    if not inner or len(text) > _LONGEST or not context.parses_in_model(f"let y = {text}"):
        text = "[…]"
    return Mistake(
        "mtg has no sets",
        opening,
        context.here,
        help=f"write a list: `{text}`",
    )


def _find_star(context: ErrorContext) -> Mistake | None:
    """Find `a, *rest = …`, `for a, *b in …` and `block x -> f(*values)`."""
    here, before = context.here, context.before
    if here.text not in ("*", "**"):
        return None
    if context.keyword in ("block", "model") and before.text in ("(", ","):
        return Mistake(
            f"a parameter has a name: mtg has none with `{here.text}`",
            here,
            here,
            help="take a list or a dict as one parameter: `values=[]`",
        )
    target = before.text in (",", "(", "for") or here.first
    if here.text == "*" and target and context.after.kind == "word":
        return Mistake(
            "mtg has no starred targets",
            here,
            context.after,
            help="take the whole by one name, and its rest by `NAME[1:]`",
        )
    return None


def _find_walrus(context: ErrorContext) -> Mistake | None:
    """Find `(a := 3)`."""
    here, after = context.here, context.after
    if here.text != ":" or after.text != "=" or after.start != here.end:
        return None
    before = context.before
    if before.first and before.kind == "word" and "ASSIGN" in context.error.expected:
        return Mistake(
            "expected `=` after the name, found `:=`",
            here,
            after,
            help="write `=`",
            edits=((here.start, after.end, "="),),
        )
    return Mistake(
        "mtg has no `:=`",
        here,
        after,
        help="declare the value before it is used: `let NAME = VALUE`",
    )


def _find_question_mark(context: ErrorContext) -> Mistake | None:
    """Find `c ? a : b`."""
    here, before = context.here, context.before
    if here.text != "?" or (before.kind not in ("word", "number", "string") and before.text != ")"):
        return None
    line = [
        token.text
        for token in context.structure.tokens[context.index + 1 : context.index + 40]
        if token.line == here.line
    ]
    if ":" not in line:
        return None
    return Mistake("mtg has no `?` between values", here, here, help="write `A if VALUE else B`")


_DETECTORS = (
    _find_choice,
    _find_loop_head,
    _find_generator,
    _find_set,
    _find_star,
    _find_walrus,
    _find_question_mark,
)
