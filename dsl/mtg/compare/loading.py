"""Whether the weights that one model saved load into another, layer by layer.

`Model.load_weights`, from a `.keras` file as from a `.weights.h5` file, goes by class and position
and never by name. The layers of a model are gone through in the order of `model.layers`; the key of
each is its class in snake case, with the number of layers of that class before it: `dense`,
`dense_1`. A model in the model is such a layer, with keys of its own inside. Every layer takes what
stands under its key: as many weights as it has, each of its shape. One that finds another number or
another shape, or nothing, makes `load_weights` raise an error, after it has loaded the others. What
the file has beyond that is not looked at, so that it succeeds where layers were taken away.

Source: `_load_state`, `_load_container_state` in `keras/src/saving/saving_lib.py`,
`Layer.load_own_variables`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from mtg.catalog.names import snake_case
from mtg.graph.layers import Application, InputLayer, Layer, NestedModel, Op
from mtg.text.diagnostics import Diagnostics
from mtg.types.infer import application_graph, infer
from mtg.types.order import keras_order
from mtg.types.tensor import Weight
from mtg.types.types import Types

#: The names of a layer and of the models that it is in, from the outside.
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a layer gets from the file.

    Attributes:
        layer: The layer, with the models it is in before it; the empty path where the file has
            weights that no layer takes.
        giver: The layer whose weights the file has under that key; empty where there is none.
        key: The key in the file.
        status: `loads`, `shape` (one is of another), `number` (there are more or fewer), `missing`
            (nothing stands under the key), `left` (no layer takes them), or `unknown`.
        weights: Name and shape of each weight of the layer, and the shape in the file, None where
            one has none; only of those that do not fit, if any.
        stray: Whether the weights come from another layer than the one that this one is.
    """

    layer: Path
    giver: Path
    key: str
    status: str
    weights: tuple[tuple[str, tuple[int, ...] | None, tuple[int, ...] | None], ...] = ()
    stray: bool = False

    @property
    def fits(self) -> bool:
        return self.status in ("loads", "left")


@dataclass(frozen=True, slots=True)
class Loading:
    """Whether weights load.

    Attributes:
        verdict: `yes`; `partly`, where Keras loads them without an error but some are left or go
            to another layer; `no`, where it raises one; `unknown`.
        layers: What every layer with weights gets, in the order of the file, what is left last.
        reordered: What takes its inputs in another order than the first model's did, where the
            order counts and weights follow: they load, and what is computed is another thing.
    """

    verdict: str
    layers: tuple[Loaded, ...]
    reordered: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerPlace:
    """A layer with its path, and its weights, None where they are not known."""

    path: Path
    weights: tuple[Weight, ...] | None


def loading(a: Types, b: Types, same: Mapping[Path, Path]) -> Loading:
    """Return whether the weights of `a` load into `b`.

    Args:
        same: Which layer of `b` each layer of `a` is.
    """
    return _compared(places(a), places(b), same)


def _compared(
    has: Mapping[str, LayerPlace], takes: Mapping[str, LayerPlace], same: Mapping[Path, Path]
) -> Loading:
    found: list[Loaded] = []
    for key, place in takes.items():
        given = has.get(key)
        if place.weights == () and (given is None or given.weights == ()):
            continue
        found.append(_loaded(key, place, given, same))
    for key, given in has.items():
        if key not in takes and given.weights != ():
            found.append(Loaded((), given.path, key, "left"))
    if any(each.status in ("shape", "number", "missing") for each in found):
        verdict = "no"
    elif any(each.status == "unknown" for each in found):
        verdict = "unknown"
    elif any(each.status == "left" or each.stray for each in found):
        verdict = "partly"
    else:
        verdict = "yes"
    return Loading(verdict, tuple(found))


def _loaded(
    key: str, place: LayerPlace, given: LayerPlace | None, same: Mapping[Path, Path]
) -> Loaded:
    if given is None:
        status = "unknown" if place.weights is None else "missing"
        return Loaded(place.path, (), key, status, _rows(place.weights or (), ()))
    stray = same.get(given.path) != place.path
    if place.weights is None or given.weights is None:
        return Loaded(place.path, given.path, key, "unknown", stray=stray)
    rows = _rows(place.weights, given.weights)
    if len(place.weights) != len(given.weights):
        return Loaded(place.path, given.path, key, "number", rows, stray)
    misfits = tuple(row for row in rows if row[1] != row[2])
    return Loaded(place.path, given.path, key, "shape" if misfits else "loads", misfits, stray)


def _rows(
    wanted: tuple[Weight, ...], given: tuple[Weight, ...]
) -> tuple[tuple[str, tuple[int, ...] | None, tuple[int, ...] | None], ...]:
    return tuple(
        (
            one.name if one is not None else other.name if other is not None else "",
            None if one is None else one.shape,
            None if other is None else other.shape,
        )
        for one, other in zip_longest(wanted, given)
    )


def places(
    types: Types,
    path: Path = (),
    prefix: str = "layers",
    *,
    sequential: Container[Path] | None = None,
) -> dict[str, LayerPlace]:
    """Return the layers of a model by their keys in a file of its weights.

    Args:
        sequential: The models in it that are `Sequential` there; None for those that say it.
    """
    found: dict[str, LayerPlace] = {}
    numbers: dict[str, int] = {}
    for layer in keras_order(types.graph):
        if isinstance(layer, Op):
            continue
        here = (*path, layer.name)
        inside = _inside(types, layer)
        word = snake_case(layer.cls)
        if isinstance(layer, (NestedModel, Application)):
            # Keras names a model by its class; an application is functional.
            own = isinstance(layer, NestedModel) and layer.graph.sequential
            word = (
                "sequential"
                if (own if sequential is None else here in sequential)
                else "functional"
            )
        number = numbers.get(word, -1) + 1
        numbers[word] = number
        key = f"{prefix}/{word}_{number}" if number else f"{prefix}/{word}"
        if inside is not None:
            found |= places(inside, here, f"{key}/layers", sequential=sequential)
        else:
            weights = () if isinstance(layer, InputLayer) else types.weights.get(layer)
            found[key] = LayerPlace(here, weights)
    return found


def sequential_models(types: Types, path: Path = ()) -> Iterator[Path]:
    """Yield the models in a model that are `Sequential`."""
    for layer in types.graph.layers:
        inside = _inside(types, layer)
        if inside is None:
            continue
        here = (*path, layer.name)
        if isinstance(layer, NestedModel) and layer.graph.sequential:
            yield here
        yield from sequential_models(inside, here)


def _inside(types: Types, layer: Layer) -> Types | None:
    """Return the types of what a layer that is a model holds."""
    if layer in types.nested:
        return types.nested[layer]
    if isinstance(layer, Application):
        graph = application_graph(layer)
    else:
        graph = layer.graph if isinstance(layer, NestedModel) else None
    return None if graph is None else infer(graph, Diagnostics())
