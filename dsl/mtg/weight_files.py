"""The files that weights are read from, unpacked and looked through within limits.

A file comes from anywhere. What it says of its own sizes is not believed: an archive may unpack to
a thousand times its length, and a dataset of HDF5 may claim any shape and store nothing.
"""

from __future__ import annotations

import math
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from mtg.archives import DAMAGES, check_archive
from mtg.files import CannotRead, reading
from mtg.model_files import packed_limit, read_model_file

#: What Keras 3 writes weights to.
SUFFIXES = (".keras", ".weights.h5")

#: The part of an archive with weights, and the folder of its vocabularies and the like.
_WEIGHTS, _ASSETS = "model.weights.h5", "assets/"

#: Bytes of one dataset that are read whatever is stored of them, and how many times as many as are
#: stored may be read besides. No one can pack trained weights to a tenth.
_FREE, _MOST_TIMES = 16_000_000, 20

#: Groups and datasets of a file, and how deep they may lie in each other. A model of 30,000 layers
#: has some 200,000, and one in 50 others is 100 deep.
_MAX_OBJECTS, _MAX_DEPTH = 1_000_000, 300

_PIECE = 1 << 20


@dataclass(slots=True)
class Unpacked:
    """A file of weights.

    Attributes:
        weights: The HDF5 file.
        assets: The folder of vocabularies and the like, which only an archive has.
        config: The config of the model that the weights are of, which only an archive has.
        folder: Where a changed copy of the weights may lie.
    """

    weights: Path
    assets: Path | None
    config: Mapping[str, Any] | None
    folder: Path

    def changeable(self) -> Path:
        """Return the HDF5 file as a copy of our own."""
        if self.weights.parent != self.folder:
            copy = self.folder / _WEIGHTS
            shutil.copyfile(self.weights, copy)
            self.weights = copy
        return self.weights


@contextmanager
def unpacked(path: Path) -> Iterator[Unpacked]:
    """Open a file of weights; what is unpacked of it is removed in the end.

    Raises:
        CannotRead: It is missing, damaged, too large, or none of weights.
    """
    if not path.name.endswith(SUFFIXES):
        raise CannotRead(
            f"load weights from a {' or '.join(SUFFIXES)} file of the same architecture"
        )
    with reading(path):
        if not path.is_file():
            raise CannotRead("it is a folder" if path.is_dir() else "there is no such file")
        path.open("rb").close()
    with TemporaryDirectory(prefix="mtg-") as name:
        folder = Path(name)
        if path.suffix == ".h5":
            yield Unpacked(path, None, None, folder)
            return
        try:
            _unpack(path, folder)
        except OSError as error:
            raise CannotRead(f"it cannot be unpacked: {error.strerror or error}") from None
        except DAMAGES:
            raise CannotRead("it holds no weights of Keras 3: the archive is damaged") from None
        yield Unpacked(folder / _WEIGHTS, folder / _ASSETS, read_model_file(path), folder)


def _unpack(path: Path, folder: Path) -> None:
    """Return the weights and the assets of an archive, into a folder."""
    if not zipfile.is_zipfile(path):
        raise CannotRead("it holds no weights of Keras 3: it is not a complete archive")
    with path.open("rb") as file:
        check_archive(file)
        left = most = packed_limit(file)
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            for name in (_WEIGHTS, "config.json"):
                if name not in names:
                    raise CannotRead(f"it holds no weights of Keras 3: the archive has no `{name}`")
            for info in archive.infolist():
                if info.is_dir() or (
                    info.filename != _WEIGHTS and not info.filename.startswith(_ASSETS)
                ):
                    continue
                place = PurePosixPath(info.filename)
                if ".." in place.parts or place.is_absolute() or "\\" in info.filename:
                    raise CannotRead("the archive names files outside it")
                target = folder.joinpath(*place.parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as member, target.open("wb") as out:
                    while piece := member.read(_PIECE):
                        left -= len(piece)
                        if left < 0:
                            raise CannotRead(f"it unpacks to more than {most:,} bytes")
                        out.write(piece)


def check_sizes(path: Path, largest: int) -> None:
    """Look through the objects of an HDF5 file before anything of it is read.

    Args:
        path: The file.
        largest: The bytes of the largest weight of the model, which has its memory already.

    Raises:
        CannotRead: It is no HDF5 file, claims more than it stores, or leads to other files.
    """
    import h5py

    try:
        with h5py.File(path) as file:
            seen: set[int] = set()
            groups = [file]
            while groups:
                group = groups.pop()
                for name in group:
                    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                        raise CannotRead(f"`{group.name}/{name}` is a link to another file")
                    found = group[name]
                    address = h5py.h5o.get_info(found.id).addr
                    if found.name == "/optimizer":
                        continue
                    if address in seen:
                        raise CannotRead(f"`{found.name}` is a link to another part")
                    seen.add(address)
                    if len(seen) > _MAX_OBJECTS or found.name.count("/") > _MAX_DEPTH:
                        raise CannotRead("it has more parts than any model")
                    if isinstance(found, h5py.Group):
                        groups.append(found)
                    elif isinstance(found, h5py.Dataset):
                        _check_dataset(found, largest)
    except CannotRead:
        raise
    except Exception:  # h5py raises whatever it meets
        raise CannotRead("it holds no weights of Keras 3: it is not a complete HDF5 file") from None


def _check_dataset(found: Any, largest: int) -> None:
    if found.external or found.is_virtual or found.dtype.hasobject:
        raise CannotRead(f"`{found.name}` is not a weight of Keras")
    if found.dtype.kind == "c":
        # Of which Keras would drop a part, with a warning of NumPy's at most.
        raise CannotRead(f"`{found.name}` has complex numbers, and weights of Keras are real")
    claimed = math.prod(found.shape or ()) * found.dtype.itemsize
    stored = found.id.get_storage_size()
    if claimed > max(_FREE, largest, _MOST_TIMES * stored):
        raise CannotRead(
            f"`{found.name}` claims {claimed:,} bytes, which is more than the model takes, and "
            f"has {stored:,}"
        )
