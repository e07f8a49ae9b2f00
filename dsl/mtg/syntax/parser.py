"""From text to a syntax tree. The only file that imports Lark."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from mtg.garbage import held_collection
from mtg.limits import MAX_CHARACTERS, MAX_SYNTAX_ERRORS, MAX_TOKENS
from mtg.syntax import ast
from mtg.syntax.brackets import too_deep, too_many
from mtg.syntax.depth import too_deep as nests_too_deep
from mtg.syntax.lower import Lower, Problem
from mtg.syntax.matching import structure_of
from mtg.syntax.structure import Structure
from mtg.syntax.unclosed import Unclosed
from mtg.syntax.unexpected import Fault, explain
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Source, Span

if TYPE_CHECKING:
    from lark import Lark

_LOCK = Lock()
_NAMELESS = re.compile(r"(input|output|shared|let|dim|block|model)?\s*[^\w\s]")
_WORD = re.compile(r"[^\W\d]\w*")
_LOWER = Lower()

#: Characters that are parsed again, over all rounds, to find further faults after the first.
_RECOVERED_CHARACTERS = 2_000_000


def grammar() -> str:
    """The text of the grammar, `mtg.lark`."""
    return files("mtg.grammar").joinpath("mtg.lark").read_text(encoding="utf-8")


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(
        grammar(),
        parser="lalr",
        lexer="contextual",
        maybe_placeholders=False,
        transformer=_LOWER,
        cache=_cache_file() or False,
    )


def _cache_file() -> str | None:
    """Where the grammar's tables are kept between runs, or None where that cannot be.

    The folder is the user's own and no other's, since Lark reads the tables with `pickle`.
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        folder = (Path(home) if home else Path.home() / ".cache") / "mtg"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
        if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
            return None
        if not os.access(folder, os.W_OK):
            return None
    except (OSError, RuntimeError):
        return None
    version = f"{sys.version_info.major}{sys.version_info.minor}"
    return str(folder / f"grammar-{version}.lark")


@dataclass(frozen=True, slots=True)
class Rest:
    """What can be read of a source that does not parse as a whole.

    Attributes:
        program: The tree of the declarations that parse.
        words: Every word of those that do not: what they would declare or use is among them.
        broken: The models and blocks (by `id`) of which something is missing.
        unnamed: Those of them whose head does not parse, so that their name is made up.
        is_nameless: Whether a declaration that does not parse has no name that could be read.
    """

    program: ast.Program
    words: frozenset[str]
    broken: frozenset[int]
    unnamed: frozenset[int]
    is_nameless: bool


def parse(
    source: Source, diagnostics: Diagnostics, *, max_tokens: int | None = None
) -> ast.Program | None:
    """The syntax tree of a source, or None where it does not parse; the reasons are reported."""
    found = read(source, diagnostics, max_tokens=max_tokens)
    return None if isinstance(found, Rest) else found


def read(
    source: Source, diagnostics: Diagnostics, *, max_tokens: int | None = None
) -> ast.Program | Rest | None:
    """The syntax tree of a source, or what can be read of it; the reasons are reported."""
    if len(source.text) > MAX_CHARACTERS:
        diagnostics.report(
            "MTG605",
            f"the file has {len(source.text):,} characters; mtg reads at most {MAX_CHARACTERS:,}",
            Span(source, 0, 0),
            help="move parts of it into files of their own and import them",
        )
        return None
    if too_deep(source, diagnostics) or too_many(source, diagnostics, max_tokens or MAX_TOKENS):
        return None
    with _LOCK, held_collection():
        tree, problems, fault = _attempt(source, source.text)
        if fault is not None or problems:
            rest = _explain(source, fault, diagnostics)
            return rest if rest and not nests_too_deep(rest.program, diagnostics) else None
    return None if tree is None or nests_too_deep(tree, diagnostics) else tree


def _attempt(source: Source, text: str) -> tuple[ast.Program | None, list[Problem], Fault | None]:
    """Parse a text that has the offsets of a source."""
    from lark import UnexpectedCharacters, UnexpectedToken

    _LOWER.source, _LOWER.problems = source, []
    tree, fault = None, None
    try:
        tree = _parser().parse(text)
    except UnexpectedToken as error:
        token = error.token
        start = len(source.text) if token.type == "$END" else token.start_pos or 0
        expected = set(error.accepts or error.expected or ())
        fault = Fault(token.type, str(token), start, expected)
    except UnexpectedCharacters as error:
        start = error.pos_in_stream or 0
        fault = Fault("", text[start : start + 1], start, set(error.allowed or ()))
    return cast("ast.Program | None", tree), _LOWER.problems, fault


def _explain(source: Source, fault: Fault | None, diagnostics: Diagnostics) -> Rest | None:
    """Report what keeps a text from parsing: several faults, where they are independent.

    What is wrong with a declaration is reported once. Then the declaration is blanked out, at the
    same offsets, and the rest is parsed again; returns that, where it parses in the end.
    """
    before = len(diagnostics)
    structure = structure_of(source, diagnostics)
    rounds = min(MAX_SYNTAX_ERRORS, 1 + _RECOVERED_CHARACTERS // (1 + len(source.text)))
    rest = None
    for _ in range(rounds):
        tree, problems, found = _attempt(source, structure.text())
        for problem in problems:
            problem.report(diagnostics)
        if found is not None:
            spoiled = explain(structure, found, diagnostics)
        elif problems:
            spoiled = structure.stretch_at(problems[0].span.start)
        else:
            rest = None if tree is None else _rest(structure, tree)
            break
        if spoiled is None or spoiled.spoiled:
            break
        spoiled.spoiled = True
    strays = Unclosed(source, diagnostics).strays(structure.strays)
    if strays and rest is not None:  # which spoils declarations too
        tree, _, found = _attempt(source, structure.text())
        rest = None if found is not None or tree is None else _rest(structure, tree)
    if len(diagnostics) == before and fault is not None:
        explain(structure, fault, diagnostics)
        return None
    return rest


def _rest(structure: Structure, program: ast.Program) -> Rest:
    """What a tree without the spoiled declarations is known to lack."""
    lost = structure.lost()
    broken, unnamed = set(), set()
    for item in program.items:
        if isinstance(item, (ast.Block, ast.Model)):
            if structure.is_doubtful or any(
                item.span.start <= at < item.span.end for at, _ in lost
            ):
                broken.add(id(item))
            if item.name.span.text != item.name.name:
                unnamed.add(id(item))
    words = frozenset(word for _, text in lost for word in _WORD.findall(text))
    nameless = any(_NAMELESS.match(text) for _, text in lost)
    return Rest(program, words, frozenset(broken), frozenset(unnamed), nameless)
