"""Bare names in expressions, and what is declared at the top of files."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.catalog import catalog
from mtg.graph.values import PythonObject
from mtg.lengths.dims import Symbol
from mtg.semantics.builtins import made_without_arguments
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate_node, evaluate_value
from mtg.semantics.modules import Declared
from mtg.semantics.naming import NamedStatement
from mtg.semantics.source_text import shown_text
from mtg.semantics.values import (
    ERROR,
    MISSING,
    Ends,
    Error,
    Frame,
    LayerClass,
    SharedLayer,
    Value,
    is_error,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Fix, Label


@evaluate_node.register(ast.NameExpr)
def evaluate_name(
    node: ast.NameExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return what a bare name stands for."""
    found = frame.find(node.name)
    if found is MISSING:
        if catalog().find("layer", node.name) is not None:
            return LayerClass(node.name)
        return _report_other_branch(node, context, frame)
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
    if isinstance(found, Ends):
        if not found.model.finish(found.word, node, context, frame):
            return ERROR
        ends: Value = found.model.all_ends(found.word)
        return ERROR if is_error(ends) else ends
    return found


def _evaluate_declared(
    node: ast.NameExpr, declared: Declared, context: Context, frame: Frame
) -> Value:
    """Return what a name at the top of the file stands for."""
    if declared.array is not None:
        return declared.array
    if isinstance(declared.node, ast.PythonImportDecl):
        return PythonObject(declared.node.module.value, declared.name, None, node.span)
    if isinstance(declared.node, (ast.LetDecl, ast.DimDecl)):
        return _evaluate_top_level(declared, context)
    return declared


def report_bare_name(
    node: ast.Expression, value: Declared | LayerClass, context: Context, frame: Frame
) -> None:
    """Report a block, model or class by its name alone where an instance or a tensor belongs.

    The name may be one that holds it, such as a parameter: what is shown is what is written.
    """
    written = shown_text(node.span) or value.name
    if isinstance(value, LayerClass):
        bare = made_without_arguments(value.name)
        context.reporter(frame)(
            "MTG101",
            f"`{written}` needs parentheses",
            node.span,
            label="" if written == value.name else f"the layer class `{value.name}`",
            help=f"write `{written}()` to make one"
            if bare
            else f"write `{written}(…)` to make one",
            fix=Fix.replace(node.span, f"{written}()") if bare else None,
        )
        return
    word = "block" if isinstance(value.node, ast.BlockDecl) else "model"
    context.reporter(frame)(
        "MTG104",
        f"`{written}` is a {word}; a name alone reuses an instance",
        node.span,
        label=f"a {word}",
        labels=(Label(value.span, "declared here"),),
        help=f"write `{written}()` for a new instance, "
        f"or `shared NAME = {written}()` for one to reuse",
    )


def _report_other_branch(node: ast.NameExpr, context: Context, frame: Frame) -> Error:
    """Report a name that only a branch of a `when` declares, and not the one that is taken.

    What nothing declares was reported when the names were resolved.
    """
    scope: Frame | None = frame
    while scope is not None:
        if scope.declares is not None and (name := scope.declares.get(node.name)) is not None:
            context.reporter(frame)(
                "MTG109",
                f"`{node.name}` is not declared: the branch of `when` that does is not taken",
                node.span,
                labels=(Label(name.span, "declared in this branch"),),
                help="declare it in both branches, or use it in the same `when`",
            )
            break
        scope = scope.outer
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
        for unit in context.scopes[module.program].order:
            statement = unit.statement
            assert isinstance(statement, ast.LetDecl)
            names[statement.name.name] = evaluate_value(statement.value, context, frame)
    return context.top_levels[key].get(declared.name, ERROR)
