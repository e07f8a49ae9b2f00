"""What a rule is given, and what it finds or raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from mtg.lengths.dims import Dim
from mtg.types.tensor import Operand, TensorType, Weight

if TYPE_CHECKING:
    from mtg.catalog import Entry
    from mtg.graph.layers import Layer
    from mtg.text.source import Span


class TypeMismatch(Exception):
    """The inputs, or the arguments, do not fit the layer.

    Args:
        message: One line that says what does not fit, such as "`Dense` needs a known last axis".
        notes: Facts: the shapes found, what was expected.
        help: What to change, where the rule knows.
        code: The diagnostic's code; by default `MTG301`, a shape mismatch.
        argument: The constructor argument that is at fault, if one is.
    """

    def __init__(
        self,
        message: str,
        *notes: str,
        help: str = "",
        code: str = "MTG301",
        argument: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.notes = notes
        self.help = help
        self.code = code
        self.argument = argument
        #: The layer at fault, which may stand inside the one called; `infer` fills it in.
        self.layer: Layer | None = None
        #: A place more exact than the call's and the argument's, where one is known.
        self.span: Span | None = None


class UnknownType(Exception):
    """Raised by a rule where the types cannot be known; `apply` makes the result of it.

    Args:
        results: How many results the call has, or None where not even that is known.
        computed: Whether they are at least known to be in the compute dtype.
    """

    def __init__(self, results: int | None = 1, *, computed: bool = True) -> None:
        super().__init__(results)
        self.results = results
        self.computed = computed


class Result(NamedTuple):
    """What a rule finds.

    Attributes:
        outputs: The types of the results, nested ones flattened, in order.
        weights: The weights in Keras's order, or None where they cannot be known.
        warnings: What is legal and looks wrong, each said as a `TypeMismatch` that is not raised.
        axes: The number of axes, batch included, that Keras asks of every call of the layer from
            its first call on, or None where a layer with these weights takes any.
    """

    outputs: tuple[TensorType, ...]
    weights: tuple[Weight, ...] | None = ()
    warnings: tuple[TypeMismatch, ...] = ()
    axes: int | None = None


@dataclass(slots=True)
class LayerCall:
    """What a rule is given.

    Attributes:
        cls: The name of the Keras class.
        name: The name of the layer instance.
        arguments: Every constructor argument, defaults filled in, base arguments of `Layer`
            (`dtype`, `trainable`, …) included where they were written.
        args: Positional arguments of the call, a `TensorType` where a tensor goes, lists, tuples
            and dicts kept as they are.
        kwargs: Keyword arguments of the call, likewise.
        infer: For wrappers: the result of calling another layer on `(args, kwargs)`.
        shown: What messages call the layer: the class, or `concat` where the program says so.
        entry: The class in the catalogue; None of what Keras keeps for its applications.
        demands: Pairs of lengths that must be equal, where that depends on lengths not known;
            `require_equal` takes them down.
    """

    cls: str
    name: str
    arguments: Mapping[str, Operand]
    args: tuple[Operand, ...]
    kwargs: Mapping[str, Operand] = field(default_factory=dict)
    infer: Callable[[Layer, tuple[Any, ...], Mapping[str, Any]], Result | None] = field(
        default=lambda layer, args, kwargs: None
    )
    shown: str = ""
    entry: Entry | None = None
    demands: list[tuple[Dim, Dim]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shown = self.shown or self.cls

    def __getitem__(self, argument: str) -> Operand:
        """Return an argument of the constructor; a missing one was reported and is unknown."""
        try:
            return self.arguments[argument]
        except KeyError:
            raise UnknownType from None
