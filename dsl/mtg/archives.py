"""Zip archives from anywhere: nothing that one says of itself is believed."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from typing import BinaryIO

from mtg.files import CannotRead

#: Files of an archive, and bytes of its table of contents. Keras and NumPy write a handful.
_MAX_ENTRIES, _MAX_TABLE = 10_000, 4_000_000

#: How an archive may be packed.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

#: What Python raises where an archive is damaged.
DAMAGES = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(struct.error, OverflowError, ValueError, MemoryError),
)


def check_archive(file: BinaryIO, of: str = "a model") -> None:
    """Refuse an archive whose table of contents alone would take much memory.

    Raises:
        CannotRead: It has more files than what it is `of` has, or no end.
    """
    size = file.seek(0, os.SEEK_END)
    length = min(size, 65_557)
    file.seek(size - length)
    tail = file.read(length)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise CannotRead("the archive is damaged: its end is missing")
    entries, table = struct.unpack("<HI", tail[place + 10 : place + 16])
    if entries == 0xFFFF or table == 0xFFFFFFFF:
        # An archive of more than four gigabytes has its numbers in a record before this one.
        large = tail.rfind(b"PK\x06\x06", 0, place)
        if large < 0 or place - large < 56:
            raise CannotRead("the archive is damaged: its end is incomplete")
        entries, table = struct.unpack("<QQ", tail[large + 32 : large + 48])
    if entries > _MAX_ENTRIES or table > _MAX_TABLE:
        raise CannotRead(f"the archive has more files than {of}")
