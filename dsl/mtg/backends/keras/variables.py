"""Building a Keras model first and its variables afterwards, with the values they would have.

Two thirds of the time that Keras takes to build a model goes into variables: each is made for
itself, through scopes and a callback of TensorFlow's. Here the model is built inside a
`keras.StatelessScope`, where a variable is a shape and an initializer; then every variable is given
the value of that very initializer. TensorFlow draws the random ones while the model is being built.

The values are the same, bit for bit, because an initializer takes its seed from Python's `random`
when it is made, and not when it is called: the seeds follow the order in which layers are made and
built, which is not changed, and each value follows from its seed, shape and dtype.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from mtg.catalog.importing import imported_keras
from mtg.gc_pause import held_collection
from mtg.graph.graph import Graph
from mtg.graph.layers import Application, KerasLayer, Layer, PythonLayer
from mtg.graph.values import PythonObject
from mtg.graph.walk import parts

T = TypeVar("T")

#: Layers that hold what is no variable of Keras, or run what is not Keras's own.
_UNKNOWN = {"FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper"}

#: The lists of Keras's own that tell what was built before: of names, and of empty variables.
_NUMBERS, _EMPTY = "object_name_uids", "uninitialized_variables"

#: Initializers whose values follow from their own seed, and take long enough to be drawn ahead.
_DRAWN = ("RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling")


def built_with(
    graph: Graph, build: Callable[[], T | None], finish: Callable[[T], object]
) -> T | None:
    """Return what `build` makes, with variables filled afterwards where that is safe.

    Args:
        graph: What is built.
        build: Makes the Keras model, or None where Keras refuses something. It may be called twice.
        finish: Called with what `build` made, while random values may still be drawn.

    It is called in the ordinary way where a layer is not known to be safe (Python of the program's
    own, an application that loads its weights), where variables are laid out over several devices,
    on back ends other than TensorFlow and JAX, and where Keras refuses what it meets in the scope,
    as a stateful RNN does; `random` then begins where it began.
    """
    with held_collection():
        state = _state() if _safe(graph) else None
        if state is None:
            return _finished(build(), finish)
        seeds = random.getstate()
        # The count of each name starts at nothing, in Keras's dictionary as in this copy.
        numbers = defaultdict(int, state.get_global_attribute(_NUMBERS) or {})
        before = state.get_global_attribute(_EMPTY)
        pending = _pending()
        state.set_global_attribute(_EMPTY, pending)
        try:
            scope = _scope()
            with scope:
                made = build()
            if made is not None:
                finish(made)
                if _filled(pending, scope.updated.values()):
                    return made
        finally:
            pending.end()
            state.set_global_attribute(_EMPTY, before or [])
        random.setstate(seeds)
        state.set_global_attribute(_NUMBERS, numbers)
        return _finished(build(), finish)


def _filled(pending: _Pending, updated: Iterable[tuple[Any, Any]]) -> bool:
    """Fill variables; False where memory does not suffice, which the layer is to be told of."""
    try:
        pending.fill()
        for variable, value in updated:
            variable.assign(value)
    except Exception:  # TensorFlow and JAX have their own; building again says which layer it is
        return False
    return True


def _finished(made: T | None, finish: Callable[[T], object]) -> T | None:
    if made is not None:
        finish(made)
    return made


def _state() -> Any:
    """Keras's global state, or None where its variables cannot be filled afterwards."""
    keras = imported_keras()
    backend = keras.backend.backend()
    try:
        from keras.src.backend.common import global_state
        from keras.src.backend.config import is_nnx_enabled

        if is_nnx_enabled() or keras.distribution.distribution() is not None:
            return None
    except (ImportError, AttributeError):  # a Keras whose inside is another
        return None
    if global_state.get_global_attribute("stateless_scope") is not None:
        return None
    if backend == "tensorflow":
        import tensorflow as tf

        return global_state if tf.executing_eagerly() and not tf.distribute.has_strategy() else None
    return global_state if backend == "jax" else None


def _scope() -> Any:
    import keras

    class Deferring(keras.StatelessScope):  # type: ignore[misc]
        """Remembers the variables that layers assign to while they are built."""

        def __init__(self) -> None:
            super().__init__(initialize_variables=False)
            self.updated: dict[int, tuple[Any, Any]] = {}

        def add_update(self, update: tuple[Any, Any]) -> None:
            super().add_update(update)
            self.updated[id(update[0])] = update

    return Deferring()


def _pending() -> _Pending:
    import keras

    return _TensorFlow() if keras.backend.backend() == "tensorflow" else _Pending()


# Filling


class _Pending(list[Any]):
    """Keras's list of the variables that have no value yet."""

    def fill(self) -> None:
        """Give every variable the value of its initializer."""
        for variable in self:
            variable._deferred_initialize()

    def end(self) -> None:
        """Wait for what is still being drawn, whatever comes of it."""


class _TensorFlow(_Pending):
    """The same, which has TensorFlow draw random values as soon as it knows of a variable."""

    def __init__(self) -> None:
        import keras
        import tensorflow as tf

        super().__init__()
        self.tf = tf
        self.drawn_by = tuple(getattr(keras.initializers, name) for name in _DRAWN)
        self.values: dict[int, Any] = {}
        #: Whether each is made to be trained; a layer that is not may freeze it afterwards, which
        #: TensorFlow is not told, so that it can be trained later.
        self.trainable: list[bool] = []
        self.ahead, self.end = _ahead()  # type: ignore[method-assign]

    def append(self, variable: Any) -> None:
        super().append(variable)
        self.trainable.append(variable.trainable)
        made_by = variable._initializer
        if (
            isinstance(made_by, self.drawn_by)
            and type(made_by).__module__.startswith("keras.")
            and isinstance(made_by.seed, int)
            and self.tf.executing_eagerly()
        ):
            with self.ahead():
                self.values[id(variable)] = made_by(variable._shape, dtype=variable._dtype)

    def fill(self) -> None:
        # Those that were drawn ahead come last: the others are made while they are waited for.
        for drawn in (False, True):
            for variable, trainable in zip(self, self.trainable, strict=True):
                if (id(variable) in self.values) is drawn:
                    self.give(variable, trainable)

    def give(self, variable: Any, trainable: bool) -> None:
        # Keras gives `tf.Variable` a function to call; a value costs it half as much.
        value = self.values.pop(id(variable), None)
        if value is None:
            value = variable._initializer(variable._shape, dtype=variable._dtype)
        now, variable.trainable = variable.trainable, trainable
        # TensorFlow keeps an operation for every name that a variable is made under; a plain
        # `kernel` is found again. Keras has it made in the scopes of its path: so it is called.
        variable._initialize(value)
        variable.trainable = now
        variable._initializer = None
        if hasattr(variable._value, "_handle_name"):
            variable._value._handle_name = f"{variable.path}:0"


def _ahead() -> tuple[Callable[[], AbstractContextManager[Any]], Callable[[], None]]:
    """Run TensorFlow's operations beside this thread, and give a function that waits."""
    try:
        from tensorflow.python.eager import context, executor

        beside = executor.new_executor(True)
        scope = context.executor_scope
    except (ImportError, AttributeError):  # it is none of TensorFlow's promises
        return nullcontext, lambda: None

    def end() -> None:
        try:
            beside.wait()
        except Exception:  # whoever takes the value is told too
            beside.clear_error()

    return lambda: scope(beside), end


# What is safe


def _safe(graph: Graph) -> bool:
    """Return whether every layer is Keras's own, and one whose building is known."""
    return all(map(_is_safe, parts([call.layer for call in graph.calls], models=True)))


def _is_safe(part: object) -> bool:
    if not isinstance(part, Layer):
        return not isinstance(part, PythonObject)
    if isinstance(part, KerasLayer):
        return part.cls not in _UNKNOWN
    # An application loads its weights while it is made.
    weighted = isinstance(part, Application) and part.arguments.get("weights", "") is not None
    return not isinstance(part, PythonLayer) and not weighted
