"""What an argument of a layer may be, besides plain Python values.

Plain values are `None`, `bool`, `int`, `float`, `str`, and lists, tuples and dicts of values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mtg.text.source import Span

Value = Any


class TensorRef(NamedTuple):
    """One result of one call: the tensor that an edge of the graph carries."""

    call: int
    result: int = 0


class Words(list[Any]):
    """The words of a vocabulary that a program names by the path of a file.

    To whoever does not ask it is the list that the program could have written instead.
    """

    def __init__(self, words: Iterable[Any], path: str) -> None:
        super().__init__(words)
        self.path = path


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
