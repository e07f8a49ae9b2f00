"""Uses of blocks drawn as one box each, so that a deep network fits a page.

A use that is nested deeper than the levels asked for becomes a `Fold`. Folds of one block that
follow each other, equal in everything but shapes and rates, are one box with the number of them:
`residual × 3`. Each may take what the others take as well, such as a mask.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mtg.backends.families import MOST_SHOWN, Families, Path, UseIdentity
from mtg.backends.labels import layer_title
from mtg.graph.graph import Call
from mtg.graph.layers import InputLayer, Layer
from mtg.graph.values import TensorRef, Value

if TYPE_CHECKING:
    from mtg.graph.graph import Graph


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
        steps: What leaves each of the uses, in their order.
        plain: Whether it stands for equal layers, which no block holds.
    """

    frame: UseIdentity
    around: Path
    layers: list[Layer] = field(default_factory=list)
    results: list[TensorRef] = field(default_factory=list)
    times: int = 1
    calls: int = 1
    steps: list[TensorRef] = field(default_factory=list)
    plain: bool = False


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
    levels: int,
    opened: set[str],
    *,
    runs: bool = False,
) -> dict[Layer, Fold]:
    """Return the fold of each layer that is not shown by itself.

    A layer that several uses share stays outside them.

    Args:
        families: What is shown of the graph.
        calls: The calls of each layer that are shown, perhaps by a wrapper of it.
        paths: What each layer stands in.
        levels: How many levels of blocks stay open; 0 folds every use.
        opened: Names of blocks and of uses that stay open, and what they stand in.
        runs: Whether equal layers that follow each other are one box, from four on.
    """
    kept = {
        path[: at + 1]
        for path in paths.values()
        for last, name in enumerate(path)
        if isinstance(name, UseIdentity) and opened & {name.block, name.name}
        for at in range(last + 1)
    }
    folds: dict[Path, Fold] = {}
    inside: dict[Layer, Fold] = {}
    for layer, its in calls.items():
        uses = [at for at, each in enumerate(paths[layer]) if isinstance(each, UseIdentity)]
        closed = [at for at in uses[levels:] if paths[layer][: at + 1] not in kept]
        if closed:
            path = paths[layer][: closed[0] + 1]
            frame = path[-1]
            assert isinstance(frame, UseIdentity)
            fold = folds.setdefault(path, Fold(frame, path[:-1], calls=len(its)))
            fold.layers.append(layer)
            fold.calls = max(fold.calls, len(its))
            inside |= dict.fromkeys([layer, *(call.layer for call in its)], fold)
    for layer, its in calls.items() if runs else ():
        if layer not in inside and len(its) == 1 and not isinstance(layer, InputLayer):
            frame = UseIdentity(layer_title(layer), layer.name, layer.span)
            # As a use of a block that holds nothing else.
            single = Fold(frame, paths[layer], [layer], plain=True)
            inside[layer] = folds[*paths[layer], frame] = single
    if not folds:
        return inside
    found = _Runs(graph, families, calls, inside).merged(list(folds.values()))
    return {
        layer: fold for layer, fold in found.items() if not fold.plain or fold.times > MOST_SHOWN
    }


class _Runs:
    def __init__(
        self,
        graph: Graph,
        families: Families,
        calls: dict[Layer, list[Call]],
        inside: dict[Layer, Fold],
    ) -> None:
        self.families, self.calls, self.inside = families, calls, inside
        self.before: dict[Fold, dict[TensorRef, None]] = {}
        self.after: dict[Fold, set[Fold | None]] = {}
        self.sides: dict[Fold, set[TensorRef]] = {}
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
            taken = set(self.before.get(fold, ()))
            before = [each for ref in taken if (each := self.producer.get(ref)) in first]
            previous = before[0] if len(before) == 1 else None
            if (
                previous is not None
                and self.after[previous] == {fold}
                and len(previous.results) == len(fold.results) == 1
                and previous.calls == fold.calls == 1
                and self._side_inputs(first[previous], previous) == taken - set(previous.results)
                and self._looks(previous) == self._looks(fold)
            ):
                run = first[fold] = first[previous]
                run.layers += fold.layers
                run.times += 1
                self.sides[run] = taken - set(previous.results)
            else:
                first[fold] = run = fold
            run.steps += fold.results[:1]
        for fold, run in first.items():
            run.results = fold.results  # the last of a run is what others take from
        return {layer: first[fold] for layer, fold in self.inside.items()}

    def _side_inputs(self, run: Fold, last: Fold) -> set[TensorRef]:
        """Return what the uses of a run take, such as a mask, beside the result of the one before.

        The first has none before it: of all that it takes, it is what the next one takes too.
        """
        if run in self.sides:
            return self.sides[run]
        (after,) = self.after[last]
        return set(self.before.get(run, ())) & set(self.before[after]) if after else set()

    def _looks(self, fold: Fold) -> list[Any]:
        """Return what must be equal for two folds to be drawn as one."""
        layers = fold.layers if fold.times == 1 else fold.layers[: len(fold.layers) // fold.times]
        return [
            (each.layer.kind, each.layer.cls, _sizes(each.layer), each.layer.trainable)
            for layer in layers
            for call in self.calls[layer]
            for each in self.families.members(call)
        ] + [fold.frame.block, fold.around]


def _sizes(layer: Layer) -> dict[str, Value]:
    """Return the arguments of a layer without the values of rates, which grow along a network."""
    return {
        name: None if isinstance(value, float) else value for name, value in layer.arguments.items()
    }
