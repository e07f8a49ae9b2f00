"""Seeds that Keras drew for a layer, and saved as if somebody had written them.

Where `RandomCrop` is given no seed, it draws one below 10^9, and its config does not say that. A
program that gives none and the file compiled from it are the same model all the same; a seed that
a person wrote is a difference. In a file, one of seven digits or more is taken for drawn: of
those that are drawn, one in a thousand has fewer, and few people write as many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mtg.catalog.forms import DRAWN
from mtg.graph.graph import Graph
from mtg.graph.layers import Layer
from mtg.graph.walk import all_layers
from mtg.text.source import NOWHERE

_DIGITS = 1_000_000


def drawn_seeds(graph: Graph, other: Graph) -> frozenset[int]:
    """Return the seeds of a graph that nobody wrote, where it is compared with another."""
    if graph.span is not NOWHERE:
        return frozenset()  # all that a program says is written
    written = frozenset(_seeds(other)) if other.span is not NOWHERE else frozenset()
    return frozenset(seed for seed in _seeds(graph) if seed >= _DIGITS) - written


def written_only(
    layer: Layer, arguments: Mapping[str, Any], drawn: frozenset[int]
) -> Mapping[str, Any]:
    """Return the arguments of a layer without a seed that was drawn."""
    return {
        name: value
        for name, value in arguments.items()
        if (layer.cls, name) not in DRAWN or not isinstance(value, int) or value not in drawn
    }


def _seeds(graph: Graph) -> Iterator[int]:
    for layer in all_layers(graph):
        for name, value in layer.arguments.items():
            if (layer.cls, name) in DRAWN and isinstance(value, int):
                yield value
