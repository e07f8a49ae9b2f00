"""Functions of `keras.ops` that take entries of tensors, and put them."""

from __future__ import annotations

from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import bad_value, is_tensor, one_axis, product, value
from mtg.types.rules.op_common import broadcast, named_dtype, one, shape_of, tensor
from mtg.types.rules.registry import op_rule
from mtg.types.tensor import Operand, Shape, TensorType


@op_rule("getitem", "get_item")
def getitem(call: LayerCall) -> Result:
    """`x[key]`: a number takes an axis away, None adds one, `...` stands for the axes left over."""
    dtype, shape = tensor(call)
    given = call["key"]
    key = list(given) if isinstance(given, (list, tuple)) else [given]
    if not all(item is None or item is ... or type(item) in (int, slice) for item in key):
        raise UnknownType
    if key.count(...) > 1:
        raise TypeMismatch("a slice may have one `...` only", code="MTG405")
    if ... not in key:
        key.append(...)
    taken = sum(item is not None and item is not ... for item in key)
    if taken > len(shape):
        raise TypeMismatch(
            f"{taken} axes are sliced, batch included, and the tensor has {len(shape)}",
            code="MTG302",
        )
    rest, lengths = list(shape), list[Dim]()
    for item in key:
        if item is None:
            lengths.append(1)
        elif item is ...:
            kept = len(rest) - sum(later is not None for later in key[key.index(...) + 1 :])
            lengths += rest[:kept]
            del rest[:kept]
        elif isinstance(item, slice):
            lengths.append(_sliced(rest.pop(0), item))
        elif isinstance(item, int):
            _check_index(rest.pop(0), item)
    return one(dtype, lengths)


def _sliced(length: Dim, key: slice) -> Dim:
    """Return how many entries a slice takes; one that cannot take any is refused."""
    if is_known(length):
        taken = len(range(*key.indices(length)))
        if not taken and length:
            raise TypeMismatch(
                f"a slice leaves nothing of an axis of length {length}", code="MTG304"
            )
        return taken
    if length is UNKNOWN:
        return UNKNOWN
    start, stop, step = key.start, key.stop, key.step or 1
    if (start, stop, step) in ((-1, None, 1), (None, 1, 1), (0, 1, 1)):
        return 1
    if step < 0 and (start, stop) != (None, None):
        return UNKNOWN
    if (start or 0) < 0 or (stop is not None and stop >= 0):
        return UNKNOWN  # as many as there are, up to a number
    left = length - (start or 0) + (stop or 0)
    return left if abs(step) == 1 else (left - 1) // abs(step) + 1


def _check_index(length: Dim, index: int) -> None:
    if is_known(length) and not -length <= index < length:
        raise TypeMismatch(f"index {index} is outside an axis of length {length}")


@op_rule("take")
def take(call: LayerCall) -> Result:
    """Return the entries at `indices` along an axis, whose place the axes of the indices take."""
    dtype, shape = tensor(call)
    indices = call["indices"]
    if type(indices) is int:
        places: Shape = ()
    elif isinstance(indices, (list, tuple)) and not is_tensor(indices):
        if not all(type(index) is int for index in indices):
            raise UnknownType
        places = (len(indices),)
    else:
        places = shape_of(indices)
    if call["axis"] is None:
        return one(dtype, places)
    axis = one_axis(call, "axis", len(shape))
    return one(dtype, (*shape[:axis], *places, *shape[axis + 1 :]))


@op_rule("take_along_axis")
def take_along_axis(call: LayerCall) -> Result:
    """Return the entries at `indices`, which has as many axes."""
    dtype, shape = tensor(call)
    _, places = tensor(call, "indices")
    given = call["axis"]
    if given is None:
        shape = (product(shape),)
    if len(shape) != len(places):
        raise TypeMismatch(
            f"`take_along_axis` takes indices with {len(shape)} axes, and these have {len(places)}",
            code="MTG302",
        )
    axis = 0 if given is None else one_axis(call, "axis", len(shape))
    return one(dtype, broadcast(call, (*shape[:axis], places[axis], *shape[axis + 1 :]), places))


@op_rule("one_hot")
def one_hot(call: LayerCall) -> Result:
    """Insert an axis of `num_classes` at `axis`, float32 by default."""
    _, shape = tensor(call)
    number = value(call, "num_classes")
    if type(number) is not int or number < 0:
        raise bad_value(call, "num_classes", "a whole number")
    given = value(call, "axis")
    if type(given) is not int or not -1 <= given < len(shape):
        raise bad_value(call, "axis", f"from -1 to {len(shape) - 1}")
    axis = len(shape) if given == -1 else given
    dtype = "float32" if call["dtype"] is None else named_dtype(call["dtype"])
    return one(dtype, (*shape[:axis], number, *shape[axis:]))


@op_rule("slice")
def slice_(call: LayerCall) -> Result:
    """`shape` from `start_indices` on; -1 is the rest of an axis."""
    dtype, shape = tensor(call, "inputs")
    starts, sizes = call["start_indices"], call["shape"]
    if is_tensor(sizes) or not isinstance(sizes, (list, tuple)):
        raise UnknownType
    fixed = starts if isinstance(starts, (list, tuple)) and not is_tensor(starts) else None
    if len(sizes) != len(shape) or (fixed is not None and len(fixed) != len(shape)):
        raise bad_value(call, "shape", f"{len(shape)} lengths, batch included")
    wanted = [size for size in sizes if type(size) is int]
    begins = [start for start in fixed or () if type(start) is int]
    if len(wanted) != len(sizes) or len(begins) != len(fixed or ()):
        raise UnknownType
    lengths: list[Dim] = []
    for axis, size in enumerate(wanted):
        rest = UNKNOWN if fixed is None else shape[axis] - begins[axis]
        lengths.append(rest if size == -1 else size)
    return one(dtype, lengths)


@op_rule("slice_update", "scatter_update")
def updated(call: LayerCall) -> Result:
    """Keep the shape."""
    return one(*tensor(call, "inputs"))


@op_rule("scatter")
def scatter(call: LayerCall) -> Result:
    """Zeros of the given shape, with values at some places."""
    dtype, _ = tensor(call, "values")
    return one(dtype, lengths_of(call))


def lengths_of(call: LayerCall) -> Shape:
    """Return the argument `shape`: numbers."""
    given = call["shape"]
    shape: Operand = [given] if type(given) is int else given
    if is_tensor(shape) or not isinstance(shape, (list, tuple)):
        raise UnknownType
    lengths = tuple([length for length in shape if type(length) is int and length >= 0])
    if len(lengths) != len(shape):
        raise UnknownType
    return lengths


@op_rule("searchsorted")
def search(call: LayerCall) -> Result:
    """Return where each value would stand in a sorted sequence."""
    _, sequence = tensor(call, "sorted_sequence")
    _, shape = tensor(call, "values")
    if len(sequence) != 1:
        raise TypeMismatch("`searchsorted` takes a sequence with one axis", code="MTG302")
    return one("int32" if is_known(sequence[0]) else "int64", shape)


@op_rule("size")
def size(call: LayerCall) -> Result:
    """Return the number of elements, as a tensor."""
    tensor(call)
    return one("int32", ())


@op_rule("nonzero")
def nonzero(call: LayerCall) -> Result:
    """Return the places of what is not 0, an axis at a time."""
    _, shape = tensor(call)
    return Result((TensorType("int32", (UNKNOWN,)),) * len(shape))


@op_rule("multi_hot")
def multi_hot(call: LayerCall) -> Result:
    """Return which of the classes stand in each row: their axis takes the place of the row's."""
    dtype, shape = tensor(call, "inputs")
    classes, axis = value(call, "num_classes"), value(call, "axis")
    if type(classes) is not int or classes < 1:
        raise bad_value(call, "num_classes", "a whole number above 0")
    if type(axis) is not int or not (axis == -1 or 0 <= axis < len(shape)):
        raise bad_value(call, "axis", f"-1, or from 0 to {len(shape) - 1}")
    hot = list(shape)
    hot.insert(len(hot) if axis == -1 else axis, classes)
    given = "float32" if call["dtype"] is None else named_dtype(call["dtype"])
    # Keras says that it keeps the dtype, and gives the one it is asked for.
    kept = dtype if dtype == given else None
    return Result((TensorType(kept, (hot[-1],) if len(hot) == 2 else (hot[0], *hot[2:])),))


@op_rule("isin")
def isin(call: LayerCall) -> Result:
    """Return for each element whether it is among the others."""
    return one("bool", shape_of(call["x1"]))


@op_rule("select")
def select(call: LayerCall) -> Result:
    """Return the elements of the first choice whose condition holds."""
    choices, conditions = call["choicelist"], call["condlist"]
    if not isinstance(choices, (list, tuple)) or not isinstance(conditions, (list, tuple)):
        raise UnknownType
    if len(choices) != len(conditions) or not choices:
        raise TypeMismatch(
            f"`select` takes a condition for each choice, and is given {len(conditions)} and "
            f"{len(choices)}",
            code="MTG307",
        )
    tensors = [each for each in (*choices, *conditions, call["default"]) if is_tensor(each)]
    alike = len(tensors) >= 2 * len(choices) and len({each.shape for each in tensors}) == 1
    dtypes, first = {each.dtype for each in choices if is_tensor(each)}, choices[0]
    whole = isinstance(call["default"], int)
    # Keras says the type of the first choice, whatever the others and the default are.
    if not alike or len(dtypes) > 1 or not (whole or "float32" in dtypes) or not is_tensor(first):
        raise UnknownType
    return Result((first,))
