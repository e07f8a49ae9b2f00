"""Figures of summaries: numbers of parameters, bytes and multiply-accumulates, and their words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from mtg.backends.labels import is_frozen, layer_title, weight_owners
from mtg.text.source import NOWHERE

if TYPE_CHECKING:
    from mtg.graph.graph import Graph
    from mtg.lengths.dims import Dim
    from mtg.types.constraints import Constraint
    from mtg.types.tensor import Weight
    from mtg.types.types import Types

#: How many places of one constraint are named.
_PLACES = 3
#: The longest expression that is shown in a table.
_LONGEST = 14


class WeightTotals(NamedTuple):
    """Numbers of parameters and bits, trained or not, and whether that is all of them."""

    trainable: int
    frozen: int
    trainable_bits: int
    frozen_bits: int
    complete: bool


def weight_totals(graph: Graph, types: Types) -> WeightTotals:
    """Count the weights of a model, those of a layer that is used twice once."""
    counts, sizes, complete = [0, 0], [0, 0], True
    for layer in weight_owners(graph):
        weights = types.weights.get(layer)
        complete = complete and weights is not None
        for weight in weights or ():
            trains = weight.trainable and not is_frozen(layer)
            counts[trains] += weight.size
            sizes[trains] += weight_bits(weight)
    return WeightTotals(counts[True], counts[False], sizes[True], sizes[False], complete)


def weight_bits(weight: Weight) -> int:
    """Return the size of a weight, as Keras counts it."""
    if weight.dtype == "bool":
        return weight.size
    digits = "".join(char for char in weight.dtype.partition("_")[0] if char.isdigit())
    return weight.size * int(digits or 0)


def memory(size: float) -> str:
    """Bytes as Keras writes them: `19.84 MB`."""
    units = ["B", "KB", "MB", "GB", "TB", "PB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{size:.2f} {units[0]}"


def short(number: int) -> str:
    """Return a number in three digits: `3.86 G`."""
    size, units = float(number), ["", " K", " M", " G", " T", " P", " E"]
    while size >= 999.5 and len(units) > 1:
        size /= 1000
        units.pop(0)
    if size < 1000 and units[0]:
        return f"{size:#.3g}".removesuffix(".") + units[0]
    return f"{number:,}" if not units[0] else f"{size:,.0f}{units[0]}"


def amount(dim: Dim | None, *, exact: bool = False) -> str:
    """MACs, or bytes, in a table: of a long expression only the names that it depends on."""
    if dim is None:
        return "?"
    if isinstance(dim, int):
        return f"{dim:,}" if exact else short(dim)
    text = str(dim)
    if len(text) <= _LONGEST:
        return text
    return f"f({', '.join(sorted(name.name for name in dim.names()))})"


def places(constraint: Constraint) -> str:
    """`for concat at unet.mtg:14`: the calls that demand it."""
    named: dict[str, list[str]] = {}
    for call in constraint.calls:
        lines = named.setdefault(layer_title(call.layer), [])
        where = "" if call.span.source is NOWHERE.source else _line(call.span.location, lines)
        if where and where not in lines:
            lines.append(where)
    return "for " + " and ".join(f"{title}{_at(lines)}" for title, lines in named.items())


def _line(location: str, before: Iterable[str]) -> str:
    """`file:line`, or the line alone after another of the same file."""
    path, line, _ = location.rsplit(":", 2)
    first = next(iter(before), "")
    return line if first.startswith(f"{path}:") and first != f"{path}:{line}" else f"{path}:{line}"


def _at(lines: list[str]) -> str:
    if not lines:
        return ""
    more = f" and {len(lines) - _PLACES} more" if len(lines) > _PLACES else ""
    return f" at {', '.join(lines[:_PLACES])}{more}"
