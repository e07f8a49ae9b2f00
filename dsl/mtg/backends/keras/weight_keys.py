"""The keys of nested `Sequential` models in a file of weights, as a built model has them.

Keras writes the state of a model in a model under its class: `layers/sequential`,
`layers/functional_1`. The models that mtg builds are functional, so what a `Sequential` gave stands
under another key. `translate` gives such a file the keys of the model, in its weights and in its
assets alike; the models in a model go by their position, as every layer does.

Source: `_load_container_state` in `keras/src/saving/saving_lib.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtg.catalog.names import snake_case
from mtg.weight_files import Unpacked

if TYPE_CHECKING:
    import keras

_NESTED = re.compile(r"(functional|sequential)(?:_(\d+))?")

#: Old keys of groups and new ones, each with the path of the group that holds them.
_Moves = list[tuple[str, list[tuple[str, str]]]]

#: A layer of a model, and what the config of the file says of it.
Pair = tuple[Any, Mapping[str, Any]]


#: What the key of weights ends in that no layer of the model takes, once it is out of the way.
LEFT = " left"


def translate(model: keras.Model, files: Unpacked) -> None:
    """Give a file of weights the keys of this model, in a copy where they are others.

    Where it is not certain which model is which, the file is left as it is.
    """
    import h5py

    moves: _Moves = []
    with h5py.File(files.weights) as file:
        if not _plan(model.layers, file, files.config, "layers", moves) or not moves:
            return
    with h5py.File(files.changeable(), "r+") as file:
        # The inner ones first, whose paths the outer ones change.
        for group, pairs in reversed(moves):
            for old, new in _in_two_steps(pairs):
                if f"{group}/{old}" in file:
                    file.move(f"{group}/{old}", f"{group}/{new}")
                folder = files.assets and files.assets / group
                if folder and (folder / old).is_dir():
                    (folder / old).rename(folder / new)


def move(files: Unpacked, pairs: list[tuple[str, str]]) -> None:
    """Give parts of a file of weights other keys, in a copy: old paths and new ones."""
    import h5py

    if not pairs:
        return
    with h5py.File(files.changeable(), "r+") as file:
        for old, new in _in_two_steps(pairs):
            if old in file:
                file.move(old, new)
            if files.assets and (files.assets / old).is_dir():
                (files.assets / new).parent.mkdir(parents=True, exist_ok=True)
                (files.assets / old).rename(files.assets / new)


def _in_two_steps(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Return moves that do not collide, by way of names that nothing has."""
    yield from ((old, f"moved {number}") for number, (old, _) in enumerate(pairs))
    yield from ((f"moved {number}", new) for number, (_, new) in enumerate(pairs))


def sequential_in(path: Path) -> str:
    """Return the key of a nested `Sequential` that a file has weights of, or nothing."""
    import h5py

    with h5py.File(path) as file:
        return next(_sequential(file.get("layers"), "layers"), "")


def _sequential(group: Any, path: str) -> Iterator[str]:
    for key in group or ():
        if _NESTED.fullmatch(key) and "layers" in group[key]:
            if key.startswith("sequential"):
                yield f"{path}/{key}"
            yield from _sequential(group[key]["layers"], f"{path}/{key}/layers")


def paired(layers: list[Any], config: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield the layers of a model, those inside others too, with what a config says of them."""
    for layer, entry in _pairs(layers, _entries(config)):
        yield layer, entry
        if isinstance(getattr(layer, "layers", None), list):
            yield from paired(layer.layers, entry)
        elif (inner := getattr(layer, "layer", None)) is not None:
            yield from paired([inner], {"config": {"layers": [_config(entry).get("layer")]}})


def _pairs(layers: list[Any], entries: list[Mapping[str, Any]]) -> Iterator[Pair]:
    given = dict(_keyed((str(entry.get("class_name")), entry) for entry in entries))
    for key, layer in _keyed((type(each).__name__, each) for each in layers):
        if key in given:
            yield layer, given[key]


def _config(entry: Mapping[str, Any] | None) -> Mapping[str, Any]:
    config = entry.get("config") if isinstance(entry, dict) else None
    return config if isinstance(config, dict) else {}


def _entries(config: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    layers = _config(config).get("layers")
    return [each for each in layers if isinstance(each, dict)] if isinstance(layers, list) else []


def _inside(
    layer: Any, entry: Mapping[str, Any] | None
) -> Iterator[tuple[str, list[Any], Mapping[str, Any] | None]]:
    """Yield the lists of layers in a layer, with what the config says of them."""
    path = "layers"
    while not isinstance(getattr(layer, "layers", None), list):
        # A wrapper, perhaps in a wrapper.
        layer, entry = getattr(layer, "layer", None), _config(entry).get("layer")
        path = f"layer/{path}"
        if layer is None:
            return
    yield path, layer.layers, entry


def _plan(
    layers: list[Any], file: Any, config: Mapping[str, Any] | None, group: str, moves: _Moves
) -> bool:
    """Note what is to be moved in a group and those inside it; whether that is certain."""
    if group not in file:
        return True
    wanted = list(_keyed((type(each).__name__, each) for each in layers))
    models = [(key, each) for key, each in wanted if _NESTED.fullmatch(key)]
    entries: dict[str, Mapping[str, Any]] = {}
    if config is None:
        found = _by_number(file[group])
    else:
        entries = dict(_keyed((str(each.get("class_name")), each) for each in _entries(config)))
        found = [key for key in entries if _NESTED.fullmatch(key)]
    if found is None or len(found) != len(models):
        return False
    old_of = {new: old for old, (new, _) in zip(found, models, strict=True)}
    if any(old != new for new, old in old_of.items()):
        moves.append((group, [(old, new) for new, old in old_of.items()]))
    for key, layer in wanted:
        old = old_of.get(key, key)
        entry = entries.get(old) if config is not None else None
        for path, inner, given in _inside(layer, entry):
            if config is not None and given is None:
                continue
            if not _plan(inner, file, given, f"{group}/{old}/{path}", moves):
                return False
    return True


def _keyed(layers: Any) -> Iterator[tuple[str, Any]]:
    """Layers by the keys that Keras gives them; classes and what is of them are given."""
    counts: dict[str, int] = {}
    for cls, layer in layers:
        name = snake_case(cls)
        number = counts.get(name, -1) + 1
        counts[name] = number
        yield f"{name}_{number}" if number else name, layer


def _by_number(group: Any) -> list[str] | None:
    """Return the models in a group in their order; None where two classes hide it."""
    matches = [match for key in group if (match := _NESTED.fullmatch(key))]
    if len({match[1] for match in matches}) > 1:
        return None
    return [match[0] for match in sorted(matches, key=lambda match: int(match[2] or 0))]
