"""What a call takes, and where each tensor comes from."""

from __future__ import annotations

from mtg.graph.graph import Call
from mtg.graph.layers import InputLayer, Layer
from mtg.graph.values import TensorRef
from mtg.types.formula import has_window
from mtg.types.tensor import Shape
from mtg.types.types import Types

#: How far back a change is looked for: layers before the call.
_NEAR = 24


class Tensors:
    """What a call takes, and the calls that lead to each tensor and to no other."""

    def __init__(self, types: Types, call: Call) -> None:
        self.types = types
        self.call = call
        self.refs = list(dict.fromkeys(call.tensors()))
        every = [self._before(ref) for ref in self.refs]
        self.own: list[list[Call]] = []
        for at, calls in enumerate(every):
            others = {each.id for i, other in enumerate(every) if i != at for each in other}
            self.own.append([each for each in calls if each.id not in others])

    def _before(self, ref: TensorRef) -> list[Call]:
        """Return the calls that a tensor comes from, the nearest first."""
        calls = self.types.graph.calls
        found: dict[int, Call] = {}
        waiting = [ref.call]
        while waiting and len(found) < _NEAR:
            at = waiting.pop(0)
            if at not in found and not isinstance(calls[at].layer, InputLayer):
                found[at] = calls[at]
                waiting += [before.call for before in calls[at].tensors()]
        return list(found.values())

    def shape(self, ref: TensorRef) -> Shape | None:
        """Return the lengths of a tensor without the batch axis, where it is known."""
        shape = self.types.of(ref).shape
        return None if shape is None else shape[1:]

    def windows(self, at: int) -> list[Layer]:
        """Yield the layers with windows on the path of one tensor."""
        return [call.layer for call in self.own[at] if has_window(call.layer)]
