"""Going through the syntax tree, whatever kinds of node stand in it."""

from __future__ import annotations

from mtg.syntax import ast


def children(node: ast.SyntaxNode) -> list[ast.SyntaxNode]:
    """Return the nodes directly below one, in the order of its fields."""
    below: list[ast.SyntaxNode] = []
    for name in type(node).__slots__:
        value = getattr(node, name)
        if isinstance(value, ast.SyntaxNode):
            below.append(value)
        elif type(value) is tuple:
            for item in value:
                if isinstance(item, ast.SyntaxNode):
                    below.append(item)
                elif type(item) is tuple:  # the key and the value of a dict's item
                    below.extend(part for part in item if isinstance(part, ast.SyntaxNode))
    return below


def attribute_path(node: ast.Expression) -> list[str]:
    """Return the parts of `ops.image.resize`; an empty list where it does not begin with a name."""
    parts: list[str] = []
    while isinstance(node, ast.AttributeExpr):
        parts.append(node.name.name)
        node = node.value
    return [node.name, *reversed(parts)] if isinstance(node, ast.NameExpr) else []
