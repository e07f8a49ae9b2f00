"""Keywords that are misspelled, missing, or stand where a name is expected."""

from __future__ import annotations

from mtg.syntax.recovery.context import FORMS, ErrorContext, Mistake
from mtg.syntax.recovery.tokens import Token
from mtg.text.keywords import ITEM_WORDS, RESERVED, STATEMENT_WORDS
from mtg.text.suggest import nearest, one_slip_away

_STAGES = frozenset({"repeat", "for", "if"})


def find_misspelled_keyword(context: ErrorContext) -> Mistake | None:
    """Find a misspelled keyword: `inptu x: …`, `modle M {`, `x -> repaet 3 { … }`."""
    for token, words in _candidates(context):
        if token.kind != "word" or token.text in RESERVED:
            continue
        meant = nearest(token.text, words)
        # `Model` may be `model`; `Dense` is a layer, however near it is to `else`.
        if meant is not None and (meant in token.text.lower() or not token.text[0].isupper()):
            return Mistake(
                f"unknown keyword `{token.text}`",
                token,
                token,
                help=f"did you mean `{meant}`?",
                edits=((token.start, token.end, meant),),
                safe=meant == one_slip_away(token.text, words),
            )
    return None


def _candidates(context: ErrorContext) -> list[tuple[Token, frozenset[str]]]:
    """Return words near the error that may be misspelled, each with the keywords it may mean."""
    here, before, expected = context.here, context.before, context.error.expected
    candidates: list[tuple[Token, frozenset[str]]] = []
    if before.first and here.kind == "word" and not here.first and "ASSIGN" in expected:
        candidates.append((before, STATEMENT_WORDS - {"train"}))
    if before.first and here.text == "(" and "ASSIGN" in expected:
        candidates.append((before, frozenset({"train"})))
    if here.first and "MODEL" in expected:
        words = STATEMENT_WORDS if "INPUT" in expected else frozenset({"let", "dim"})
        candidates.append((here, ITEM_WORDS | words))
    for kind in ("IMPORT", "PYTHON", "DATA", "IN", "ELSE"):
        if kind in expected:
            candidates.append((here, frozenset({kind.lower()})))
    if before.text == "}" or context.token(-2).text == "}":
        candidates.append((before if before.text != "}" else here, frozenset({"else"})))
    for back in range(1, 8):
        token, ahead = context.token(-back), context.token(-back - 1)
        begins = token.first and token.text in STATEMENT_WORDS  # what is before it is another
        if token.text in ("->", "}", "{", "=") or begins:
            break
        if ahead.text in ("->", "{", "=", "else"):
            candidates.append((token, _STAGES))
            break
    return candidates


def find_missing_keyword(context: ErrorContext) -> Mistake | None:
    """Find a head without `model` or `block`: `M(width=3) {`, `x -> tower() {`."""
    here, declaration = context.here, context.declaration
    if (
        declaration is None
        or not declaration.is_head
        or declaration.token.text in ("model", "block")
    ):
        return None
    if "MODEL" not in context.error.expected or here is not declaration.token:
        return None
    tokens = context.structure.tokens
    rest = tokens[context.index : context.index + 40]
    line = [token.text for token in rest if token.line == here.line]
    word = "block" if "->" in line else "model"
    return Mistake(
        f"expected `{word}` before this",
        here,
        here,
        help=FORMS[word],
        edits=((here.start, here.start, f"{word} "),),
    )


def keyword_as_name(token: Token) -> Mistake:
    """Return what to say of a keyword that is used as a name."""
    return Mistake(
        f"`{token.text}` is a keyword and cannot be used as a name",
        token,
        token,
        "expected a name",
        f"choose another name, such as `{token.text.lower()}_`",
        "MTG005",
    )
