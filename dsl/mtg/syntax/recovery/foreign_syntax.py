"""Syntax of Python, Keras or mathematics that mtg does not have.

Such are words of Python, names with dashes, commas at the end of a line, loops as statements.
"""

from __future__ import annotations

import re
from itertools import pairwise

from mtg.syntax.recovery.context import ErrorContext, Mistake
from mtg.syntax.recovery.tokens import Token
from mtg.text.keywords import RESERVED

_PYTHON_KEYWORDS = {
    "elif": "",
    "def": "a part to reuse is a block: `block x -> NAME(PARAMETERS) { … return FLOW }`",
    "class": "a model is written `model NAME { … }`",
    "while": "layers are repeated by `repeat N { … }` or `for NAME in VALUES { … }`",
    "lambda": "write the arithmetic itself, such as `x * 2`, or import a function: "
    '`from python "module" import NAME`',
    "with": "",
    "is": "write `==`",
}


def find_python_keyword(context: ErrorContext) -> Mistake | None:
    """Find a keyword of Python that is none of mtg."""
    for token in (context.here, context.before, context.token(-2), _lambda_before(context)):
        near = token is context.here or (context.here.line == token.line)
        if token.text in _PYTHON_KEYWORDS and token.kind == "word" and near:
            if token.text == "is" and token is not context.here:
                continue
            help = _PYTHON_KEYWORDS[token.text]
            if token.text == "elif":
                word = _branching_word(context, token)
                help = (
                    "write `when VALUE { … } else when VALUE { … }`"
                    if word == "when"
                    else "write `else if`"
                )
            elif token.text == "is" and context.after.text == "not":
                help = "write `!=`"
            return Mistake(
                f"`{token.text}` is a keyword of Python, not of mtg",
                token,
                token,
                help=help,
            )
    return None


def _lambda_before(context: ErrorContext) -> Token:
    """Return the `lambda` whose colon the error is about, or an empty token."""
    if context.here.text == ":":
        for distance in range(-1, -12, -1):
            token = context.token(distance)
            if token.text == "lambda":
                return token
            if token.kind != "word" and token.text != ",":
                break
    return Token("", "", context.here.start, 0, 0, False)


def _branching_word(context: ErrorContext, token: Token) -> str:
    """Return `when` where an `else` belongs to a choice among declarations, else `if`."""
    if token.first or (context.statement is not None and context.statement.text == "when"):
        return "when"
    declaration = context.declaration
    return "when" if declaration is not None and declaration.token.text == "when" else "if"


def find_else_if_among_declarations(context: ErrorContext) -> Mistake | None:
    """Find `when a { … } else if b { … }`."""
    if context.error.kind != "IF" or context.before.text != "else":
        return None
    if "WHEN" not in context.error.expected:
        return None
    return Mistake(
        "among declarations a choice is written with `when`",
        context.here,
        context.here,
        help="write `when VALUE { … } else when VALUE { … }`",
        edits=((context.here.start, context.here.end, "when"),),
    )


def find_string_prefix(context: ErrorContext) -> Mistake | None:
    """Find `f"…"`, and digits and letters that are neither number nor name."""
    here, before = context.here, context.before
    if here.kind == "string" and before.kind == "word" and before.end == here.start:
        return _wrong_prefix(before, here)
    if here.kind == "word" and before.kind == "number" and before.end == here.start:
        return Mistake(f"`{before.text}{here.text}` is neither a number nor a name", before, here)
    return None


def _wrong_prefix(prefix: Token, string: Token) -> Mistake:
    """Return what to say of a prefix of a string that mtg does not have."""
    message = f"a string of mtg has no prefix such as `{prefix.text}`"
    if prefix.text == "f":
        help = 'an f-string stands on one line, in quotes of one sign: `f"…"`'
        return Mistake("an f-string has no triple quotes", prefix, string, help=help)
    if "f" in prefix.text.lower():
        edits = ((prefix.start, prefix.end, "f"),)
        safe = "r" not in prefix.text.lower() or "\\" not in string.text
        return Mistake(message, prefix, prefix, help="write `f`", edits=edits, safe=safe)
    if "r" in prefix.text.lower() and "\\" in string.text:
        help = "remove it, and write two backslashes for each"
        return Mistake(message, prefix, prefix, help=help)
    return Mistake(
        message,
        prefix,
        prefix,
        help="remove it",
        edits=((prefix.start, prefix.end, ""),) if prefix.text.lower() in ("r", "u", "b") else (),
    )


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
_CHANGES = re.compile(r"(?<!\w)([^\W\d]\w*)\s*=\s*(?:\1\s*->|[A-Z]\w*\([^()]*\)\(\1\))")
_ANOTHER = re.compile(r"\n\s*(?:output\s+)?[^\W\d]\w*\s*=[^=]")


def find_loop_statement(context: ErrorContext) -> Mistake | None:
    """Find `if c { … }` and `repeat 3 { … }` among declarations, and `for` where none can stand."""
    here, after = context.here, context.after
    if here.text not in ("for", "repeat", "if") or after.text in ("=", ":", ","):
        return None
    if not context.error.expected & {"INPUT", "MODEL"}:
        return None
    stage, changes = _write_stage(context)
    if here.text == "if" and not changes and "WHEN" in context.error.expected:
        return Mistake(
            "among declarations a choice is written with `when`, not with `if`",
            here,
            here,
            code="MTG006",
            help=f"write `{_write_when(context)}`",
        )
    return Mistake(
        f"`{here.text}` is not a declaration: it is written after `->`",
        here,
        here,
        code="MTG006",
        help=f"write `{stage}`",
    )


def _head(context: ErrorContext) -> tuple[str, int]:
    """Return the text of a loop or choice before its body, and the index of its `{` or `:`."""
    tokens = context.structure.tokens
    depth = 0
    for at in range(context.index, min(context.index + 60, len(tokens))):
        mark = tokens[at].text
        if depth == 0 and mark in ("{", ":"):
            return context.text_between(context.here, tokens[at - 1]), at
        depth += (mark in ("(", "[")) - (mark in (")", "]"))
    return "", -1


def _write_when(context: ErrorContext) -> str:
    """Return a statement `if` as mtg writes it, without its body."""
    head, at = _head(context)
    written = "when" + head[2:]
    if not head or not context.parses_in_model(f"{written} {{ }}"):
        written = "when VALUE"
    tokens, column = context.structure.tokens, context.here.column
    rest = tokens[at : at + 200] if at >= 0 else []
    other = any(
        token.text in ("else", "elif")
        and (before.text == "}" or (token.first and token.column == column))
        for before, token in pairwise(rest)
    )
    return f"{written} {{ … }}" + (" else { … }" if other else "")


def _write_stage(context: ErrorContext) -> tuple[str, bool]:
    """Return a loop as a stage of a flow, as far as its text is plain.

    With it goes whether its body leads a tensor on, `h = h -> …`, so that only a stage is meant.
    """
    tokens, text = context.structure.tokens, context.structure.source.text
    word = context.here.text
    usual = {"for": "for NAME in VALUES", "repeat": "repeat N", "if": "if VALUE"}[word]
    header, at = _head(context)
    if at < 0:
        return f"x -> {usual} {{ … }}", False
    if not header or not context.parses_in_model(f"y = x -> {header} {{ }}"):
        header = usual
    close = next((each for each in tokens[at : at + 200] if each.text == "}"), None)
    inner = text[tokens[at].end : close.start] if close is not None else ""
    changes = _CHANGES.search(inner) is not None
    if close is not None and text[close.end :].lstrip().startswith("else"):
        return f"x -> {header} {{ … }} else {{ … }}", changes
    plain = tokens[at].text == "{" and "#" not in inner and not _ANOTHER.search(inner.strip())
    flow, call = _ONE_FLOW.fullmatch(inner), _ONE_CALL.fullmatch(inner)
    again = flow is not None and re.search(rf"\b{flow[1]}\b", flow[2])
    if plain and flow is not None and not again and len(inner) < 120:
        stages = " ".join(flow[2].split())
        return f"{flow[1]} -> {header} {{ {stages} }}", changes
    if plain and call is not None and len(inner) < 120:
        return f"{call[2]} -> {header} {{ {call[1]} }}", changes
    return f"x -> {header} {{ … }}", changes
