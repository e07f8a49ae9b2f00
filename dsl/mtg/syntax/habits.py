"""What people write who come from Python, Keras or mathematics: arrows that are forgotten or point
backwards, dashes in names, commas at the end of a line."""

from __future__ import annotations

import re

from mtg.syntax.tokens import Token
from mtg.syntax.unexpected import Said, Scene
from mtg.text.keywords import RESERVED

#: What an expression may end with.
_ENDS = (")", "]", "}")


def forgotten_arrow(scene: Scene) -> Said | None:
    """`x Dense(1)`: the parser takes `Dense` for the name of the next declaration."""
    here, before, ahead = scene.here, scene.before, scene.token(-2)
    if here.text not in ("(", "->") or before.kind != "word" or before.text in RESERVED:
        return None
    if "ASSIGN" not in scene.fault.expected or not _ends_expression(ahead):
        return None
    if before.first and not _goes_on(scene, before):
        return None
    return Said(
        f"`->` is missing before `{before.text}`",
        before,
        before,
        help=f"write `-> {before.text}`",
        edits=((before.start, before.start, "-> "),),
    )


def _ends_expression(token: Token) -> bool:
    return token.text in _ENDS or (token.kind == "word" and token.text not in RESERVED)


def _goes_on(scene: Scene, token: Token) -> bool:
    """Whether a line stands further right than the declaration before it."""
    last = scene.structure.stretch_before(token.start)
    if last is None or last.token is token or last.is_head:
        return False
    return token.column > last.token.column


def spaced_arrow(scene: Scene) -> Said | None:
    """`x - > Dense(1)`, and `y <- x` in a declaration."""
    here, before, after = scene.here, scene.before, scene.after
    if here.text == ">" and before.text == "-" and before.line == here.line:
        return Said(
            "`- >` is no arrow of mtg",
            before,
            here,
            help="write `->`, without a space",
            edits=((before.start, here.end, "->"),),
        )
    if here.text == "<" and after.text == "-" and "ASSIGN" in scene.fault.expected:
        return Said(
            "`=` follows the name, not `<-`",
            here,
            after,
            help="write `=`",
            edits=((here.start, after.end, "="),),
        )
    return None


def dashed_name(scene: Scene) -> Said | None:
    """`my-layer = …`: a dash is a minus sign."""
    here, before = scene.here, scene.before
    if here.text != "-" or before.kind != "word" or before.end != here.start:
        return None
    if not scene.fault.expected & {"ASSIGN", "COLON"} or before.text in RESERVED:
        return None
    at = scene.index - 1
    tokens = scene.structure.tokens
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
    name = scene.structure.source.text[before.start : tokens[end].end]
    meant = name.replace("-", "_")
    return Said(
        f"a name has no `-`, and `{name}` is a subtraction",
        before,
        tokens[end],
        help=f"write `{meant}`",
        edits=tuple(
            (start, start + len(name), meant) for start in _places(tokens, tokens[at : end + 1])
        ),
    )


def _places(tokens: list[Token], name: list[Token]) -> list[int]:
    """Where the tokens of a name with dashes stand, without blanks between them."""
    texts = [token.text for token in name]
    size = name[-1].end - name[0].start
    found = []
    for at in range(len(tokens) - len(name) + 1):
        some = tokens[at : at + len(name)]
        around = (tokens[at - 1] if at else None, *tokens[at + len(name) : at + len(name) + 1])
        joined = any(
            token is not None
            and token.text == "-"
            and (token.end == some[0].start or token.start == some[-1].end)
            for token in around
        )
        together = some[-1].end - some[0].start == size
        if together and not joined and [token.text for token in some] == texts:
            found.append(some[0].start)
    return found


def comma_at_end(scene: Scene) -> Said | None:
    """A comma after a declaration."""
    here, after = scene.here, scene.after
    if here.text != "," or here.first or not (after.first or after.text in ("}", "")):
        return None
    if not scene.fault.expected & {"INPUT", "MODEL"}:
        return None
    return Said(
        "no comma stands between declarations",
        here,
        here,
        help="remove it",
        edits=((here.start, here.end, ""),),
    )


def comment(scene: Scene) -> Said | None:
    """`// …`, `/* …`, `; …`: comments of other languages."""
    here = scene.here
    said = "a comment begins with `#`"
    if here.text == ";" and here.first:
        return Said(said, here, here, help="write `#`", edits=((here.start, here.end, "#"),))
    if here.text in ("//", "/") and (here.first or scene.after.text == "*"):
        pair = scene.after if here.text == "/" else here
        if here.text == "/" and pair.text not in ("*", "**"):
            return None
        edits = ((here.start, pair.end, "#"),) if here.text == "//" else ()
        return Said(said, here, pair, help="write `#`", edits=edits)
    return None


def value_at_top(scene: Scene) -> Said | None:
    """`n = 64` at the top of a file."""
    here, after = scene.here, scene.after
    if scene.fault.kind != "NAME" or "MODEL" not in scene.fault.expected:
        return None
    if "INPUT" in scene.fault.expected or after.text != "=":
        return None
    value = scene.token(2)
    if value.kind not in ("number", "string") and value.text not in ("[", "-", "True", "False"):
        return None
    return Said(
        f"`let` is missing before `{here.text}`",
        here,
        here,
        code="MTG006",
        help=f"write `let {here.text} = …`: what has no `let` is a tensor of a model",
        edits=((here.start, here.start, "let "),),
    )


#: What a program in Python imports to build models.
_LIBRARIES = {"keras", "tensorflow", "tf_keras", "numpy"}


def library(scene: Scene) -> Said | None:
    """`import keras`, `from keras import layers`."""
    here, before = scene.here, scene.before
    name = scene.after if here.text == "import" else here
    if name.text not in _LIBRARIES or (here.text != "import" and before.text != "from"):
        return None
    return Said(
        f"mtg needs no import of `{name.text}`: what it names of Keras is known",
        here if here.text == "import" else before,
        name,
        help="remove this line",
    )


def import_path(scene: Scene) -> Said | None:
    """`from std.vision import …`: the path of an import is a string, with slashes."""
    here, before = scene.here, scene.before
    if before.text != "from" or here.kind != "word" or here.text in ("python", "import"):
        return None
    last, at = here, 1
    while scene.token(at).text in (".", "/") and scene.token(at + 1).kind == "word":
        last = scene.token(at + 1)
        at += 2
    name = scene.structure.source.text[here.start : last.end]
    path = name.replace(".", "/")
    if here.text == "std":
        return Said(
            "the path of an import is a string",
            here,
            last,
            help=f'write `from "{path}" import …`',
            edits=((here.start, last.end, f'"{path}"'),),
        )
    module = name.replace("/", ".")
    return Said(
        "the path of an import is a string",
        here,
        last,
        help=f'write `from "{path}.mtg" import …`, or `from python "{module}" import …` for a '
        "module of Python",
    )


#: `w = v -> …` and `w = Dense(3)(v)`.
_NAME = r"[^\W\d]\w*"
_ONE_FLOW = re.compile(rf"\s*(?:output\s+)?{_NAME}\s*=\s*({_NAME})\s*->\s*(.+?)\s*", re.DOTALL)
_ONE_CALL = re.compile(rf"\s*{_NAME}\s*=\s*([A-Z]\w*\([^()]*\))\(({_NAME})\)\s*")
_ANOTHER = re.compile(r"\n\s*(?:output\s+)?[^\W\d]\w*\s*=[^=]")


def loop_statement(scene: Scene) -> Said | None:
    """`for i in range(3) { v = v -> Dense(3) }`: loops and choices are stages, no declarations."""
    here, after = scene.here, scene.after
    if here.text not in ("for", "repeat", "if") or after.text in ("=", ":", ","):
        return None
    if not scene.fault.expected & {"INPUT", "MODEL"}:
        return None
    return Said(
        f"`{here.text}` is no declaration: it stands after `->`, and leads a tensor through layers",
        here,
        here,
        code="MTG006",
        help=f"write `{_as_stage(scene)}`",
    )


def _as_stage(scene: Scene) -> str:
    """A loop as a stage of a flow, as far as its text is plain."""
    tokens, text = scene.structure.tokens, scene.structure.source.text
    word = scene.here.text
    usual = {"for": "for NAME in VALUES", "repeat": "repeat N", "if": "if VALUE"}[word]
    depth, at = 0, scene.index
    for at in range(scene.index, min(scene.index + 60, len(tokens))):
        sign = tokens[at].text
        if depth == 0 and sign in ("{", ":"):
            break
        depth += (sign in ("(", "[")) - (sign in (")", "]"))
    else:
        return f"x -> {usual} {{ … }}"
    header = " ".join(text[scene.here.start : tokens[at].start].split())
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
