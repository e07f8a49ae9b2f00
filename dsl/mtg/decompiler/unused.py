"""Inputs that no output depends on, which Keras keeps and no program has."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.config.read import Reading
from mtg.graph.layers import Layer


def leave_out_unused(reading: Reading, path: str = "") -> Iterator[str]:
    """Take the inputs that no output depends on from a graph, and from the models in it.

    Yields:
        What was left out, in words.
    """
    graph = reading.graph
    path = f"{path}/{graph.name}" if path else graph.name
    for layer, inner in reading.nested.items():
        before = list(inner.graph.inputs)
        yield from leave_out_unused(inner, path)
        left = [number for number, call in enumerate(before) if call in inner.graph.inputs]
        if len(left) < len(before):
            _give(reading, layer, left, len(before))
    needed = graph.reaching_outputs()
    for call in list(graph.inputs):
        if call.id not in needed:
            graph.inputs.remove(call)
            yield f"the input `{path}/{call.layer.name}`, on which no output depends"


def _give(reading: Reading, layer: Layer, left: list[int], count: int) -> None:
    """Hand to a model in the model the tensors of those inputs only that are left of it."""
    for call in reading.graph.calls_of(layer):
        given: object = call.args[0] if len(call.args) == 1 and not call.kwargs else None
        if not isinstance(given, list) or len(given) != count:
            continue  # a call that Keras does not write: it is compared in the end
        kept = [given[number] for number in left]
        call.args = (kept[0],) if len(kept) == 1 else (kept,)
    reading.graph.forget_edges()
