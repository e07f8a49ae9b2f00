"""Single faults, made at random in valid programs: sixty kinds of what slips when people write.

Each kind is a function that makes one fault in a program, or none where the program has no place
for it. A `Mutant` says where the fault is, and what spelling was there where it is a misspelling.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from mtg.text.keywords import RESERVED

_TOKENS = re.compile(
    r'(?P<skip>"""[\s\S]*?"""|\#[^\n]*|\s+)|(?P<string>"[^"\n]*")|(?P<word>[^\W\d]\w*)'
    r"|(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)|(?P<sign>->|==|//|\*\*|.)"
)


MERGES = frozenset(
    ["concat", "add", "subtract", "multiply", "average", "maximum", "minimum", "dot"]
)
_SAME_SHAPE = frozenset(["add", "subtract", "multiply", "average", "maximum", "minimum"])
_PAIRS = {"(": ")", "[": "]", "{": "}"}


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Program:
    """A valid program, and the folder that its imports are relative to."""

    name: str
    text: str
    folder: Path

    @cached_property
    def tokens(self) -> list[Token]:
        found = _TOKENS.finditer(self.text)
        return [
            Token(str(each.lastgroup), each[0], each.start(), each.end())
            for each in found
            if each.lastgroup != "skip"
        ]

    @cached_property
    def words(self) -> set[str]:
        return {token.text for token in self.tokens if token.kind == "word"}

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    @cached_property
    def partners(self) -> dict[int, int]:
        """The other bracket, by the number of the token, both ways."""
        stack: list[int] = []
        found = {}
        for at, token in enumerate(self.tokens):
            if token.text in _PAIRS:
                stack.append(at)
            elif token.text in _PAIRS.values():
                other = stack.pop()
                found[at], found[other] = other, at
        return found

    @cached_property
    def roles(self) -> list[str]:
        """What each token is: `keyword`, `head` (a name that is declared), `argument`, `call`,
        `layer`, `use`, or empty."""
        tokens, roles = self.tokens, []
        opened: list[str] = []  # what stands before each open bracket
        for at, token in enumerate(tokens):
            before = tokens[at - 1].text if at else ""
            after = tokens[at + 1].text if at + 1 < len(tokens) else ""
            role = ""
            if token.text in _PAIRS:
                head = at > 1 and roles[at - 1] == "head"
                opened.append("head" if head and token.text == "(" else token.text)
            elif token.text in _PAIRS.values():
                opened.pop()
            elif token.kind == "word":
                inside = opened[-1] if opened else ""
                if token.text in RESERVED:
                    role = "keyword"
                elif before == ".":
                    role = "member"
                elif before in ("input", "output", "shared", "let", "dim", "model", "for") or (
                    before == "->" and self._line_begins(token.start, "block")
                ):
                    role = "head"
                elif self._line_begins(token.start, "block") and inside in ("", "("):
                    role = "parameter"
                elif after == "=" and inside in ("(", "head"):
                    role = "argument" if not self._is_parameter(at) else "parameter"
                elif inside == "head" and self._is_parameter(at):
                    role = "parameter"
                elif inside in ("", "{") and self._first(token.start) and after in ("=", ","):
                    role = "head"
                elif inside in ("", "{") and before == "," and after in ("=", ","):
                    role = "head" if not self._line_begins(token.start, "from") else "imported"
                elif self._line_begins(token.start, "from"):
                    role = "imported"
                elif before == ":" and after == "[":
                    role = "dtype"
                elif after == "(":
                    role = "layer" if before == "->" or inside == "{" else "call"
                else:
                    role = "stage" if before == "->" else "use"
            roles.append(role)
        return roles

    def _line_begins(self, offset: int, word: str) -> bool:
        start = self.text.rfind("\n", 0, offset) + 1
        return self.text[start:].lstrip().startswith(word + " ")

    def _first(self, offset: int) -> bool:
        return not self.text[self.text.rfind("\n", 0, offset) + 1 : offset].strip()

    def _is_parameter(self, at: int) -> bool:
        """Whether a token stands in the parentheses of a model's or block's head."""
        begins = self._line_begins(self.tokens[at].start, "model")
        return begins or self._line_begins(self.tokens[at].start, "block")

    def places(self, *roles: str, but: frozenset[str] = frozenset()) -> list[int]:
        return [
            at
            for at, role in enumerate(self.roles)
            if role in roles and self.tokens[at].text not in but
        ]


class Mutant(NamedTuple):
    kind: str
    program: Program
    text: str
    lines: frozenset[int]
    original: str


Fault = tuple[list[tuple[int, int, str]], set[int], str]
Kind = Callable[[Program, random.Random], "Fault | None"]
KINDS: dict[str, Kind] = {}


def kind(name: str) -> Callable[[Kind], Kind]:
    def add(function: Kind) -> Kind:
        KINDS[name] = function
        return function

    return add


def mutant(name: str, program: Program, chance: random.Random) -> Mutant | None:
    """The program with one fault of a kind, or None where it has no place for that."""
    fault = KINDS[name](program, chance)
    if fault is None:
        return None
    edits, lines, original = fault
    text = program.text
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return Mutant(name, program, text, frozenset(lines), original)


def one(program: Program, start: int, end: int, new: str, original: str = "") -> Fault:
    return [(start, end, new)], {program.line(start)}, original


_NEAR = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wqreytioupsafdhgkjlxzvcnbm", strict=True))


def typo(word: str, chance: random.Random, known: set[str]) -> str | None:
    """The word with one slip of the finger, which makes it none of the known ones."""
    for _ in range(20):
        at = chance.randrange(len(word))
        slip = chance.randrange(4)
        if slip == 0 and at + 1 < len(word):
            made = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif slip == 1 and len(word) > 3:
            made = word[:at] + word[at + 1 :]
        elif slip == 2:
            made = word[:at] + word[at] + word[at:]
        else:
            letter = _NEAR.get(word[at].lower(), "q")
            made = word[:at] + (letter.upper() if word[at].isupper() else letter) + word[at + 1 :]
        if made != word and made.isidentifier() and made not in known | RESERVED:
            return made
    return None


def misspelt(program: Program, chance: random.Random, places: list[int]) -> Fault | None:
    """A slip in one of some tokens; strings keep their quotes."""
    places = [at for at in places if len(program.tokens[at].text.strip('"')) > 2]
    if not places:
        return None
    token = program.tokens[chance.choice(places)]
    quote = '"' if token.kind == "string" else ""
    word = token.text.strip('"')
    made = typo(word, chance, program.words | _reserved())
    if made is None:
        return None
    return one(program, token.start, token.end, f"{quote}{made}{quote}", word)


def _reserved() -> set[str]:
    """Names that are something already, so that a slip that gives one is no misspelling."""
    from mtg.catalog import catalog

    kinds = ("layer", "op", "loss", "metric")
    return {"mse", "mae", "mape"} | {name for kind in kinds for name in catalog().names(kind)}
