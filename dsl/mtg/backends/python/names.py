"""Names that Keras makes up, and that must not be those which a model has to keep.

Inputs, outputs and models in the model have their names. Keras calls the rest `dense`, `dense_1`,
`exp`, with numbers that run through the whole process, and a function of `keras.ops` takes no
`name`. Where one could meet a name that is kept, the source renames it before the model is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from mtg.catalog import catalog
from mtg.catalog.names import snake_case
from mtg.catalog.operations import operation
from mtg.graph.layers import Application, NestedModel, Op
from mtg.outline.ir import (
    Apply,
    Bind,
    BindFamily,
    Flow,
    LoopedOutput,
    ModelOutline,
    New,
    Outline,
    OutputLoop,
    OutputResult,
    Repeat,
    Stage,
    Statement,
    flows_in,
)

#: What the source calls the function, and the function.
FREE_NAMES = "free_names"
FUNCTION = '''\
    """Rename what Keras named like an input, an output or a model in the model."""
    kept = [tensor._keras_history.operation for tensor in inputs + outputs]
    found = list(kept)
    for operation in found:  # which grows
        for node in operation._inbound_nodes:
            for parent in node.parent_nodes:
                if parent.operation not in found:
                    found.append(parent.operation)
    names = {operation.name for operation in kept}
    rest = [operation for operation in found if operation not in kept]
    for operation in sorted(rest, key=lambda each: not isinstance(each, keras.Model)):
        while operation.name in names:
            operation.name += "_"
        names.add(operation.name)
'''.splitlines()


def names_may_meet(model: ModelOutline, outline: Outline) -> bool:
    """Return whether Keras may give an operation a name that the model keeps."""
    kept = {entrance.layer.name for entrance in model.inputs}
    kept |= {result.output.name for result in model.results}
    made = set()
    for stage in _stages_of_model(model, outline):
        if isinstance(stage.layer, (NestedModel, Application)):
            kept.add(stage.layer.name)
        made |= _made_up(stage)
    if any(re.sub(r"_\d+$", "", name) in made for name in kept):
        return True
    # In a function an application is called what Keras calls it, each time.
    return any(isinstance(stage.layer, Application) for stage in _stages_of_blocks(outline))


def _stages_of_model(model: ModelOutline, outline: Outline) -> Iterator[New]:
    for shared in model.shared:
        yield from _makes(shared.stages)
    yield from _in_statements(model.body)
    yield from _stages_of_blocks(outline)


def _stages_of_blocks(outline: Outline) -> Iterator[New]:
    for block in outline.blocks:
        yield from _in_statements(block.body)
        for flow in flows_in(block.returns):
            yield from _in_flow(flow)


def _in_statements(body: Sequence[Statement]) -> Iterator[New]:
    for each in body:
        if isinstance(each, Bind):
            yield from _in_flow(each.flow)
        elif isinstance(each, BindFamily):
            yield from _in_flow(each.family.item)
        elif isinstance(each, OutputLoop):
            yield from _in_statements(each.body)
            for result in each.results:
                yield from _without_named(result)
        else:
            yield from _without_named(each)


def _without_named(result: OutputResult | LoopedOutput) -> Iterator[New]:
    """Yield what an output's flow makes, but for the layer that ends it and is named."""
    flow = result.flow
    last = flow.stages[-1] if flow.stages else None
    named = isinstance(last, New) and not isinstance(last.layer, Op)
    yield from _in_flow(Flow(flow.source, flow.stages[:-1]) if named else flow)


def _in_flow(flow: Flow) -> Iterator[New]:
    if isinstance(flow.source, Apply):
        yield from _makes((flow.source.stage,))
        for inner in flow.source.flows():
            yield from _in_flow(inner)
    yield from _makes(flow.stages)


def _makes(stages: Sequence[Stage]) -> Iterator[New]:
    for stage in stages:
        if isinstance(stage, New):
            yield stage
        elif isinstance(stage, Repeat):
            yield from _makes(stage.stages)


def _made_up(make: New) -> set[str]:
    """Return what Keras may call what is made here, without the number."""
    if isinstance(make.layer, Op):
        known = operation(make.cls)
        return _of_operations() if known is None else {snake_case(known.cls)}
    if isinstance(make.layer, (NestedModel, Application)):
        return {"functional"}
    return {snake_case(make.cls.rpartition(".")[2])}


@cache
def _of_operations() -> set[str]:
    """Return the names of all operations: a function that is none itself may be made of any."""
    known = map(operation, ("getitem", *catalog().names("op")))
    return {snake_case(each.cls) for each in known if each is not None}
