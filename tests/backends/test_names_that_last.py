"""A list of tasks, columns or experts is edited, and what is left keeps its trained weights."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from mtg.cli import main

PROGRAM = """\
block x -> expert(units) {
  return x -> Dense(units, activation="relu") -> Dense(units, activation="relu")
}

model M(tasks=["click", "like", "share"], columns={"user": 30, "item": 20, "shop": 10}, experts=3) {
  for name, size in columns.items() {
    input f"{name}": int32[1]
  }
  input context: float32[4]

  shared tables = {name: Embedding(size, 4) for name, size in columns.items()}
  features = concat([inputs[name] -> tables[name] -> Flatten() for name in columns], context)
  pool = ops.stack([features -> expert(8) for _ in range(experts)], axis=1)

  for task in tasks {
    gate = features -> Dense(experts, activation="softmax")
    h = dot(gate, pool, axes=1) -> Dense(6, activation="relu")
    output f"{task}"(loss="binary_crossentropy") = h -> Dense(1, activation="sigmoid")
  }
}
"""

SIZES = {"user": 30, "item": 20, "shop": 10}
SAMPLES = {
    **{name: np.arange(16).reshape(16, 1) % size for name, size in SIZES.items()},
    "context": np.linspace(-1, 1, 64, dtype="float32").reshape(16, 4),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained model of the program as it is, saved."""
    path = tmp_path_factory.mktemp("names")
    model = mtg.compile(PROGRAM)
    labels = {name: np.arange(16).reshape(16, 1) % 2 for name in model.output_names}
    model.fit(SAMPLES, labels, epochs=2, batch_size=16, verbose=0)
    model.save(path / "old.keras")
    np.savez(path / "old.npz", **predictions(model))
    return path


def predictions(model: keras.Model) -> dict[str, Any]:
    found = model({name: SAMPLES[name] for name in model.input_names})
    return dict(zip(model.output_names, map(keras.ops.convert_to_numpy, found), strict=True))


def weights(model: keras.Model) -> dict[str, list[Any]]:
    return {each.name: each.get_weights() for each in model.layers if each.weights}


def trained_again(folder: Path, **edited: Any) -> tuple[keras.Model, str]:
    """The edited model with the weights of the old one, and the warning of what it has not."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        model = mtg.compile(PROGRAM, weights=folder / "old.keras", by_name=True, **edited)
    return model, "\n".join(
        str(each.message).replace(f"{folder}{os.sep}", "")
        for each in told
        if each.category is UserWarning
    )


TASKS = ["share", "save", "click"]


def test_tasks_that_are_left_predict_what_they_did(folder: Path) -> None:
    found = mtg.diff(folder / "old.keras", mtg.load(PROGRAM, tasks=TASKS))
    changes = [change for change in found.changes if change.kind != "reordered"]
    named = {name for change in changes for name in (change.name, change.old) if name}
    assert {"save", "like"} <= named
    assert all("like" in name or "save" in name for name in named), named

    model, told = trained_again(folder, tasks=TASKS)
    assert told == (
        "the weights of `gate_save`, `h_save`, `save` are not in old.keras, and stay as they are "
        "initialized\n"
        "the weights of `gate_like`, `h_like`, `like` are in old.keras, and taken by no layer"
    )
    after = predictions(model)
    assert list(after) == TASKS
    with np.load(folder / "old.npz") as before:
        for task in ("share", "click"):
            assert np.array_equal(after[task], before[task])


def test_columns_and_experts_that_are_left_keep_their_weights(folder: Path) -> None:
    edited = {"columns": {"shop": 10, "page": 5, "user": 30}, "experts": 4}
    old = weights(keras.saving.load_model(folder / "old.keras"))
    model, told = trained_again(folder, **edited)
    new = weights(model)
    same = {
        name
        for name in old.keys() & new.keys()
        if [each.shape for each in old[name]] == [each.shape for each in new[name]]
    }
    assert {"tables_shop", "tables_user", "pool_2", "share"} <= same
    for name in same:
        for mine, theirs in zip(new[name], old[name], strict=True):
            assert np.array_equal(mine, theirs), name
    for name in new.keys() - same:
        assert f"`{name}`" in told.splitlines()[0]
    for name in old.keys() - same:
        assert f"`{name}`" in told.splitlines()[1]


def test_without_the_option_it_is_an_error(folder: Path) -> None:
    with pytest.raises(mtg.MtgError, match="do not fit"):
        mtg.compile(PROGRAM, weights=folder / "old.keras", tasks=["click", "like"])


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "m.mtg").write_text(PROGRAM, encoding="utf-8")
    given = [str(tmp_path / "m.mtg"), "-o", str(tmp_path / "new.keras"), "--set", 'tasks=["like"]']
    old = str(folder / "old.keras")
    assert main(["compile", *given, "--weights", old, "--by-name"]) == 0
    assert "note: the weights of `gate_click`, `gate_share`, `h_click`" in capsys.readouterr().err
    assert main(["compile", *given, "--by-name"]) == 2
    assert "--by-name goes with --weights" in capsys.readouterr().err
    plain = folder / "old.weights.h5"
    keras.saving.load_model(old).save_weights(plain)
    with pytest.raises(OSError, match=r"only the config of a \.keras file"):
        mtg.compile(PROGRAM, weights=plain, by_name=True)
