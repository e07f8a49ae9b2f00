"""Loading the weights of a file into a model that was just built, and saying what does not fit."""

from __future__ import annotations

import re
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from mtg.backends.keras_weight_keys import sequential_in, translated
from mtg.files import CannotRead
from mtg.graph.graph import Graph
from mtg.process import own_warning_filters
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span

if TYPE_CHECKING:
    import keras

#: What Keras 3 writes weights to.
SUFFIXES = (".keras", ".weights.h5")

#: Keras on a weight of another shape: the model's, the file's, and the path of the weight.
_SHAPES = re.compile(
    r"variable\.shape=(\([^)]*\)), Received: value\.shape=(\([^)]*\)).*?Variable path=([^,\s]+)",
    re.DOTALL,
)
#: Keras on a layer with another number of weights: the layer's name, its number, the file's.
_NUMBERS = re.compile(r"Layer '([^']*)' expected (\d+) variables, but received (\d+) variables")
#: The list at the end of what Keras says of objects that could not be loaded.
_OTHERS = re.compile(r"could not be loaded:\s*\[(.*)\]\s*\Z", re.DOTALL)


def load_weights(model: keras.Model, path: Path, graph: Graph, diagnostics: Diagnostics) -> bool:
    """Load the weights of a file into a model; what does not fit is reported.

    Keras takes weights by the class and the position of layers, not by their names:
    `mtg.types.loading` has the rule. What the file has of a `Sequential` inside another model
    goes to the model at its position. State of an optimizer is not taken.

    Raises:
        CannotRead: The file is missing or damaged, or is none of weights.
    """
    if not path.name.endswith(SUFFIXES):
        raise CannotRead(f"weights are read from files that end in {' or '.join(SUFFIXES)}")
    if not path.is_file():
        raise CannotRead("it is a folder" if path.is_dir() else "there is no such file")
    kept = True
    try:
        with own_warning_filters():
            # A model that was not trained has no state for that of the file.
            warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
            # What follows from a layer that does not fit, which is told.
            warnings.filterwarnings("ignore", message="Skipping nested container")
            with translated(model, path) as file:
                kept = file == path
                model.load_weights(file)
    except CannotRead:
        raise
    except Exception as error:  # Keras, zipfile and h5py raise whatever they meet
        told = str(error)
        if "could not be loaded" not in told:
            raise CannotRead(f"it holds no weights of Keras 3: {_lacking(path)}") from None
        left = sequential_in(path) if kept else ""
        _report(told, path, graph, diagnostics, left)
        return False
    return True


def _lacking(path: Path) -> str:
    """What a file lacks that weights cannot be read from."""
    if path.suffix == ".h5":
        return "it is no HDF5 file, or not whole"
    if not zipfile.is_zipfile(path):
        return "it is no archive, or not whole"
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "the archive is damaged"
    for name in ("model.weights.h5", "config.json"):
        if name not in names:
            return f"the archive has no `{name}`"
    return "the archive is damaged, or Keras did not write it"


def _report(told: str, path: Path, graph: Graph, diagnostics: Diagnostics, left: str) -> None:
    names = re.findall(r"name=([^,>]+)", match[1]) if (match := _OTHERS.search(told)) else []
    if shapes := _SHAPES.search(told):
        layer, _, weight = shapes[3].partition("/")
        found = f"`{weight or layer}` of `{layer}` is {shapes[1]}, and in the file {shapes[2]}"
    elif numbers := _NUMBERS.search(told):
        layer, wanted, given = numbers[1], int(numbers[2]), int(numbers[3])
        has = f"{given or 'none'} at its place"
        found = f"`{layer}` has {wanted} weight{'s' * (wanted != 1)}, and the file {has}"
    else:
        layer, found = names[0] if names else "", told.splitlines()[0]
    known = {call.layer.name for call in graph.calls}
    others = [f"`{name}`" for name in dict.fromkeys(names) if name in known - {layer}]
    notes: tuple[str, ...] = (
        "Keras gives weights to layers by their class and position, not by their names",
    )
    if others:
        shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
        notes = (f"neither do those of {shown}", *notes)
    if left:
        notes = (f"it has those of a nested `Sequential`, as `{left}`; mtg builds another", *notes)
    diagnostics.report(
        "MTG309",
        f"the weights of `{path.name}` do not fit: {found}",
        _place(layer, graph),
        notes=notes,
        help="give the `.keras` file: its config says which model is which"
        if left and path.suffix != ".keras"
        else "",
    )


def _place(name: str, graph: Graph) -> Span:
    for call in graph.calls:
        if call.layer.name == name:
            return call.span
    return graph.span
