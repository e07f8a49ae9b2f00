"""What to say of text that does not parse."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from mtg.syntax.nesting import Stretch
from mtg.syntax.parser import Fault
from mtg.syntax.structure import Structure
from mtg.syntax.tokens import Token
from mtg.text.diagnostics import Diagnostics, Edit, Fix, Label
from mtg.text.keywords import RESERVED
from mtg.text.source import Span

DECLARATIONS = frozenset({"INPUT", "OUTPUT", "SHARED", "TRAIN"})
ITEMS = frozenset({"MODEL", "BLOCK", "FROM"})
VALUES = frozenset({"NAME", "INTEGER", "FLOAT", "STRING", "LPAR", "LSQB"})

#: How each declaration is written, by its first word.
FORMS = {
    "input": "an input is written `input NAME: DTYPE[LENGTHS]`, such as `input x: float32[10]`",
    "output": 'an output is written `output NAME(loss="…") = FLOW`',
    "shared": "a shared instance is written `shared NAME = LAYER`",
    "train": "training is written `train(optimizer=…, batch_size=…)`",
    "let": "a value is written `let NAME = VALUE`",
    "dim": "a dimension is written `dim NAME`; a length that is known, `let NAME = LENGTH`",
    "return": "a block ends with `return FLOW`",
    "model": "a model is written `model NAME { … }`, or `model NAME(PARAMETERS) { … }`",
    "block": "a block is written `block x -> NAME(PARAMETERS) { … return FLOW }`",
    "from": 'an import is written `from "path.mtg" import NAME, NAME`',
    "": "a tensor is written `NAME = FLOW`",
}


class Said(NamedTuple):
    """What is said of a fault: the first token it is about to the last, and the words.

    `edits` mend it: each says from where to where the text is to be what; `safe` says whether that
    is certain to be meant.
    """

    message: str
    first: Token
    last: Token
    label: str = ""
    help: str = ""
    code: str = "MTG001"
    labels: tuple[Label, ...] = ()
    edits: tuple[tuple[int, int, str], ...] = ()
    safe: bool = True


@dataclass(slots=True)
class Scene:
    """A fault with the tokens around it."""

    structure: Structure
    fault: Fault
    index: int
    stretch: Stretch | None
    #: Whether the declaration ends before it is complete; the fault is what follows it.
    cut_short: bool

    def token(self, distance: int) -> Token:
        """A token so many places from the fault; past the ends, an empty one."""
        at = self.index + distance
        tokens = self.structure.tokens
        if 0 <= at < len(tokens):
            return tokens[at]
        end = len(self.structure.source.text) if at > 0 else 0
        return Token("", "", end, 0, 0, True)

    @property
    def here(self) -> Token:
        return self.token(0)

    @property
    def before(self) -> Token:
        return self.token(-1)

    @property
    def after(self) -> Token:
        return self.token(1)

    @property
    def word(self) -> str:
        """The word that begins the declaration; empty where that is a name."""
        text = self.stretch.token.text if self.stretch else ""
        return text if text in FORMS else ""

    def place(self, token: Token) -> Span:
        return Span(self.structure.source, token.start, token.end)

    def around(self) -> tuple[Token | None, Token | None]:
        """The bracket around the fault, and the token before that."""
        opening = self.structure.opening(self.index)
        if opening is None:
            return None, None
        tokens = self.structure.tokens
        return tokens[opening], tokens[opening - 1] if opening else None


def explain(structure: Structure, fault: Fault, diagnostics: Diagnostics) -> Stretch | None:
    """Report a fault; gives the declaration that is to blame, or None."""
    from mtg.syntax.mistakes import mistake  # which is written in terms of this file

    scene = _scene(structure, fault)
    if fault.text in structure.reserved:
        return scene.stretch  # the same word at another place, which is reported already
    said = mistake(scene) or (_character(scene) if not fault.kind else None) or _general(scene)
    if said.code == "MTG005" or (said.first.text in RESERVED and scene.here.text == "="):
        structure.reserved.add(said.first.text)
    place = Span(structure.source, said.first.start, said.last.end)
    edits = tuple(Edit(Span(structure.source, start, end), new) for start, end, new in said.edits)
    diagnostics.report(
        said.code,
        said.message,
        place,
        label=said.label,
        help=said.help,
        labels=said.labels,
        fix=Fix(said.help, edits, said.safe) if edits else None,
    )
    return scene.stretch


def _scene(structure: Structure, fault: Fault) -> Scene:
    index = structure.index(fault.start)
    stretch = structure.stretch_at(fault.start)
    at_boundary = stretch is None or stretch.token.start == fault.start
    took_name = False
    if fault.kind == "ASSIGN" and stretch is not None and "EQUAL" in fault.expected:
        # `let a =` before a line `b = 1`: the parser takes `b` for the value, and stops at its `=`.
        names = structure.tokens[structure.index(stretch.token.start) : index]
        if stretch.token.first and all(name.kind == "word" or name.text == "," for name in names):
            index -= len(names)
            took_name = True
    begins = fault.expected & (DECLARATIONS | ITEMS) or "$END" in fault.expected
    cut_short = took_name or (at_boundary and not begins and bool(fault.kind))
    if cut_short:
        start = structure.tokens[index].start if index < len(structure.tokens) else fault.start
        stretch = structure.stretch_before(start)
        while index > 0:
            spoiled = structure.stretch_at(structure.tokens[index - 1].start)
            if spoiled is None or spoiled is stretch or not spoiled.spoiled:
                break
            index -= 1
            stretch = structure.stretch_before(spoiled.token.start)
        if (
            stretch is not None
            and index
            and structure.tokens[index - 1].start < stretch.token.start
        ):
            stretch = None
    elif stretch is None:
        stretch = structure.stretch_before(fault.start)
        if stretch is not None and stretch.end <= fault.start:
            stretch = None
    return Scene(structure, fault, index, stretch, cut_short)


def _general(scene: Scene) -> Said:
    """What is said where no typical mistake is seen."""
    fault, here, before = scene.fault, scene.here, scene.before
    wanted = expected_words(fault.expected)
    form = FORMS[scene.word] if scene.stretch is not None else ""
    if scene.cut_short and before.text:
        what = f"this `{scene.word}`" if scene.word else "this declaration"
        label = f"{wanted} after this" if wanted else "nothing follows"
        return Said(f"{what} is not complete", before, before, label, form)
    if here.text == "dim" and scene.after.text == "=" and scene.word not in ("model", "block"):
        opening, _ = scene.around()
        if opening is not None and opening.text == "(":
            return Said(
                "`dim` is a word of the language, and Keras calls it `axis`",
                here,
                here,
                help="write `axis=…`",
                code="MTG005",
                edits=((here.start, here.end, "axis"),),
            )
    if fault.text in RESERVED and (
        ("NAME" in fault.expected and not fault.expected & {"INTEGER", "LSQB"})
        or scene.after.text == "="
    ):
        return as_name(here)
    if here.text == "=" and before.text in RESERVED and before.first:
        return as_name(before)
    if fault.kind == "$END" or not here.text:
        return Said("the file ends too early", here, here, wanted, form)
    help = form if scene.structure.opening(scene.index) is None or _at_level(scene) else ""
    return Said(
        f"`{_short(here.text)}` is not expected here", here, here, wanted or "not expected", help
    )


def as_name(token: Token) -> Said:
    """What is said of a word of the language that is used as a name."""
    return Said(
        f"`{token.text}` is a word of the language and cannot be a name",
        token,
        token,
        "a name is expected here",
        f"choose another name, such as `{token.text.lower()}_`",
        "MTG005",
    )


def _at_level(scene: Scene) -> bool:
    """Whether the fault stands outside the brackets of its declaration."""
    opening, _ = scene.around()
    return opening is None or scene.stretch is None or opening.start < scene.stretch.token.start


def _short(text: str) -> str:
    text = text.split("\n")[0]
    return text if len(text) <= 40 else text[:39] + "…"


#: Characters of other languages, or other hands, and what mtg writes.
_CHARACTERS = {
    "\u201c": ("this is a typographic quote", 'write `"`'),
    "\u201d": ("this is a typographic quote", 'write `"`'),
    "\u201e": ("this is a typographic quote", 'write `"`'),
    "\u2018": ("this is a typographic quote", "write `'`"),
    "\u2019": ("this is a typographic quote", "write `'`"),
    "`": ("this is no quote of mtg", 'write `"`'),
    "\u00d7": ("`×` is no operator", "write `*`"),
    "\u2212": ("this is a minus sign that mtg does not read", "write `-`"),
    "\u2013": ("this is a dash, not a minus sign", "write `-`"),
    "\u2014": ("this is a dash, not a minus sign", "write `-`"),
    "\u2026": ("this is one character, not three dots", "write `...`"),
    ";": ("mtg has no `;`", "remove it: a new line separates declarations, or nothing at all"),
    "!": ("`!` is no operator", "write `not`"),
    "&": ("`&` is no operator", "write `and`"),
    "|": ("`|` is no operator", "write `or`, or `->` between stages"),
    "@": ("`@` is no operator", "write `ops.matmul(a, b)`"),
    "\\": ("mtg needs no `\\` at the end of a line", "remove it"),
    "?": ("`?` stands among the lengths of an input only", ""),
}


def _character(scene: Scene) -> Said:
    """A character that begins no token."""
    here, char = scene.here, scene.fault.text
    twice = scene.structure.source.text.startswith(char * 2, scene.fault.start) and char in "&|"
    place = Token("sign", char * (1 + twice), scene.fault.start, here.line, 0, False)
    message, help = _CHARACTERS.get(char, ("", ""))
    if not message:
        name = unicodedata.name(char, "")
        number = f"U+{ord(char):04X}{' ' + name if name else ''}" if char else ""
        if char.isspace() or unicodedata.category(char) in ("Cf", "Zs"):
            message, help = f"an invisible character stands here ({number})", "remove it"
            if unicodedata.category(char) == "Zs":
                message, help = f"this is no ordinary space ({number})", "write a space"
        elif char.isprintable():
            return Said(f"`{char}` ({number}) is not expected here", place, place)
        else:
            message, help = f"this character ({number}) has no meaning", "remove it"
    return Said(message, place, place, help=help, edits=_written(scene, place, char))


#: What is written for a character, where that is certain.
_WRITTEN = {
    "\u00d7": "*",
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "...",
    ";": "",
    "\\": "",
}
_QUOTED = re.compile(r"[“”„]([^“”„\"\\\r\n]*)[“”\"]|[‘’]([^‘’'\\\r\n]*)[‘’']")


def _written(scene: Scene, place: Token, char: str) -> tuple[tuple[int, int, str], ...]:
    """The edits that write a character as mtg does; none where that is not certain."""
    quoted = _QUOTED.match(scene.structure.source.text, place.start)
    if quoted is not None:
        return ((place.start, quoted.end(), f'"{quoted[1] or quoted[2] or ""}"'),)
    if place.text in ("&&", "||"):
        return ((place.start, place.end, " and " if char == "&" else " or "),)
    if char in _WRITTEN:
        return ((place.start, place.end, _WRITTEN[char]),)
    if char and unicodedata.category(char) == "Zs":
        return ((place.start, place.end, " "),)
    if char and unicodedata.category(char) == "Cf":
        return ((place.start, place.end, ""),)
    return ()


_SHOWN = {
    "ARROW": "`->`",
    "ASSIGN": "`=`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "NAME": "a name",
    "STRING": "a string",
    "QMARK": "`?`",
    "IMPORT": "`import`",
    "PYTHON": "`python`",
    "IN": "`in`",
    "ELSE": "`else`",
    "$END": "the end of the file",
}


def expected_words(expected: set[str]) -> str:
    """A few words on what could stand in a place; empty where that would be a long list."""
    if expected >= ITEMS:
        return "expected `model`, `block`, `let`, `dim` or `from`"
    if expected >= DECLARATIONS:
        return "expected a declaration or `}`"
    if expected >= VALUES:
        return "expected a value, a layer or a tensor"
    shown = [word for kind, word in _SHOWN.items() if kind in expected]
    if not shown or len(shown) > 4:
        return ""
    return "expected " + (", ".join(shown[:-1]) + " or " if shown[1:] else "") + shown[-1]
