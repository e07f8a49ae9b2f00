"""From text to a syntax tree. The only file that imports Lark."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, cast

from mtg.garbage import held_collection
from mtg.limits import MAX_CHARACTERS, MAX_TOKENS
from mtg.syntax import ast
from mtg.syntax.brackets import too_deep, too_many
from mtg.syntax.depth import too_deep as nests_too_deep
from mtg.syntax.lower import Lower, Problem
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Source, Span

if TYPE_CHECKING:
    from lark import Lark

_LOCK = Lock()
_LOWER = Lower()


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


class Fault(NamedTuple):
    """Where the parser gave up: the token, its kind (empty for no token), and what could stand."""

    kind: str
    text: str
    start: int
    expected: set[str]


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
            from mtg.syntax.recovery import recover  # which most sources never need

            rest = recover(source, fault, partial(_attempt, source), diagnostics)
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
