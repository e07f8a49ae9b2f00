"""Layers that look something up, and were given nothing: Keras wants `adapt` called on them."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.graph import Graph
from mtg.graph.layers import KerasLayer
from mtg.graph.walk import layers_within
from mtg.text.diagnostics import Diagnostic
from mtg.text.source import NOWHERE, Span
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

#: Layers of one place up to which they are named.
_LISTED = 3


@graph_lint
def without_vocabulary(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Report a lookup without a vocabulary; it is a note, since many adapt it in Python."""
    written: dict[Span, list[KerasLayer]] = {}
    for layer in graph.layers:
        for each in (layer, *layers_within(layer)):
            if isinstance(each, KerasLayer) and each.span.source is not NOWHERE.source:
                name, _ = _NEEDED.get(each.cls, ("", ""))
                if name and each.arguments.get(name) is None:
                    written.setdefault(each.span, []).append(each)
    for span, layers in written.items():
        yield _told(span, layers)


def _told(span: Span, layers: list[KerasLayer]) -> Diagnostic:
    """Return what is said of layers that are written at one place: those of a loop are many."""
    name, without = _NEEDED[layers[0].cls]
    given = "`mean` and `variance`" if name == "mean" else f"`{name}`"
    names = list(dict.fromkeys(f"`{layer.name}`" for layer in layers))
    listed = ", ".join(names[:_LISTED])
    if len(names) > _LISTED:
        listed += f" and {len(names) - _LISTED} more"
    return Diagnostic(
        "MTG216",
        f"`{layers[0].cls}` has no {given} yet",
        span,
        notes=(without,),
        help=f"give it {given}, or call `adapt` of the layer{'s' * (len(names) > 1)} {listed} with "
        "data in Python",
    )
