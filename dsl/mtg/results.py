"""Writing results: whole or not at all, and through whatever stands at their place."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import gettempdir

from mtg.stopping import temporary_folder

#: Names of the streams that a process was started with, and what number they have.
_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,6})")

#: What is no file and cannot be written to.
_REFUSED = ((stat.S_ISBLK, "it is a block device"), (stat.S_ISSOCK, "it is a socket"))


class CannotWrite(Exception):
    """A file cannot be written; the message names it and says why."""


def check_writable(path: Path) -> None:
    """Look at the place of a result that is yet to be made.

    Raises:
        CannotWrite: It is a folder or closed, or its folder is missing or closed.
    """
    place = _place(path)
    if isinstance(place, Path) and not os.access(place.parent, os.W_OK):
        raise CannotWrite(f"cannot write {path}: you may not write in {place.parent}")


def check_not_read(path: Path, read: Iterable[Path]) -> None:
    """Look whether a result would take the place of a file that it is made of.

    Args:
        path: Where the result goes; links lead to what they stand for.
        read: The files that it is made of.

    Raises:
        CannotWrite: It would, and what was read would be lost.
    """
    try:
        target = path.stat()
    except (OSError, ValueError):
        return  # there is nothing to lose
    if not stat.S_ISREG(target.st_mode):
        return
    for each in read:
        try:
            same = os.path.samestat(target, each.stat())
        except (OSError, ValueError):
            continue
        if same:
            raise CannotWrite(
                f"cannot write {path}: it was read for this, and would be lost; name another file"
            )


def write_whole(path: Path, write: Callable[[Path], None], *, suffix: str = "") -> None:
    """Write a result; `write` makes it as a file of another name first, which ends in the suffix.

    A file is replaced when the new one is whole. A link stays one, and what it leads to is
    replaced. A pipe or a device stays what it is, and is written to; and so is a file of several
    names (hard links), or of another owner, which a new one in its place would not be.

    Raises:
        CannotWrite: The folder is missing or closed, the disk is full, or the like.
    """
    place = _place(path)
    try:
        folder = place.parent if isinstance(place, Path) else Path(gettempdir())
        with temporary_folder(folder) as temporary:
            made = temporary / f"result{suffix}"
            write(made)
            if not made.stat().st_size:
                raise CannotWrite(f"cannot write {path}: nothing was written")
            if isinstance(place, Path):
                made.chmod(_mode(place))
                made.replace(place)
            else:
                _send(made, place)
    except OSError as error:
        raise _cannot(path, error) from None


def _place(path: Path) -> Path | int | str:
    """Return the destination of a result: a path, the number of a stream, or a pipe or device.

    Raises:
        CannotWrite: Nothing can be written there.
    """
    try:
        return _found_place(path)
    except (OSError, ValueError) as error:
        raise _cannot(path, error) from None


def _found_place(path: Path) -> Path | int | str:
    for name in (str(path), _one_link(path)):
        numbered = _DESCRIPTOR.fullmatch(name)
        if name in _STREAMS or numbered:
            return _STREAMS[name] if numbered is None else int(numbered[1])
    try:
        found = path.stat()
    except FileNotFoundError:
        place = Path(os.path.realpath(path))
        if not place.parent.is_dir():
            raise CannotWrite(
                f"cannot write {path}: there is no folder {_parent(path, place)}"
            ) from None
        return place
    mode = found.st_mode
    if stat.S_ISDIR(mode):
        raise CannotWrite(f"cannot write {path}: it is a folder")
    for is_such, what in _REFUSED:
        if is_such(mode):
            raise CannotWrite(f"cannot write {path}: {what}")
    if not os.access(path, os.W_OK):
        raise CannotWrite(f"cannot write {path}: you may not write it")
    in_place = not stat.S_ISREG(mode) or found.st_nlink > 1 or found.st_uid != _user(found)
    return str(path) if in_place else Path(os.path.realpath(path))


def _user(found: os.stat_result) -> int:
    """Whose a new file would be; where users have no numbers, the owner of that which is there."""
    return os.geteuid() if hasattr(os, "geteuid") else found.st_uid


def _one_link(path: Path) -> str:
    try:
        return os.readlink(path)
    except (OSError, ValueError):
        return ""


def _parent(path: Path, place: Path) -> Path:
    """Return the folder of a path as it was given, unless a link leads to another."""
    return place.parent if path.is_symlink() else path.parent


def _mode(place: Path) -> int:
    """Return the permissions of the file that is replaced, or those of a new one."""
    if place.exists():
        return stat.S_IMODE(place.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _send(made: Path, place: int | str) -> None:
    """Write a file into a stream, a pipe, a device, or a file that stays where it is."""
    if isinstance(place, int):
        number = os.dup(place)
    else:
        # To open a pipe that nobody reads would wait, perhaps for ever.
        flags = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
        number = os.open(place, flags)
        os.set_blocking(number, True)
    with made.open("rb") as source, os.fdopen(number, "wb") as target:
        shutil.copyfileobj(source, target)
        if not isinstance(place, int) and stat.S_ISREG(os.fstat(target.fileno()).st_mode):
            target.truncate()


def _cannot(path: Path, error: OSError | ValueError) -> CannotWrite:
    if isinstance(error, FileNotFoundError):
        return CannotWrite(f"cannot write {path}: there is no folder {path.parent}")
    if isinstance(error, OSError) and error.errno == errno.ENXIO:
        return CannotWrite(f"cannot write {path}: it is a pipe that nobody reads")
    reason = getattr(error, "strerror", None) or str(error)
    return CannotWrite(f"cannot write {path}: {reason[:1].lower()}{reason[1:]}")
