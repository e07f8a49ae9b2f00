"""Typical mistakes: what people of other languages write, and what slips when files are edited."""

from __future__ import annotations

import re
from collections.abc import Callable

from mtg.syntax.annotations import annotation, forgotten_input
from mtg.syntax.habits import (
    comma_at_end,
    comment,
    dashed_name,
    forgotten_arrow,
    import_path,
    library,
    loop_statement,
    spaced_arrow,
    value_at_top,
)
from mtg.syntax.misspelt import missing_word, misspelt_word
from mtg.syntax.signs import equals, inputs
from mtg.syntax.tokens import Token
from mtg.syntax.unexpected import FORMS, VALUES, Said, Scene, as_name
from mtg.text.diagnostics import Label
from mtg.text.keywords import OPERATORS, RESERVED

_ARROWS = re.compile(r"→|⟶|➔|➜|⇒|=>|-{2,}>|\|>|~>")
_PYTHON = {
    "elif": "write `else if`",
    "def": "a part to reuse is a block: `block x -> NAME(PARAMETERS) { … return FLOW }`",
    "class": "a model is written `model NAME { … }`",
    "while": "layers are repeated by `repeat N { … }` or `for NAME in VALUES { … }`",
    "lambda": 'a function of Python comes by `from python "module" import NAME`',
    "with": "",
    "is": "write `==`",
}


def mistake(scene: Scene) -> Said | None:
    """What is said of a fault, if it looks like a typical mistake."""
    for look in _LOOKS:
        said = look(scene)
        if said is not None:
            return said
    return None


def _arrow(scene: Scene) -> Said | None:
    text = scene.structure.source.text
    for back in (0, 1, 2):
        start = scene.fault.start - back
        match = _ARROWS.match(text, start) if start >= 0 else None
        if match is not None and match.end() > scene.fault.start:
            token = Token("sign", match[0], start, scene.here.line, 0, False)
            return Said(
                f"`{match[0]}` is no arrow of mtg",
                token,
                token,
                help="write `->`",
                edits=((start, match.end(), "->"),),
            )
    for back in (1, 2):
        first, second = scene.token(-back), scene.token(-back + 1)
        if first.text == "->" and (second.text == "->" or text.startswith("->", second.start)):
            return Said(
                "a layer is missing between these two arrows", first, second, help="remove one"
            )
    return None


def _nothing_follows(scene: Scene) -> Said | None:
    """A declaration that ends after an arrow, an equals sign or an operator."""
    before = scene.before
    closes = scene.here.text in ("}", ")", "]") or not scene.here.text
    if before.text == "->" and (scene.cut_short or closes):
        return Said("a layer is missing after `->`", before, before, "nothing follows")
    if not scene.cut_short:
        return None
    if before.text == "=":
        what = "a value" if scene.word == "let" else "a flow"
        return Said(
            f"{what} is missing after `=`", before, before, "nothing follows", FORMS[scene.word]
        )
    if before.text in OPERATORS or before.text in (",", "for", "repeat"):
        return Said(
            f"something is missing after `{before.text}`", before, before, "nothing follows"
        )
    return None


def _python_word(scene: Scene) -> Said | None:
    for token in (scene.here, scene.before, scene.token(-2)):
        near = token is scene.here or (scene.here.line == token.line)
        if token.text in _PYTHON and token.kind == "word" and near:
            if token.text == "is" and token is not scene.here:
                continue
            return Said(
                f"`{token.text}` is Python's, not mtg's", token, token, help=_PYTHON[token.text]
            )
    return None


def _string_prefix(scene: Scene) -> Said | None:
    here, before = scene.here, scene.before
    if here.kind == "string" and before.kind == "word" and before.end == here.start:
        return Said(
            f"strings of mtg have no prefix `{before.text}`",
            before,
            before,
            help="remove it" if before.text != "f" else "write the string out",
        )
    if here.kind == "word" and before.kind == "number" and before.end == here.start:
        return Said(f"`{before.text}{here.text}` is neither a number nor a name", before, here)
    return None


def _misplaced(scene: Scene) -> Said | None:
    """A declaration where it cannot stand."""
    kind, here, expected = scene.fault.kind, scene.here, scene.fault.expected
    if scene.after.text in ("=", ",", ":") and kind != "NAME":
        return None  # the word is used as a name
    inside, outside = "RBRACE" in expected and "NAME" in expected, "MODEL" in expected
    if kind in ("INPUT", "OUTPUT", "SHARED", "TRAIN", "RETURN") and outside:
        where = "a block" if kind == "RETURN" else "a model"
        return Said(
            f"`{here.text}` stands in {where}, not at the top of a file",
            here,
            here,
            help=f"put it between the braces of {where}",
            code="MTG006",
        )
    if kind == "NAME" and outside and scene.after.text in ("=", ",", "->"):
        if scene.stretch is not None and scene.word == "from":
            return None
        # `x = Dense(3)`, `x = y -> Dense(3)`: what makes a tensor, and is no value.
        line = scene.structure.source.text[here.start :].split("\n", 1)[0]
        tensor = "->" in line or re.match(r"\w+\s*=\s*(?:\w+\.)*[A-Z]\w*\(", line)
        help = "put it between the braces of a model: `model NAME { … }`"
        if scene.after.text == "=" and not tensor:
            help = f"for a value write `let {here.text} = …`"
        return Said(
            "a tensor is declared in a model or a block, not at the top of a file",
            here,
            here,
            code="MTG006",
            help=help,
        )
    if kind in ("MODEL", "BLOCK", "FROM") and inside:
        what = {"MODEL": "a model", "BLOCK": "a block", "FROM": "an import"}[kind]
        return Said(
            f"{what} stands at the top of a file, not inside a model or a block",
            here,
            here,
            help="move it out of these braces",
            code="MTG006",
        )
    if kind == "RETURN" and inside:
        return Said(
            "`return` stands in a block, not in a model",
            here,
            here,
            code="MTG006",
            help="what a model gives is written `output NAME = FLOW`",
        )
    return None


def _after_return(scene: Scene) -> Said | None:
    last = scene.structure.stretch_before(scene.here.start)
    if last is None or last.token.text != "return":
        return None
    if last is scene.stretch and not scene.cut_short:
        return None
    if not scene.here.first or scene.here.text in ("}", ""):
        return None
    if not {"COMMA", "RBRACE"} <= scene.fault.expected:
        return None
    here = scene.here
    return Said(
        "a declaration follows `return`",
        here,
        here,
        code="MTG006",
        labels=(Label(scene.place(last.token), "the block returns here"),),
        help="put `return` last",
    )


def _imports(scene: Scene) -> Said | None:
    here, before = scene.here, scene.before
    if (said := library(scene)) is not None:
        return said
    if here.text == "import" and scene.fault.kind == "IMPORT" and here.first:
        return Said(
            "an import begins with `from`",
            here,
            here,
            help='write `from "path.mtg" import NAME`, or `from python "module" import NAME`',
        )
    if here.text == "as" and scene.word == "from":
        return Said("an import keeps its name", here, scene.after, help="remove this")
    if here.text == "*" and before.text == "import":
        return Said("an import says what it imports", here, here, help="write the names")
    return import_path(scene)


def _names(scene: Scene) -> Said | None:
    """A declaration without its name."""
    here, before = scene.here, scene.before
    words = ("let", "dim", "input", "output", "shared", "model", "for")
    if before.first and before.text in ("input", "model") and here.text == "=":
        return as_name(before)
    if before.text in words and here.kind not in ("word",) and "NAME" in scene.fault.expected:
        if before.text == "for":
            return Said(
                "a name is missing after `for`",
                before,
                before,
                help="write `for NAME in VALUES { … }`",
            )
        return Said(
            f"a name is missing after `{before.text}`",
            before,
            before,
            "expected a name after this",
            FORMS[before.text],
        )
    return None


def _block_head(scene: Scene) -> Said | None:
    if scene.word == "block" and "ARROW" in scene.fault.expected and scene.here.text == "(":
        name = scene.before.text
        return Said(
            "the tensors of a block stand before its name",
            scene.here,
            scene.here,
            help=f"write `block x -> {name}(…) {{ … }}`, the way it is used",
        )
    return None


def _loops(scene: Scene) -> Said | None:
    """`repeat`, `for` and `if` without their parts."""
    here = scene.here
    if not scene.fault.kind:
        return None
    if "IN" in scene.fault.expected and scene.token(-2).text == "for":
        return Said(
            "`in` is missing after the name of the loop",
            scene.before,
            scene.before,
            "expected `in` after this",
            "write `for NAME in VALUES { … }`",
        )
    opening, word = scene.around()
    if opening is not None and opening.text == "{" and word is not None:
        if word.text == "repeat":
            return Said(
                "`repeat` does not say how often", word, word, help="write `repeat N { … }`"
            )
        if word.text in ("if", "in"):
            return Said(f"a value is missing after `{word.text}`", word, word)
    if "LBRACE" in scene.fault.expected and "ARROW" not in scene.fault.expected:
        first = scene.structure.index(scene.stretch.token.start) if scene.stretch else 0
        for token in reversed(scene.structure.tokens[first : scene.index]):
            if token.text in ("repeat", "for", "if", "else"):
                return Said(
                    f"the layers of `{token.text}` stand between braces",
                    scene.before,
                    scene.before,
                    "expected `{` after this",
                    labels=(Label(scene.place(token), "of this"),)
                    if token is not scene.before
                    else (),
                )
    if here.text == "else" and scene.fault.kind == "ELSE":
        return Said(
            "this `else` belongs to no `if`", here, here, help="write `if VALUE { … } else { … }`"
        )
    before = scene.before
    ends_value = before.text in (")", "]", "}") or before.kind in ("number", "string")
    ends_value = ends_value or (before.kind == "word" and before.text not in RESERVED)
    inside = opening is not None and opening.text in ("[", "(", "{")
    if here.text == "for" and inside and ends_value and not here.first:
        return Said(
            "mtg has no comprehensions",
            here,
            here,
            help="write the values out, or lead a tensor through `for NAME in VALUES { … }`",
        )
    return None


def _flows(scene: Scene) -> Said | None:
    """Flows without a name, several flows without parentheses."""
    here, before, expected = scene.here, scene.before, scene.fault.expected
    if here.text == "->" and before.first and "ASSIGN" in expected:
        return Said(
            "this flow has no name",
            before,
            here,
            help=f"write `NAME = {before.text} -> …`, or `output NAME = …`",
        )
    if before.first and here.text in ("(", "[", ".") and "ASSIGN" in expected and not scene.word:
        return Said("this is no declaration", before, before, "expected `=` after this", FORMS[""])
    if (
        here.text == ","
        and not here.first
        and scene.stretch is not None
        and (expected & {"INPUT", "MODEL"})
    ):
        return Said("several things stand in parentheses", here, here, help="write `(a, b)`")
    if here.kind == "string" and "RBRACE" in expected and "NAME" in expected:
        return Said(
            "a docstring stands first, and only once", here, here, help="for a comment write `#`"
        )
    return None


def _arguments(scene: Scene) -> Said | None:
    """Commas and parentheses that are missing."""
    here, before, kind = scene.here, scene.before, scene.fault.kind
    expected = scene.fault.expected
    if here.text in ("*", "**") and before.text in ("(", ","):
        return Said(
            f"mtg has no `{here.text}` before an argument",
            here,
            here,
            help="write the arguments out",
        )
    if (
        kind in VALUES
        and not here.first
        and before.kind == "word"
        and "LPAR" in expected
        and (scene.token(-2).text == "->")
    ):
        return Said(
            f"the arguments of `{before.text}` stand in parentheses",
            here,
            here,
            help=f"write `{before.text}({here.text})`",
        )
    if kind in VALUES or kind in ("LBRACE", "NOT", "TRUE", "FALSE", "NONE"):
        for closer, what in (("RPAR", "arguments"), ("RSQB", "items"), ("RBRACE", "items")):
            if {"COMMA", closer} <= expected and "NAME" not in expected:
                if scene.word == "return" and closer == "RBRACE":
                    continue
                # Of `x Dense(1)` it may be an arrow that is missing.
                call = here.kind == "word" and scene.after.text == "("
                return Said(
                    "a comma is missing before this",
                    here,
                    here,
                    help=f"write `,` between {what}",
                    edits=((before.end, before.end, ","),),
                    safe=not call,
                )
    return None


_LOOKS: tuple[Callable[[Scene], Said | None], ...] = (
    _arrow,
    spaced_arrow,
    _string_prefix,
    _python_word,
    dashed_name,
    annotation,
    forgotten_input,
    comma_at_end,
    value_at_top,
    loop_statement,
    misspelt_word,
    forgotten_arrow,
    missing_word,
    _after_return,
    _nothing_follows,
    comment,
    _imports,
    _names,
    inputs,
    _misplaced,
    _block_head,
    equals,
    _loops,
    _flows,
    _arguments,
)
