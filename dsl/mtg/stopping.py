"""What a run must not leave behind when it is told to stop: temporary folders, and other processes.

A signal comes at any moment, also while a library is imported that swallows exceptions. So the
handler raises none: it removes what is registered here, and ends the process.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported late, so that a run listens to signals from its beginning
    from subprocess import Popen
    from types import FrameType

_folders: set[Path] = set()
_children: set[Popen[bytes]] = set()


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """Make a temporary folder with a short name in another one."""
    import shutil
    from secrets import token_hex

    folder = parent / f".mtg-{token_hex(6)}"
    _folders.add(folder)  # before it is there, so that a signal finds it
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _folders.discard(folder)


@contextmanager
def own_temporary_files() -> Iterator[None]:
    """Let libraries put their temporary files where they are removed. Not for use in threads."""
    import tempfile

    before = tempfile.tempdir
    with temporary_folder(Path(tempfile.gettempdir())) as folder:
        tempfile.tempdir = str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before


@contextmanager
def ended_with_us(child: Popen[bytes]) -> Iterator[None]:
    """End a process, if it still runs, when this is over or the run is told to stop."""
    _children.add(child)
    try:
        yield
    finally:
        _children.discard(child)
        if child.poll() is None:
            child.kill()
            child.wait()


def stop_cleanly() -> None:
    """From now on end as quietly as a shell expects at SIGINT, SIGTERM and SIGHUP."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What was started so that it ignores a signal, as `nohup` does, goes on doing so.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, _: FrameType | None) -> None:
    for child in list(_children):
        with suppress(OSError):
            child.kill()
    for folder in list(_folders):
        from shutil import rmtree

        rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        os.write(2, b"mtg: interrupted\n")
    os._exit(128 + number)
