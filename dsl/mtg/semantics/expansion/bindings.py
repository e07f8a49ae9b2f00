"""Names of values, dimensions and tensors: `let`, `dim`, and `name = flow`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mtg.graph.graph import Binding
from mtg.graph.values import TensorRef, leaves
from mtg.lengths.dims import Symbol
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_names
from mtg.semantics.expansion.evaluation import evaluate_value
from mtg.semantics.expansion.flows import evaluate_held
from mtg.semantics.expansion.tensors import bind_name, hold, note_end
from mtg.semantics.values import (
    ERROR,
    Frame,
    Results,
    Tensor,
    TensorGroup,
    TensorTuple,
    Value,
    holds_tensor,
    is_error,
    kind_of,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Fix, Label
from mtg.text.source import Span


@declare_names.register(ast.LetDecl)
def declare_let(statement: ast.LetDecl, context: Context, frame: Frame) -> Mapping[str, Value]:
    """Return the value of a `let`."""
    value = evaluate_value(statement.value, context, frame)
    if holds_tensor(value):
        context.reporter(frame)(
            "MTG404",
            f"`let` declares a value, but this is {kind_of(value)}",
            statement.value.span,
            label="it holds tensors",
            help=f"without `let` it is fine: `{statement.name.name} = …`",
            fix=Fix.replace(
                Span(statement.span.source, statement.span.start, statement.name.span.start),
                "",
                "remove `let`",
                safe=False,
            ),
        )
        return {statement.name.name: ERROR}
    return {statement.name.name: value}


@declare_names.register(ast.DimDecl)
def declare_dim(statement: ast.DimDecl, context: Context, frame: Frame) -> Mapping[str, Value]:
    """Return the length that a `dim` names."""
    return {statement.name.name: Symbol(statement.name.name)}


@declare_names.register(ast.TensorDecl)
def declare_tensors(
    statement: ast.TensorDecl, context: Context, frame: Frame
) -> Mapping[str, Value]:
    """Return the tensors that a flow, or the several results at its end, are named by."""
    value = evaluate_held(statement.flow, context, frame)
    note_end(value, context, frame)
    if len(statement.names) == 1:
        held = [hold(value, statement.flow.span, context, frame)]
    else:
        held = _take_several(value, statement, context, frame)
    refs = [_ref_of(each) for each in held]
    names: dict[str, Value] = {}
    for name, each, ref in zip(statement.names, held, refs, strict=True):
        if name.name == "_":
            continue
        names[name.name] = each
        if ref is not None and not frame.uses:
            beside = tuple(r for other in held for r in _refs_in(other) if r != ref)
            bind_name(Binding(name.name, ref, name.span, beside), context, frame)
    return names


def _ref_of(value: object) -> TensorRef | None:
    """Return what the graph calls a tensor; None for anything else."""
    if isinstance(value, Results):
        return TensorRef(value.call.id)
    return value.ref if isinstance(value, Tensor) else None


def _refs_in(value: Value) -> Iterator[TensorRef]:
    """Yield the tensors that a name holds, in lists and dicts too."""
    for leaf in leaves(value):
        ref = _ref_of(leaf)
        if ref is not None:
            yield ref


def _take_several(
    value: Value, statement: ast.TensorDecl, context: Context, frame: Frame
) -> list[Value]:
    """Return what each of several names is given."""
    count = len(statement.names)
    if isinstance(value, Results):
        value.call.results = count
        return [Tensor(TensorRef(value.call.id, index)) for index in range(count)]
    if is_error(value):
        return [ERROR] * count
    items: Sequence[Value] | None = None
    if isinstance(value, TensorTuple):
        items = value.tensors
    elif isinstance(value, TensorGroup) and not value.kwargs:
        items = value.args
    elif isinstance(value, (list, tuple)):
        items = value
    if items is not None and len(items) == count:
        return list(items)
    found = 1 if items is None else len(items)
    context.reporter(frame)(
        "MTG208",
        f"{count} names are given, but there {'is' if found == 1 else 'are'} {found} "
        f"result{'s' * (found != 1)}",
        statement.names[0].span.to(statement.names[-1].span),
        label=f"{count} names",
        labels=(Label(statement.flow.span, f"{found} result{'s' * (found != 1)}"),),
    )
    return [ERROR] * count
