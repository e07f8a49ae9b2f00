"""What the rules share: reading arguments as Keras reads them, and saying what does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeGuard

from mtg.graph.describe import describe
from mtg.graph.layers import Layer
from mtg.graph.values import DataArray, KerasObject, PythonObject
from mtg.lengths.dims import BATCH, UNKNOWN, Dim, Length, is_known
from mtg.lengths.equality import same
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.tensor import Operand, Shape, TensorType, Weight

FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
DTYPES = FLOATS | {
    *("bool", "string", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
}


# ---- dtypes --------------------------------------------------------------------------------------


class Policy(NamedTuple):
    """The dtypes a layer computes in and keeps its weights in; None where they are not known."""

    compute: str | None
    variable: str | None


_MIXED = {
    "mixed_float16": Policy("float16", "float32"),
    "mixed_bfloat16": Policy("bfloat16", "float32"),
}


def policy(call: LayerCall) -> Policy:
    """Return the policy of the layer's `dtype` (`keras.dtype_policies`); float32 by default."""
    name = call.arguments.get("dtype")
    if isinstance(name, KerasObject):
        name = name.arguments.get("name", name)
    if name is None:
        return Policy("float32", "float32")
    if not isinstance(name, str):
        return Policy(None, None)
    if name in DTYPES:
        return Policy(name, name)
    # The weights of a quantized layer are those of its quantization, which no rule knows.
    return _MIXED.get(name, Policy(None, None))


def cast_input(call: LayerCall, tensor: TensorType) -> str | None:
    """Return the dtype a tensor has inside the layer: a float is cast to the compute dtype."""
    if call.arguments.get("autocast") is False:
        return tensor.dtype
    return policy(call).compute if tensor.dtype in FLOATS else tensor.dtype


def numeric(call: LayerCall, tensor: TensorType) -> TensorType:
    """Return the tensor, which must not be of strings."""
    if tensor.dtype == "string":
        raise TypeMismatch(f"`{call.shown}` takes numbers, not strings", code="MTG303")
    return tensor


# ---- tensors -------------------------------------------------------------------------------------


def single(call: LayerCall, name: str = "inputs", *, more: bool = False) -> TensorType:
    """Return the one tensor the layer is called on: its first argument, whose name is `name`.

    With `more`, others may follow it: the states of a recurrent layer.
    """
    first = call.args[0] if call.args else call.kwargs.get(name)
    if isinstance(first, dict) and any(map(is_tensor, first.values())):
        raise TypeMismatch(
            f"`{call.shown}` takes one tensor, and is given a dict of {len(first)}",
            help=f"take one of them, such as `[{json.dumps(next(iter(first)))}]`, or merge them: "
            "`concat(*tensors.values())`",
            code="MTG307",
        )
    given = first if isinstance(first, (list, tuple)) and not is_tensor(first) else None
    if given is None and is_tensor(first) and not more and any(map(is_tensor, call.args[1:])):
        given = call.args
    if given is not None:
        raise TypeMismatch(
            f"`{call.shown}` takes one tensor, and is given {len(given)}",
            help="merge them first, with `concat` or `add`",
            code="MTG307",
        )
    if not is_tensor(first):
        raise UnknownType
    return first


def structure(call: LayerCall) -> list[TensorType]:
    """Return the tensors of a layer that is called on one, or on a list or dict of them."""
    found = list(each_tensor(call.args[0] if call.args else call.kwargs.get("inputs")))
    if not found:
        raise UnknownType(None)
    return found


def each_tensor(nested: Operand) -> Iterator[TensorType]:
    """Yield the tensors of lists and dicts in Keras's order: of a dict, that of its sorted keys.

    Source: `keras.tree.flatten`.

    Raises:
        UnknownType: Something else stands among them.
    """
    if is_tensor(nested):
        yield nested
    elif isinstance(nested, (list, tuple)):
        for item in nested:
            yield from each_tensor(item)
    elif isinstance(nested, dict) and all(isinstance(key, str) for key in nested):
        for key in sorted(nested):
            yield from each_tensor(nested[key])
    else:
        raise UnknownType(None)


def is_tensor(value: Operand) -> TypeGuard[TensorType]:
    """Return whether an argument of a call is a tensor, which stands as its type."""
    return isinstance(value, TensorType)


def several(call: LayerCall, least: int = 1, most: int | None = None) -> list[TensorType]:
    """Return the tensors of a layer that is called on a list of them."""
    first = call.args[0] if call.args else call.kwargs.get("inputs")
    if isinstance(first, dict) and any(map(is_tensor, first.values())):
        raise TypeMismatch(
            f"`{call.shown}` takes a list of tensors, and is given a dict",
            help="its tensors are a list with `[*tensors.values()]`",
            code="MTG307",
        )
    given = list(first) if isinstance(first, (list, tuple)) and not is_tensor(first) else [first]
    if is_tensor(first) or not least <= len(given) <= (most or len(given)):
        many = least if least == most else f"{least} to {most}" if most else f"{least} or more"
        raise TypeMismatch(
            f"`{call.shown}` takes a list of {many} tensors, and is given "
            f"{'one alone' if is_tensor(first) else len(given)}",
            code="MTG307",
        )
    tensors = [tensor for tensor in given if is_tensor(tensor)]
    if len(tensors) != len(given):
        raise UnknownType
    return tensors


def shape_of(tensor: TensorType, results: int = 1) -> Shape:
    """Return the shape; where even the rank is unknown, so are the results of the call."""
    if tensor.shape is None:
        raise UnknownType(results)
    return tensor.shape


def ranked(call: LayerCall, tensor: TensorType, axes: Sequence[str], results: int = 1) -> Shape:
    """Return the shape of a tensor that must have exactly these axes after the batch axis."""
    shape = shape_of(tensor, results)
    if len(shape) != len(axes) + 1:
        raise TypeMismatch(
            f"`{call.shown}` takes a tensor with {count(len(axes), 'axis')}, "
            f"and this one has {len(shape) - 1}",
            f"expected: [{', '.join(axes)}]",
            code="MTG302",
        )
    return shape


def ranked_at_least(call: LayerCall, tensor: TensorType, least: int, results: int = 1) -> Shape:
    """Return the shape of a tensor that must have `least` axes or more after the batch axis."""
    shape = shape_of(tensor, results)
    if len(shape) <= least:
        raise TypeMismatch(
            f"`{call.shown}` takes a tensor with {count(least, 'axis')} or more, "
            f"and this one has {len(shape) - 1}",
            code="MTG302",
        )
    return shape


def known_axis(call: LayerCall, shape: Shape, axis: int, why: str = "") -> int:
    """Return the length of an axis that must be a number, since weights are made for it."""
    length = shape[axis]
    if not is_known(length):
        which = "last axis" if axis in (-1, len(shape) - 1) else f"axis {axis % len(shape)}"
        raise TypeMismatch(
            f"`{call.shown}` needs a known {which}, and its length here is {dim_text(length)}",
            why or "the layer's weights are made for it",
            help="give the length in the input's type, or reduce or reshape that axis first",
            code="MTG305",
        )
    return length


def dim_text(dim: Dim) -> str:
    """Return a length as a message says it: `` `3` ``, `` `T//2` `` or unknown."""
    return "unknown" if str(dim) == "?" else f"`{dim}`"


def count(number: int, what: str) -> str:
    """`1 axis`, `2 axes`, `3 tensors`."""
    plural = f"{what[:-2]}es" if what.endswith("is") else f"{what}s"
    return f"{number} {what if number == 1 else plural}"


# ---- arguments -----------------------------------------------------------------------------------


def bad_value(call: LayerCall, argument: str, expected: str) -> TypeMismatch:
    """Return the `TypeMismatch` of an argument whose value Keras does not take."""
    found = call[argument]
    shown = "a tensor" if isinstance(found, TensorType) else describe(found)
    return TypeMismatch(
        f"`{argument}` of `{call.shown}` must be {expected}, not {shown}",
        code="MTG405",
        argument=argument,
    )


def is_row(value: Operand) -> bool:
    """Return whether a value is the array of a row of numbers, which Keras is given as a list."""
    return isinstance(value, DataArray) and len(value.shape) == 1 and value.dtype != "string"


def length_of(value: Operand) -> int | None:
    """Return how many items a list has, or the array of a row of numbers; None of what is none."""
    if isinstance(value, DataArray):
        return value.shape[0] if is_row(value) else None
    return len(value) if isinstance(value, (list, tuple)) else None


def value(call: LayerCall, argument: str) -> Operand:
    """Return the argument; what comes from Python, or is an object, is not known."""
    found = call[argument]
    if isinstance(found, (PythonObject, KerasObject, Layer)):
        raise UnknownType
    return found


def whole(call: LayerCall, argument: str) -> int:
    """Return an argument that is a whole number where it is correct, which is looked at elsewhere.

    Raises:
        UnknownType: It is something else.
    """
    found = call[argument]
    if not isinstance(found, int):
        raise UnknownType
    return found


def positive(call: LayerCall, argument: str) -> int:
    """Return an argument that must be a whole number above 0."""
    found = value(call, argument)
    if not isinstance(found, int) or found <= 0:
        raise bad_value(call, argument, "a whole number above 0")
    return int(found)


def fraction(call: LayerCall, argument: str) -> float:
    """Return an argument that must be a number from 0 to 1."""
    found = value(call, argument)
    if not isinstance(found, (int, float)) or not 0 <= found <= 1:
        raise bad_value(call, argument, "a number from 0 to 1")
    return found


def seed(call: LayerCall) -> None:
    """Check a `seed`, where the layer has one: a whole number or None. It makes no weight."""
    if "seed" in call.arguments:
        found = value(call, "seed")
        if found is not None and not isinstance(found, int):
            raise bad_value(call, "seed", "a whole number, or None")


def whole_tuple(
    call: LayerCall, argument: str, length: int, least: int = 1, found: Operand = None
) -> tuple[int, ...]:
    """One whole number for all, or one for each of `length` axes (`standardize_tuple`)."""
    found = value(call, argument) if found is None else found
    given = (found,) * length if isinstance(found, int) else found
    every = given if isinstance(given, (list, tuple)) else ()
    numbers = tuple([each for each in every if isinstance(each, int) and each >= least])
    if not isinstance(given, (list, tuple)) or not len(numbers) == len(given) == length:
        what = f"a whole number, {least} or more"
        raise bad_value(call, argument, f"{what}, or {length} of them" if length > 1 else what)
    return numbers


def choice(
    call: LayerCall, argument: str, choices: Sequence[str], fold: Callable[[str], str] = str.lower
) -> str:
    """Return an argument that must be one of a few words."""
    found = value(call, argument)
    if not isinstance(found, str) or fold(found) not in choices:
        words = " or ".join(f'"{word}"' for word in choices)
        raise bad_value(call, argument, words)
    return fold(found)


def channels_first(call: LayerCall) -> bool:
    """Return whether the channels come before the spatial axes; last is Keras's default."""
    if call["data_format"] is None:
        return False
    return choice(call, "data_format", ("channels_last", "channels_first")) == "channels_first"


def axis_list(call: LayerCall, argument: str, rank: int, found: Operand = None) -> list[int]:
    """One axis or several, counted from 0; each must be one that a tensor of this rank has."""
    given = value(call, argument) if found is None else found
    every = given if isinstance(given, (list, tuple)) else [given]
    axes = [axis for axis in every if isinstance(axis, int)]
    if len(axes) != len(every):
        raise bad_value(call, argument, "an axis, or several")
    if not all(-rank <= axis < rank for axis in axes):
        raise bad_value(call, argument, f"from {-rank} to {rank - 1} for a tensor of this rank")
    return [axis % rank for axis in axes]


def one_axis(call: LayerCall, argument: str, rank: int, found: Operand = None) -> int:
    """Return an axis, counted from 0, that a tensor of this rank has."""
    given = value(call, argument) if found is None else found
    if not isinstance(given, int):
        raise bad_value(call, argument, "an axis")
    return axis_list(call, argument, rank, given)[0]


# ---- results -------------------------------------------------------------------------------------


def weight(
    call: LayerCall, name: str, shape: Iterable[int], *, trainable: bool = True, dtype: str = ""
) -> Weight:
    """Return a weight, in the layer's variable dtype by default."""
    return Weight(name, tuple(shape), dtype or policy(call).variable or "", trainable)


def result(call: LayerCall, shape: Iterable[Dim], *weights: Weight) -> Result:
    """One result in the compute dtype, and the weights."""
    return results(call, [tuple(shape)], *weights)


def results(call: LayerCall, shapes: Iterable[Shape], *weights: Weight) -> Result:
    """Several results in the compute dtype, and the weights."""
    compute, variable = policy(call)
    outputs = tuple(TensorType(compute, shape) for shape in shapes)
    return Result(outputs, weights if variable or not weights else None)


def with_lora(call: LayerCall, found: Result) -> Result:
    """With `lora_rank` the first weight is frozen, and two narrow ones learn in its place.

    They are float32, whatever the layer's dtype is.
    """
    rank = value(call, "lora_rank")
    if not rank:
        return found
    if not isinstance(rank, int) or rank < 0:
        raise bad_value(call, "lora_rank", "a whole number, or None")
    if any(call.arguments.get(f"{name}_constraint") for name in ("kernel", "embeddings")):
        raise bad_value(call, "lora_rank", "None where the weights have a constraint")
    if not found.weights:
        return found
    first, *rest = found.weights
    narrow = [
        weight(call, f"lora_{first.name}_a", (*first.shape[:-1], rank), dtype="float32"),
        weight(call, f"lora_{first.name}_b", (rank, first.shape[-1]), dtype="float32"),
    ]
    return found._replace(weights=(first._replace(trainable=False), *rest, *narrow))


def unchanged(
    call: LayerCall, tensor: TensorType, *weights: Weight, axes: int | None = None
) -> Result:
    """Return the same shape in the compute dtype."""
    compute, variable = policy(call)
    output = TensorType(compute, tensor.shape)
    return Result((output,), weights if variable or not weights else None, axes=axes)


def product(shape: Iterable[Dim]) -> Dim:
    """Return the product of lengths: the number of elements."""
    total: Dim = 1
    for length in shape:
        total = length * total
    return total


def differs(a: Dim, b: Dim) -> bool:
    """Return whether two lengths are certainly different."""
    return same(a, b) is False


def require_equal(call: LayerCall, a: Dim, b: Dim) -> bool:
    """Return whether two lengths that the call needs to be equal are certainly not.

    Where that depends on lengths with names, the call demands it of them.
    """
    verdict = same(a, b)
    if verdict is None and a is not UNKNOWN and b is not UNKNOWN:
        call.demands.append((a, b))
    return verdict is False


def unequal_for_keras(call: LayerCall, a: Dim, b: Dim) -> bool:
    """As `require_equal`, or Keras, comparing None with a number, says that they are not."""
    return is_known(a) != is_known(b) or require_equal(call, a, b)


def agreed(*lengths: Dim) -> Dim:
    """Return the simplest of lengths that must be equal, none of which Keras knows for certain.

    Where Keras compares None with a number, it takes the result for unknown: so does this.
    """
    if all(length == lengths[0] for length in lengths):
        return lengths[0]
    named = [length for length in lengths if isinstance(length, Length)]
    if not named or any(length.is_reserved for length in named):
        return UNKNOWN
    return min(named, key=lambda length: (len(str(length)), str(length)))


def text(shape: Iterable[Dim]) -> str:
    """Return a shape as a program would write it, the batch axis left out."""
    shape = tuple(shape)
    return f"[{', '.join(map(str, shape[1:] if shape and shape[0] == BATCH else shape))}]"
