"""Statements of Python among declarations: bodies after a colon, names that change, calls.

What they are meant to do is said in mtg. A text that is suggested is parsed first, with the one
around it; where it does not parse, a form with `…` stands for it.
"""

from __future__ import annotations

import re

from mtg.syntax.patterns import CLOSER, OPENER
from mtg.syntax.recovery.context import FORMS, ErrorContext, Mistake
from mtg.syntax.recovery.tokens import Token

#: Statements of Python that mtg does not have, with what does the same.
_STATEMENTS = {
    "assert": "shapes are checked without a word; a length is fixed by its `input`",
    "async": "remove it",
    "await": "remove it",
    "break": "every round is laid out: walk over a shorter list, such as `values[:3]`",
    "continue": "every round is laid out: choose what is declared by `when VALUE { … }`",
    "del": "remove it: nothing is kept that is not used",
    "except": "",
    "finally": "",
    "global": "remove it: a name is seen in all of the file, model or block that declares it",
    "nonlocal": "remove it: a name is seen in all of the file, model or block that declares it",
    "pass": "remove it: a body may be empty",
    "raise": "",
    "try": "",
    "yield": "a block gives its results by `return a, b`, a model by outputs",
}
_OPERATORS = frozenset({"+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^"})
_FUNCTIONS = {"print": "run `mtg summary` to see layers and shapes"}
#: Characters of a text that a message suggests.
_LONGEST = 120


def find_python_statement(context: ErrorContext) -> Mistake | None:
    """Find a statement of Python: `pass`, `print(x)`, `for x in xs:`, `x += y`, `xs.append(y)`."""
    for find in (
        _find_word,
        _find_body_after_colon,
        _find_changed_name,
        _find_changed_item,
        _find_call,
    ):
        mistake = find(context)
        if mistake is not None:
            return mistake
    return None


def _begins(context: ErrorContext, distance: int) -> bool:
    """Return whether a token begins a statement."""
    token, before = context.token(distance), context.token(distance - 1)
    return token.first or before.text in ("{", "}", ";")


def _find_word(context: ErrorContext) -> Mistake | None:
    """Find a word that begins a statement of Python."""
    for distance in (0, -1):
        token = context.token(distance)
        after = context.token(distance + 1)
        if token.text not in _STATEMENTS or not _begins(context, distance):
            continue
        if after.line == token.line and after.text in ("=", ",", "->", "."):
            return None
        return Mistake(
            f"`{token.text}` is a keyword of Python, not of mtg",
            token,
            token,
            help=_STATEMENTS[token.text],
        )
    return None


# ---- bodies --------------------------------------------------------------------------------------


def _find_body_after_colon(context: ErrorContext) -> Mistake | None:
    """Find `for x in xs:`, `when c:` and `else:`."""
    here, before = context.here, context.before
    if here.text != ":" or not context.after.first:
        return None
    if before.text == "else":
        return Mistake(
            "the body of `else` must be in braces, not after a colon",
            here,
            here,
            help="write `when VALUE { … } else { … }`",
        )
    start = context.statement
    if start is None or start.text not in ("for", "when"):
        return None
    head = context.text_between(start, before)
    form = FORMS[start.text]
    if context.parses_in_model(f"{head} {{ }}") and len(head) <= _LONGEST:
        form = f"write `{head} {{ … }}`"
    if start.text == "for" and (stage := _stage_of(context, head)):
        form = f"no round changes a name; to lead a tensor through all of them write `{stage}`"
    return Mistake(
        f"the body of `{start.text}` must be in braces, not after a colon",
        here,
        here,
        "expected `{`",
        form,
    )


_AGAIN = re.compile(
    r"\s*(?P<name>[^\W\d]\w*)\s*=\s*"
    r"(?:(?P=name)\s*->\s*(?P<stages>[^\r\n#]+)|(?P<layer>[A-Z]\w*\([^()\r\n]*\))\((?P=name)\))\s*"
)


def _stage_of(context: ErrorContext, head: str) -> str:
    """Return `h = h -> …` in an indented body as a stage of a flow."""
    text = context.structure.source.text
    indent = context.statement.column if context.statement else 0
    lines = []
    for line in text[context.here.end :].splitlines()[1:12]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        lines.append(line)
    found = _AGAIN.fullmatch("\n".join(lines))
    if found is None:
        return ""
    stages = (found["stages"] or found["layer"]).strip()
    stage = f"{found['name']} -> {head} {{ {stages} }}"
    return stage if len(stage) <= _LONGEST and context.parses_in_model(f"y = {stage}") else ""


# ---- names that change ---------------------------------------------------------------------------


def _find_changed_name(context: ErrorContext) -> Mistake | None:
    """Find `x += y` and `x++`."""
    here, after, before = context.here, context.after, context.before
    if context.error.kind == "ASSIGN" and before.text in _OPERATORS and before.end == here.start:
        first, last, name = before, here, context.token(-2)
        begins = _begins(context, -2)
    elif here.text in _OPERATORS and "ASSIGN" in context.error.expected:
        first, last, name = here, after, before
        begins = _begins(context, -1)
        doubled = here.text in ("+", "-") and after.text == here.text
        if after.text != "=" and not doubled:
            return None
        if after.start != here.end:
            return None
    else:
        return None
    if not begins or name.kind != "word":
        return Mistake("a name cannot be assigned again", first, last, help="declare another name")
    value = "1" if last.text != "=" else _rest_of_statement(context, last)
    if "->" in value:
        value = f"({value})"
    word = "let " if context.is_value(name.text) else ""
    new = f"{word}{name.text}_2 = {name.text} {first.text} {value}"
    if not value or len(new) > _LONGEST or not context.parses_in_model(new):
        new = f"{word}{name.text}_2 = {name.text} {first.text} …"
        if first.text in ("&", "|", "^"):
            new = f"{name.text}_2 = …"
    help = f"declare another name: `{new}`"
    if context.in_loop:
        help = "a loop gathers nothing; a comprehension gives a list: `[… for NAME in VALUES]`"
        if "+" in (first.text, last.text):
            help = "a loop gathers nothing; for a sum write `add([… for NAME in VALUES])`"
    return Mistake("a name cannot be assigned again", first, last, help=help)


def _rest_of_statement(context: ErrorContext, token: Token) -> str:
    """Return the text after a token, up to the end of its line or of its brackets."""
    tokens = context.structure.tokens
    at = context.structure.index(token.start) + 1
    first, depth, last = at, 0, at - 1
    for at in range(first, min(first + 80, len(tokens))):
        if depth == 0 and (tokens[at].first or tokens[at].text in OPENER):
            break
        depth += (tokens[at].text in CLOSER) - (tokens[at].text in OPENER)
        last = at
    return "" if last < first else context.text_between(tokens[first], tokens[last])


def _find_changed_item(context: ErrorContext) -> Mistake | None:
    """Find `d["b"] = x` and `x.name = y`."""
    here, name = context.here, context.before
    if here.text not in ("[", ".") or name.kind != "word" or not _begins(context, -1):
        return None
    if "ASSIGN" not in context.error.expected and "INPUT" not in context.error.expected:
        return None
    end = _end_of_target(context)
    if end is None or context.structure.tokens[end].text != "=":
        return None
    last = context.structure.tokens[end]
    if here.text == ".":
        return Mistake(
            "nothing can be set on what is declared",
            name,
            last,
            help="write it as an argument where it is made: `NAME(…)`",
        )
    key = context.text_between(context.after, context.structure.tokens[end - 2])
    value = _rest_of_statement(context, last)
    new = f"{name.text}_2 = {{**{name.text}, {key}: {value}}}"
    if len(new) > _LONGEST or not context.parses_in_model(new):
        new = f"{name.text}_2 = {{**{name.text}, …: …}}"
    help = f"for a dict with another item write `{new}`"
    if context.in_loop:
        help = "a loop gathers nothing; a comprehension does: `{… : … for NAME in VALUES}`"
    return Mistake("a list or dict cannot change", name, last, help=help)


def _end_of_target(context: ErrorContext) -> int | None:
    """Return the index of what follows `d[…]` or `x.name`."""
    tokens = context.structure.tokens
    if context.here.text == ".":
        return context.index + 2 if context.index + 2 < len(tokens) else None
    depth = 0
    for at in range(context.index, min(context.index + 80, len(tokens))):
        depth += (tokens[at].text in CLOSER) - (tokens[at].text in OPENER)
        if not depth:
            return at + 1 if at + 1 < len(tokens) else None
    return None


#: Methods of Python that change what they are called on: the new value, of a name and arguments.
_METHODS = {
    "append": "{name}_2 = [*{name}, {given}]",
    "extend": "{name}_2 = [*{name}, *{given}]",
    "insert": "{name}_2 = [*{name}, …]",
    "update": "{name}_2 = {{**{name}, **{given}}}",
    "setdefault": "{name}_2 = {{**{name}, …: …}}",
    "pop": "{name}_2 = {name}[:-1]",
    "remove": "{name}_2 = [… for item in {name} if …]",
    "sort": "{name}_2 = sorted({name})",
    "reverse": "{name}_2 = reversed({name})",
    "clear": "{name}_2 = []",
}


def _find_call(context: ErrorContext) -> Mistake | None:
    """Find `print(x)` and `xs.append(y)` as statements."""
    here, before = context.here, context.before
    if "ASSIGN" not in context.error.expected or not _begins(context, -1):
        return None
    if here.text == "(" and before.text in _FUNCTIONS:
        return Mistake(
            f"mtg has no `{before.text}`: a program describes a graph, and does nothing",
            before,
            before,
            help=_FUNCTIONS[before.text],
        )
    method, opening = context.after, context.token(2)
    if here.text != "." or opening.text != "(" or method.text not in _METHODS:
        return None
    name = before.text
    tokens, start = context.structure.tokens, context.index + 2
    depth, close = 0, start
    for close in range(start, min(start + 80, len(tokens))):
        depth += (tokens[close].text in CLOSER) - (tokens[close].text in OPENER)
        if not depth:
            break
    given = context.text_between(tokens[start + 1], tokens[close - 1]) if close > start + 1 else ""
    if "->" in given and method.text in ("extend", "update"):
        given = f"({given})"
    new = _METHODS[method.text].format(name=name, given=given or "…")
    if len(new) > _LONGEST or not context.parses_in_model(new.replace("…", "x")):
        new = _METHODS[method.text].format(name=name, given="…")
    help = f"declare another: `{new}`"
    if context.in_loop and method.text in ("append", "extend", "insert"):
        help = _comprehension(context, name, given)
    return Mistake("a list or dict cannot change", before, method, help=help)


def _comprehension(context: ErrorContext, name: str, given: str) -> str:
    """Return what to write for an `append` in each round of a loop."""
    new = ""
    if context.declaration is not None and context.declaration.token.text == "for":
        tokens = context.structure.tokens
        at = context.structure.index(context.declaration.token.start)
        for end in range(at, min(at + 60, context.index)):
            if tokens[end].text in ("{", ":") and tokens[end + 1] is context.before:
                head = context.text_between(tokens[at], tokens[end - 1])
                new = f"{name} = [{given} {head}]"
                break
    if not new or not given or len(new) > _LONGEST or not context.parses_in_model(new):
        new = f"{name} = [… for NAME in VALUES]"
    return f"a comprehension gives the list of all rounds: `{new}`"
