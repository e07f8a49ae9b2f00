"""A call of a layer, or of a function, as data: what Keras and mtg are asked about."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class In:
    """An input tensor: its shape without the batch axis, None for a length that is not known."""

    shape: Shape
    dtype: str = "float32"
    batch: int | None = None


@dataclass(frozen=True)
class Sub:
    """A layer as an argument of another."""

    cls: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.cls}({', '.join(f'{k}={v!r}' for k, v in self.arguments.items())})"


def sub(cls: str, **arguments: Any) -> Sub:
    return Sub(cls, arguments)


@dataclass(frozen=True)
class Case:
    """One call of a layer, or of a function of `keras.ops` (`op=True`)."""

    cls: str
    arguments: Mapping[str, Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    op: bool = False

    def __repr__(self) -> str:
        arguments = ", ".join(f"{k}={v!r}" for k, v in self.arguments.items())
        called = [*map(repr, self.args), *(f"{k}={v!r}" for k, v in self.kwargs.items())]
        return f"{self.cls}({arguments})({', '.join(called)})"


def grid(cls: str, inputs: list[Any], **arguments: list[Any]) -> Iterator[Case]:
    """Every combination of the arguments, on each of the inputs."""
    for values in itertools.product(*arguments.values()):
        for each in inputs:
            args = each if isinstance(each, tuple) else (each,)
            yield Case(cls, dict(zip(arguments, values, strict=True)), args)


def mapped(value: Any, leaf: Any) -> Any:
    if isinstance(value, (In, Sub)):
        return leaf(value)
    if isinstance(value, (list, tuple)):
        return type(value)(mapped(item, leaf) for item in value)
    if isinstance(value, dict):
        return {key: mapped(item, leaf) for key, item in value.items()}
    return value


def layers_of(call: Case | Sub) -> Iterator[Case | Sub]:
    """The layer of a call, and those that are its arguments."""
    inner: list[Sub] = []
    mapped(dict(call.arguments), lambda leaf: inner.append(leaf) if isinstance(leaf, Sub) else None)
    yield call
    for layer in inner:
        yield from layers_of(layer)


def with_length(value: In | Sub, number: int) -> In | Sub:
    if isinstance(value, Sub):
        return value
    return replace(value, shape=tuple(number if n is None else n for n in value.shape))


def has_unknown(case: Case) -> bool:
    """Whether an input has a length that is not known."""
    found: list[bool] = []
    mapped(
        (case.args, dict(case.kwargs)),
        lambda v: found.append(isinstance(v, In) and None in v.shape),
    )
    return any(found)
