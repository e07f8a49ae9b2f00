"""What can be read of a source that does not parse as a whole.

What is wrong with a declaration is reported once. Then the declaration is blanked out, at the same
offsets, and the rest is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mtg.limits import MAX_SYNTAX_ERRORS
from mtg.syntax import ast
from mtg.syntax.parse_errors import InvalidToken, ParseError, PartialTree
from mtg.syntax.recovery.brackets import match_brackets
from mtg.syntax.recovery.messages import report_error
from mtg.syntax.recovery.python_code import report_python
from mtg.syntax.recovery.structure import Structure
from mtg.syntax.recovery.unclosed import UnclosedReports
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Source

#: A parse of a text: the tree, its invalid tokens, and where the parser gave up.
Attempt = Callable[[str], tuple[ast.Program | None, list[InvalidToken], ParseError | None]]

#: Characters that are parsed again, over all attempts, to find further errors after the first.
_RECOVERED_CHARACTERS = 2_000_000
_NAMELESS = re.compile(r"(input|output|shared|let|dim|block|model)?\s*[^\w\s]")
_WORD = re.compile(r"[^\W\d]\w*")


def recover(
    source: Source, error: ParseError | None, attempt: Attempt, diagnostics: Diagnostics
) -> PartialTree | None:
    """Report what keeps a text from parsing: several errors, where they are independent.

    Args:
        source: The text.
        error: Where the parser gave up, if it was that.
        attempt: The parser, for texts with the offsets of the source.
        diagnostics: Where errors are reported.

    Returns:
        What can be read of the rest, where that parses in the end.
    """
    if error is not None and report_python(source, diagnostics):
        return None
    before = len(diagnostics)
    structure = match_brackets(source, diagnostics)
    attempts = min(MAX_SYNTAX_ERRORS, 1 + _RECOVERED_CHARACTERS // (1 + len(source.text)))
    partial_tree = None

    def parses(text: str) -> bool:
        tree, invalid, error = attempt(text)
        return tree is not None and not invalid and error is None

    for _ in range(attempts):
        tree, invalid, next_error = attempt(structure.text())
        for token in invalid:
            token.report(diagnostics)
        if next_error is not None:
            to_skip = report_error(structure, next_error, diagnostics, parses)
        elif invalid:
            to_skip = structure.declaration_at(invalid[0].span.start)
        else:
            partial_tree = None if tree is None else _partial_tree(structure, tree)
            break
        if to_skip is None or to_skip.skipped:
            break
        to_skip.skipped = True
    unmatched = UnclosedReports(source, diagnostics).report_unmatched(structure.unmatched)
    if unmatched and partial_tree is not None:  # for which declarations are skipped too
        tree, _, next_error = attempt(structure.text())
        parsed = None if next_error is not None else tree
        partial_tree = None if parsed is None else _partial_tree(structure, parsed)
    if len(diagnostics) == before and error is not None:
        report_error(structure, error, diagnostics, parses)
        return None
    return partial_tree


def _partial_tree(structure: Structure, program: ast.Program) -> PartialTree:
    """Return a tree without the skipped declarations, with what it is known to lack."""
    skipped = structure.skipped_parts()
    incomplete, unnamed = set(), set()
    for item in program.items:
        if isinstance(item, (ast.BlockDecl, ast.ModelDecl)):
            if structure.is_doubtful or any(
                item.span.start <= at < item.span.end for at, _ in skipped
            ):
                incomplete.add(id(item))
            if item.name.span.text != item.name.name:
                unnamed.add(id(item))
    words = frozenset(word for _, text in skipped for word in _WORD.findall(text))
    nameless = any(_NAMELESS.match(text) for _, text in skipped)
    return PartialTree(program, words, frozenset(incomplete), frozenset(unnamed), nameless)
