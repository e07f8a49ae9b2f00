"""The keys of nested `Sequential` models in a file of weights, as a built model has them.

Keras writes the weights of a model in the model under its class: `layers/sequential`,
`layers/functional_1`. The models that mtg builds are functional, so what a `Sequential` gave stands
under another key. `translated` gives such a file the keys of the model; the models in a model go by
their position, as every layer does.

Source: `_load_container_state` in `keras/src/saving/saving_lib.py`.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from mtg.model_files import read_model_file

if TYPE_CHECKING:
    import keras

_NESTED = re.compile(r"(functional|sequential)(?:_(\d+))?")

#: Old keys of groups and new ones, each with the path of the group that holds them.
_Moves = list[tuple[str, list[tuple[str, str]]]]


@contextmanager
def translated(model: keras.Model, path: Path) -> Iterator[Path]:
    """A file of the same weights with the keys of this model: `path` itself where it has them.

    Where it is not certain which model is which, the file is left as it is.
    """
    with TemporaryDirectory(prefix="mtg-") as folder:
        yield _copy(model, path, Path(folder)) or path


def sequential_in(path: Path) -> str:
    """The key of a `Sequential` inside another model that a file has weights of, or nothing."""
    import h5py

    with (
        TemporaryDirectory(prefix="mtg-") as folder,
        h5py.File(_weights(path, Path(folder))) as file,
    ):
        return next(_sequential(file.get("layers"), "layers"), "")


def _sequential(group: Any, path: str) -> Iterator[str]:
    for key in group or ():
        if _NESTED.fullmatch(key) and "layers" in group[key]:
            if key.startswith("sequential"):
                yield f"{path}/{key}"
            yield from _sequential(group[key]["layers"], f"{path}/{key}/layers")


def _weights(path: Path, folder: Path) -> Path:
    """The HDF5 file that a file of Keras is or holds."""
    if path.suffix != ".keras":
        return path
    with zipfile.ZipFile(path) as archive:
        return Path(archive.extract("model.weights.h5", folder))


def _copy(model: keras.Model, path: Path, folder: Path) -> Path | None:
    import h5py

    config: Mapping[str, Any] | None = None
    if path.suffix == ".keras" and zipfile.is_zipfile(path):
        config = read_model_file(path)
    if config is not None and not _mentions_sequential(config):
        return None
    source = _weights(path, folder)
    moves: _Moves = []
    with h5py.File(source) as file:
        if not _plan(model, file, config, "layers", moves) or not moves:
            return None
    copy = folder / "translated.weights.h5"
    shutil.move(source, copy) if source.parent == folder else shutil.copyfile(source, copy)
    with h5py.File(copy, "r+") as file:
        # The inner ones first, whose paths the outer ones change.
        for group, pairs in reversed(moves):
            for number, (old, _) in enumerate(pairs):
                file.move(f"{group}/{old}", f"{group}/moved {number}")
            for number, (_, new) in enumerate(pairs):
                file.move(f"{group}/moved {number}", f"{group}/{new}")
    return copy


def _mentions_sequential(config: Mapping[str, Any]) -> bool:
    return any(
        entry.get("class_name") == "Sequential" or _mentions_sequential(entry)
        for entry in _entries(config)
    )


def _entries(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    layers = config.get("config", {}).get("layers") if isinstance(config, dict) else None
    return [entry for entry in layers or () if isinstance(entry, dict)]


def _plan(
    model: Any, file: Any, config: Mapping[str, Any] | None, group: str, moves: _Moves
) -> bool:
    """Note what is to be moved in a group and those inside it; whether that is certain."""
    if group not in file:
        return True
    wanted = list(_keyed((type(each).__name__, each) for each in model.layers))
    if config is None:
        found = _by_number(file[group])
    else:
        given = ((str(entry.get("class_name")), entry) for entry in _entries(config))
        found = list(_keyed(given))
    if found is None or len(found) != len(wanted):
        return False
    if any(key not in file[group] for key, _ in found):
        return False
    pairs = [(old, new) for (old, _), (new, _) in zip(found, wanted, strict=True)]
    if any(old != new for old, new in pairs):
        moves.append((group, pairs))
    return all(
        _plan(layer, file, entry, f"{group}/{old}/layers", moves)
        for (old, entry), (_, layer) in zip(found, wanted, strict=True)
    )


def _keyed(layers: Any) -> Iterator[tuple[str, Any]]:
    """The models among the layers of a model, each with the key that Keras gives it."""
    counts = {"Functional": 0, "Sequential": 0}
    for cls, layer in layers:
        if cls in counts:
            number = counts[cls]
            counts[cls] += 1
            yield cls.lower() + f"_{number}" * (number > 0), layer


def _by_number(group: Any) -> list[tuple[str, None]] | None:
    """The models in a group in their order; None where two classes hide it."""
    matches = [match for key in group if (match := _NESTED.fullmatch(key))]
    if len({match[1] for match in matches}) > 1:
        return None
    return [(match[0], None) for match in sorted(matches, key=lambda match: int(match[2] or 0))]
