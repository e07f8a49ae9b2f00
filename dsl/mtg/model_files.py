"""Reading Keras models from files, without Keras: the config of a `.keras` or `.json` file.

A file comes from anywhere, and nothing it says of itself is believed. Only `config.json` is read
from an archive, into memory, up to a limit; nothing is extracted, and weights are not looked at.
"""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from mtg.archives import DAMAGES, METHODS, check_archive
from mtg.files import CannotRead, reading

#: Bytes of a config. That of NASNetLarge has 2 million.
MAX_CONFIG = 200_000_000

#: Bytes of what is packed, and how many times as long as the archive it may be besides: Keras does
#: not pack at all, and a few kilobytes can be packed that fill the memory.
_MAX_PACKED, _MOST_TIMES = 20_000_000, 10


def read_model_file(path: Path) -> dict[str, Any]:
    """Return the config in a model's file: an archive of Keras, or JSON.

    Raises:
        CannotRead: It is missing, too large, damaged, or neither of the two.
    """
    with reading(path):
        if path.is_dir():
            raise CannotRead("it is a folder; mtg reads the .keras and .json files of Keras 3")
        with path.open("rb") as file:
            first = file.read(8)
            if first.startswith(b"PK"):
                data = _config_in(file)
            elif first.startswith(b"\x89HDF"):
                raise CannotRead("it is an HDF5 file; save the model as .keras with Keras 3")
            else:
                data = first + file.read(MAX_CONFIG + 1)
    return parse_config(data)


def parse_config(data: bytes) -> dict[str, Any]:
    """Return the config that JSON text is.

    Raises:
        CannotRead: It is none.
    """
    if len(data) > MAX_CONFIG:
        raise CannotRead(f"the config has more than {MAX_CONFIG:,} bytes")
    if data.startswith(b"PK"):
        raise CannotRead("an archive is read from a file, not from standard input")
    try:
        found = json.loads(data.decode("utf-8-sig"))
        if isinstance(found, str):
            found = json.loads(found)  # the text of `to_json`, written as JSON once more
    except (ValueError, RecursionError) as error:
        raise CannotRead(f"it is neither a .keras file nor JSON: {_no_json(error)}") from None
    if not isinstance(found, dict):
        raise CannotRead("the JSON is not the config of a model")
    return found


def _no_json(error: Exception) -> str:
    """Return why JSON does not read."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8, from byte {error.start}"
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno} does not parse"
    return "it has a number of thousands of digits"


def _config_in(file: BinaryIO) -> bytes:
    """Return the bytes of `config.json` in an archive."""
    check_archive(file)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            found = [info for info in archive.infolist() if info.filename == "config.json"]
            if len(found) != 1:
                raise CannotRead(
                    "the archive has no single `config.json`: Keras 3 did not write it"
                )
            (info,) = found
            if info.flag_bits & 1 or info.compress_type not in METHODS:
                raise CannotRead("the archive is packed in a way that Keras does not use")
            # What the archive says of the size is not believed: reading ends at the limit.
            most = min(MAX_CONFIG, packed_limit(file))
            with archive.open(info) as member:
                data = member.read(most + 1)
            if len(data) > most:
                raise CannotRead(f"the config has more than {most:,} bytes")
    except DAMAGES as error:
        raise CannotRead(f"the archive is damaged: {error or type(error).__name__}") from None
    return data


def packed_limit(file: BinaryIO) -> int:
    """Return the limit on the unpacked bytes of an archive."""
    return max(_MAX_PACKED, _MOST_TIMES * file.seek(0, os.SEEK_END))
