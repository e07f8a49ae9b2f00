"""The picture of a graph, as DOT source for Graphviz.

How to read it: inputs are dark, outputs hang at the bottom in the colours of their tasks, and what
serves one task alone has its colour. A shared layer is one box, because it is one set of weights;
the numbers on it say which edge in belongs to which edge out. Uses of blocks are frames, and so
are families, of which one round is drawn: `expert × 8`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from mtg.backends.families import Families, Family, Path, UseIdentity
from mtg.backends.labels import is_merge, parameter_total
from mtg.backends.picture.collapse import Fold, common_path, fold
from mtg.backends.picture.nodes import (
    CALL_COLORS,
    FONT,
    GREY,
    INK,
    LINE,
    MOST_PORTS,
    SMALL,
    TASK_COLORS,
    escape,
    fold_box,
    layer_box,
    output_box,
    small,
    table,
    tooltip,
)
from mtg.backends.spreads import name_span, title_times
from mtg.graph.graph import Call
from mtg.graph.layers import Layer, Op
from mtg.graph.values import TensorRef, tensors_in

if TYPE_CHECKING:
    import graphviz

    from mtg.graph.graph import Graph
    from mtg.types.types import Types

CALL_STYLES = ("solid", "dashed", "dotted")
FRAME_FILLS = ("#F5F5F2", "#EAEAE4")

_GRAPH = {
    "rankdir": "TB",
    "ranksep": "0.35",
    "nodesep": "0.3",
    "pad": "0.15",
    "fontname": FONT,
    "fontsize": str(SMALL),
    "fontcolor": INK,
    "labelloc": "t",
}
_NODE = {
    "shape": "box",
    "style": "filled",
    "fillcolor": "white",
    "color": LINE,
    "fontname": FONT,
    "fontsize": "11",
    "fontcolor": INK,
    "margin": "0.1,0.04",
    "height": "0.3",
}
_EDGE = {
    "color": LINE,
    "arrowsize": "0.7",
    "fontname": FONT,
    "fontsize": str(SMALL),
    "fontcolor": GREY,
}


def dot(
    graph: Graph,
    types: Types | None = None,
    *,
    levels: int | None = None,
    unfold: bool = False,
    title: bool = True,
) -> str:
    """Return the DOT source of the picture of `graph`.

    Args:
        types: What is known of the shapes and weights; without it none are shown.
        levels: How many levels of blocks are drawn open; what is deeper is one box for each use.
            None opens all.
        unfold: Whether every round of a family is drawn.
        title: Whether the model's name and its number of parameters stand above the picture.
    """
    return _Picture(graph, types, levels, unfold=unfold).source(title=title)


@dataclass(slots=True)
class _Frame:
    """A use of a block, or a family: the boxes, and the frames, inside it.

    Attributes:
        block: The block that is used, or an empty string.
        name: What the use is called, or those of all rounds of a family are.
        times: How many rounds it stands for.
        alone: Whether it is one use, and not those of many rounds.
        tooltip: What the rounds are called, and where their loop stands.
    """

    block: str = ""
    name: str = ""
    times: int = 1
    alone: bool = True
    tooltip: str = " "
    layers: list[Layer] = field(default_factory=list)
    frames: dict[UseIdentity | Family, _Frame] = field(default_factory=dict)

    def merged(self) -> _Frame:
        """Return the frame with one for a family whose rounds are a use of a block each."""
        frames = {at: frame.merged() for at, frame in self.frames.items()}
        if self.times > 1 and not self.layers and len(frames) == 1:
            (inner,) = frames.values()
            if inner.times == 1:
                return replace(inner, times=self.times, tooltip=self.tooltip)
        return replace(self, frames=frames)

    def label(self, outer: str) -> str:
        """Return the words above the frame, as HTML: few, since edges come in there.

        Args:
            outer: The name of the frame around it, which names inside need not repeat.
        """
        heading = f"{self.block}{title_times(self.times)}".strip()
        label = f'<FONT POINT-SIZE="{SMALL}"><B>{escape(heading)}</B></FONT>'
        name = self.name.removeprefix(f"{outer}_") if outer else self.name
        return f"{label}  {small(name)}" if self.alone and name not in ("", self.block) else label


class _Picture:
    def __init__(
        self, graph: Graph, types: Types | None, levels: int | None, *, unfold: bool
    ) -> None:
        self.graph = graph
        self.types = types
        self.families = Families(graph, unfold=unfold)
        self.outputs = self.families.outputs()
        self.calls: dict[Layer, list[Call]] = {}
        self.turns: dict[int, int] = {}  # of each call, how many of its layer came before it
        for call in self.families.shown:
            calls = self.calls.setdefault(call.layer, [])
            self.turns[call.id] = len(calls)
            calls.append(call)
        self.numbers = {layer: number for number, layer in enumerate(self.calls)}
        self.paths = {
            layer: common_path([self.families.path(call) for call in calls])
            for layer, calls in self.calls.items()
        }
        self.folds: dict[Layer, Fold] = {}
        if levels is not None:
            self.folds = fold(graph, self.families, self.calls, self.paths, types, levels)
        self.joined: set[tuple[Fold, TensorRef]] = set()
        self.names = {binding.tensor: binding.name for binding in graph.bindings}
        for output in graph.outputs:
            self.names.pop(output.tensor, None)  # its own box says it
        taken = [self.families.first(ref) for call in self.families.shown for ref in call.tensors()]
        self.taken = Counter(ref.call for ref in taken)
        taken += [self.families.first(output.tensor) for output in graph.outputs]
        self.several = {ref.call for ref in taken if ref.result > 0}

    def source(self, *, title: bool) -> str:
        import graphviz

        drawing = graphviz.Digraph(graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
        if title:
            drawing.attr(label=self._title())
        self._boxes(drawing, self._frames().merged(), self._task_colors())
        for call in self.families.shown:
            taken = list(self._tensors(call))
            for ref, role, times in taken:
                self._edge(drawing, ref, call, role, times, alone=len(taken) == 1)
        self._outputs(drawing)
        return str(drawing.source)

    def _title(self) -> str:
        lines = [f'<FONT POINT-SIZE="14"><B>{escape(self.graph.name)}</B></FONT>']
        if self.types is not None:
            total, complete = parameter_total(self.graph, self.types)
            lines.append(small(f"{'' if complete else '≥ '}{total:,} parameters"))
        return f"<{table([*lines, ' '])}>"

    # ---- boxes and frames ------------------------------------------------------------------------

    def _frames(self) -> _Frame:
        """Every layer in the frame of the uses and families that all its calls have in common."""
        root = _Frame()
        for layer, path in self.paths.items():
            folded = self.folds.get(layer)
            if folded is not None and layer is not folded.layers[0]:
                continue
            frame = root
            for number, at in enumerate(path if folded is None else folded.around):
                if at not in frame.frames:
                    frame.frames[at] = self._frame(at, number, layer)
                frame = frame.frames[at]
            frame.layers.append(layer)
        return root

    def _frame(self, at: UseIdentity | Family, number: int, layer: Layer) -> _Frame:
        """Return the frame for what stands so deep in the path of a layer."""
        if isinstance(at, Family):
            return _Frame(times=at.times, alone=False, tooltip=tooltip(at.words, at.span))
        uses = sum(isinstance(each, UseIdentity) for each in self.paths[layer][:number])
        name = self._use_name(layer, uses)
        return _Frame(at.block, name, alone=name == at.name)

    def _use_name(self, layer: Layer, number: int) -> str:
        """Return the name of the use, so deep in its path, that a layer stands in."""
        members = self.families.members(self.calls[layer][0])
        return name_span(members[0].uses[number].name, members[-1].uses[number].name)

    def _boxes(
        self,
        drawing: graphviz.Digraph,
        frame: _Frame,
        tasks: dict[Layer, str],
        path: str = "",
        times: int = 1,
    ) -> None:
        """Draw what is in a frame; `times` is how many rounds its only box stands for."""
        for layer in frame.layers:
            calls, number = self.calls[layer], self.numbers[layer]
            layers = self.families.layers(calls)
            if len(calls) == 1 and (is_merge(layer) or isinstance(layer, Op)):
                name = self._name(TensorRef(calls[0].id))
            else:
                name = name_span(layer.name, layers[-1].name)
                name = name.removeprefix(f"{frame.name}_") if frame.name else name
            task = tasks.get(layer) if self.graph.outputs else ""
            if layer in self.folds:
                folded = self.folds[layer]
                needed = [each for each in folded.layers if each in tasks]
                task = self._fold_task(folded, needed, tasks) if self.graph.outputs else ""
                uses = sum(isinstance(each, UseIdentity) for each in folded.around)
                # What no output depends on is no part of the model, and does not count.
                inside = [
                    self.families.layers(self.calls[each]) for each in needed or folded.layers
                ]
                results = [
                    [TensorRef(each.id, ref.result) for each in self._members(ref)]
                    for ref in sorted(folded.results)  # in one order, whoever takes them first
                ]
                name = self._use_name(layer, uses)
                rounds = prod(at.times for at in folded.around if isinstance(at, Family))
                box = fold_box(folded, inside, results, self.types, name, task, times, rounds)
                drawing.node(f"n{number}", id=f"use{number}", **box)
                continue
            members = [self.families.members(call) for call in calls]
            box = layer_box(layers, members, self.types, name, task, times)
            drawing.node(f"n{number}", id=f"layer{number}", **box)
        for number, inner in enumerate(frame.frames.values()):
            name = f"{path}_{number}"
            if inner.times > 1 and len(inner.layers) == 1 and not inner.frames and not inner.block:
                self._boxes(drawing, inner, tasks, name, inner.times)
                continue
            with drawing.subgraph(name=f"cluster{name}") as cluster:
                cluster.attr(
                    label=f"<{inner.label(frame.name)}>",
                    labeljust="l",
                    style="rounded,filled",
                    fillcolor=FRAME_FILLS[path.count("_") % 2],
                    color="#B8B8AE",
                    margin="10",
                    id=f"use{name}",
                    tooltip=inner.tooltip,
                    **{"class": "block" if inner.block else "family"},
                )
                self._boxes(cluster, inner, tasks, name)

    def _members(self, ref: TensorRef) -> list[Call]:
        """Return the calls whose results a tensor stands for."""
        return self.families.members(self.graph.calls[ref.call])

    def _name(self, ref: TensorRef) -> str:
        """Return the name that the program gives a tensor, or those that it stands for."""
        first, last = (
            self.names.get(TensorRef(each.id, ref.result), "")
            for each in (self._members(ref)[0], self._members(ref)[-1])
        )
        return name_span(first, last)

    def _fold_task(self, folded: Fold, needed: list[Layer], tasks: dict[Layer, str]) -> str | None:
        """Return the colour of the one task that what leaves a box serves, as `_task_colors`."""
        if not needed:
            return None
        ends = {self.graph.calls[ref.call].layer for ref in folded.results} & set(needed)
        found = {tasks[layer] for layer in ends or {needed[-1]}}
        return found.pop() if len(found) == 1 else ""

    def _task_colors(self) -> dict[Layer, str]:
        """Return the colour of each layer that an output depends on: that of its task.

        The colour is an empty string if the layer serves several outputs, or the only one.
        """
        several = -1
        serves: dict[int, int] = {}  # call -> output, or `several`
        for number, outputs in enumerate(self.outputs):
            waiting = [self.families.first(outputs[0].tensor).call]
            while waiting:
                call = waiting.pop()
                known = serves.get(call)
                if known in (number, several):
                    continue
                serves[call] = number if known is None else several
                taken = map(self.families.first, self.graph.calls[call].tensors())
                waiting.extend(dict.fromkeys(ref.call for ref in taken))
        colors: dict[Layer, str] = {}
        for layer, calls in self.calls.items():
            found = {serves[call.id] for call in calls if call.id in serves}
            if found:
                alone = len(found) == 1 and several not in found and len(self.outputs) > 1
                colors[layer] = _task_color(found.pop()) if alone else ""
        return colors

    # ---- edges and outputs -----------------------------------------------------------------------

    def _outputs(self, drawing: graphviz.Digraph) -> None:
        with drawing.subgraph() as bottom:
            bottom.attr(rank="sink")
            for number, outputs in enumerate(self.outputs):
                dashed = number >= len(TASK_COLORS)
                box = output_box(outputs, _task_color(number), dashed=dashed)
                bottom.node(f"out{number}", id=f"output{number}", **box)
        for number, outputs in enumerate(self.outputs):
            tail = self._tail(self.families.first(outputs[0].tensor), title_times(len(outputs)))
            head = _End(f"out{number}", _task_color(number), "solid")
            drawing.edge(tail.node, head.node, **_edge(tail, head))

    def _tensors(self, call: Call) -> Iterator[tuple[TensorRef, str, str]]:
        """Yield the tensors a call takes, the part each plays, and how many it stands for."""
        path = self.families.path(call)
        taken = list(_tensors(call))
        rounds = Counter(self.families.first(ref) for ref in dict.fromkeys(ref for ref, _ in taken))
        drawn: dict[TensorRef, TensorRef] = {}
        for ref, role in taken:
            shown = self.families.first(ref)
            if drawn.setdefault(shown, ref) == ref:  # else it is that of another round
                yield shown, role, self._times(path, shown, rounds[shown])

    def _times(self, path: Path, ref: TensorRef, taken: int) -> str:
        """Return how many tensors an edge stands for, where a call in `path` takes `taken`."""
        total = self.families.tensors(path, ref)
        if total == 1:
            return ""
        around = self.families.path(self.graph.calls[ref.call])
        if taken == 1 or not any(isinstance(at, Family) and at not in around for at in path):
            return f"× {total}"
        return f"all {total}" if taken == total else f"{taken} of {total} each"

    def _edge(
        self,
        drawing: graphviz.Digraph,
        ref: TensorRef,
        call: Call,
        role: str,
        times: str,
        *,
        alone: bool,
    ) -> None:
        folded = self.folds.get(call.layer)
        if folded is not None:
            if self.folds.get(self.graph.calls[ref.call].layer) is folded:
                return
            if (folded, ref) in self.joined:
                return  # several layers inside take the same tensor
            self.joined.add((folded, ref))
        tail, head = self._tail(ref, times), self._end(call, "in", "" if folded else role)
        if alone and ":" not in head.node and self._enters(ref, call):
            head = head._replace(node=f"{head.node}:n")  # not across the words of the frame
        attributes = _edge(tail, head)
        if alone and self.taken[ref.call] == 1:
            attributes["weight"] = "4"  # a plain chain should be drawn straight
        drawing.edge(tail.node, head.node, **attributes)

    def _enters(self, ref: TensorRef, call: Call) -> bool:
        """Return whether an edge comes into a family from outside."""
        around = self.families.path(self.graph.calls[ref.call])
        return any(isinstance(at, Family) and at not in around for at in self.paths[call.layer])

    def _tail(self, ref: TensorRef, times: str) -> _End:
        """Return where the edge of a tensor begins; it names the result where there are several.

        Args:
            times: What it says of how many tensors it stands for.
        """
        label = ""
        if ref.call in self.several:
            label = self._name(ref) or f"[{ref.result}]"
        return self._end(self.graph.calls[ref.call], "out", f"{label} {times}".strip())

    def _end(self, call: Call, side: str, label: str) -> _End:
        folded = self.folds.get(call.layer)
        node = f"n{self.numbers[folded.layers[0] if folded else call.layer]}"
        times = folded.calls if folded else len(self.calls[call.layer])
        turn = self.turns[call.id]
        if times == 1:
            return _End(node, "", "solid", label)
        if times <= MOST_PORTS:
            node += f":{side}{turn}:{'n' if side == 'in' else 's'}"
        else:
            label = f"{turn + 1} {label}".strip()
        color = CALL_COLORS[turn % len(CALL_COLORS)]
        return _End(node, color, CALL_STYLES[turn % len(CALL_STYLES)], label)


class _End(NamedTuple):
    """One end of an edge; `color` is empty where the edge is an ordinary one."""

    node: str
    color: str
    style: str
    label: str = ""


def _edge(tail: _End, head: _End) -> dict[str, str]:
    """Return the colour of an edge: that of its call or task; of two, half and half."""
    found: dict[str, str] = {}
    colors = list(dict.fromkeys(filter(None, (tail.color, head.color))))
    if colors:
        found |= {"color": ";0.5:".join(colors), "penwidth": "1.8"}
    styles = {tail.style, head.style} - {"solid"}
    if len(styles) == 1:
        found["style"] = styles.pop()
    label = " → ".join(dict.fromkeys(filter(None, (tail.label, head.label))))
    if label:
        found["label"] = f"<{escape(f' {label} ')}>"
    return found


def _tensors(call: Call) -> Iterator[tuple[TensorRef, str]]:
    """Yield the tensors a call takes, each with the part it plays where that must be said."""
    first = list(tensors_in(call.args))
    signs = ("+", "−") if call.layer.cls == "Subtract" and len(first) == 2 else ("", "")
    for number, ref in enumerate(first):
        yield ref, signs[number] if number < 2 else ""
    for name, value in call.kwargs.items():
        for ref in tensors_in(value):
            yield ref, name


def _task_color(number: int) -> str:
    return TASK_COLORS[number % len(TASK_COLORS)]
