"""How much of a text is read: the number of its tokens, how deep its brackets and operators nest.

Brackets and tokens are counted by linear scans before the parser runs, operators on its tree, so
that the parser and the passes after it stay within what they can walk.
"""

from __future__ import annotations

import re

from mtg.limits import MAX_NESTING, MAX_OPERATORS
from mtg.syntax import ast
from mtg.syntax.patterns import BRACKETS, CLOSER, COMMENTS, OPEN_STRING, OPENER, STRING
from mtg.syntax.visit import children
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Source, Span

_SKIPPED = re.compile(rf"{STRING}|{OPEN_STRING}|{COMMENTS}")
_COUNTED = re.compile(r"\w+|->|[^\w\s]")
#: What it takes to parse an expression of an f-string on its own.
_TOKENS_OF_A_FIELD = 6
#: An item of a list of words or numbers, such as a vocabulary, with the comma behind it.
_ITEM = re.compile(r'(?:"|(?<![\w.])\d[\d_.]*)\s*,')


def report_deep_brackets(source: Source, diagnostics: Diagnostics) -> bool:
    """Report brackets that nest past the limit; return whether there are any."""
    open_: list[re.Match[str]] = []
    for match in BRACKETS.finditer(source.text):
        bracket = match[0]
        if bracket in CLOSER:
            open_.append(match)
            if len(open_) > MAX_NESTING:
                first = open_[0].start()
                diagnostics.report(
                    "MTG606",
                    f"brackets are nested more than {MAX_NESTING} deep",
                    Span(source, match.start(), match.end()),
                    label=f"level {MAX_NESTING + 1}",
                    labels=(Label(Span(source, first, first + 1), "the outermost bracket"),),
                    help="give parts of it a name by declarations",
                )
                return True
        elif bracket in OPENER and open_ and open_[-1][0] == OPENER[bracket]:
            open_.pop()
    return False


def count_tokens(text: str) -> int:
    """Return how many words, numbers, strings and punctuation marks a text has.

    What stands between the braces of an f-string counts, and its braces do.

    Comments do not count. A word or number of a list, such as a vocabulary, counts as one with the
    comma behind it.
    """
    fields = 0

    def bared(match: re.Match[str]) -> str:
        nonlocal fields
        if match[0][0] == "#":
            return " "
        if text[match.start() - 1 : match.start()] == "f":
            fields += _TOKENS_OF_A_FIELD * match[0].count("{") + len(_COUNTED.findall(match[0]))
        return '"'

    bare = _SKIPPED.sub(bared, text)
    return fields + len(_COUNTED.findall(bare)) - sum(1 for _ in _ITEM.finditer(bare))


def report_many_tokens(source: Source, diagnostics: Diagnostics, limit: int) -> bool:
    """Report a text that has more tokens than the limit; return whether it has."""
    if len(source.text) <= limit:
        return False
    count = count_tokens(source.text)
    if count <= limit:
        return False
    diagnostics.report(
        "MTG605",
        f"the file has {count:,} tokens; the limit is {limit:,}",
        Span(source, 0, 0),
        help="write repeated parts with `repeat` or a block, move parts into files of their own, "
        "or raise the limit with `--max-layers N`",
    )
    return True


def report_deep_tree(program: ast.Program, diagnostics: Diagnostics) -> bool:
    """Report operators, calls of calls or `else if` chains that nest past the limit.

    Return whether there are any.
    """
    stack: list[tuple[ast.SyntaxNode, int]] = [(item, 0) for item in program.items]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_OPERATORS:
            diagnostics.report(
                "MTG606",
                f"operators, indices or `else if`s are nested more than {MAX_OPERATORS} deep",
                node.span,
                help="give parts of it a name with `let`",
            )
            return True
        stack.extend((child, depth + 1) for child in children(node))
    return False
