"""From text to a syntax tree. Only this file, the lexer and the tables know of Lark."""

from __future__ import annotations

import os
import sys
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from mtg.gc_pause import held_collection
from mtg.limits import MAX_CHARACTERS, MAX_TOKENS
from mtg.syntax import ast
from mtg.syntax.lower import Lower
from mtg.syntax.parse_errors import InvalidToken, ParseError, PartialTree
from mtg.syntax.size_checks import report_deep_brackets, report_deep_tree, report_many_tokens
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Source, Span

if TYPE_CHECKING:
    from lark import Lark

_LOCK = Lock()
_LOWER = Lower()


def grammar() -> str:
    """Return the text of the grammar, `mtg.lark`."""
    return files("mtg.grammar").joinpath("mtg.lark").read_text(encoding="utf-8")


@cache
def _parser() -> Lark:
    from lark import Lark

    from mtg.syntax.lexer import SharingContextualLexer
    from mtg.syntax.tables import FastParser

    return Lark(
        grammar(),
        parser="lalr",
        lexer="contextual",
        start=["start", "expr"],
        maybe_placeholders=False,
        transformer=_LOWER,
        cache=_cache_file() or False,
        _plugins={"ContextualLexer": SharingContextualLexer, "LALR_Parser": FastParser},
    )


def _cache_file() -> str | None:
    """Return where the grammar's tables are kept between runs, or None where that cannot be.

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


def parse(
    source: Source, diagnostics: Diagnostics, *, max_tokens: int | None = None
) -> ast.Program | None:
    """Return the syntax tree of a source, or None where it does not parse; report why."""
    tree = read(source, diagnostics, max_tokens=max_tokens)
    return None if isinstance(tree, PartialTree) else tree


def read(
    source: Source, diagnostics: Diagnostics, *, max_tokens: int | None = None
) -> ast.Program | PartialTree | None:
    """Return the syntax tree of a source, or what can be read of it; report what cannot."""
    if len(source.text) > MAX_CHARACTERS:
        diagnostics.report(
            "MTG605",
            f"the file has {len(source.text):,} characters; the limit is {MAX_CHARACTERS:,}",
            Span(source, 0, 0),
            help="move parts of it into files of their own and import them",
        )
        return None
    if report_deep_brackets(source, diagnostics):
        return None
    if report_many_tokens(source, diagnostics, max_tokens or MAX_TOKENS):
        return None
    with _LOCK, held_collection():
        tree, invalid, error = _attempt(source, source.text)
        if error is not None or invalid:
            from mtg.syntax.recovery.reader import recover  # which most sources never need

            partial_tree = recover(source, error, partial(_attempt, source), diagnostics)
            if partial_tree is None or report_deep_tree(partial_tree.program, diagnostics):
                return None
            return partial_tree
    return None if tree is None or report_deep_tree(tree, diagnostics) else tree


def _attempt(
    source: Source, text: str
) -> tuple[ast.Program | None, list[InvalidToken], ParseError | None]:
    """Parse a text that has the offsets of a source."""
    from lark import UnexpectedCharacters, UnexpectedToken

    from mtg.syntax.lexer import accepted

    _LOWER.source, _LOWER.base, _LOWER.invalid = source, 0, []
    tree, parse_error = None, None
    try:
        tree = _parser().parse(text, start="start")
    except UnexpectedToken as error:
        token = error.token
        start = len(source.text) if token.type == "$END" else token.start_pos or 0
        expected = set(error.accepts or error.expected or ())
        parse_error = ParseError(token.type, str(token), start, expected)
    except UnexpectedCharacters as error:
        start = error.pos_in_stream or 0
        parse_error = ParseError("", text[start : start + 1], start, accepted(error.state))
    return cast("ast.Program | None", tree), _LOWER.invalid, parse_error


def _parse_expression(text: str, base: int) -> ast.Expression | None:
    """Parse an expression of an f-string, which stands at an offset of the source.

    It is called while the source is parsed; what does not parse is noted as invalid.
    """
    from lark import UnexpectedInput

    outer, _LOWER.base = _LOWER.base, base
    try:
        return cast("ast.Expression", _parser().parse(text, start="expr"))
    except UnexpectedInput as error:
        at = min(getattr(error, "pos_in_stream", None) or 0, len(text))
        place = Span(_LOWER.source, base + at, min(base + at + 1, len(_LOWER.source.text)))
        message, help = "expected an expression between the braces of this f-string", ""
        if text[at : at + 1] in (":", "!", "=") and text[at : at + 2] != "==" and text[:at].strip():
            value = text[:at].strip()
            plain = value.isidentifier()
            message = f"f-strings of mtg take no format such as `{text[at:].strip()}`"
            help = f"write `{{{value}}}`, which is as `str` gives it" if plain else "remove it"
        _LOWER.invalid.append(InvalidToken(message, place, help))
        return None
    finally:
        _LOWER.base = outer


_LOWER.expression_at = _parse_expression
