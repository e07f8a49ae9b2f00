"""The settings with which Keras comes, while mtg builds: `check` reads a program by them.

A process may set another dtype policy, `floatx`, image data format or epsilon. A constructor that
is not told takes them, so that one text would make several models. Here they are put aside while
mtg builds, and back afterwards. The policy belongs to the thread, the others to the process: the
first of several threads puts them aside, and the last one puts them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from mtg.catalog.importing import imported_keras

#: Under what name Keras keeps the policy of the thread.
_POLICY = "dtype_policy"

#: Of the process: their names in `keras.config`, and their values in a new one.
_OF_PROCESS = {"floatx": "float32", "image_data_format": "channels_last", "epsilon": 1e-7}

_LOCK = Lock()
_inside = 0
_before: dict[str, Any] = {}


@contextmanager
def factory_settings() -> Iterator[None]:
    """Keras's settings as in a new process. May be nested.

    Raises:
        ImportError: Keras cannot be imported.
    """
    config = imported_keras().config
    from keras.src.backend.common import global_state  # whether one was set, nothing else tells

    global _inside
    with _LOCK:
        if not _inside:
            _before.update({name: getattr(config, name)() for name in _OF_PROCESS})
            _set(config, _OF_PROCESS)
        _inside += 1
    policy = global_state.get_global_attribute(_POLICY)
    try:
        if policy is None or policy.name != "float32":
            config.set_dtype_policy("float32")
        yield
    finally:
        # Where none was set, the next layer asks for `floatx` again.
        global_state.set_global_attribute(_POLICY, policy)
        with _LOCK:
            _inside -= 1
            if not _inside:
                _set(config, _before)


def _set(config: object, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if getattr(config, name)() != value:
            change: Callable[[Any], None] = getattr(config, f"set_{name}")
            change(value)
