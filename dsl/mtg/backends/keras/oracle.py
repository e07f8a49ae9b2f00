"""What Keras says of a call that no rule of mtg knows: the layer is made, and called on symbols.

This is what `--with-keras` adds to the walk of `mtg.types.infer`. Layers that run code of the
program (`Lambda`, a class from Python), saved graphs, other frameworks' modules, and functions of
`keras.ops` without a rule are known to Keras alone. Keras is imported when the first is asked of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mtg.backends.keras.build import Builder
from mtg.backends.keras.factory import factory_settings
from mtg.backends.keras.refusals import KerasRefused, first_line
from mtg.catalog.installed import made_by
from mtg.graph.layers import Application, Layer, Op
from mtg.graph.values import leaves, map_leaves
from mtg.lengths.dims import BATCH, UNKNOWN, Dim, is_known
from mtg.limits import MAX_FRAMES
from mtg.process import deep_recursion
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span
from mtg.trust import objections
from mtg.types.rules.call import Result, TypeMismatch
from mtg.types.tensor import TensorType, Weight


class Asker:
    """Asks Keras of calls; each layer is made once, as it would be when the model is built.

    Args:
        before: Called once, before Keras is imported: it may import it in its own way.
    """

    def __init__(self, before: Callable[[], None] | None = None) -> None:
        self._before = before
        self._builder: Builder | None = None
        #: Layers that could not be made, and whatever stands in the way of all: said once.
        self._refused: set[Layer | None] = set()

    def __call__(
        self, layer: Layer, args: tuple[Any, ...], kwargs: Mapping[str, Any], span: Span
    ) -> Result | None:
        """Ask Keras for the results and weights of a call; None where it cannot be asked.

        Raises:
            TypeMismatch: Keras, or Python code of the program, refuses the call.
        """
        if {None, layer} & self._refused or not _askable(layer, args, kwargs, span):
            return None
        builder = self._made(layer)
        builder.diagnostics = Diagnostics()
        what = f"`{layer.cls}`"
        try:
            if isinstance(layer, Op):
                with factory_settings(), builder.asking(f"`ops.{layer.cls}`", span):
                    symbols = self._symbols(args), self._symbols(dict(kwargs))
                    made = made_by(builder.keras, f"ops.{layer.cls}", *symbols)
                return _result(builder.flat(made), ())
            try:
                with factory_settings():
                    called = builder.layer(layer)
            except KerasRefused:
                self._refused.add(layer)
                raise
            with factory_settings(), deep_recursion(MAX_FRAMES), builder.asking(what, span):
                made = called(*self._symbols(args), **self._symbols(dict(kwargs)))
            return _result(builder.flat(made), _weights(called))
        except KerasRefused:
            told = next(iter(builder.diagnostics))
            misfit = TypeMismatch(
                told.message,
                *told.notes,
                help=told.help,
                code=told.code,
            )
            misfit.span = told.span
            raise misfit from None

    def _made(self, layer: Layer) -> Builder:
        if self._builder is None:
            try:
                if self._before is not None:
                    self._before()
                self._builder = Builder(Diagnostics())
                self._builder.note = "mtg cannot infer this and has asked Keras"
            except Exception as error:  # whatever a broken installation raises
                self._refused.add(None)
                raise TypeMismatch(
                    f"Keras cannot compute the results of `{layer.cls}`",
                    first_line(error),
                    help="fix the installation, or leave out `--with-keras`",
                    code="MTG309",
                ) from None
        return self._builder

    def _symbols(self, value: object) -> Any:
        """Return arguments with a symbolic tensor of Keras for each type."""
        builder = self._builder
        assert builder is not None

        def symbol(leaf: object) -> Any:
            if not isinstance(leaf, TensorType):
                return builder.plain(leaf)
            shape = tuple(length if is_known(length) else None for length in leaf.shape or ())
            return builder.keras.Input(batch_shape=shape, dtype=leaf.dtype)

        return map_leaves(symbol, value)


def _askable(layer: Layer, args: tuple[Any, ...], kwargs: Mapping[str, Any], span: Span) -> bool:
    """Return whether all tensors are known, and asking runs and fetches nothing without trust."""
    if any(objections((layer, args, kwargs), span, trust=False)):
        return False  # what it gives stays unknown
    if isinstance(layer, Application) and layer.arguments.get("weights", "imagenet") is not None:
        return False
    return all(
        leaf.shape is not None and leaf.dtype is not None
        for leaf in leaves((args, kwargs))
        if isinstance(leaf, TensorType)
    )


def _result(made: list[Any], weights: tuple[Weight, ...]) -> Result | None:
    """Return the types of what Keras made; None where something of it is no tensor."""
    if not all(hasattr(each, "shape") and hasattr(each, "dtype") for each in made):
        return None
    return Result(tuple(TensorType(_dtype(each), _shape(each)) for each in made), weights)


def _dtype(tensor: Any) -> str:
    import keras

    return str(keras.backend.standardize_dtype(tensor.dtype))


def _shape(tensor: Any) -> tuple[Dim, ...] | None:
    """Return the lengths; the first that is not known is the batch, as everywhere in a model."""
    try:
        first, *rest = tuple(tensor.shape)
    except ValueError:  # no axes, or not even their number is known
        return None if tensor.shape is None else ()
    known = (UNKNOWN if length is None else int(length) for length in rest)
    return (BATCH if first is None else int(first), *known)


def _weights(called: Any) -> tuple[Weight, ...]:
    trainable = {id(weight) for weight in called.trainable_weights}
    return tuple(
        Weight(weight.name, tuple(weight.shape), _dtype(weight), id(weight) in trainable)
        for weight in called.weights
    )
