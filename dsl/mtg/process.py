"""What all threads of a process share, changed for a while and restored when the last one is done.

Python's limit of recursion and its filters of warnings belong to the process. Two threads that each
save, change and restore them leave what one of them changed, unless they know of each other.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, RLock

_LOCK = Lock()
#: The frames that are asked for at this moment, and the limit before the first of them.
_asked: list[int] = []
_before = 0

_FILTERS = RLock()


@contextmanager
def deep_recursion(frames: int) -> Iterator[None]:
    """Let Python nest at least so many calls; its own limit is 1,000. May be nested.

    Since Python 3.11 calls of Python functions take no C stack, so that a higher limit is safe.
    """
    global _before
    with _LOCK:
        if not _asked:
            _before = sys.getrecursionlimit()
        _asked.append(frames)
        _set_limit()
    try:
        yield
    finally:
        with _LOCK:
            _asked.remove(frames)
            _set_limit()


def _set_limit() -> None:
    with suppress(RecursionError):  # this thread is deeper than that
        sys.setrecursionlimit(max(_before, *_asked, 0))


@contextmanager
def own_warning_filters() -> Iterator[None]:
    """`warnings.catch_warnings`, which of all threads one at a time enters."""
    with _FILTERS, warnings.catch_warnings():
        yield
