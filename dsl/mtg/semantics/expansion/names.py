"""Bare names in expressions, and what is declared at the top of files."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.graph.values import PythonObject
from mtg.lengths.dims import Symbol
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate_node, evaluate_value
from mtg.semantics.modules import Declared
from mtg.semantics.naming import NamedStatement
from mtg.semantics.values import ERROR, MISSING, Frame, SharedLayer, Value
from mtg.syntax import ast
from mtg.text.diagnostics import Label


@evaluate_node.register(ast.NameExpr)
def evaluate_name(
    node: ast.NameExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return what a bare name stands for."""
    found = frame.find(node.name)
    if found is MISSING:
        return ERROR  # reported when the names were resolved
    if isinstance(found, SharedLayer):
        if "layer" not in kinds:
            return found
        if found.layer is None:
            context.reporter(frame)(
                "MTG404",
                f"`{node.name}` is a chain of layers; expected one layer",
                node.span,
                labels=(Label(found.name.span, "declared here"),),
            )
            return ERROR
        found.uses += 1
        found.wrapped = True
        return found.layer
    if isinstance(found, Declared):
        return _evaluate_declared(node, found, context, frame)
    return found


def _evaluate_declared(
    node: ast.NameExpr, declared: Declared, context: Context, frame: Frame
) -> Value:
    """Return what a name at the top of the file stands for."""
    if isinstance(declared.node, ast.PythonImportDecl):
        return PythonObject(declared.node.module.value, declared.name, None, node.span)
    if isinstance(declared.node, (ast.LetDecl, ast.DimDecl)):
        return _evaluate_top_level(declared, context)
    word = "block" if isinstance(declared.node, ast.BlockDecl) else "model"
    context.reporter(frame)(
        "MTG104",
        f"`{node.name}` is a {word}; a name alone reuses an instance",
        node.span,
        label=f"a {word}",
        labels=(Label(declared.span, "declared here"),),
        help=f"write `{node.name}()` for a new instance, "
        f"or `shared NAME = {node.name}()` for one to reuse",
    )
    return ERROR


def _evaluate_top_level(declared: Declared, context: Context) -> Value:
    """Return the value of a `let` or `dim` at the top of a file."""
    module = declared.module
    key = id(module.program)
    if key not in context.top_levels:
        names: dict[str, Value] = {}
        context.top_levels[key] = names
        frame = Frame(names, None, module.names, (), None, NamedStatement(""))
        for item in module.program.items:
            if isinstance(item, ast.DimDecl):
                names[item.name.name] = Symbol(item.name.name)
        for statement in context.scopes[module.program].order:
            assert isinstance(statement, ast.LetDecl)
            names[statement.name.name] = evaluate_value(statement.value, context, frame)
    return context.top_levels[key].get(declared.name, ERROR)
