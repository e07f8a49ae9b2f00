"""Values as a program writes them: what `Dense(width * 2)` says beside the number that it is.

A graph holds numbers. Whoever writes it down again, as a person would keep it, may ask which of
them came from a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mtg.graph.values import Value
from mtg.text.source import Span


class Formula(NamedTuple):
    """A parameter, times a number and divided by one: `width`, `width * 2`, `width // 4`.

    `owner` is the name of the block or model that declares it, where that stands.
    """

    owner: Span
    name: str
    times: int = 1
    over: int = 1


class DeclaredParameter(NamedTuple):
    """A parameter as it is declared; the default is known where it is written out."""

    name: str
    has_default: bool = False
    default: Value = None


class WrittenUse(NamedTuple):
    """A use of a block: the block, and the places of the values that are given to parameters."""

    owner: Span
    given: Mapping[str, Span]


@dataclass(frozen=True, slots=True)
class WrittenValues:
    """What a program says of the parameters that its graph depends on in their values alone.

    A parameter that decides anything else, how often a loop runs or which branch is taken, is not
    among them: whatever is written with it would be another program for another value.

    Attributes:
        formulas: The values that are written so, by their places.
        uses: The uses of blocks, by their places.
        declared: The parameters of each block and model, in order, by the places of their names.
    """

    formulas: Mapping[Span, Formula]
    uses: Mapping[Span, WrittenUse]
    declared: Mapping[Span, tuple[DeclaredParameter, ...]]
