"""Tensors of fixed numbers as a person writes them: `ops.eye(30)` for thirty rows of thirty.

A config holds every number. What is written instead is held to give the same numbers, bit for bit,
and the same dtype; what follows no pattern stays a list, its numbers in the shortest form that is
exact in the dtype.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mtg.graph.constants import fixed_numbers
from mtg.graph.graph import Call, Graph
from mtg.graph.layers import NestedModel, Op
from mtg.graph.values import leaves, map_leaves

if TYPE_CHECKING:
    import numpy

#: A list of at most so many numbers says more than a pattern.
_FEW = 3

#: A function of `keras.ops`, and its arguments.
_Form = tuple[str, tuple[Any, ...], dict[str, Any]]


def write_compactly(graph: Graph) -> None:
    """Say the tensors of fixed numbers in a graph, and in the models in it, compactly; in place."""
    for call in graph.calls:
        if isinstance(call.layer, NestedModel):
            write_compactly(call.layer.graph)
        elif isinstance(call.layer, Op) and call.layer.cls == "array" and not call.tensors():
            _rewrite(call)


def _rewrite(call: Call) -> None:
    """Give a call the shortest function that makes the same numbers."""
    numbers = fixed_numbers(call)
    if numbers is None:
        return
    for function, args, kwargs in _forms(*numbers):
        layer = Op(call.layer.name, function, {}, call.layer.span)
        for settings in ({}, {"dtype": numbers[1]}):
            if function == "array" and not settings:
                continue  # a list of numbers alone does not say that they are floats
            found = Call(call.id, layer, args, {**kwargs, **settings}, call.span)
            if _equal(fixed_numbers(found), numbers):
                call.layer, call.args, call.kwargs = layer, args, found.kwargs
                return


def _equal(one: tuple[Any, str] | None, other: tuple[Any, str]) -> bool:
    """Return whether numbers are the same: `0.0` and `-0.0` are not."""
    return one is not None and repr(one) == repr(other)


def _forms(numbers: object, dtype: str) -> Iterator[_Form]:
    """Yield what may say these numbers, the shortest first."""
    import numpy

    array = numpy.array(numbers)
    if array.size > _FEW and array.ndim:
        yield from _equal_numbers(array, dtype)
        if array.ndim == 2:
            yield from _matrices(array)
        if array.ndim == 1 and array.dtype.kind in "if":
            yield from _steps(array)
    yield "array", (_shortest(numbers, dtype),), {}


def _equal_numbers(array: numpy.ndarray[Any, Any], dtype: str) -> Iterator[_Form]:
    if array.min() != array.max():
        return
    shape, number = list(array.shape), array.flat[0].item()
    if number in (0, 1):
        yield ("ones" if number else "zeros"), (shape,), {}
    yield "full", (shape, _exactly(number, dtype)), {}


def _matrices(array: numpy.ndarray[Any, Any]) -> Iterator[_Form]:
    """Yield a diagonal of ones, and ones on and below a diagonal."""
    rows, columns = array.shape
    args = (rows,) if rows == columns else (rows, columns)
    first, last = array[0].nonzero()[0], array[-1].nonzero()[0]
    if first.size == 1 or last.size == 1:
        diagonal = int(first[0]) if first.size else int(last[0]) - rows + 1
        # Keras on TensorFlow makes `eye(5, 7, k=1)` of shape (6, 8).
        if rows == columns or not diagonal:
            yield "eye", args, {"k": diagonal} if diagonal else {}
    if last.size:
        diagonal = int(first[-1]) if first.size else int(last[-1]) - rows + 1
        yield "tri", args, {"k": diagonal} if diagonal else {}


def _steps(array: numpy.ndarray[Any, Any]) -> Iterator[_Form]:
    """Yield whole numbers that grow, or fall, by a whole number."""
    start, step = float(array[0]), float(array[1]) - float(array[0])
    if not (start.is_integer() and step.is_integer() and step):
        return
    first, by = int(start), int(step)
    end = first + by * array.size
    if by != 1:
        yield "arange", (first, end, by), {}
    else:
        yield "arange", (first, end) if first else (end,), {}


def _shortest(numbers: object, dtype: str) -> object:
    """Return lists of numbers, each in the shortest form that is exact in the dtype."""
    found = map_leaves(lambda leaf: _exactly(leaf, dtype), numbers)
    floats = [leaf for leaf in leaves(found) if isinstance(leaf, float)]
    if all(leaf.is_integer() and abs(leaf) < 1e6 and repr(leaf) != "-0.0" for leaf in floats):
        return map_leaves(lambda leaf: int(leaf) if isinstance(leaf, float) else leaf, found)
    return found


def _exactly(number: Any, dtype: str) -> Any:
    """Return the number with the fewest digits that a dtype holds as this one."""
    if not isinstance(number, float) or dtype not in ("float32", "float16", "bfloat16"):
        return number
    import numpy

    short = numpy.float16(number) if dtype == "float16" else numpy.float32(number)
    return float(str(short))
