"""Arrays that a program names: `from data "tables.npz" import positions`.

An `.npz` file is an archive with a file for each array: a short head, and the numbers. To check a
program the heads are read, and the words of vocabularies; numbers are read where a model or a
config is made. Nothing is unpickled, and no more is read than a head says, within limits.

Source: the format of `numpy.lib.format`, versions 1 to 3.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from math import prod
from pathlib import Path
from typing import IO, Any, NamedTuple

from mtg.archives import DAMAGES, METHODS, check_archive
from mtg.catalog.reach import DATA
from mtg.files import CannotRead
from mtg.graph.values import DataArray
from mtg.limits import MAX_ARRAY, MAX_VOCABULARY
from mtg.named_files import Named, opened, place_of
from mtg.refusal import Refusal
from mtg.text.source import Span

#: Bytes of the head of an array, as NumPy itself limits them, and axes.
_MAX_HEAD, _MAX_AXES = 10_000, 32

#: A type of the items as NumPy writes it: the order of the bytes, the kind, and the size.
_TYPE = re.compile(r"([<>|=])([a-zA-Z])([0-9]{0,6})")
_ENTRY = re.compile(
    r"\s*'(descr|fortran_order|shape)'\s*:\s*"
    r"(?:'([^']*)'|(True|False)|\(([0-9, ]*)\))\s*,?\s*"
)

#: The dtypes that a tensor may have, by their kind and size in bytes.
_DTYPES = {
    **{("f", size): f"float{8 * size}" for size in (2, 4, 8)},
    **{("i", size): f"int{8 * size}" for size in (1, 2, 4, 8)},
    **{("u", size): f"uint{8 * size}" for size in (1, 2, 4, 8)},
    ("b", 1): "bool",
}

#: Bytes of a letter, and how Python unpacks whole numbers, by their dtype.
_LETTER = 4
_UNPACKED = dict(
    zip(
        (f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
        "bhiqBHIQ",
        strict=True,
    )
)


class _Head(NamedTuple):
    """What stands before the numbers of an array; `size` is the bytes of an item."""

    type: str
    dtype: str
    size: int
    fortran: bool
    shape: tuple[int, ...]

    @property
    def length(self) -> int:
        return prod(self.shape) * self.size


class DataFile(NamedTuple):
    """What a file holds of the arrays that are asked for.

    Attributes:
        arrays: Those it has, or why one cannot be read.
        names: The names of all its arrays.
    """

    arrays: dict[str, DataArray | Refusal]
    names: list[str]


def read_data(path: str, place: Span, names: Iterable[str], trust: bool = False) -> DataFile:
    """Return what the heads of some arrays in a file say.

    Args:
        path: The file, as the program names it, relative to the file that does.
        place: Where the program names it.
        names: The names of the arrays.
        trust: Whether the caller trusts the program, whatever its texts say of that.

    Raises:
        Refusal: The file may not be read, is missing, or is no archive of arrays.
    """
    named = Named(DATA, "", path, place, trust)
    with _archive_of(named) as archive:
        members = {
            info.filename.removesuffix(".npy"): info
            for info in archive.infolist()
            if info.filename.endswith(".npy")
        }
        arrays: dict[str, DataArray | Refusal] = {}
        for name in names:
            if name in members:
                try:
                    arrays[name] = _array(archive, members[name], name, named)
                except Refusal as refusal:
                    arrays[name] = refusal
    return DataFile(arrays, list(members))


def file_of(array: DataArray, trust: bool = False) -> Path:
    """Return the path of the file that an array is in.

    Raises:
        Refusal: It is not to be reached any more.
    """
    return place_of(Named(DATA, "", array.path, array.span, trust))[0]


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, named: Named) -> DataArray:
    with archive.open(info) as member:
        head = _read_head(member, info, name, named)
    return DataArray(
        name,
        named.path,
        head.dtype,
        head.shape,
        info.CRC,
        partial(_numbers, name, head, named),
        partial(_items, name, head, named),
        named.span,
    )


@contextmanager
def _archive_of(named: Named) -> Iterator[zipfile.ZipFile]:
    """Open the archive that a file is.

    Raises:
        Refusal: The file may not be read, or is none.
    """
    with opened(named) as file:
        try:
            is_array = file.read(6) == b"\x93NUMPY"
            check_archive(file, "mtg reads")
            file.seek(0)
            with zipfile.ZipFile(file) as archive:
                yield archive
        except (CannotRead, *DAMAGES, OSError) as error:
            reason = str(error) if isinstance(error, CannotRead) else "the archive is damaged"
            help = "write one with `numpy.savez(path, name=array)`"
            if is_array:
                reason = "it is a single array, without a name"
            raise Refusal("MTG641", f"`{named.path}` is no `.npz` file: {reason}", help) from None


def _read_head(member: IO[bytes], info: zipfile.ZipInfo, name: str, named: Named) -> _Head:
    """Return the head of an array; the member stands at its numbers then.

    Raises:
        Refusal: It is none, too large, or of items that are no tensor's.
    """
    what = f"`{name}` of `{named.path}`"
    if info.flag_bits & 1 or info.compress_type not in METHODS:
        raise Refusal("MTG641", f"{what} is packed in a way that NumPy does not use")
    start = member.read(12)
    version = start[6:7]
    if start[:6] != b"\x93NUMPY" or version not in (b"\1", b"\2", b"\3") or len(start) < 12:
        raise Refusal("MTG641", f"{what} is no array of NumPy")
    # The length has two bytes in the first version, and four since.
    long = version != b"\1"
    length = int.from_bytes(start[8:12] if long else start[8:10], "little")
    begun = b"" if long else start[10:12]
    if length > _MAX_HEAD:
        raise Refusal("MTG641", f"{what} has a head of more than {_MAX_HEAD:,} bytes")
    text = (begun + member.read(length - len(begun))).decode("utf-8", "replace").strip()
    entries = {m[1]: m for m in _ENTRY.finditer(text)}
    if set(entries) != {"descr", "fortran_order", "shape"}:
        raise Refusal("MTG641", f"{what} has items of several parts, which no tensor has")
    head = _head(entries, what)
    if len(start) - len(begun) + length + head.length != info.file_size:
        raise Refusal("MTG641", f"{what} is damaged: it has another size than its head says")
    if head.length > MAX_ARRAY:
        raise Refusal("MTG641", f"{what} has more than {MAX_ARRAY:,} bytes")
    return head


def _head(entries: dict[str, re.Match[str]], what: str) -> _Head:
    written, ordered, shape = (entries[key] for key in ("descr", "fortran_order", "shape"))
    kind = _TYPE.fullmatch(written[2] or "")
    lengths = [part for part in (shape[4] or "").replace(" ", "").split(",") if part]
    if kind is None or ordered[3] is None or shape[4] is None or len(lengths) > _MAX_AXES:
        raise Refusal("MTG641", f"{what} is no array of NumPy")
    size = int(kind[3] or 0)
    if kind[2] == "O":
        raise Refusal(
            "MTG641",
            f"{what} holds objects of Python, and mtg unpickles nothing",
            "make it an array of numbers or strings: `array.astype(str)`",
        )
    dtype = "string" if kind[2] == "U" else _DTYPES.get((kind[2], size))
    if dtype is None:
        raise Refusal(
            "MTG641",
            f"{what} has the dtype `{written[2]}`, which no tensor has",
            "make it one of strings: `array.astype(str)`"
            if kind[2] == "S"
            else 'make it one of numbers, booleans or strings: `array.astype("float32")`',
        )
    size *= _LETTER if dtype == "string" else 1
    numbers = tuple(int(length[:20]) for length in lengths)
    return _Head(written[2], dtype, size, ordered[3] == "True", numbers)


def _bytes(name: str, head: _Head, named: Named) -> bytes:
    """Return the bytes of the items of an array, as many as its head says.

    Raises:
        Refusal: The file may not be read any more, or was changed.
    """
    changed = Refusal("MTG641", f"`{named.path}` was changed while the program was read")
    with _archive_of(named) as archive:
        try:
            info = archive.getinfo(f"{name}.npy")
        except KeyError:
            raise changed from None
        with archive.open(info) as member:
            if _read_head(member, info, name, named) != head:
                raise changed
            data = member.read(head.length)
            if len(data) != head.length or member.read(1):
                raise Refusal("MTG641", f"`{name}` of `{named.path}` is damaged")
    return data


def _numbers(name: str, head: _Head, named: Named) -> Any:
    """Return an array of NumPy."""
    import numpy

    data = _bytes(name, head, named)
    found = numpy.frombuffer(data, dtype=head.type)
    found = found.reshape(head.shape, order="F" if head.fortran else "C")
    return found.astype(found.dtype.newbyteorder("="))


def _items(name: str, head: _Head, named: Named) -> list[Any]:
    """Return the strings or whole numbers of an array of one axis, without NumPy.

    Raises:
        Refusal: It has more axes or items than a vocabulary, or items of another kind.
    """
    what = f"`{name}` of `{named.path}`"
    if len(head.shape) != 1 or not (head.dtype == "string" or head.dtype in _UNPACKED):
        raise Refusal("MTG641", f"{what} is no list of words or whole numbers")
    if head.length > MAX_VOCABULARY:
        raise Refusal("MTG641", f"{what} has more than {MAX_VOCABULARY:,} bytes")
    data = _bytes(name, head, named)
    order = ">" if head.type[0] == ">" else "<"
    if head.dtype != "string":
        return [item for (item,) in struct.iter_unpack(order + _UNPACKED[head.dtype], data)]
    try:
        text = data.decode("utf-32-be" if order == ">" else "utf-32-le")
    except UnicodeDecodeError:
        raise Refusal("MTG641", f"{what} holds letters that are no text") from None
    letters = head.size // _LETTER
    return [text[at : at + letters].rstrip("\0") for at in range(0, len(text), letters or 1)]
