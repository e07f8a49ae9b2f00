"""The weights of an archive, each to the layer that it was of.

Keras gives weights to layers by class and position. Where a model has the layers of the archive in
another order, since an output has another name or a layer stands one step further from the outputs,
those of one shape would take each other's without a word. An archive has the config of its model,
which says which layer is which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mtg.backends.keras.weight_keys import LEFT, move
from mtg.compare.changes import compare
from mtg.compare.difference import Side
from mtg.compare.loading import LayerPlace, Path, places, sequential_models
from mtg.compare.operand import ConfigError, config_side
from mtg.graph.graph import Graph
from mtg.text.diagnostics import Diagnostics
from mtg.types.infer import infer
from mtg.weight_files import Unpacked

if TYPE_CHECKING:
    import keras


class Mismatch(NamedTuple):
    """What of a model and an archive has no counterpart in the other.

    Attributes:
        kept: The names of layers that the archive has no weights for, or of other shapes: theirs
            are the initial ones.
        left: The names of layers of the archive whose weights nothing takes.
    """

    kept: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def to_own_places(
    model: keras.Model, graph: Graph, files: Unpacked, *, by_name: bool = False
) -> Mismatch | None:
    """Give each layer's weights in an archive the key that the layer has in a model.

    What has no counterpart there is moved out of the way, and so is left over.

    Args:
        model: The model in the form in which it takes the weights.
        graph: What it was made of.
        files: The archive, whose nested models have the keys of this model's already.
        by_name: Whether a layer is the one that has its name, and may be without weights of the
            archive.

    Returns:
        With `by_name` what has no counterpart; None where nothing says which layer is which.
    """
    if files.config is None:
        return None
    try:
        there = config_side("", files.config)
    except ConfigError:
        return None
    here = Side("", graph, infer(graph, Diagnostics()))
    if isinstance(model.output, dict):
        here = here.beside(replace(there, form="dict"))
    same = compare(there.graph, here.graph).layers
    # The keys of the file are those of this model, whatever class its models had.
    as_built = set(sequential_models(here.types))
    sequential = {path for path, other in same.items() if other in as_built}
    has = places(there.types, sequential=sequential)
    takes = places(here.types)
    if not by_name:
        move(files, _pairs(has, takes, same))
        return None
    own = _of_one_name(has, takes)
    gone = [key for key in has if key not in own]
    move(files, [*own.items(), *((key, f"{key}{LEFT}") for key in gone)])
    taken = set(own.values())
    return Mismatch(
        tuple("/".join(p.path) for key, p in takes.items() if p.weights != () and key not in taken),
        tuple("/".join(has[key].path) for key in gone if has[key].weights != ()),
    )


def _of_one_name(has: Mapping[str, LayerPlace], takes: Mapping[str, LayerPlace]) -> dict[str, str]:
    """Return the keys of layers of one name whose weights have the same shapes: old and new."""
    named = {place.path: key for key, place in takes.items()}
    return {
        key: named[place.path]
        for key, place in has.items()
        if place.path in named and _shapes(place) == _shapes(takes[named[place.path]])
    }


def _pairs(
    has: Mapping[str, LayerPlace], takes: Mapping[str, LayerPlace], same: Mapping[Path, Path]
) -> list[tuple[str, str]]:
    """Old keys and new ones; none where every layer stands where it stood, or one would not fit."""
    places_of = {place.path: key for key, place in takes.items()}
    moved = {}
    for key, place in has.items():
        new = places_of.get(same.get(place.path, ()))
        if new is None or new == key or place.weights == ():
            continue
        if _shapes(place) != _shapes(takes[new]):
            return []
        moved[key] = new
    taken = set(moved.values())
    stray = [key for key in has if key in taken and key not in moved]
    return [*moved.items(), *((key, f"{key}{LEFT}") for key in stray)]


def _shapes(place: LayerPlace) -> list[tuple[int, ...] | None] | None:
    return None if place.weights is None else [weight.shape for weight in place.weights]
