"""Words of the language that are misspelt or missing."""

from __future__ import annotations

from mtg.syntax.tokens import Token
from mtg.syntax.unexpected import FORMS, Said, Scene
from mtg.text.keywords import ITEM_WORDS, RESERVED, STATEMENT_WORDS
from mtg.text.suggest import nearest, one_slip_away

_STAGES = frozenset({"repeat", "for", "if"})


def misspelt_word(scene: Scene) -> Said | None:
    """`inptu x: …`, `modle M {`, `x -> repaet 3 { … }`."""
    for token, words in _candidates(scene):
        if token.kind != "word" or token.text in RESERVED:
            continue
        meant = nearest(token.text, words)
        # `Model` may be `model`; `Dense` is a layer, however near it is to `else`.
        if meant is not None and (meant in token.text.lower() or not token.text[0].isupper()):
            return Said(
                f"`{token.text}` is no word of the language",
                token,
                token,
                help=f"did you mean `{meant}`?",
                edits=((token.start, token.end, meant),),
                safe=meant == one_slip_away(token.text, words),
            )
    return None


def _candidates(scene: Scene) -> list[tuple[Token, frozenset[str]]]:
    """The words near the fault that may be misspelt, each with the words it may be meant to be."""
    here, before, expected = scene.here, scene.before, scene.fault.expected
    found: list[tuple[Token, frozenset[str]]] = []
    if before.first and here.kind == "word" and not here.first and "ASSIGN" in expected:
        found.append((before, STATEMENT_WORDS - {"train"}))
    if before.first and here.text == "(" and "ASSIGN" in expected:
        found.append((before, frozenset({"train"})))
    if here.first and "MODEL" in expected:
        words = STATEMENT_WORDS if "INPUT" in expected else frozenset({"let", "dim"})
        found.append((here, ITEM_WORDS | words))
    for kind in ("IMPORT", "PYTHON", "IN", "ELSE"):
        if kind in expected:
            found.append((here, frozenset({kind.lower()})))
    if before.text == "}" or scene.token(-2).text == "}":
        found.append((before if before.text != "}" else here, frozenset({"else"})))
    for back in range(1, 8):
        token, ahead = scene.token(-back), scene.token(-back - 1)
        if token.text in ("->", "}", "{", "="):
            break
        if ahead.text in ("->", "{", "=", "else"):
            found.append((token, _STAGES))
            break
    return found


def missing_word(scene: Scene) -> Said | None:
    """`M(width=3) {` at the top of a file, without `model`; `x -> tower() {` without `block`."""
    here, stretch = scene.here, scene.stretch
    if stretch is None or not stretch.is_head or stretch.token.text in ("model", "block"):
        return None
    if "MODEL" not in scene.fault.expected or here is not stretch.token:
        return None
    tokens = scene.structure.tokens
    rest = tokens[scene.index : scene.index + 40]
    line = [token.text for token in rest if token.line == here.line]
    word = "block" if "->" in line else "model"
    return Said(
        f"`{word}` is missing before this",
        here,
        here,
        help=FORMS[word],
        edits=((here.start, here.start, f"{word} "),),
    )
