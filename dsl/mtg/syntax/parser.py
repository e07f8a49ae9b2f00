"""From text to a syntax tree. The only file that imports Lark."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from mtg.limits import MAX_CHARACTERS
from mtg.syntax import ast
from mtg.syntax.brackets import check_brackets
from mtg.syntax.lower import Lower
from mtg.syntax.unexpected import explain_character, explain_token
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


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the garbage collector: a parse makes many objects and no garbage in circles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def parse(source: Source, diagnostics: Diagnostics) -> ast.Program | None:
    """The syntax tree of a source, or None where it does not parse; the reason is reported."""
    if len(source.text) > MAX_CHARACTERS:
        diagnostics.report(
            "MTG605",
            f"the file has {len(source.text):,} characters; mtg reads at most {MAX_CHARACTERS:,}",
            Span(source, 0, 0),
            help="move parts of it into files of their own and import them",
        )
        return None
    if not check_brackets(source, diagnostics):
        return None

    from lark import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    with _LOCK, _no_collection():
        _LOWER.source, _LOWER.problems = source, []
        try:
            tree = _parser().parse(source.text)
        except UnexpectedToken as error:
            expected = set(error.accepts or error.expected or ())
            start = error.token.start_pos
            if error.token.type == "$END":
                span = Span(source, len(source.text), len(source.text))
            else:
                span = Span(source, start, start + len(error.token))
            explain_token(span, error.token.type, str(error.token), expected, diagnostics)
            return None
        except UnexpectedCharacters as error:
            span = Span(source, error.pos_in_stream, error.pos_in_stream + 1)
            explain_character(span, diagnostics)
            return None
        except UnexpectedInput as error:  # pragma: no cover - Lark has no third kind today
            position = error.pos_in_stream or 0
            explain_character(Span(source, position, position + 1), diagnostics)
            return None
        problems = _LOWER.problems
    for message, span in problems:
        diagnostics.report("MTG001", message, span)
    return tree if isinstance(tree, ast.Program) and not problems else None
