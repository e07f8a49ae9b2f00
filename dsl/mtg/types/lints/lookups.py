"""Layers that look something up, and were given nothing: Keras wants `adapt` called on them."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.graph import Graph
from mtg.graph.layers import KerasLayer, Layer
from mtg.graph.walk import layers_within
from mtg.text.diagnostics import Diagnostic
from mtg.text.source import NOWHERE
from mtg.types.lints import graph_lint
from mtg.types.types import Types

#: What they are given, and what they do without it.
_FAILS = "without it `fit` and `predict` fail"
_NEEDED = {
    "TextVectorization": ("vocabulary", _FAILS),
    "StringLookup": ("vocabulary", _FAILS),
    "IntegerLookup": ("vocabulary", _FAILS),
    "Discretization": ("bin_boundaries", _FAILS),
    "Normalization": ("mean", "without them it leaves its input as it is"),
}


@graph_lint
def without_vocabulary(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Report a lookup without a vocabulary; it is a note, since many adapt it in Python."""
    for layer in graph.layers:
        for each in (layer, *layers_within(layer)):
            if isinstance(each, KerasLayer) and each.span.source is not NOWHERE.source:
                yield from _look(each)


def _look(layer: Layer) -> Iterator[Diagnostic]:
    name, without = _NEEDED.get(layer.cls, ("", ""))
    if not name or layer.arguments.get(name) is not None:
        return
    given = "`mean` and `variance`" if name == "mean" else f"`{name}`"
    yield Diagnostic(
        "MTG216",
        f"`{layer.cls}` has no {given} yet",
        layer.span,
        notes=(without,),
        help=f"give it {given}, or call `adapt` of the layer `{layer.name}` with data in Python",
    )
