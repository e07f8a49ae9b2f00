"""The path by which a tensor came to where it does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtg.graph.graph import Call
from mtg.graph.values import TensorRef
from mtg.types.dims import BATCH
from mtg.types.tensor import TensorType

if TYPE_CHECKING:
    from mtg.types.infer import Types

#: How many steps before a tensor are shown, and how far the way back is looked for an input.
_SHOWN, _SEARCHED = 3, 64


class Trace:
    """Notes on where tensors of a graph come from."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.names = {binding.tensor: binding.name for binding in reversed(types.graph.bindings)}

    def of_inputs(self, call: Call) -> list[str]:
        """A note for each tensor that a call takes."""
        return [self.of(ref) for ref in dict.fromkeys(call.tensors())]

    def of(self, ref: TensorRef) -> str:
        """`name: image float32[224, 224, 3] -> … -> conv [112, 112, 64]`."""
        way = self._way(ref)
        calls = self.types.graph.calls
        name = self.names.get(ref) or calls[ref.call].layer.name
        if len(way) == 1:
            return f"{name}: {self.types.of(ref)}"
        start = way[-1]
        shown = [self._step(step, short=True) for step in way[: min(_SHOWN, len(way) - 1)]]
        if len(way) - 1 > len(shown):
            shown.append("…")
        if calls[start.call].layer.kind == "input":
            shown.append(self._step(start))
        elif shown[-1] != "…":
            shown.append("…")
        return f"{name}: {' -> '.join(reversed(shown))}"

    def _way(self, ref: TensorRef) -> list[TensorRef]:
        """The tensor, and those it came from, each the first that made the one before."""
        way = [ref]
        for _ in range(_SEARCHED):
            before = self.types.graph.calls[way[-1].call].tensors()
            if not before:
                break
            way.append(before[0])
        return way

    def _step(self, ref: TensorRef, *, short: bool = False) -> str:
        name, found = self.types.graph.calls[ref.call].layer.name, self.types.of(ref)
        return f"{name} {_lengths(found) if short else found}"


def _lengths(found: TensorType) -> str:
    if found.shape is None or not found.shape or found.shape[0] != BATCH:
        return str(found)
    return f"[{', '.join(map(str, found.shape[1:]))}]"
