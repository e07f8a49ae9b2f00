"""How deep operators nest: what the passes after this one can walk without end is bounded here."""

from __future__ import annotations

from mtg.limits import MAX_OPERATORS
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics


def too_deep(program: ast.Program, diagnostics: Diagnostics) -> bool:
    """Whether operators, calls of calls or `else if` chains nest past the limit; reports it."""
    stack: list[tuple[ast.SyntaxNode, int]] = [(item, 0) for item in program.items]
    while stack:
        node, depth = stack.pop()
        if depth > MAX_OPERATORS:
            diagnostics.report(
                "MTG606",
                f"operators, indices or `else if`s are nested more than {MAX_OPERATORS} deep",
                node.span,
                help="name parts of it with a `let` of their own",
            )
            return True
        stack.extend((child, depth + 1) for child in _inner(node))
    return False


def _inner(node: ast.SyntaxNode) -> list[ast.SyntaxNode]:
    """The nodes directly below one, as far as they may nest."""
    found: list[ast.SyntaxNode] = []
    for name in type(node).__slots__:
        value = getattr(node, name)
        if isinstance(value, ast.SyntaxNode):
            found.append(value)
        elif type(value) is tuple:
            for item in value:
                if isinstance(item, ast.SyntaxNode):
                    found.append(item)
                elif type(item) is tuple:
                    found.extend(part for part in item if isinstance(part, ast.SyntaxNode))
    return found
