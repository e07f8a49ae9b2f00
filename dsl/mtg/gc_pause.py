"""Garbage collection, held while a stage makes many objects that stay.

Python's collector walks over all that lives each time it has grown by a quarter, which is the
largest single cost of reading a large program; and next to nothing it would find is garbage.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_collection() -> Iterator[None]:
    """Hold the garbage collector. May be nested; where it was off, it stays off."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
