"""Uses of blocks drawn as one box each, so that a deep network fits a page.

A use that is nested deeper than the levels asked for becomes a `Fold`. Folds of one block that
follow each other, equal in everything, are one box with the number of them: `residual × 3`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mtg.backends.families import Families, Path, UseIdentity
from mtg.graph.graph import Call
from mtg.graph.layers import Layer
from mtg.graph.values import TensorRef

if TYPE_CHECKING:
    from mtg.graph.graph import Graph
    from mtg.types.types import Types


@dataclass(eq=False, slots=True)
class Fold:
    """Uses of a block that are one box: a single one, or a run of equal ones.

    Attributes:
        frame: The first of the uses.
        around: What it stands in.
        layers: The layers inside, of all the uses.
        results: The tensors that leave the box, in the order they are taken.
        times: How many uses it stands for.
        calls: How often it is called: more than once in a shared chain.
    """

    frame: UseIdentity
    around: Path
    layers: list[Layer] = field(default_factory=list)
    results: list[TensorRef] = field(default_factory=list)
    times: int = 1
    calls: int = 1


def common_path(paths: list[Path]) -> Path:
    """Return what all the paths have in common, from the outside in."""
    common = paths[0]
    for path in paths[1:]:
        same = 0
        for one, other in zip(common, path, strict=False):
            if one != other:
                break
            same += 1
        common = common[:same]
    return common


def fold(
    graph: Graph,
    families: Families,
    calls: dict[Layer, list[Call]],
    paths: dict[Layer, Path],
    types: Types | None,
    levels: int,
) -> dict[Layer, Fold]:
    """Return the fold of each layer that is not shown by itself.

    A layer that several uses share stays outside them.

    Args:
        families: What is shown of the graph.
        calls: The calls of each layer that are shown, perhaps by a wrapper of it.
        paths: What each layer stands in.
        levels: How many levels of blocks stay open; 0 folds every use.
    """
    folds: dict[Path, Fold] = {}
    inside: dict[Layer, Fold] = {}
    for layer, its in calls.items():
        uses = [at for at, each in enumerate(paths[layer]) if isinstance(each, UseIdentity)]
        if len(uses) > levels:
            path = paths[layer][: uses[levels] + 1]
            frame = path[-1]
            assert isinstance(frame, UseIdentity)
            fold = folds.setdefault(path, Fold(frame, path[:-1], calls=len(its)))
            fold.layers.append(layer)
            fold.calls = max(fold.calls, len(its))
            inside |= dict.fromkeys([layer, *(call.layer for call in its)], fold)
    if not folds:
        return inside
    return _Runs(graph, families, calls, types, inside).merged(list(folds.values()))


class _Runs:
    def __init__(
        self,
        graph: Graph,
        families: Families,
        calls: dict[Layer, list[Call]],
        types: Types | None,
        inside: dict[Layer, Fold],
    ) -> None:
        self.families, self.calls, self.types, self.inside = families, calls, types, inside
        self.before: dict[Fold, dict[TensorRef, None]] = {}
        self.after: dict[Fold, set[Fold | None]] = {}
        self.producer: dict[TensorRef, Fold | None] = {}
        for call in families.shown:
            there = inside.get(call.layer)
            for ref in map(families.first, call.tensors()):
                self._edge(ref, inside.get(graph.calls[ref.call].layer), there)
        for output in graph.outputs:
            ref = families.first(output.tensor)
            self._edge(ref, inside.get(graph.calls[ref.call].layer), None)

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
            (each.layer.kind, each.layer.cls, each.layer.arguments, each.layer.trainable, shape)
            for layer in layers
            for call in self.calls[layer]
            for each in self.families.members(call)
            for shape in [str(self.types.outputs.get(each.id)) if self.types else ""]
        ] + [fold.frame.block, fold.around]
