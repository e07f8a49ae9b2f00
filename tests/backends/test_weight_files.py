"""Files of weights that are hostile: they are refused before they are unpacked or read."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import mtg
import numpy as np
import pytest
from mtg import weight_files

pytestmark = pytest.mark.keras

TEXT = "model M { input x: float32[4]\n output y = x -> Dense(3) -> Dense(2) }"


@pytest.fixture(scope="module")
def model() -> Any:
    return mtg.compile(TEXT)


@pytest.fixture
def folder(tmp_path: Path, model: Any) -> Path:
    model.save(tmp_path / "x.keras")
    model.save_weights(tmp_path / "x.weights.h5")
    return tmp_path


def refused(path: Path) -> str:
    with pytest.raises(OSError, match="cannot read") as caught:
        mtg.compile(TEXT, weights=path)
    return str(caught.value)


def packed_again(folder: Path, *, method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> Path:
    """The archive with other members, each under its name with `_` for `.`."""
    names = {name.replace("_", "."): data for name, data in members.items()}
    with (
        zipfile.ZipFile(folder / "x.keras") as old,
        zipfile.ZipFile(folder / "b.keras", "w", method) as new,
    ):
        for name in [*old.namelist(), *(name for name in names if name not in old.namelist())]:
            new.writestr(name, names.get(name) or old.read(name))
    return folder / "b.keras"


def test_packed_as_zip_does(folder: Path, model: Any) -> None:
    """What is packed at all is still read."""
    taken = mtg.compile(TEXT, weights=packed_again(folder))
    np.testing.assert_allclose(taken(np.ones((1, 4))), model(np.ones((1, 4))), rtol=1e-6)


def test_an_archive_of_zeros(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    limit = weight_files.packed_limit

    def noted(file: Any) -> int:
        written.append(limit(file))
        return written[-1]

    monkeypatch.setattr(weight_files, "packed_limit", noted)
    path = packed_again(folder, model_weights_h5=bytes(60_000_000))
    assert "unpacks to more than 20,000,000 bytes" in refused(path)
    assert written == [20_000_000]
    # Much in many small parts is as much.
    parts = {f"assets/{number}.txt": bytes(3_000_000) for number in range(20)}
    with zipfile.ZipFile(folder / "x.keras", "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert "unpacks to more than 20,000,000 bytes" in refused(folder / "x.keras")


def test_an_archive_with_thousands_of_files(folder: Path) -> None:
    with zipfile.ZipFile(folder / "x.keras", "a") as archive:
        for number in range(11_000):
            archive.writestr(f"assets/{number}", b"")
    assert "more files than a model" in refused(folder / "x.keras")


@pytest.mark.parametrize("name", ["assets/../../out", "assets/..\\out", "assets/a/../../../out"])
def test_an_archive_that_leads_outside(name: str, folder: Path) -> None:
    with zipfile.ZipFile(folder / "x.keras", "a") as archive:
        archive.writestr(name, b"out")
    assert "files outside it" in refused(folder / "x.keras")
    assert not list(folder.rglob("out"))


def with_zeros(group: Any) -> None:
    """Sixteen billion zeros that take no room."""
    group.create_dataset("0", (400_000_000, 10), "f4", chunks=(100_000, 10), compression="gzip")


def with_packed_zeros(group: Any) -> None:
    found = group.create_dataset(
        "0", (100_000, 300), "f4", chunks=(10_000, 300), compression="gzip"
    )
    found[...] = np.zeros(found.shape, "f4")


def with_text(group: Any) -> None:
    group["0"] = np.array([["a"] * 3] * 4, dtype=h5py.string_dtype())


def with_an_external_link(group: Any) -> None:
    group["0"] = h5py.ExternalLink("other.h5", "/secret")


def with_a_soft_link(group: Any) -> None:
    group["0"] = h5py.SoftLink("/layers/dense_1/vars/0")


def with_external_storage(group: Any) -> None:
    group.create_dataset("0", (4, 3), "f4", external=[("/etc/hostname", 0, 48)])


def with_a_virtual_dataset(group: Any) -> None:
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "secret", shape=(4, 3))
    group.create_virtual_dataset("0", layout)


def with_complex_numbers(group: Any) -> None:
    group.create_dataset("0", (4, 3), "c8")


HOSTILE: dict[Callable[[Any], None], str] = {
    with_zeros: "claims 16,000,000,000 bytes",
    with_packed_zeros: "claims 120,000,000 bytes",
    with_text: "is not a weight of Keras",
    with_an_external_link: "is a link to another file",
    with_a_soft_link: "is a link to another file",
    with_external_storage: "is not a weight of Keras",
    with_a_virtual_dataset: "is not a weight of Keras",
    with_complex_numbers: "has complex numbers",
}


@pytest.mark.parametrize("change", HOSTILE, ids=lambda change: change.__name__)
def test_weights_that_are_none(change: Callable[[Any], None], folder: Path) -> None:
    with h5py.File(folder / "other.h5", "w") as other:
        other["secret"] = np.ones((4, 3), "f4")
    path = folder / "x.weights.h5"
    with h5py.File(path, "r+") as file:
        del file["layers/dense/vars/0"]
        change(file["layers/dense/vars"])
    assert HOSTILE[change] in refused(path)
    with zipfile.ZipFile(folder / "x.keras") as archive:
        config = archive.read("config.json")
    with zipfile.ZipFile(folder / "b.keras", "w") as archive:
        archive.writestr("config.json", config)
        archive.write(path, "model.weights.h5")
    assert HOSTILE[change] in refused(folder / "b.keras")


@pytest.mark.parametrize("number", [1e300, float("inf")])
def test_numbers_that_are_too_large(number: float, folder: Path, model: Any) -> None:
    """Keras makes them infinite without a word; what is infinite in the file stays so."""
    path = folder / "x.weights.h5"
    with h5py.File(path, "r+") as file:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars"].create_dataset("0", data=np.full((4, 3), number))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of containers that are no part of it
        model.load_weights(path)
    assert np.isinf(np.asarray(model.layers[1].kernel)).all()
    if np.isinf(number):
        assert np.isinf(np.asarray(mtg.compile(TEXT, weights=path).layers[1].kernel)).all()
        return
    with pytest.raises(mtg.MtgError, match="too large for float32"):
        mtg.compile(TEXT, weights=path)


@pytest.mark.parametrize(("name", "of"), [("again", "layers/dense"), ("all", "/")])
def test_a_group_in_itself(name: str, of: str, folder: Path) -> None:
    with h5py.File(folder / "x.weights.h5", "r+") as file:
        file[f"layers/dense/{name}"] = file[of]
    assert "is a link to another part" in refused(folder / "x.weights.h5")


def test_groups_in_groups(folder: Path) -> None:
    with h5py.File(folder / "x.weights.h5", "r+") as file:
        file.create_group("layers" + "/functional/layers" * 2_000)
    assert "more parts than any model" in refused(folder / "x.weights.h5")


def test_more_parts_than_a_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_files, "_MAX_OBJECTS", 5)
    assert "more parts than any model" in refused(folder / "x.weights.h5")


def test_a_state_of_training_is_not_looked_at(folder: Path, model: Any) -> None:
    """It is not read, and may be packed as it likes."""
    with h5py.File(folder / "x.weights.h5", "r+") as file:
        with_packed_zeros(file.require_group("optimizer/more"))
    mtg.compile(TEXT, weights=folder / "x.weights.h5")


@pytest.mark.parametrize("name", ["x.h5", "x.npz", "x.hdf5"])
def test_other_files_of_weights_are_not_opened(name: str, folder: Path) -> None:
    (folder / name).write_bytes(b"")
    assert "load weights from a .keras or .weights.h5" in refused(folder / name)


def attempt(path: Path) -> str:
    """What is said of a file; nothing other than the two errors is ever raised."""
    try:
        mtg.compile(TEXT, weights=path)
    except (OSError, mtg.MtgError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", ["x.keras", "x.weights.h5"])
def test_files_that_are_cut_or_changed(name: str, folder: Path) -> None:
    whole = (folder / name).read_bytes()
    places = np.random.default_rng(0).integers(0, len(whole), 16)
    for number, place in enumerate(sorted(int(each) for each in places)):
        changed = io.BytesIO(whole)
        changed.seek(place)
        changed.write(b"\xff\x00\xff")
        (folder / name).write_bytes(whole[:place] if number % 2 else changed.getvalue())
        said = attempt(folder / name)
        assert "cannot read" in said or "MTG309" in said or not said
