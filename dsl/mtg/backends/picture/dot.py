"""The picture of a graph, as DOT source for Graphviz.

How to read it: inputs are dark, outputs hang at the bottom in the colours of their tasks, and what
serves one task alone has its colour. Each task has a letter, which what serves some of the tasks
wears; what serves all wears none. A shared layer is one box, because it is one set of weights; the
numbers on it say which edge in belongs to which edge out. Uses of blocks are frames, and so
are families, of which one round is drawn: `expert × 8`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from mtg.backends.families import Families, Family, Path, UseIdentity
from mtg.backends.labels import is_merge, parameter_total, weights_owner
from mtg.backends.picture.badges import MOST_PORTS, compass, ports
from mtg.backends.picture.boxes import Boxes
from mtg.backends.picture.chains import SharedChain, shared_chains
from mtg.backends.picture.collapse import Fold, common_path, fold
from mtg.backends.picture.edges import MARK, EdgeEnd, edge
from mtg.backends.picture.frames import PictureFrame
from mtg.backends.picture.legend import legend
from mtg.backends.picture.options import DEFAULT, PictureOptions
from mtg.backends.picture.roles import Role, in_words, tensors_with_roles
from mtg.backends.picture.service import Services
from mtg.backends.picture.style import blank
from mtg.backends.picture.themes import THEMES
from mtg.backends.picture.words import escape, small, table, tooltip
from mtg.backends.spreads import name_span, title_times
from mtg.graph.graph import Call
from mtg.graph.layers import Application, InputLayer, Layer, NestedModel, Op
from mtg.graph.values import TensorRef

if TYPE_CHECKING:
    import graphviz

    from mtg.graph.graph import Graph
    from mtg.types.types import Types


def dot(graph: Graph, types: Types | None = None, options: PictureOptions = DEFAULT) -> str:
    """Return the DOT source of the picture of `graph`.

    Args:
        graph: The graph.
        types: What is known of the shapes and weights; without it none are shown.
        options: How it is drawn.
    """
    return _Picture(graph, types, options).source()


_LEGEND = {"shape": "plain", "style": "solid", "class": "legend"}


def box_count(graph: Graph, options: PictureOptions = DEFAULT) -> int:
    """Return how many boxes a picture has, outputs left out."""
    return _Picture(graph, None, options).boxes()


class _Picture:
    def __init__(self, graph: Graph, types: Types | None, options: PictureOptions) -> None:
        self.graph = graph
        self.types = types
        self.options = options
        self.theme = THEMES[options.theme]
        self.draw = Boxes(types, self.theme, options)
        self.families = Families(graph, unfold=options.unfold)
        self.services = Services(graph, self.families)
        self.outputs = self.families.outputs()
        self.calls: dict[Layer, list[Call]] = {}
        self.turns: dict[int, int] = {}  # of each call, how many of its layer came before it
        self.inner = self._inner_layers()
        for call in self.families.shown:
            calls = self.calls.setdefault(self._layer(call), [])
            self.turns[call.id] = len(calls)
            calls.append(call)
        self.numbers = {layer: number for number, layer in enumerate(self.calls)}
        self.paths = {
            layer: common_path([self.families.path(call) for call in calls])
            for layer, calls in self.calls.items()
        }
        self.folds: dict[Layer, Fold] = {}
        if options.levels is not None or options.open or options.runs:
            levels = options.levels or 0
            opened = set(options.open)
            self.folds = fold(
                graph, self.families, self.calls, self.paths, levels, opened, runs=options.runs
            )
        alone = {*self.folds, *self.inner.values()}
        self.chains = shared_chains(graph, self.families, self.calls, alone)
        self.depths = {
            chain: len(common_path([self.paths[layer] for layer in chain.layers]))
            for chain in self.chains.values()
        }
        self.joined: set[tuple[Fold | SharedChain, TensorRef | int]] = set()
        self.names = {binding.tensor: binding.name for binding in graph.bindings}
        for output in graph.outputs:
            self.names.pop(output.tensor, None)  # its own box says it
        taken = [self.families.first(ref) for call in self.families.shown for ref in call.tensors()]
        self.taken = Counter(ref.call for ref in taken)
        taken += [self.families.first(output.tensor) for output in graph.outputs]
        self.several = {ref.call for ref in taken if ref.result > 0}

    def _inner_layers(self) -> dict[Layer, Layer]:
        """Return the layer inside of each wrapper that is called beside it, or beside another.

        A `TimeDistributed` has the weights of its layer, so that all of them are one thing.
        """
        wrappers: dict[Layer, dict[Layer, None]] = {}
        for call in self.families.shown:
            owner = weights_owner(call.layer)
            if all(weights_owner(each.layer) is owner for each in self.families.members(call)):
                wrappers.setdefault(owner, {})[call.layer] = None
        return {
            layer: owner
            for owner, layers in wrappers.items()
            for layer in layers
            if len(layers) > 1 and layer is not owner
        }

    def _layer(self, call: Call) -> Layer:
        """Return the layer whose box stands for a call."""
        return self.inner.get(call.layer, call.layer)

    def boxes(self) -> int:
        """Return how many boxes there are, outputs left out."""
        return len(
            {self.folds[layer].layers[0] if layer in self.folds else layer for layer in self.calls}
        )

    def source(self) -> str:
        theme = self.theme
        drawing = blank(theme, self.options.direction, self.options.width)
        if self.options.title:
            drawing.attr(label=self._title())
        self._boxes(drawing, self._frames().merged())
        for call in self.families.shown:
            taken = list(self._tensors(call))
            for ref, roles, times in taken:
                self._edge(drawing, ref, call, roles, times, alone=len(taken) == 1)
        self._outputs(drawing)
        return str(drawing.source)

    def _title(self) -> str:
        lines = [f'<FONT POINT-SIZE="14"><B>{escape(self.graph.name)}</B></FONT>']
        if self.types is not None and self.options.detail != "paper":
            total, complete = parameter_total(self.graph, self.types)
            lines.append(small(f"{'' if complete else '≥ '}{total:,} parameters", self.theme.grey))
        return f"<{table([*lines, ' '])}>"

    # ---- boxes and frames ------------------------------------------------------------------------

    def _frames(self) -> PictureFrame:
        """Every layer in the frame of the uses and families that all its calls have in common."""
        root = PictureFrame()
        for layer, path in self.paths.items():
            folded = self.folds.get(layer)
            if folded is not None and layer is not folded.layers[0]:
                continue
            frame = root
            around: list[UseIdentity | Family | SharedChain]
            around = [*(path if folded is None else folded.around)]
            if (chain := self.chains.get(layer)) is not None:
                around.insert(self.depths[chain], chain)
            for number, at in enumerate(around):
                if at not in frame.frames:
                    uses = sum(isinstance(each, UseIdentity) for each in around[:number])
                    frame.frames[at] = self._frame(at, uses, layer)
                frame = frame.frames[at]
            frame.layers.append(layer)
        return root

    def _frame(
        self, at: UseIdentity | Family | SharedChain, uses: int, layer: Layer
    ) -> PictureFrame:
        """Return the frame for what a layer stands in; so many uses of blocks are around it."""
        if isinstance(at, Family):
            return PictureFrame(times=at.times, alone=False, tooltip=tooltip(at.words, at.span))
        if isinstance(at, SharedChain):
            name = at.last.name
            return PictureFrame(name=name, tooltip=tooltip(name, at.last.span), chain=at)
        name = self._use_name(layer, uses)
        return PictureFrame(at.block, name, alone=name == at.name)

    def _use_name(self, layer: Layer, number: int) -> str:
        """Return the name of the use, so deep in its path, that a layer stands in."""
        members = self.families.members(self.calls[layer][0])
        return name_span(members[0].uses[number].name, members[-1].uses[number].name)

    def _boxes(
        self, drawing: graphviz.Digraph, frame: PictureFrame, path: str = "", times: int = 1
    ) -> None:
        """Draw what is in a frame; `times` is how many rounds its only box stands for."""
        for layer in frame.layers:
            number = self.numbers[layer]
            if layer in self.folds:
                box = self._fold_box(layer, times)
                drawing.node(f"n{number}", id=f"use{number}", **box)
                continue
            calls = self.calls[layer]
            is_wrapped = any(call.layer is not layer for call in calls)
            layers = [layer] if is_wrapped else self.families.layers(calls)
            if len(calls) == 1 and (is_merge(layer) or isinstance(layer, Op)):
                name = self._name(TensorRef(calls[0].id))
            else:
                name = name_span(layer.name, layers[-1].name)
                name = name.removeprefix(f"{frame.name}_") if frame.name else name
            members = [self.families.members(call) for call in calls]
            service, framed = self.services.of(calls), layer in self.chains
            box = self.draw.layer(layers, members, name, service, times, framed=framed)
            drawing.node(f"n{number}", id=f"layer{number}", **box)
        for number, inner in enumerate(frame.frames.values()):
            name = f"{path}_{number}"
            if inner.times > 1 and len(inner.layers) == 1 and not inner.frames and not inner.block:
                self._boxes(drawing, inner, name, inner.times)
                continue
            with drawing.subgraph(name=f"cluster{name}") as cluster:
                cluster.attr(
                    label=f"<{inner.label(frame.name, self.theme)}>",
                    labeljust="l",
                    style="rounded,filled",
                    fillcolor=self.theme.frames[path.count("_") % 2],
                    color=self.theme.frame_line,
                    margin="10",
                    **_upright(self.options.direction),
                    id=f"use{name}",
                    tooltip=inner.tooltip,
                    **{"class": "block" if inner.block or inner.chain else "family"},
                )
                self._boxes(cluster, inner, name)
                if inner.chain is not None:
                    self._ports(cluster, inner.chain)

    def _ports(self, cluster: graphviz.Digraph, chain: SharedChain) -> None:
        """Draw the entrance and the exit of a shared chain, and give its frame its colour."""
        own = self.services.of(call for layer in chain.layers for call in self.calls[layer]).own
        color = self.theme.ink if own is None else self.theme.hue(own)
        cluster.attr(color=color, penwidth="2.2")
        number = self.numbers[chain.last]
        for side in ("in", "out"):
            row = " "
            if chain.times <= MOST_PORTS:
                row = ports(side, chain.times, self.theme, self.options.direction)
            words = tooltip(f"{chain.last.name} {side}", chain.last.span)
            look = {"class": "ports", "margin": "0.06,0.03", "tooltip": words}
            cluster.node(f"{side}{number}", id=f"{side}{number}", label=f"<{row}>", **look)
        look = edge(EdgeEnd(""), EdgeEnd(""), self.theme, own)
        cluster.edge(f"n{number}", f"out{number}", **look, weight="4")

    def _fold_box(self, layer: Layer, times: int) -> dict[str, str]:
        """Return the attributes of the box whose first layer is given."""
        folded = self.folds[layer]
        ends = {self._layer(self.graph.calls[ref.call]) for ref in folded.results}
        service = self.services.of_fold(folded.layers, ends, self.calls)
        # What no output depends on is no part of the model, and does not count.
        needed = [each for each in folded.layers if self.services.of(self.calls[each]).tasks]
        inside = [self.families.layers(self.calls[each]) for each in needed or folded.layers]
        leaving = [[ref] for ref in sorted(folded.results)]  # in one order, whoever takes them
        results = [
            [TensorRef(each.id, ref.result) for ref in refs for each in self._members(ref)]
            for refs in ([folded.steps] if folded.times > 1 else leaving)
        ]
        uses = sum(isinstance(each, UseIdentity) for each in folded.around)
        name = folded.frame.name if folded.plain else self._use_name(layer, uses)
        rounds = prod(at.times for at in folded.around if isinstance(at, Family))
        return self.draw.fold(folded, inside, results, name, service, times, rounds)

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

    def _seen(self) -> set[str]:
        """Return what occurs in the picture, in the words of the legend."""
        seen = {"output"} if self.outputs else set()
        if len(self.calls) == 0:
            return seen
        drawn = [layer for layer in self.calls if layer not in self.folds]
        for layer in drawn:
            if isinstance(layer, InputLayer):
                seen.add("input")
            elif isinstance(layer, (NestedModel, Application)):
                seen.add("model")
            else:
                seen.add("merge" if is_merge(layer) or isinstance(layer, Op) else "layer")
            if len(self.calls[layer]) > 1:
                seen |= {"shared", "call"}
        for calls in self.calls.values():
            service = self.services.of(calls)
            if service.unused:
                seen.add("unused")
            elif service.numbers:
                seen.add("own" if service.own is not None else "some")
        for layer, path in self.paths.items():
            folded = self.folds.get(layer)
            around = path if folded is None else folded.around
            seen |= {"family" for at in around if isinstance(at, Family)}
            if folded is not None or any(isinstance(at, UseIdentity) for at in around):
                seen.add("block")
        taken = (each for call in self.families.shown for each in self._tensors(call))
        if any(isinstance(role, int) for _, roles, _ in taken for role in roles):
            seen.add("place")
        return seen

    # ---- edges and outputs -----------------------------------------------------------------------

    def _outputs(self, drawing: graphviz.Digraph) -> None:
        """Draw the outputs at the bottom, in the order in which they are declared."""
        names = [f"out{number}" for number in range(len(self.outputs))]
        with drawing.subgraph() as bottom:
            bottom.attr(rank="same" if self.options.legend else "sink")
            for number, outputs in enumerate(self.outputs):
                box = self.draw.output(outputs, number, len(self.outputs))
                bottom.node(names[number], id=f"output{number}", **box)
            for left, right in pairwise(names):
                bottom.edge(left, right, style="invis")
        if self.options.legend:  # below all else
            text = f"<{legend(self._seen(), self.theme)}>"
            drawing.node("legend", id="legend", label=text, tooltip="legend", **_LEGEND)
            for name in names:
                drawing.edge(name, "legend", style="invis")
        for number, outputs in enumerate(self.outputs):
            tail = self._tail(self.families.first(outputs[0].tensor), title_times(len(outputs)))
            head = EdgeEnd(names[number])
            look = edge(tail, head, self.theme, number)
            drawing.edge(tail.node, head.node, **look, weight="8")  # below what it is made by

    def _tensors(self, call: Call) -> Iterator[tuple[TensorRef, list[Role], str]]:
        """Yield the tensors a call takes, the parts each plays, and how many it stands for."""
        path = self.families.path(call)
        taken: dict[TensorRef, list[tuple[TensorRef, Role]]] = {}
        for ref, role in tensors_with_roles(call):
            taken.setdefault(self.families.first(ref), []).append((ref, role))
        for shown, its in taken.items():
            roles = [role for _, role in its]
            refs = {ref for ref, _ in its}
            times = self._times(path, shown, len(refs))
            if len(its) > 1 and len(refs) == 1 and not any(roles):
                times = f"× {len(its)}"  # as of `add(x, x)`
            if len(taken) == 1 and len(refs) == len(its) and isinstance(roles[0], int):
                roles = []  # all in their order
            yield shown, roles, times

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
        roles: list[Role],
        times: str,
        *,
        alone: bool,
    ) -> None:
        chain = self.chains.get(call.layer)
        if chain is not None:
            turn = self.turns[call.id]
            enters = self.chains.get(self.graph.calls[ref.call].layer) is not chain
            if turn == 0:  # what is inside is drawn once
                numbers = [self.numbers[self.graph.calls[ref.call].layer], self.numbers[call.layer]]
                ends = [EdgeEnd(f"n{number}") for number in numbers]
                if enters:
                    ends[0] = EdgeEnd(f"in{self.numbers[chain.last]}")
                own = self.services.of(self.calls[call.layer]).own
                look = edge(ends[0], _with_roles(ends[1], roles), self.theme, own)
                drawing.edge(ends[0].node, ends[1].node, **look, weight="4" if alone else "1")
            if not enters or (chain, turn) in self.joined:
                return
            self.joined.add((chain, turn))
            roles = []
        folded = self.folds.get(call.layer)
        if folded is not None:
            if self.folds.get(self.graph.calls[ref.call].layer) is folded:
                return
            if (folded, ref) in self.joined:
                return  # several layers inside take the same tensor
            self.joined.add((folded, ref))
        tail, head = self._tail(ref, times), self._end(call, "in", "")
        if not folded:
            head = _with_roles(head, roles)
        if alone and ":" not in head.node and self._enters(ref, call):
            entry = compass("in", self.options.direction)
            head = head._replace(node=f"{head.node}:{entry}")  # not across the words of the frame
        task = self.services.of([call]).own
        attributes = edge(tail, head, self.theme, task)
        if alone and self.taken[ref.call] == 1:
            attributes["weight"] = "4"  # a plain chain should be drawn straight
        drawing.edge(tail.node, head.node, **attributes)

    def _enters(self, ref: TensorRef, call: Call) -> bool:
        """Return whether an edge comes into a family from outside."""
        around = self.families.path(self.graph.calls[ref.call])
        path = self.paths[self._layer(call)]
        return any(isinstance(at, Family) and at not in around for at in path)

    def _tail(self, ref: TensorRef, times: str) -> EdgeEnd:
        """Return where the edge of a tensor begins; it names the result where there are several.

        Args:
            times: What it says of how many tensors it stands for.
        """
        label = ""
        if ref.call in self.several:
            label = self._name(ref) or f"[{ref.result}]"
        return self._end(self.graph.calls[ref.call], "out", f"{label} {times}".strip())

    def _end(self, call: Call, side: str, label: str) -> EdgeEnd:
        folded = self.folds.get(call.layer)
        layer = folded.layers[0] if folded else self._layer(call)
        node = f"n{self.numbers[layer]}"
        if (chain := self.chains.get(layer)) is not None:
            node = f"{side}{self.numbers[chain.last]}"
        times = folded.calls if folded else len(self.calls[layer])
        turn = self.turns[call.id]
        if times == 1:
            return EdgeEnd(node, None, label)
        if times <= MOST_PORTS:
            node += f":{side}{turn}:{compass(side, self.options.direction)}"
        else:
            label = f"{turn + 1} {label}".strip()
        return EdgeEnd(node, turn, label)


def _upright(direction: str) -> dict[str, str]:
    """Return where the title of a frame stands: at its top, also where edges go up."""
    return {"labelloc": "b"} if direction == "BT" else {}


def _with_roles(head: EdgeEnd, roles: list[Role]) -> EdgeEnd:
    """Return the end of an edge with the parts that its tensor plays."""
    words = in_words(roles)
    if len(words) <= MARK:
        return head._replace(mark=words)
    return head._replace(label=f"{head.label} {words}".strip())
