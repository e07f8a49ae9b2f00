"""Names of values, dimensions and tensors: `let`, `dim`, and `name = flow`."""

from __future__ import annotations

from collections.abc import Mapping

from mtg.graph.graph import Binding
from mtg.graph.values import TensorRef
from mtg.lengths.dims import Symbol
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_names
from mtg.semantics.expansion.evaluation import evaluate_value
from mtg.semantics.expansion.flows import evaluate_source
from mtg.semantics.expansion.tensors import note_end, take_tensor
from mtg.semantics.values import ERROR, Frame, Results, Tensor, TensorTuple, Value, is_error
from mtg.syntax import ast
from mtg.text.diagnostics import Label


@declare_names.register(ast.LetDecl)
def declare_let(statement: ast.LetDecl, context: Context, frame: Frame) -> Mapping[str, Value]:
    """Return the value of a `let`."""
    return {statement.name.name: evaluate_value(statement.value, context, frame)}


@declare_names.register(ast.DimDecl)
def declare_dim(statement: ast.DimDecl, context: Context, frame: Frame) -> Mapping[str, Value]:
    """Return the length that a `dim` names."""
    return {statement.name.name: Symbol(statement.name.name)}


@declare_names.register(ast.TensorDecl)
def declare_tensors(
    statement: ast.TensorDecl, context: Context, frame: Frame
) -> Mapping[str, Value]:
    """Return the tensors that a flow, or the several results at its end, are named by."""
    value = evaluate_source(statement.flow, context, frame)
    note_end(value, context, frame)
    if len(statement.names) == 1:
        ref = take_tensor(value, statement.flow.span, context, frame)
        tensors: list[TensorRef | None] = [ref]
    else:
        tensors = _take_several(value, statement, context, frame)
    names: dict[str, Value] = {}
    for name, found in zip(statement.names, tensors, strict=True):
        if name.name == "_":
            continue
        names[name.name] = ERROR if found is None else Tensor(found)
        if found is not None and not frame.uses:
            beside = tuple(ref for ref in tensors if ref is not None and ref != found)
            context.graph.bindings.append(Binding(name.name, found, name.span, beside))
    return names


def _take_several(
    value: Value, statement: ast.TensorDecl, context: Context, frame: Frame
) -> list[TensorRef | None]:
    """Return a tensor for each of several names."""
    count = len(statement.names)
    if isinstance(value, Results):
        value.call.results = count
        return [TensorRef(value.call.id, index) for index in range(count)]
    if isinstance(value, TensorTuple) and len(value.tensors) == count:
        return [tensor.ref for tensor in value.tensors]
    if is_error(value):
        return [None] * count
    found = len(value.tensors) if isinstance(value, TensorTuple) else 1
    context.reporter(frame)(
        "MTG208",
        f"{count} names are given, but there {'is' if found == 1 else 'are'} {found} "
        f"result{'s' * (found != 1)}",
        statement.names[0].span.to(statement.names[-1].span),
        label=f"{count} names",
        labels=(Label(statement.flow.span, f"{found} result{'s' * (found != 1)}"),),
    )
    return [None] * count
