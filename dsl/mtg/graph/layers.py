"""Layer instances, a class for each kind: whoever must know the kind says what becomes of each.

An instance is an object, equal to itself alone: several calls may point to it, and that is how
sharing is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias

from mtg.catalog import Entry, catalog
from mtg.text.source import Span

if TYPE_CHECKING:
    from mtg.graph.graph import Graph
    from mtg.graph.values import Value


class LayerBase:
    """What every layer instance has: one set of weights.

    Attributes:
        kind: `input`, `layer`, `op`, `application`, `model` or `python`, for data that is written.
        name: The name in the Keras model, unique in its graph.
        cls: The class, function or model: `Dense`, `mean`, `Xception`, `SameAuthor`.
        arguments: Constructor arguments as written, under the names of the parameters. The
            argument of a wrapper such as `Bidirectional` holds another layer.
        span: Where the instance is made.
        shared: Whether a `shared` statement declared it.
        trainable: What the program said of `trainable=`, or None.
        spans: Where the values of arguments stand, as far as the program gives them.
        shown: What the program calls it: `concat` for a merge, else the class.
    """

    # Written by hand: a dataclass each would make every start of mtg milliseconds longer.
    __slots__ = ("arguments", "cls", "name", "shared", "shown", "span", "spans", "trainable")

    kind: ClassVar[str]

    def __init__(
        self,
        name: str,
        cls: str,
        arguments: dict[str, Value],
        span: Span,
        *,
        trainable: bool | None = None,
        spans: Mapping[str, Span] | None = None,
        shown: str = "",
        shared: bool = False,
    ) -> None:
        self.name = name
        self.cls = cls
        self.arguments = arguments
        self.span = span
        self.trainable = trainable
        self.spans: Mapping[str, Span] = {} if spans is None else spans
        self.shown = shown or cls
        self.shared = shared

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.cls}>"

    def with_arguments(self, arguments: dict[str, Value]) -> Self:
        """Return another instance that differs in its arguments alone."""
        other = copy(self)
        other.arguments = arguments
        return other


class InputLayer(LayerBase):
    """An input of a model; `shape` and `dtype` are among its arguments."""

    __slots__ = ()
    kind = "input"

    def __init__(self, name: str, arguments: dict[str, Value], span: Span) -> None:
        super().__init__(name, "InputLayer", arguments, span)


class KerasLayer(LayerBase):
    """A layer of a class of `keras.layers`.

    Attributes:
        entry: The class in the catalogue; `cls` is its canonical name.
        carries: Whether it is an `Identity` that passes on a tensor as it is, as the compiler adds
            one to carry an output's name; None where nobody looked. `mtg.types.carriers` does, and
            gives it the tensor's dtype.

    Raises:
        LookupError: Keras has no layer of this class.
    """

    __slots__ = ("carries", "entry")
    kind = "layer"

    def __init__(
        self,
        name: str,
        cls: str,
        arguments: dict[str, Value],
        span: Span,
        *,
        trainable: bool | None = None,
        spans: Mapping[str, Span] | None = None,
        shown: str = "",
        shared: bool = False,
        carries: bool | None = None,
    ) -> None:
        entry = catalog().find("layer", cls)
        if entry is None:
            raise LookupError(f"keras.layers has no `{cls}`")
        super().__init__(
            name,
            entry.name,
            arguments,
            span,
            trainable=trainable,
            spans=spans,
            shown=shown,
            shared=shared,
        )
        self.entry: Entry = entry
        self.carries = carries


class Op(LayerBase):
    """A function of `keras.ops`, or `getitem`, which is a slice; its arguments are its call's."""

    __slots__ = ()
    kind = "op"

    @property
    def entry(self) -> Entry | None:
        """The function in the catalogue; `getitem`, and what Keras keeps for itself, is not."""
        return catalog().find("op", self.cls)


class Application(LayerBase):
    """A model of `keras.applications`."""

    __slots__ = ()
    kind = "application"

    @property
    def entry(self) -> Entry:
        """The function in the catalogue that makes the model."""
        entry = catalog().find("application", self.cls)
        assert entry is not None, self.cls
        return entry


class NestedModel(LayerBase):
    """Another model of mtg as a layer.

    Attributes:
        graph: The model; `arguments` are the values that its parameters have there.
    """

    __slots__ = ("graph",)
    kind = "model"

    def __init__(
        self,
        name: str,
        graph: Graph,
        arguments: dict[str, Value],
        span: Span,
        *,
        trainable: bool | None = None,
        shared: bool = False,
    ) -> None:
        super().__init__(name, graph.name, arguments, span, trainable=trainable, shared=shared)
        self.graph = graph


class PythonLayer(LayerBase):
    """A layer of a class that the program imported from Python.

    Attributes:
        module: The module that has the class.
        positional: The arguments given by position; `arguments` are those given by name.
    """

    __slots__ = ("module", "positional")
    kind = "python"

    def __init__(
        self,
        name: str,
        module: str,
        cls: str,
        positional: tuple[Value, ...],
        arguments: dict[str, Value],
        span: Span,
        *,
        trainable: bool | None = None,
        shared: bool = False,
    ) -> None:
        super().__init__(name, cls, arguments, span, trainable=trainable, shared=shared)
        self.module = module
        self.positional = positional


if TYPE_CHECKING:
    #: One layer instance. A `match` over it ends in `assert_never`.
    Layer: TypeAlias = InputLayer | KerasLayer | Op | Application | NestedModel | PythonLayer
else:
    Layer = LayerBase  # of which walks ask every value; a union of six takes three times as long
