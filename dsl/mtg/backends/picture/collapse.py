"""Uses of blocks drawn as one box each, so that a deep network fits a page.

A use that is nested deeper than the levels asked for becomes a `Fold`. Folds of one block that
follow each other, equal in everything, are one box with the number of them: `residual × 3`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from mtg.graph.graph import Call
from mtg.graph.layers import Layer
from mtg.graph.values import TensorRef
from mtg.text.source import Span

if TYPE_CHECKING:
    from mtg.graph.graph import Graph
    from mtg.types.types import Types


@dataclass(eq=False, slots=True)
class Fold:
    """Uses of a block that are one box: a single one, or a run of equal ones.

    Attributes:
        frame: The first of the uses.
        layers: The layers inside, of all the uses.
        results: The tensors that leave the box, in the order they are taken.
        times: How many uses it stands for.
        calls: How often it is called: more than once in a shared chain.
    """

    frame: UseIdentity
    layers: list[Layer] = field(default_factory=list)
    results: list[TensorRef] = field(default_factory=list)
    times: int = 1
    calls: int = 1


class UseIdentity(NamedTuple):
    """What makes two uses one in a picture: a shared chain expands its blocks at every call."""

    block: str
    name: str
    span: Span


def common_frames(calls: list[Call]) -> list[UseIdentity]:
    """Return the uses of blocks, from the outside in, that all calls of a layer stand in."""
    found: list[UseIdentity] = []
    for level, use in enumerate(calls[0].uses):
        frame = UseIdentity(use.block, use.name, use.span)
        for call in calls[1:]:
            other = call.uses[level] if level < len(call.uses) else None
            if other is not use and (
                other is None or frame != (other.block, other.name, other.span)
            ):
                return found
        found.append(frame)
    return found


def fold(
    graph: Graph, calls: dict[Layer, list[Call]], types: Types | None, levels: int
) -> dict[Layer, Fold]:
    """Return the fold of each layer that is not shown by itself.

    A layer that several uses share stays outside them.

    Args:
        calls: The calls of each layer.
        levels: How many levels of blocks stay open; 0 folds every use.
    """
    folds: dict[tuple[UseIdentity, ...], Fold] = {}
    inside: dict[Layer, Fold] = {}
    for layer, its in calls.items():
        frames = common_frames(its)
        if len(frames) > levels:
            path = tuple(frames[: levels + 1])
            inside[layer] = folds.setdefault(path, Fold(path[-1], calls=len(its)))
            inside[layer].layers.append(layer)
            inside[layer].calls = max(inside[layer].calls, len(its))
    if not folds:
        return inside
    return _Runs(graph, calls, types, inside).merged(list(folds.values()))


class _Runs:
    def __init__(
        self,
        graph: Graph,
        calls: dict[Layer, list[Call]],
        types: Types | None,
        inside: dict[Layer, Fold],
    ) -> None:
        self.calls, self.types, self.inside = calls, types, inside
        self.before: dict[Fold, dict[TensorRef, None]] = {}
        self.after: dict[Fold, set[Fold | None]] = {}
        self.producer: dict[TensorRef, Fold | None] = {}
        for call in graph.calls:
            there = inside.get(call.layer)
            for ref in call.tensors():
                self._edge(ref, inside.get(graph.calls[ref.call].layer), there)
        for output in graph.outputs:
            self._edge(output.tensor, inside.get(graph.calls[output.tensor.call].layer), None)

    def _edge(self, ref: TensorRef, tail: Fold | None, head: Fold | None) -> None:
        if tail is head:
            return
        if tail is not None:
            self.producer[ref] = tail
            self.after.setdefault(tail, set()).add(head)
            if ref not in tail.results:
                tail.results.append(ref)
        if head is not None:
            self.before.setdefault(head, {})[ref] = None

    def merged(self, folds: list[Fold]) -> dict[Layer, Fold]:
        """Merge runs of equal folds; the box of a run is that of its first use."""
        first: dict[Fold, Fold] = {}
        for fold in folds:
            taken = list(self.before.get(fold, ()))
            previous = self.producer.get(taken[0]) if len(taken) == 1 else None
            if (
                previous is not None
                and previous in first
                and self.after[previous] == {fold}
                and len(previous.results) == len(fold.results) == 1
                and previous.calls == fold.calls == 1
                and self._looks(previous) == self._looks(fold)
            ):
                run = first[fold] = first[previous]
                run.layers += fold.layers
                run.times += 1
            else:
                first[fold] = fold
        for fold, run in first.items():
            run.results = fold.results  # the last of a run is what others take from
        return {layer: first[fold] for layer, fold in self.inside.items()}

    def _looks(self, fold: Fold) -> list[Any]:
        """Return what must be equal for two folds to be drawn as one."""
        layers = fold.layers if fold.times == 1 else fold.layers[: len(fold.layers) // fold.times]
        return [
            (layer.kind, layer.cls, layer.arguments, layer.trainable, self._shapes(layer))
            for layer in layers
        ] + [fold.frame.block]

    def _shapes(self, layer: Layer) -> list[str]:
        if self.types is None:
            return []
        return [str(self.types.outputs.get(call.id)) for call in self.calls[layer]]
