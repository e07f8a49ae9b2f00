"""The list of what reaches files, held against the installed Keras: nothing of it is missing.

Whoever adds a Keras that names a file by another argument, or a layer that reads one, is told here.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

import keras
import pytest
from mtg.catalog import catalog
from mtg.catalog.modules import MODULES
from mtg.catalog.reach import DELETED, OWN_LAYERS, OWN_QUANTIZERS, REACHES, RUNS, reach

#: Names of arguments that may name a file or an address.
_NAME = re.compile(
    r"path|file|dir(ectory)?$|folder|vocab|weights$|url|uri|root|host|address|server|token_path"
    r"|metadata|load|checkpoint|assets",
)
#: Words of the documentation of an argument that names one.
_WORDS = re.compile(
    r"\b(file ?paths?|filenames?|director(y|ies)|folders?|urls?|text file|PathLike"
    r"|saved ?model|server|(string|str).{0,20}\bpath)\b",
    re.IGNORECASE,
)

#: Arguments that have such a name or such words, and name no file.
HARMLESS = {
    "weights": "values: `Embedding`, `Bidirectional`, and numbers for `average` and `bincount`",
    "idf_weights": "a list of numbers",
    "label_weights": "numbers",
    "tie_weights": "a switch",
    "restore_best_weights": "a switch",
    "save_weights_only": "a switch",
    "delete_checkpoint": "a switch",
    "double_checkpoint": "a switch",
    "vocabulary_dtype": "a dtype",
    "vocabulary_size": "a number",
    "top_paths": "a number",
    "save_best_only": "a switch",
    "profile_batch": "numbers; the profile is written below `log_dir`",
}

#: Kinds that are no classes or functions of a module with arguments of their own.
KINDS = [kind for kind in catalog().kinds() if kind in MODULES]


def found_in(kind: str, name: str) -> Any:
    made: Any = keras
    for part in f"{MODULES[kind]}.{name}".split("."):
        made = getattr(made, part, None)
    return made


def documented(made: Any) -> dict[str, str]:
    """What the documentation says of each argument."""
    text = inspect.getdoc(made) or ""
    if inspect.isclass(made):
        text += "\n" + (inspect.getdoc(made.__init__) or "")
    parts = re.split(r"^ {0,4}(\w+):", text.partition("Args:")[2], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=False))


def suspects() -> list[tuple[str, str, str]]:
    found = []
    for kind in KINDS:
        for name in catalog().names(kind):
            entry = catalog().find(kind, name)
            assert entry is not None
            if name != entry.name:
                continue
            made = found_in(kind, name)
            try:
                signature = set(inspect.signature(made).parameters)
            except (TypeError, ValueError):
                signature = set()
            told = documented(made)
            for argument in sorted({p.name for p in entry.parameters} | signature):
                words = told.get(argument, "").split("Keras config file")[0]
                if _NAME.search(argument) or _WORDS.search(words):
                    found.append((kind, name, argument))
    return found


def test_every_argument_that_may_name_a_file_is_listed_or_harmless() -> None:
    missing = [
        each
        for each in suspects()
        if reach(*each) is None and each[:2] not in RUNS and each[2] not in HARMLESS
    ]
    assert missing == []


def test_the_search_finds_what_is_listed() -> None:
    found = set(suspects())
    assert set(REACHES) <= found
    applications = {name for kind, name, argument in found if kind == "application"}
    assert applications == {
        name
        for name in catalog().names("application")
        if (entry := catalog().find("application", name)) is not None and entry.name == name
    }
    assert set(HARMLESS) <= {each[2] for each in found}, "harmless, and nothing has it"


@pytest.mark.parametrize(("kind", "cls"), [*(key[:2] for key in REACHES), *RUNS])
def test_what_is_listed_is_there(kind: str, cls: str) -> None:
    entry = catalog().find(kind, cls)
    assert entry is not None
    for of, name, argument in REACHES:
        if (of, name) == (kind, cls):
            assert entry.parameter(argument) is not None


@pytest.mark.parametrize(("module", "name"), sorted(OWN_LAYERS))
def test_own_layers_are_layers_that_take_numbers_only(module: str, name: str) -> None:
    from importlib import import_module

    made = getattr(import_module(module), name)
    assert issubclass(made, keras.layers.Layer)
    assert made.__module__ == module
    arguments = set(inspect.signature(made).parameters) - {"drop_path_rate"}
    assert not any(map(_NAME.search, arguments))


@pytest.mark.parametrize(("module", "name"), sorted(OWN_QUANTIZERS))
def test_own_quantizers_are_classes_that_name_no_file(module: str, name: str) -> None:
    from importlib import import_module

    made = getattr(import_module(module), name)
    assert inspect.isclass(made)
    assert made.__module__.startswith("keras.src.quantizers.")
    assert not any(map(_NAME.search, inspect.signature(made).parameters))


def test_every_layer_in_the_applications_of_keras_needs_no_trust(root: Any) -> None:
    """All layers that the modules of `keras.applications` define are among Keras's own."""
    import pkgutil
    from importlib import import_module

    import keras.src.applications as applications

    found = set()
    for each in pkgutil.iter_modules(applications.__path__, "keras.src.applications."):
        if each.name.endswith("_test"):
            continue
        module = import_module(each.name)
        found |= {
            (each.name, name)
            for name, made in vars(module).items()
            if inspect.isclass(made)
            and issubclass(made, keras.layers.Layer)
            and made.__module__ == each.name
        }
    assert found == {each for each in OWN_LAYERS if "applications" in each[0]}


def test_the_files_of_a_folder_that_keras_deletes(tmp_path: Any) -> None:
    """What `BackupAndRestore` writes is what its folder may hold."""
    import numpy as np

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    folder = tmp_path / "backup"
    callback = keras.callbacks.BackupAndRestore(
        folder, double_checkpoint=True, delete_checkpoint=False
    )
    model.fit(np.zeros((4, 2)), np.zeros((4, 1)), epochs=3, verbose=0, callbacks=[callback])
    names = [each.name for each in folder.iterdir()]
    assert len(names) == 4
    assert all(re.fullmatch(DELETED["BackupAndRestore"], name) for name in names)
