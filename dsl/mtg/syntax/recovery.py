"""What can be read of a source that does not parse as a whole.

What is wrong with a declaration is reported once. Then the declaration is blanked out, at the same
offsets, and the rest is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mtg.limits import MAX_SYNTAX_ERRORS
from mtg.syntax import ast
from mtg.syntax.keras_code import report_python
from mtg.syntax.lower import Problem
from mtg.syntax.matching import structure_of
from mtg.syntax.parser import Fault, Rest
from mtg.syntax.structure import Structure
from mtg.syntax.unclosed import Unclosed
from mtg.syntax.unexpected import explain
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Source

#: A parse of a text: the tree, what is wrong with it, and where the parser gave up.
Attempt = Callable[[str], tuple[ast.Program | None, list[Problem], Fault | None]]

#: Characters that are parsed again, over all rounds, to find further faults after the first.
_RECOVERED_CHARACTERS = 2_000_000
_NAMELESS = re.compile(r"(input|output|shared|let|dim|block|model)?\s*[^\w\s]")
_WORD = re.compile(r"[^\W\d]\w*")


def recover(
    source: Source, fault: Fault | None, attempt: Attempt, diagnostics: Diagnostics
) -> Rest | None:
    """Report what keeps a text from parsing: several faults, where they are independent.

    Args:
        source: The text.
        fault: Where the parser gave up, if it was that.
        attempt: The parser, for texts with the offsets of the source.
        diagnostics: Where faults are reported.

    Returns:
        What can be read of the rest, where that parses in the end.
    """
    if fault is not None and report_python(source, diagnostics):
        return None
    before = len(diagnostics)
    structure = structure_of(source, diagnostics)
    rounds = min(MAX_SYNTAX_ERRORS, 1 + _RECOVERED_CHARACTERS // (1 + len(source.text)))
    rest = None
    for _ in range(rounds):
        tree, problems, found = attempt(structure.text())
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
        tree, _, found = attempt(structure.text())
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
        if isinstance(item, (ast.BlockDecl, ast.ModelDecl)):
            if structure.is_doubtful or any(
                item.span.start <= at < item.span.end for at, _ in lost
            ):
                broken.add(id(item))
            if item.name.span.text != item.name.name:
                unnamed.add(id(item))
    words = frozenset(word for _, text in lost for word in _WORD.findall(text))
    nameless = any(_NAMELESS.match(text) for _, text in lost)
    return Rest(program, words, frozenset(broken), frozenset(unnamed), nameless)
