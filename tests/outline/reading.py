"""What is in an outline, and the outlines of Keras's applications."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.graph import Graph
from mtg.graph.layers import Application
from mtg.outline.ir import (
    Apply,
    Flow,
    Outline,
    Repeat,
    Stage,
    flows_in,
)
from mtg.text.source import NOWHERE
from mtg.types.infer import application_graph


def application(name: str) -> Graph:
    made = Application("base", name, {"weights": None}, NOWHERE)
    graph = application_graph(made)
    assert graph is not None
    return graph


def stages(flow: Flow) -> Iterator[Stage]:
    """Every stage in a flow, those in loops and arguments too."""
    found = list(flow.stages)
    if isinstance(flow.source, Apply):
        found.append(flow.source.stage)
        for inner in flow.source.flows():
            yield from stages(inner)
    while found:
        stage = found.pop()
        yield stage
        if isinstance(stage, Repeat):
            found += stage.stages


def every_stage(found: Outline) -> list[Stage]:
    flows = [each.flow for model in found.models for each in model.body]
    for block in found.blocks:
        flows += [*(each.flow for each in block.body), *flows_in(block.returns)]
    return [stage for flow in flows for stage in stages(flow)]


def size(found: Outline) -> int:
    """About how many lines it takes: a stage is one, and so are a block's head and its end."""
    return len(every_stage(found)) + 2 * len(found.blocks) + 2 * len(found.models)
