"""The type of a tensor: its dtype and its shape."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from mtg.graph.values import Value
from mtg.lengths.dims import BATCH, UNKNOWN, Dim

Shape = tuple[Dim, ...]


class TensorType(NamedTuple):
    """The type of one tensor.

    Attributes:
        dtype: Keras's name of the element type (`float32`, `int32`, `bool`, `string`, …), or None
            where it is not known.
        shape: The lengths of all axes, the batch axis first, or None where not even the rank is
            known. An axis whose length is not known is `UNKNOWN`, or a symbolic length.
    """

    dtype: str | None
    shape: Shape | None

    @property
    def rank(self) -> int | None:
        """The number of axes, the batch axis included, or None."""
        return None if self.shape is None else len(self.shape)

    def __str__(self) -> str:
        """As an `input` statement would write it: `float32[100, 5]`, the batch axis left out."""
        dtype = self.dtype or "?"
        if self.shape is None:
            return f"{dtype}[...]"
        if self.shape and self.shape[0] in (BATCH, UNKNOWN):
            return f"{dtype}[{', '.join(map(str, self.shape[1:]))}]"
        return f"{dtype}({', '.join(map(str, self.shape))})"


#: An argument as a rule is given it: a value, with the type of a tensor where a tensor stands.
Operand: TypeAlias = "Value | TensorType | list[Operand] | tuple[Operand, ...] | dict[Any, Operand]"

#: The type of a tensor of which nothing is known.
UNKNOWN_TENSOR = TensorType(None, None)


class Weight(NamedTuple):
    """One weight of a layer, in Keras's order and under Keras's name."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool

    @property
    def size(self) -> int:
        """The number of its elements."""
        size = 1
        for length in self.shape:
            size *= length
        return size
