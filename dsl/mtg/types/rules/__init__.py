"""Type rules: one file per family of layers, one function per rule.

A rule is a pure function of a layer's arguments and of what it is called on. It returns the types
of the results and the weights the layer makes, or raises `Misfit`. A class without a rule is
unknown, never wrong.

Keras decides what is known: an axis is a number here exactly where Keras knows the number, since
a layer that Keras cannot build must be an error here, and one that it can must not. Where Keras
says None, an axis is a symbolic length or `UNKNOWN`. A type that a rule cannot know has the shape
None, which says nothing.

To add a rule, write a function decorated with `@rule("ClassName")` in the family's file; the files
of this package are all imported when the first rule is looked up. Rules of functions of `keras.ops`
are decorated with `@op_rule("name")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from mtg.catalog import Entry, catalog
from mtg.lengths.dims import Dim
from mtg.types.tensor import TensorType, Weight

if TYPE_CHECKING:
    from mtg.graph.graph import Layer
    from mtg.text.source import Span


class Misfit(Exception):
    """The inputs, or the arguments, do not fit the layer.

    Args:
        message: One line that says what does not fit, such as "`Dense` needs a known last axis".
        notes: Facts: the shapes found, what was expected.
        help: What to change, where the rule knows.
        code: The diagnostic's code; `MTG301` (shapes) unless told.
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


class Unknowable(Exception):
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
        warnings: What is legal and looks wrong, each said as a `Misfit` that is not raised.
        axes: The number of axes, batch included, that Keras asks of every call of the layer from
            its first call on, or None where a layer with these weights takes any.
    """

    outputs: tuple[TensorType, ...]
    weights: tuple[Weight, ...] | None = ()
    warnings: tuple[Misfit, ...] = ()
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
        demands: Pairs of lengths that must be equal, where that depends on lengths not known;
            `unequal` takes them down.
    """

    cls: str
    name: str
    arguments: Mapping[str, Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    infer: Callable[[Layer, tuple[Any, ...], Mapping[str, Any]], Result | None] = field(
        default=lambda layer, args, kwargs: None
    )
    shown: str = ""
    demands: list[tuple[Dim, Dim]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shown = self.shown or self.cls

    def __getitem__(self, argument: str) -> Any:
        """The constructor's argument. One that is missing was reported; nothing follows from it."""
        try:
            return self.arguments[argument]
        except KeyError:
            raise Unknowable from None


Rule = Callable[[LayerCall], Result]

_RULES: dict[str, Rule] = {}
_OP_RULES: dict[str, Rule] = {}

#: The files of this package, a family of layers each.
_FAMILIES: tuple[str, ...] = (
    "activation",
    "attention",
    "audio",
    "convolution",
    "core",
    "image",
    "lookup",
    "merging",
    "normalization",
    "op_constants",
    "op_counting",
    "op_elements",
    "op_grids",
    "op_images",
    "op_indexing",
    "op_linear",
    "op_neural",
    "op_reductions",
    "op_shapes",
    "op_signals",
    "op_solving",
    "op_views",
    "pooling",
    "recurrent",
    "regularization",
    "reshaping",
    "wrapping",
)


#: The classes of Keras that can have no rule, and why.
UNKNOWABLE: dict[str, str] = {
    "FlaxLayer": "runs a Flax module, which only JAX can trace",
    "JaxLayer": "runs a function written with JAX, which only JAX can trace",
    "Lambda": "runs a Python function, which only Keras can trace",
    "TFSMLayer": "runs a saved TensorFlow graph, which is a file",
    "TorchModuleWrapper": "runs a PyTorch module",
}


_FUNCTION = "takes a Python function"
_NO_TENSOR = "gives no tensor"
#: The functions of `keras.ops` that can have no rule, and why.
UNKNOWABLE_OPS: dict[str, str] = {
    **dict.fromkeys(("associative_scan", "cond", "custom_gradient", "fori_loop", "jvp"), _FUNCTION),
    **dict.fromkeys(("map", "scan", "switch", "vectorize", "vectorized_map"), _FUNCTION),
    **dict.fromkeys(("while_loop",), _FUNCTION),
    **dict.fromkeys(("convert_to_numpy", "dtype", "is_tensor", "ndim", "shape"), _NO_TENSOR),
}


def rule(*classes: str) -> Callable[[Rule], Rule]:
    """Register a function as the rule of one or several Keras classes."""

    def register(function: Rule) -> Rule:
        for cls in classes:
            if cls in _RULES:
                raise ValueError(f"{cls} has a rule already")
            _RULES[cls] = function
        return function

    return register


def op_rule(*names: str) -> Callable[[Rule], Rule]:
    """Register a function as the rule of one or several functions of `keras.ops`.

    Such a rule is given a call whose `arguments` are all arguments of the function by name,
    defaults filled in, with a `TensorType` where a tensor goes; a function has no weights.
    """

    def register(function: Rule) -> Rule:
        for name in names:
            if name in _OP_RULES:
                raise ValueError(f"{name} has a rule already")
            _OP_RULES[name] = function
        return function

    return register


@cache
def _load() -> None:
    for family in _FAMILIES:
        import_module(f"{__name__}.{family}")


def rule_for(cls: str) -> Rule | None:
    """The rule of a Keras class, or None where there is none (yet)."""
    _load()
    return _RULES.get(cls)


def has_op_rule(name: str) -> bool:
    """Whether a function of `keras.ops`, under any of its names, has a rule."""
    _load()
    entry = catalog().find("op", name)
    return (entry.name if entry else name) in _OP_RULES


def classes_with_rules() -> list[str]:
    """The Keras classes that have a rule, in alphabetic order."""
    _load()
    return sorted(_RULES)


def ops_with_rules() -> list[str]:
    """The functions of `keras.ops` that have a rule, in alphabetic order."""
    _load()
    return sorted(_OP_RULES)


def apply(call: LayerCall) -> Result | None:
    """What the rule of the class finds; None where it has none, or cannot count the results.

    Raises:
        Misfit: The inputs, or the arguments, do not fit the layer.
    """
    from mtg.types.rules.common import policy
    from mtg.types.rules.masks import check_masks
    from mtg.types.rules.weight_objects import check_objects

    found = rule_for(call.cls)
    if found is None:
        return None
    try:
        result = found(call)
        if result.weights:
            check_objects(call, result.weights)
        if call.kwargs or len(call.args) > 1:
            check_masks(call)
        return result
    except Unknowable as unknowable:
        if unknowable.results is None:
            return None
        dtype = policy(call).compute if unknowable.computed else None
        return Result((TensorType(dtype, None),) * unknowable.results, None)


#: The functions with several results, and how many they have where that is always the same.
_SEVERAL: dict[str, int | None] = {
    **dict.fromkeys(("moments", "top_k", "eigh", "fft", "fft2", "ifft2", "rfft", "stft"), 2),
    **dict.fromkeys(("split", "hsplit", "vsplit", "dsplit", "array_split", "unstack"), None),
    **dict.fromkeys(("meshgrid", "nonzero", "svd", "unravel_index"), None),
    **dict.fromkeys(("qr", "eig", "slogdet", "lu_factor", "histogram", "ctc_decode"), 2),
}


def apply_op(
    name: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    demands: list[tuple[Dim, Dim]] | None = None,
) -> Result | None:
    """What the rule of a function of `keras.ops` finds; None as for `apply`.

    Raises:
        Misfit: The arguments do not fit the function.
    """
    _load()
    entry = catalog().find("op", name)
    name = entry.name if entry else name
    found = _OP_RULES.get(name)
    arguments = None if found is None else _bind(entry, args, kwargs)
    if found is None or arguments is None:
        return None
    try:
        demands = [] if demands is None else demands
        return found(LayerCall(name, name, arguments, args, kwargs, demands=demands))
    except Unknowable as unknowable:
        count = unknowable.results
        if count == 1:
            count = _SEVERAL.get(name, 1)
        return None if count is None else Result((TensorType(None, None),) * count)


#: What a slice of a tensor is called with; it is no function of `keras.ops`.
_SLICE = (("x", None), ("key", None))


def _bind(
    entry: Entry | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any] | None:
    """All arguments of a function by name, those it takes any number of under `*`."""
    pairs = [(p.name, p.default) for p in entry.parameters if not p.required] if entry else _SLICE
    names = [p.name for p in entry.parameters] if entry else ["x", "key"]
    rest: tuple[Any, ...] = ()
    if entry and entry.variadic:
        args, rest = args[: entry.positional], args[entry.positional :]
    if len(args) > len(names):
        return None
    return {"*": rest, **dict(pairs), **dict(zip(names, args, strict=False)), **kwargs}
