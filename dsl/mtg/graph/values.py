"""What an argument of a layer may be, besides plain Python values.

Plain values are `None`, `bool`, `int`, `float`, `str`, and lists, tuples and dicts of values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, overload

from mtg.lengths.dims import Length
from mtg.text.source import Span

if TYPE_CHECKING:
    from mtg.graph.layers import Layer

#: What an argument of a layer may be.
Value: TypeAlias = (
    "bool | int | float | complex | str | range | slice | EllipsisType | Length | TensorRef"
    " | KerasObject | PythonObject | DataArray | Layer"
    " | list[Value] | tuple[Value, ...] | dict[Any, Value] | None"
)

#: The types of leaves in which there is nothing else.
_PLAIN = frozenset({bool, int, float, str, type(None)})

#: Puts the keys of a dict in order.
KeyOrder = Callable[[Iterable[str]], Iterable[str]]


class TensorRef(NamedTuple):
    """One result of one call: the tensor that an edge of the graph carries."""

    call: int
    result: int = 0


class Words(list[Any]):
    """The words of a vocabulary that a program names by a file, or an array of one.

    To whoever does not ask it is the list that the program could have written instead.
    """

    def __init__(self, words: Iterable[Any], path: str, array: DataArray | None = None) -> None:
        super().__init__(words)
        self.path = path
        #: The array that they are, where the program names one and no file of words.
        self.array = array


@dataclass(frozen=True, slots=True)
class DataArray:
    """An array of a file that a program names: `from data "tables.npz" import positions`.

    Attributes:
        name: What the file calls it.
        path: The file, as the program names it.
        dtype: The dtype of a tensor of it, such as `float32`; `string` of strings.
        shape: Its lengths.
        checksum: That of its bytes (CRC-32), which two equal arrays share.
        load: Reads its items; returns an array of NumPy. Raises `mtg.refusal.Refusal`.
        items: Reads them, of strings or whole numbers along one axis; returns a list.
        span: Where the program names the file.
    """

    name: str
    path: str
    dtype: str
    shape: tuple[int, ...]
    checksum: int
    load: Callable[[], Any] = field(compare=False, repr=False)
    items: Callable[[], list[Any]] = field(compare=False, repr=False)
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class KerasObject:
    """An object of Keras written as its constructor call, such as `L2(1e-4)` or `Adam()`.

    `kind` is the catalogue's word for the family (`regularizer`, `optimizer`, …) and `arguments`
    maps the names of the constructor's parameters to values, as far as they were written.
    """

    kind: str
    name: str
    arguments: Mapping[str, Value]
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class PythonObject:
    """Something a program imported with `from python`: `module`'s attribute `name`.

    With `arguments` (positional, by keyword) it is called with them; without, it is the object.
    """

    module: str
    name: str
    arguments: tuple[tuple[Value, ...], Mapping[str, Value]] | None
    span: Span = field(compare=False)


@overload
def items(value: Value) -> Sequence[Value]: ...
@overload
def items(value: object) -> Sequence[object]: ...
def items(value: object) -> Sequence[object]:
    """Return the items of a list or tuple; anything else has none."""
    return value if type(value) is tuple or isinstance(value, list) else ()


@overload
def leaves(value: Value, keys: KeyOrder | None = None) -> Iterator[Value]: ...
@overload
def leaves(value: object, keys: KeyOrder | None = None) -> Iterator[object]: ...
def leaves(value: object, keys: KeyOrder | None = None) -> Iterator[object]:
    """Every leaf of a value, however deep in lists, tuples and dicts, in their order.

    A named tuple, such as a `TensorRef`, is a leaf, and so is an object with arguments of its own:
    `mtg.graph.walk` goes into those.

    Args:
        value: Any value.
        keys: The order of the keys of a dict, where it is not its own: Keras sorts them where it
            flattens arguments.
    """
    stack = [value]
    while stack:
        value = stack.pop()
        if type(value) is tuple or isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict):
            inner = value.values() if keys is None else [value[key] for key in keys(value)]
            stack.extend(reversed(inner))
        else:
            yield value


def map_leaves(function: Callable[[Any], object], value: object) -> Any:
    """Return the same lists, tuples and dicts with what a function makes of each leaf."""
    if isinstance(value, list):
        return [map_leaves(function, item) for item in value]
    if type(value) is tuple:
        return tuple([map_leaves(function, item) for item in value])
    if isinstance(value, dict):
        return {key: map_leaves(function, item) for key, item in value.items()}
    return function(value)


def tensors_in(value: object) -> Iterator[TensorRef]:
    """Return the tensors in an argument, however deep in lists, tuples and dicts."""
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, TensorRef):
            yield value
        elif type(value) is tuple or isinstance(value, list):
            if not _PLAIN.issuperset(map(type, value)):  # a constant may have a million numbers
                stack.extend(reversed(value))
        elif isinstance(value, dict):
            stack.extend(reversed(value.values()))


@overload
def tupled(value: Value) -> Value: ...
@overload
def tupled(value: object) -> Any: ...
def tupled(value: object) -> Any:
    """Return a value with its lists as tuples."""
    if not isinstance(value, (list, tuple)):
        return value
    return tuple(value if _PLAIN.issuperset(map(type, value)) else map(tupled, value))
