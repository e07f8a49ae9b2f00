"""Declarations: the one way in, whatever kind of statement; and the bodies that hold them.

What a kind of statement declares is registered with `declare_names` by the file that knows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate_value
from mtg.semantics.expansion.flows import evaluate_source
from mtg.semantics.expansion.tensors import note_end, take_tensor
from mtg.semantics.naming import NamedStatement
from mtg.semantics.order import declared_by
from mtg.semantics.values import ERROR, Frame, Tensor, TensorTuple, Value
from mtg.syntax import ast
from mtg.text.diagnostics import Label
from mtg.text.source import Span


@singledispatch
def declare_names(statement: ast.SyntaxNode, context: Context, frame: Frame) -> Mapping[str, Value]:
    """Return what the names stand for that a statement declares.

    A file registers this function for each kind of statement it knows. It is called by `declare`,
    which gives it a frame within that of the statement, for the layers that the statement makes.
    """
    raise TypeError(f"{type(statement).__name__} is no declaration")


def declare(
    statement: ast.Statement, context: Context, frame: Frame, naming: NamedStatement
) -> None:
    """Expand one declaration, and give its names what they stand for."""
    names = [name.name for name in declared_by(statement) if name.name != "_"]
    doubled = any(frame.names.get(name) is ERROR for name in names)
    declared: Mapping[str, Value] = {}
    # An input, output or train in a block is reported when names are resolved.
    if not frame.uses or not isinstance(statement, (ast.InputDecl, ast.OutputDecl, ast.TrainDecl)):
        inner = frame.within({}, naming)
        # Not by a call of `declare_names`, which takes C's stack wherever blocks nest.
        meaning = declare_names.registry.get(type(statement), declare_names)
        declared = meaning(statement, context, inner)
    if not doubled:  # else it is reported, and the names stay unknown
        frame.names.update(declared)
    if any(frame.names.get(name, ERROR) is ERROR for name in names):
        context.graph.complete = False


def declare_body(
    declared: ast.BlockDecl | ast.ModelDecl,
    namings: Mapping[int, NamedStatement],
    context: Context,
    frame: Frame,
) -> Value:
    """Expand the statements of a block or model, and return what its `return` returns.

    Args:
        namings: Where the layers of each statement go, by the `id` of the statement.
        frame: Its names so far are heads and parameters.
    """
    scope = context.scopes[declared]
    for name in scope.doubled:
        frame.names[name] = ERROR
    returned: Value = ERROR
    for statement in scope.order:
        naming = namings[id(statement)]
        if isinstance(statement, ast.ReturnDecl):
            returned = _evaluate_return(statement, context, frame.within({}, naming))
            if returned is ERROR:
                context.graph.complete = False
        else:
            declare(statement, context, frame, naming)
    return returned


def _evaluate_return(statement: ast.ReturnDecl, context: Context, frame: Frame) -> Value:
    """Return the results of a block, one or several."""
    if len(statement.results) == 1:
        value = evaluate_source(statement.results[0], context, frame)
        note_end(value, context, frame)
        return value
    tensors: list[Tensor] = []
    for node in statement.results:
        value = evaluate_source(node, context, frame)
        ref = take_tensor(value, node.span, context, frame)
        if ref is None:
            return ERROR
        tensors.append(Tensor(ref))
    return TensorTuple(tuple(tensors), frame.uses[-1])


def namings_of(body: Sequence[ast.Statement]) -> dict[int, NamedStatement]:
    """Return a place for the names of the layers of every statement, in the order of the text."""
    namings: dict[int, NamedStatement] = {}
    for statement in body:
        names = [name.name for name in declared_by(statement) if name.name != "_"]
        namings[id(statement)] = NamedStatement(names[0] if names else "")
    return namings


def declare_parameters(
    declared: ast.BlockDecl | ast.ModelDecl,
    given: Mapping[str, Any],
    context: Context,
    frame: Frame,
    place: Span,
) -> None:
    """Give the parameters of a block or model their values; `place` is where they are given."""
    for parameter in declared.parameters:
        name = parameter.name.name
        if name in given:
            frame.names[name] = given[name]
        elif parameter.default is not None:
            frame.names[name] = evaluate_value(parameter.default, context, frame)
        else:
            frame.names[name] = ERROR
            context.diagnostics.report(
                "MTG402",
                f"`{declared.name.name}` needs a value for `{name}`",
                place,
                labels=(Label(parameter.span, "the parameter has no default"),)
                if place != parameter.span
                else (),
                help=f"set it with `--set {name}=…`, or in Python `{name}=…`",
            )
