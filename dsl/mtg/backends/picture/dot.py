"""The picture of a graph, as DOT source for Graphviz.

How to read it: inputs are dark, outputs hang at the bottom in the colours of their tasks, and what
serves one task alone has its colour. A shared layer is one box, because it is one set of weights;
the numbers on it say which edge in belongs to which edge out. Uses of blocks are frames.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mtg.backends.labels import is_merge, parameter_total
from mtg.backends.picture.collapse import Fold, UseIdentity, common_frames, fold
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
)
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
    graph: Graph, types: Types | None = None, *, levels: int | None = None, title: bool = True
) -> str:
    """Return the DOT source of the picture of `graph`.

    Args:
        types: What is known of the shapes and weights; without it none are shown.
        levels: How many levels of blocks are drawn open; what is deeper is one box for each use.
            None opens all.
        title: Whether the model's name and its number of parameters stand above the picture.
    """
    return _Picture(graph, types, levels).source(title=title)


@dataclass(slots=True)
class _Frame:
    """A use of a block: the boxes, and the frames, inside it."""

    name: str = ""
    layers: list[Layer] = field(default_factory=list)
    frames: dict[UseIdentity, _Frame] = field(default_factory=dict)


class _Picture:
    def __init__(self, graph: Graph, types: Types | None, levels: int | None) -> None:
        self.graph = graph
        self.types = types
        self.calls: dict[Layer, list[Call]] = {}
        self.turns: list[int] = []  # for each call, how many calls of its layer came before it
        for call in graph.calls:
            calls = self.calls.setdefault(call.layer, [])
            self.turns.append(len(calls))
            calls.append(call)
        self.numbers = {layer: number for number, layer in enumerate(self.calls)}
        self.folds = {} if levels is None else fold(graph, self.calls, types, levels)
        self.joined: set[tuple[Fold, TensorRef]] = set()
        self.names = {binding.tensor: binding.name for binding in graph.bindings}
        for output in graph.outputs:
            self.names.pop(output.tensor, None)  # its own box says it
        taken = [ref for call in graph.calls for ref in call.tensors()]
        taken += [output.tensor for output in graph.outputs]
        self.taken = Counter(ref.call for call in graph.calls for ref in call.tensors())
        self.several = {ref.call for ref in taken if ref.result > 0}

    def source(self, *, title: bool) -> str:
        import graphviz

        drawing = graphviz.Digraph(graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
        if title:
            drawing.attr(label=self._title())
        self._boxes(drawing, self._frames(), self._task_colors())
        for call in self.graph.calls:
            taken = list(_tensors(call))
            for ref, role in taken:
                self._edge(drawing, ref, call, role, alone=len(taken) == 1)
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
        """Every layer in the frame of the uses that all its calls have in common."""
        root = _Frame()
        for layer, calls in self.calls.items():
            folded = self.folds.get(layer)
            if folded is not None and layer is not folded.layers[0]:
                continue
            frame = root
            for at in common_frames(calls):
                if folded is not None and at == folded.frame:
                    break
                frame = frame.frames.setdefault(at, _Frame(at.name))
            frame.layers.append(layer)
        return root

    def _boxes(
        self, drawing: graphviz.Digraph, frame: _Frame, tasks: dict[Layer, str], path: str = ""
    ) -> None:
        for layer in frame.layers:
            calls, number = self.calls[layer], self.numbers[layer]
            if len(calls) == 1 and (is_merge(layer) or isinstance(layer, Op)):
                name = self.names.get(TensorRef(calls[0].id), "")
            else:
                name = layer.name.removeprefix(f"{frame.name}_") if frame.name else layer.name
            task = tasks.get(layer) if self.graph.outputs else ""
            if layer in self.folds:
                folded = self.folds[layer]
                needed = [each for each in folded.layers if each in tasks]
                task = self._fold_task(folded, needed, tasks) if self.graph.outputs else ""
                # What no output depends on is no part of the model, and does not count.
                box = fold_box(folded, needed or folded.layers, self.types, task)
                drawing.node(f"n{number}", id=f"use{number}", **box)
                continue
            box = layer_box(layer, calls, self.types, name, task)
            drawing.node(f"n{number}", id=f"layer{number}", **box)
        for number, (at, inner) in enumerate(frame.frames.items()):
            name = f"{path}_{number}"
            block = f'<FONT POINT-SIZE="{SMALL}"><B>{escape(at.block)}</B></FONT>'
            label = f"{block}  {small(at.name)}" if at.name not in ("", at.block) else block
            with drawing.subgraph(name=f"cluster{name}") as cluster:
                cluster.attr(
                    label=f"<{label}>",
                    labeljust="l",
                    style="rounded,filled",
                    fillcolor=FRAME_FILLS[path.count("_") % 2],
                    color="#B8B8AE",
                    margin="10",
                    id=f"use{name}",
                    tooltip=" ",
                    **{"class": "block"},
                )
                self._boxes(cluster, inner, tasks, name)

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
        for number, output in enumerate(self.graph.outputs):
            waiting = [output.tensor.call]
            while waiting:
                call = waiting.pop()
                known = serves.get(call)
                if known in (number, several):
                    continue
                serves[call] = number if known is None else several
                waiting.extend(self.graph.producers(call))
        colors: dict[Layer, str] = {}
        for layer, calls in self.calls.items():
            found = {serves[call.id] for call in calls if call.id in serves}
            if found:
                alone = len(found) == 1 and several not in found and len(self.graph.outputs) > 1
                colors[layer] = _task_color(found.pop()) if alone else ""
        return colors

    # ---- edges and outputs -----------------------------------------------------------------------

    def _outputs(self, drawing: graphviz.Digraph) -> None:
        with drawing.subgraph() as bottom:
            bottom.attr(rank="sink")
            for number, output in enumerate(self.graph.outputs):
                dashed = number >= len(TASK_COLORS)
                box = output_box(output, _task_color(number), dashed=dashed)
                bottom.node(f"out{number}", id=f"output{number}", **box)
        for number, output in enumerate(self.graph.outputs):
            tail = self._tail(output.tensor)
            head = _End(f"out{number}", _task_color(number), "solid")
            drawing.edge(tail.node, head.node, **_edge(tail, head))

    def _edge(
        self, drawing: graphviz.Digraph, ref: TensorRef, call: Call, role: str, *, alone: bool
    ) -> None:
        folded = self.folds.get(call.layer)
        if folded is not None:
            if self.folds.get(self.graph.calls[ref.call].layer) is folded:
                return
            if (folded, ref) in self.joined:
                return  # several layers inside take the same tensor
            self.joined.add((folded, ref))
        tail, head = self._tail(ref), self._end(call, "in", "" if folded else role)
        attributes = _edge(tail, head)
        if alone and self.taken[ref.call] == 1:
            attributes["weight"] = "4"  # a plain chain should be drawn straight
        drawing.edge(tail.node, head.node, **attributes)

    def _tail(self, ref: TensorRef) -> _End:
        """Return where the edge of a tensor begins; it names the result where there are several."""
        label = ""
        if ref.call in self.several:
            label = self.names.get(ref, f"[{ref.result}]")
        return self._end(self.graph.calls[ref.call], "out", label)

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
