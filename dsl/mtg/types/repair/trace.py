"""The path by which a tensor came to where it does not fit."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from mtg.graph.graph import Call
from mtg.graph.layers import InputLayer
from mtg.graph.values import TensorRef
from mtg.lengths.dims import BATCH
from mtg.types.formula import formula
from mtg.types.tensor import TensorType
from mtg.types.types import Types

#: How many steps before a tensor are shown, how many where an axis changed, and how far the way
#: back is looked for an input.
_SHOWN, _CHANGED, _SEARCHED = 3, 3, 64


class Trace:
    """Notes on where tensors of a graph come from.

    Args:
        types: The types of the graph.
        odd: The axes of a sample, from 0, that do not fit: where they changed is worth showing.
    """

    def __init__(self, types: Types, odd: Collection[int] = ()) -> None:
        self.types = types
        self.odd = odd
        self.names = {binding.tensor: binding.name for binding in reversed(types.graph.bindings)}

    def name(self, ref: TensorRef) -> str:
        """Return what the program calls a tensor, or the layer that makes it."""
        return self.names.get(ref) or self.types.graph.calls[ref.call].layer.name

    def of_inputs(self, call: Call) -> list[str]:
        """Return a note for each tensor of a call, and how the lengths that differ came about."""
        refs = list(dict.fromkeys(call.tensors()))
        notes = [self.of(ref) for ref in refs]
        return notes + list(dict.fromkeys(note for ref in refs for note in self._formulas(ref)))

    def of(self, ref: TensorRef) -> str:
        """`name: image float32[224, 224, 3] -> … -> conv [112, 112, 64]`."""
        way = self._way(ref)
        name = self.name(ref)
        if len(way) == 1:
            return f"{name}: {self.types.of(ref)}"
        start = way[-1]
        shown = set(range(min(_SHOWN, len(way) - 1)))
        shown |= set(self._changes(way)[:_CHANGED])
        is_input = isinstance(self.types.graph.calls[start.call].layer, InputLayer)
        parts: list[str] = []
        before = -1
        for at in sorted(shown):
            if at > before + 1:
                parts.append("…")
            parts.append(self._step(way[at], short=True))
            before = at
        if is_input:
            if before < len(way) - 2:
                parts.append("…")
            parts.append(self._step(start))
        else:
            parts.append("…")
        return f"{name}: {' -> '.join(reversed(parts))}"

    def _way(self, ref: TensorRef) -> list[TensorRef]:
        """Return the path of a tensor: itself, and the first tensor that each is made from."""
        way = [ref]
        for _ in range(_SEARCHED):
            before = self.types.graph.calls[way[-1].call].tensors()
            if not before:
                break
            way.append(before[0])
        return way

    def _changes(self, way: list[TensorRef]) -> list[int]:
        """Return the steps of a path at which an odd axis changed its length, the last first."""
        found = []
        for at, (after, before) in enumerate(pairwise(way)):
            new, old = self.types.of(after).shape, self.types.of(before).shape
            if new is None or old is None:
                continue
            if len(new) != len(old) or any(
                axis + 1 < len(new) and new[axis + 1] != old[axis + 1] for axis in self.odd
            ):
                found.append(at)
        return found if self.odd else []

    def _formulas(self, ref: TensorRef) -> Iterator[str]:
        """Return how a window made the last length of each odd axis, its layer's name first."""
        way = self._way(ref)
        axes: dict[tuple[str, str], list[str]] = {}
        for axis in sorted(self.odd):
            for after, before in pairwise(way):
                new, old = self.types.of(after).shape, self.types.of(before).shape
                if new is None or old is None or len(new) != len(old) or axis + 1 >= len(new):
                    break
                if new[axis + 1] == old[axis + 1]:
                    continue
                layer = self.types.graph.calls[after.call].layer
                said = formula(layer, axis, old[axis + 1])
                if said is not None and said[1] == new[axis + 1]:
                    axes.setdefault((layer.name, said[0]), []).append(str(axis + 1))
                break
        for (name, said_of), which in axes.items():
            yield f"`{name}`, ax{'es' if which[1:] else 'is'} {' and '.join(which)}: {said_of}"

    def _step(self, ref: TensorRef, *, short: bool = False) -> str:
        name, found = self.types.graph.calls[ref.call].layer.name, self.types.of(ref)
        return f"{name} {lengths(found) if short else found}"


def lengths(found: TensorType) -> str:
    """Return the lengths of a sample: `[112, 112, 64]`."""
    if found.shape is None or not found.shape or found.shape[0] != BATCH:
        return str(found)
    return f"[{', '.join(map(str, found.shape[1:]))}]"
