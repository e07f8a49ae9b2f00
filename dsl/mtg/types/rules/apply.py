"""The rule of a class or function, found and applied."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from mtg.catalog import Entry, catalog
from mtg.lengths.dims import Dim
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import cast_input, is_tensor, policy
from mtg.types.rules.masks import check_masks
from mtg.types.rules.registry import OP_RULES, RULES, Rule
from mtg.types.rules.tensorflow import first_tensor, of_dtype, with_warnings
from mtg.types.rules.weight_objects import check_objects
from mtg.types.tensor import TensorType

#: The files with the rules of layers, a family each, and those with the rules of `keras.ops`. Most
#: programs call layers only.
_LAYERS = (
    "activation",
    "attention",
    "audio",
    "convolution",
    "core",
    "image",
    "lookup",
    "merging",
    "normalization",
    "pooling",
    "recurrent",
    "regularization",
    "reshaping",
    "wrapping",
)
_OPS = (
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
)


@cache
def _load(families: tuple[str, ...]) -> None:
    for family in families:
        import_module(f"mtg.types.rules.{family}")


def rule_for(cls: str) -> Rule | None:
    """Return the rule of a Keras class, or None."""
    _load(_LAYERS)
    return RULES.get(cls)


def has_op_rule(name: str) -> bool:
    """Return whether a function of `keras.ops`, under any of its names, has a rule."""
    _load(_OPS)
    entry = catalog().find("op", name)
    return (entry.name if entry else name) in OP_RULES


def classes_with_rules() -> list[str]:
    """Return the Keras classes that have a rule, in alphabetic order."""
    _load(_LAYERS)
    return sorted(RULES)


def ops_with_rules() -> list[str]:
    """Return the functions of `keras.ops` that have a rule, in alphabetic order."""
    _load(_OPS)
    return sorted(OP_RULES)


def apply(call: LayerCall) -> Result | None:
    """Return what the rule of the class finds; None where it has none, or cannot count the results.

    Raises:
        TypeMismatch: The inputs, or the arguments, do not fit the layer.
    """
    found = rule_for(call.cls)
    if found is None:
        return None
    try:
        _check_activations(call)
        result = found(call)
        if result.weights:
            check_objects(call, result.weights)
        if call.kwargs or len(call.args) > 1:
            check_masks(call)
        tensor = first_tensor(call)
        return with_warnings(result, tensor and of_dtype(call, cast_input(call, tensor)))
    except UnknownType as unknowable:
        if unknowable.results is None:
            return None
        dtype = policy(call).compute if unknowable.computed else None
        return Result((TensorType(dtype, None),) * unknowable.results, None)


def _check_activations(call: LayerCall) -> None:
    """Refuse the name of an activation that takes more than a tensor: it fails when it is called.

    Raises:
        TypeMismatch: There is one.
    """
    for name, found in call.arguments.items():
        if name.endswith("activation") and found == "threshold":
            raise TypeMismatch(
                f'"threshold" as `{name}` of `{call.shown}` needs two numbers that it is not given',
                help="call `ops.threshold(x, threshold, default_value)` on the result",
                code="MTG405",
                argument=name,
            )


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
    """Return what the rule of a function of `keras.ops` finds; None as for `apply`.

    Raises:
        TypeMismatch: The arguments do not fit the function.
    """
    _load(_OPS)
    entry = catalog().find("op", name)
    name = entry.name if entry else name
    found = OP_RULES.get(name)
    arguments = None if found is None else _bind(entry, args, kwargs)
    if found is None or arguments is None:
        return None
    for value in arguments.values():
        if isinstance(value, dict) and any(map(is_tensor, value.values())):
            raise TypeMismatch(
                f"`{name}` takes no dict of tensors",
                help="take one of them by its key, or a list of them all: `[*tensors.values()]`",
                code="MTG307",
            )
    try:
        demands = [] if demands is None else demands
        call = LayerCall(name, name, arguments, args, kwargs, demands=demands)
        tensor = first_tensor(call)
        return with_warnings(found(call), tensor and of_dtype(call, tensor.dtype))
    except UnknownType as unknowable:
        count = unknowable.results
        if count == 1:
            count = _SEVERAL.get(name, 1)
        return None if count is None else Result((TensorType(None, None),) * count)


#: What a slice of a tensor is called with; it is no function of `keras.ops`.
_SLICE = (("x", None), ("key", None))


def _bind(
    entry: Entry | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return all arguments of a function by name, variadic ones under `*`."""
    pairs = [(p.name, p.default) for p in entry.parameters if not p.required] if entry else _SLICE
    names = [p.name for p in entry.parameters] if entry else ["x", "key"]
    rest: tuple[Any, ...] = ()
    if entry and entry.variadic:
        args, rest = args[: entry.positional], args[entry.positional :]
    if len(args) > len(names):
        return None
    return {"*": rest, **dict(pairs), **dict(zip(names, args, strict=False)), **kwargs}
