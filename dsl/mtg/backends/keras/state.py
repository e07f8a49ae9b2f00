"""What a file holds of the state of a model, given to a model that was just built.

`Model.load_weights` takes the variables alone. An archive also has assets, which are the
vocabularies of lookup layers, and Keras keeps the borders that a `Discretization` has found in its
config. All of it goes to the model, or what is left is named.

Source: `_load_model_from_fileobj` in `keras/src/saving/saving_lib.py`, whose functions this calls.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mtg.backends.keras.weight_keys import LEFT, paired
from mtg.catalog.names import snake_case
from mtg.process import own_warning_filters
from mtg.weight_files import Unpacked

if TYPE_CHECKING:
    import keras

#: The layer that something is wrong with, and what.
Fault = tuple[str, str]

#: Where Keras keeps what a layer has learned in its config.
_IN_CONFIG = {"Discretization": "bin_boundaries"}


class NotLoaded(Exception):
    """Keras refuses the state of a layer; the message is Keras's own."""


def lookup_fault(model: keras.Model, files: Unpacked) -> Fault | None:
    """Return what is wrong with the vocabulary of a lookup layer, before anything is loaded.

    A layer that was constructed with a vocabulary takes no other, and Keras does not say so.
    """
    if files.assets is None or files.config is None:
        return None
    for path, layer, owner in _places(model):
        if not hasattr(layer, "input_vocabulary"):
            continue
        file = files.assets / path / "vocabulary.txt"
        if layer.input_vocabulary is None and not file.is_file():
            return owner, f"`{owner}` has no vocabulary, and the file none at its place"
        if layer.input_vocabulary is not None and file.is_file():
            given = file.read_text(encoding="utf-8").splitlines()
            if given != [str(word) for word in layer.get_vocabulary()]:
                return owner, f"`{owner}` has a vocabulary of its own, and the file another"
    return None


def load_state(model: keras.Model, files: Unpacked, *, by_name: bool = False) -> Fault | None:
    """Give a model its variables and assets, and what a config holds; what nothing has taken.

    Args:
        model: The model.
        files: The file, in which everything stands under the keys of this model.
        by_name: Whether layers may find nothing there, and some of it may be left.

    Raises:
        NotLoaded: Something does not fit.
    """
    from keras.src.saving import saving_lib

    weights = saving_lib.H5IOStore(files.weights, mode="r")
    assets = None
    if files.assets is not None and files.assets.is_dir():
        assets = saving_lib.DiskIOStore(str(files.assets), mode="r")
    asked = [_asked(weights), _asked(assets)]
    errors: dict[int, Any] = {}
    failed: set[int] = set()
    try:
        with own_warning_filters():
            # What follows from a layer that does not fit, which is told.
            warnings.filterwarnings("ignore", message="Skipping nested container")
            # `_too_large` says it of any back end.
            warnings.filterwarnings("ignore", message="overflow encountered in cast")
            saving_lib._load_state(
                model,
                weights_store=weights,
                assets_store=assets,
                inner_path="",
                # That of the optimizer has its learning rate in it, of which the program decides.
                visited_saveables={id(getattr(model, "optimizer", None))},
                failed_saveables=failed,
                error_msgs=errors,
            )
        if failed and not by_name:
            saving_lib._raise_loading_failure(errors)
        left = None
        if not by_name:
            left = _left_variables(weights.h5_file, asked[0]) or _left_assets(files, asked[1])
        left = left or _too_large(model, weights.h5_file)
    except Exception as error:  # Keras, TensorFlow and h5py raise whatever they meet
        raise NotLoaded(str(error)) from None
    finally:
        weights.close()
    if files.config is not None:
        _take_config(model, files)
    return left


def _take_config(model: Any, files: Unpacked) -> None:
    for layer, entry in paired(model.layers, files.config or {}):
        attribute = _IN_CONFIG.get(type(layer).__name__, "")
        config = entry.get("config")
        found = config.get(attribute) if isinstance(config, dict) else None
        if found is not None and getattr(layer, attribute, found) is None:
            setattr(layer, attribute, found)


def _asked(store: Any) -> set[str]:
    """Return the places of a store that it is asked for, from now on."""
    asked: set[str] = set()
    if store is not None:
        get = store.get

        def asking(path: str) -> Any:
            asked.add(path)
            return get(path)

        store.get = asking
    return asked


def _left_variables(file: Any, asked: set[str]) -> Fault | None:
    for path, group in _with_variables(file.get("layers"), "layers"):
        # Of chance there is none in a layer that needs none, such as a `Dropout(0)`.
        if path not in asked and not path.endswith("seed_generator"):
            name = str(group.attrs.get("name", ""))
            called = f" (`{name}`)" if name else ""
            own = path.replace(LEFT, "")
            return "", f"no layer takes what the file has under `{own}`{called}"
    return None


def _with_variables(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name in group or ():
        found = group[name]
        if name == "vars":
            if len(found):
                yield path, found
        elif hasattr(found, "keys"):
            yield from _with_variables(found, f"{path}/{name}")


def _too_large(model: Any, file: Any) -> Fault | None:
    """Report a weight that has become infinite, where that of the file is not."""
    import keras
    import numpy

    for each in model.variables:
        values = keras.ops.convert_to_numpy(each.value)
        # Numbers that NumPy has no dtype for, such as bfloat16, are of kind "V".
        if values.dtype.kind not in "fV" or not numpy.isinf(values.astype("float64")).any():
            continue
        parts = [part for _, group in _with_variables(file, "") for part in group.values()]
        if any(numpy.isinf(part[()]).any() for part in parts if part.dtype.kind == "f"):
            return None
        layer = each.path.partition("/")[0]
        return layer, f"`{each.path}` has numbers that are too large for {each.dtype}"
    return None


def _left_assets(files: Unpacked, asked: set[str]) -> Fault | None:
    if files.assets is not None:
        for file in sorted(files.assets.rglob("*")):
            path = file.parent.relative_to(files.assets).as_posix()
            if file.is_file() and path not in asked:
                return "", f"no layer takes `{file.name}`, which the file has for `{path}`"
    return None


def _places(model: object) -> Iterator[tuple[str, Any, str]]:
    """Return the objects of a model by their keys in a file, each with its layer."""
    from keras.src.saving import saving_lib
    from keras.src.saving.keras_saveable import KerasSaveable

    seen: set[int] = set()

    def inside(value: object, path: str, owner: str) -> Iterator[tuple[str, Any, str]]:
        if id(value) in seen:
            return
        if isinstance(value, KerasSaveable):
            seen.add(id(value))
            name = str(getattr(value, "name", ""))
            owner = owner if path.rpartition("/")[2].startswith("_") else name
            yield path, value, owner
            for attribute, child in saving_lib._walk_saveable(value):
                yield from inside(child, f"{path}/{attribute}".lstrip("/"), owner)
        elif isinstance(value, (list, tuple, dict)):
            seen.add(id(value))
            counts: dict[str, int] = {}
            for each in list(value.values()) if isinstance(value, dict) else value:
                known = isinstance(each, KerasSaveable)
                if known or isinstance(each, (list, tuple, dict)):
                    word = snake_case(type(each).__name__) if known else "container"
                    number = counts[word] = counts.get(word, -1) + 1
                    key = f"{word}_{number}" if number else word
                    yield from inside(each, f"{path}/{key}", owner)

    yield from inside(model, "", "")
