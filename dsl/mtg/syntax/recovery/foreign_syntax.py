"""Syntax of Python, Keras or mathematics that mtg does not have.

Such are words of Python, names with dashes, commas at the end of a line, loops as statements.
"""

from __future__ import annotations

import re

from mtg.syntax.recovery.context import ErrorContext, Mistake
from mtg.syntax.recovery.tokens import Token
from mtg.text.keywords import RESERVED

_PYTHON_KEYWORDS = {
    "elif": "write `else if`",
    "def": "a part to reuse is a block: `block x -> NAME(PARAMETERS) { … return FLOW }`",
    "class": "a model is written `model NAME { … }`",
    "while": "layers are repeated by `repeat N { … }` or `for NAME in VALUES { … }`",
    "lambda": 'a function of Python is imported: `from python "module" import NAME`',
    "with": "",
    "is": "write `==`",
}


def find_python_keyword(context: ErrorContext) -> Mistake | None:
    """Find a keyword of Python that is none of mtg."""
    for token in (context.here, context.before, context.token(-2)):
        near = token is context.here or (context.here.line == token.line)
        if token.text in _PYTHON_KEYWORDS and token.kind == "word" and near:
            if token.text == "is" and token is not context.here:
                continue
            return Mistake(
                f"`{token.text}` is a keyword of Python, not of mtg",
                token,
                token,
                help=_PYTHON_KEYWORDS[token.text],
            )
    return None


def find_string_prefix(context: ErrorContext) -> Mistake | None:
    """Find `f"…"`, and digits and letters that are neither number nor name."""
    here, before = context.here, context.before
    if here.kind == "string" and before.kind == "word" and before.end == here.start:
        return Mistake(
            f"a string of mtg has no prefix such as `{before.text}`",
            before,
            before,
            help="remove it" if before.text != "f" else "write the string out",
        )
    if here.kind == "word" and before.kind == "number" and before.end == here.start:
        return Mistake(f"`{before.text}{here.text}` is neither a number nor a name", before, here)
    return None


def find_dashed_name(context: ErrorContext) -> Mistake | None:
    """Find `my-layer = …`: a dash is a minus sign."""
    here, before = context.here, context.before
    if here.text != "-" or before.kind != "word" or before.end != here.start:
        return None
    if not context.error.expected & {"ASSIGN", "COLON"} or before.text in RESERVED:
        return None
    at = context.index - 1
    tokens = context.structure.tokens
    end = at
    while (
        end + 2 < len(tokens)
        and tokens[end + 1].text == "-"
        and tokens[end + 2].kind in ("word", "number")
        and tokens[end].end == tokens[end + 1].start
        and tokens[end + 1].end == tokens[end + 2].start
    ):
        end += 2
    if end == at:
        return None
    name = context.structure.source.text[before.start : tokens[end].end]
    meant = name.replace("-", "_")
    return Mistake(
        f"a name cannot contain `-`; `{name}` is a subtraction",
        before,
        tokens[end],
        help=f"write `{meant}`",
        edits=tuple(
            (start, start + len(name), meant) for start in _find_name(tokens, tokens[at : end + 1])
        ),
    )


def _find_name(tokens: list[Token], name: list[Token]) -> list[int]:
    """Return where the tokens of a name with dashes stand, without blanks between them."""
    texts = [token.text for token in name]
    size = name[-1].end - name[0].start
    starts = []
    for at in range(len(tokens) - len(name) + 1):
        part = tokens[at : at + len(name)]
        around = (tokens[at - 1] if at else None, *tokens[at + len(name) : at + len(name) + 1])
        joined = any(
            token is not None
            and token.text == "-"
            and (token.end == part[0].start or token.start == part[-1].end)
            for token in around
        )
        together = part[-1].end - part[0].start == size
        if together and not joined and [token.text for token in part] == texts:
            starts.append(part[0].start)
    return starts


def find_trailing_comma(context: ErrorContext) -> Mistake | None:
    """Find a comma after a declaration."""
    here, after = context.here, context.after
    if here.text != "," or here.first or not (after.first or after.text in ("}", "")):
        return None
    if not context.error.expected & {"INPUT", "MODEL"}:
        return None
    return Mistake(
        "unexpected `,` between declarations",
        here,
        here,
        help="remove it",
        edits=((here.start, here.end, ""),),
    )


def find_foreign_comment(context: ErrorContext) -> Mistake | None:
    """Find `// …`, `/* …`, `; …`: comments of other languages."""
    here = context.here
    message = "a comment begins with `#`"
    if here.text == ";" and here.first:
        return Mistake(message, here, here, help="write `#`", edits=((here.start, here.end, "#"),))
    if here.text in ("//", "/") and (here.first or context.after.text == "*"):
        pair = context.after if here.text == "/" else here
        if here.text == "/" and pair.text not in ("*", "**"):
            return None
        edits = ((here.start, pair.end, "#"),) if here.text == "//" else ()
        return Mistake(message, here, pair, help="write `#`", edits=edits)
    return None


#: `w = v -> …` and `w = Dense(3)(v)`.
_NAME = r"[^\W\d]\w*"
_ONE_FLOW = re.compile(rf"\s*(?:output\s+)?{_NAME}\s*=\s*({_NAME})\s*->\s*(.+?)\s*", re.DOTALL)
_ONE_CALL = re.compile(rf"\s*{_NAME}\s*=\s*([A-Z]\w*\([^()]*\))\(({_NAME})\)\s*")
_ANOTHER = re.compile(r"\n\s*(?:output\s+)?[^\W\d]\w*\s*=[^=]")


def find_loop_statement(context: ErrorContext) -> Mistake | None:
    """Find `for i in range(3) { v = v -> Dense(3) }`: loops and choices are stages of a flow."""
    here, after = context.here, context.after
    if here.text not in ("for", "repeat", "if") or after.text in ("=", ":", ","):
        return None
    if not context.error.expected & {"INPUT", "MODEL"}:
        return None
    return Mistake(
        f"`{here.text}` is not a declaration: it is written after `->`",
        here,
        here,
        code="MTG006",
        help=f"write `{_write_stage(context)}`",
    )


def _write_stage(context: ErrorContext) -> str:
    """Return a loop as a stage of a flow, as far as its text is plain."""
    tokens, text = context.structure.tokens, context.structure.source.text
    word = context.here.text
    usual = {"for": "for NAME in VALUES", "repeat": "repeat N", "if": "if VALUE"}[word]
    depth, at = 0, context.index
    for at in range(context.index, min(context.index + 60, len(tokens))):
        mark = tokens[at].text
        if depth == 0 and mark in ("{", ":"):
            break
        depth += (mark in ("(", "[")) - (mark in (")", "]"))
    else:
        return f"x -> {usual} {{ … }}"
    header = " ".join(text[context.here.start : tokens[at].start].split())
    close = next((each for each in tokens[at : at + 200] if each.text == "}"), None)
    inner = text[tokens[at].end : close.start] if close is not None else ""
    if close is not None and text[close.end :].lstrip().startswith("else"):
        return f"x -> {header} {{ … }} else {{ … }}"
    plain = tokens[at].text == "{" and "#" not in inner and not _ANOTHER.search(inner.strip())
    flow, call = _ONE_FLOW.fullmatch(inner), _ONE_CALL.fullmatch(inner)
    again = flow is not None and re.search(rf"\b{flow[1]}\b", flow[2])
    if plain and flow is not None and not again and len(inner) < 120:
        stages = " ".join(flow[2].split())
        return f"{flow[1]} -> {header} {{ {stages} }}"
    if plain and call is not None and len(inner) < 120:
        return f"{call[2]} -> {header} {{ {call[1]} }}"
    return f"x -> {header} {{ … }}"
