"""Outputs of models: the tensor, and the layer that carries the output's name."""

from __future__ import annotations

from collections.abc import Mapping

from mtg.graph.graph import Binding, Output
from mtg.graph.layers import KerasLayer, NestedModel, Op
from mtg.graph.values import TensorRef
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_names
from mtg.semantics.expansion.ends import declare_end
from mtg.semantics.expansion.flows import evaluate_source
from mtg.semantics.expansion.tasks import read_output_settings
from mtg.semantics.expansion.tensors import bind_name, note_end, take_tensor
from mtg.semantics.mentions import declared_by
from mtg.semantics.naming import BlockUse, NamedStatement
from mtg.semantics.values import ERROR, Frame, Tensor, Value
from mtg.syntax import ast


@declare_names.register(ast.OutputDecl)
def declare_output(
    statement: ast.OutputDecl, context: Context, frame: Frame
) -> Mapping[str, Value]:
    """Return the tensor of an output, as other flows take it, and add the output to the graph."""
    ends = context.ends
    assert ends is not None
    before = ends.wrong
    name = declare_end("outputs", statement, context, frame)
    settings = None if name is None else read_output_settings(name, statement, context, frame)
    value = evaluate_source(statement.flow, context, frame)
    note_end(value, context, frame)
    ref = take_tensor(value, statement.flow.span, context, frame)
    if ref is None or name is None or settings is None:
        context.graph.complete = False
        return {each.name: ERROR for each in declared_by(statement)}
    ends.wrong = before
    found = ref
    if not _carries_name(ref, name, frame.naming, context):
        # It stands at the output alone: what else takes the tensor takes it as it is.
        identity = KerasLayer("identity", "Identity", {}, statement.name.span, carries=True)
        identity.trainable = frame.trainable
        frame.naming.parts.append(identity)
        frame.naming.last = identity
        call = context.graph.add_call(
            identity, (ref,), {}, statement.name.span, rounds=frame.rounds
        )
        ref = TensorRef(call.id)
    context.graph.outputs.append(
        Output(
            name,
            ref,
            statement.name.span,
            settings.loss,
            settings.weight,
            settings.metrics,
            settings.spans,
            settings.complete,
        )
    )
    bind_name(Binding(name, ref, statement.name.span), context, frame)
    tensor = Tensor(found)
    ends.found["outputs"][name].value = tensor
    return {each.name: tensor for each in declared_by(statement)}


def _carries_name(ref: TensorRef, name: str, naming: NamedStatement, context: Context) -> bool:
    """Return whether the layer that ends an output's flow can have the output's name."""
    last = naming.last
    while isinstance(last, BlockUse):
        if last.explicit is not None:
            return False
        last = last.statements[-1].last
    if last is None or isinstance(last, Op) or ref.result:
        return False
    explicit = context.explicit_names.get(last)
    if explicit is not None and explicit[0] != name:
        return False
    # A nested model with several outputs has one name for all of them.
    return not isinstance(last, NestedModel) or len(last.graph.outputs) == 1
