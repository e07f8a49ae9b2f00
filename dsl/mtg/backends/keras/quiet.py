"""Keras without the chatter of its back ends."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mtg.catalog.importing import imported_keras


@contextmanager
def _held_stderr() -> Iterator[None]:
    """Hold back what is written to standard error, by libraries in C too; show it on a failure."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # closed, so that nothing can be heard
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            held.seek(0)
            said = held.read()
            os.write(kept, said)
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)


def import_keras() -> None:
    """Import Keras, and make its back end look for its devices, quietly.

    TensorFlow writes of processors, drivers and its own logging to standard error, whatever
    `TF_CPP_MIN_LOG_LEVEL` says.

    Raises:
        ImportError: Keras cannot be imported; it says why, and what to do.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _held_stderr():
        imported_keras().ops.zeros(())


def before_saving() -> None:
    """Import TensorFlow quietly, if it is installed.

    Keras looks for it when it saves, under any back end, and TensorFlow writes to standard error
    as soon as it is imported.
    """
    with _held_stderr(), suppress(ImportError):
        import tensorflow  # noqa: F401
