"""Loops for runs: stages that follow each other again and again."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterator, Mapping

from mtg.graph.layers import Op
from mtg.graph.values import leaves
from mtg.outline.blocks import Column, columns
from mtg.outline.draft import Body, Maker, Node, NodeResult, Path, Slot, Values
from mtg.outline.ir import Param, Repeat, Value, params_in
from mtg.outline.layer_maker import LayerMaker
from mtg.outline.names import Names
from mtg.outline.tidy import value_key

#: How many stages an iteration may have.
_LONGEST = 12


def begins(node: Node) -> bool:
    """Return whether a person would begin a block with this: with what carries its weights."""
    maker = node.maker
    if not isinstance(maker, LayerMaker):
        return True
    if maker.entry is None:
        return not isinstance(maker.layer, Op)
    weighty = ("filters", "units", "kernel_size", "output_dim", "num_heads")
    named = any(parameter.name in weighty for parameter in maker.entry.parameters)
    return named or maker.layer.cls.startswith("ZeroPadding")


class LoopMaker(Maker):
    """Makes a loop over stages like `nodes`; `values` are those of a `for`.

    `held` are the numbers of the tensors that every iteration takes as they are.
    """

    takes_several = True

    __slots__ = ("held", "key", "nodes", "values", "variable")

    def __init__(
        self,
        nodes: list[Node],
        variable: str | None = None,
        values: tuple[Value, ...] = (),
        held: tuple[int, ...] = (),
    ) -> None:
        self.nodes = nodes
        self.variable = variable
        self.values = values
        self.held = held
        self.key: Hashable = (
            "loop",
            *(node.key for node in nodes),
            variable,
            *map(value_key, values),
            held,
        )

    @property
    def word(self) -> str:
        return self.nodes[-1].maker.word

    def stage(self, values: Values) -> Repeat:
        stages = []
        for number, node in enumerate(self.nodes):
            own = {path[2:]: v for path, v in values.items() if path[:2] == ("s", number)}
            stages.append(node.maker.stage(own))
        count = values["n",]
        assert isinstance(count, (int, Param))
        return Repeat(tuple(stages), count, self.variable, self.values, self.held)

    def default(self, path: Path) -> Value:
        _, number, *rest = path
        return self.nodes[number].maker.default(tuple(rest))


def fold_runs(body: Body, *, final: bool = False, held: bool = False) -> bool:
    """Make loops of the runs in a body; returns whether there were any.

    Before the end these are `repeat` of one stage, or of several that run three times or more
    and begin as a person would begin; what else runs may yet be part of a block. With `final` every
    run counts, and those that differ in one value become `for`; with `held` uses of a block that
    take some tensor from before the run, each the same, are a run as well.
    """
    changed = False
    replaced: dict[NodeResult, NodeResult] = {}
    nodes: list[Node] = []
    taken = {p.name for node in body.nodes for v in node.values.values() for p in params_in(v)}
    for line, places in list(_lines(body, held=held)):
        for part in _fold(line, places, taken, final):
            if isinstance(part, Node):
                nodes.append(part)
                continue
            iterations, (maker, values), end = part
            first = iterations[0][0]
            calls = tuple(call for each in iterations for node in each for call in node.calls)
            loop = Node(
                maker,
                list(first.inputs),
                tuple(map(Slot, range(len(first.inputs)))),
                {},
                values,
                results=end.results,
                calls=calls,
                tensors=iterations[-1][-1].tensors,
                lists=end.lists,
            )
            for result in range(end.results):
                replaced[NodeResult(end, result)] = NodeResult(loop, result)
            nodes.append(loop)
            changed = True
    if changed:
        body.nodes = nodes
        for node in nodes:
            node.inputs = [replaced.get(ref, ref) for ref in node.inputs]
        body.ends = [replaced.get(ref, ref) for ref in body.ends]
    return changed


def _lines(body: Body, *, held: bool) -> Iterator[tuple[list[Node], tuple[int, ...]]]:
    """Yield the nodes in order, those together that hand on from one to the next all they give.

    With them come the numbers of the tensors that all of them but the first take besides.
    """
    uses = body.uses()
    ends = set(body.ends)
    line: list[Node] = []
    places: tuple[int, ...] | None = None
    for node in body.nodes:
        if line:
            found = _handed_on(line[-1], node, uses, ends)
            on = found is not None and (held or not found) and places in (None, found)
            if not on:
                yield line, places or ()
                line, places = [], None
            else:
                places = found
        line.append(node)
    if line:
        yield line, places or ()


def _handed_on(
    before: Node,
    node: Node,
    uses: Mapping[NodeResult, list[tuple[Node, int]]],
    ends: Container[NodeResult],
) -> tuple[int, ...] | None:
    """Return the numbers of what a node takes besides all that the one before it gives, in order.

    None where it takes something of that otherwise, or anything else does.
    """
    if before.fixed or node.fixed or not _is_whole(node) or node.results != before.results:
        return None
    given = [NodeResult(before, result) for result in range(before.results)]
    if [ref for ref in node.inputs if ref.node is before] != given:
        return None
    if any(ref in ends or len(uses[ref]) > 1 for ref in given):
        return None
    held = tuple(i for i, ref in enumerate(node.inputs) if ref.node is not before)
    if held and (
        before.key != node.key
        or len(before.inputs) != len(node.inputs)
        or any(before.inputs[number] != node.inputs[number] for number in held)
    ):
        return None
    return held


def _is_whole(node: Node) -> bool:
    """Return whether a node takes tensors alone, as a stage or as blocks and loops take several."""
    if node.is_stage:
        return True
    several = tuple(map(Slot, range(len(node.inputs))))
    return node.maker.takes_several and node.args == several and not node.kwargs


def varies_in_one(nodes: list[Node]) -> bool:
    """Return whether some three nodes in a row differ in one value only: `for` says those."""
    run: list[Node] = []
    for node in nodes:
        on = (
            run
            and node.is_stage
            and node.key == run[-1].key
            and node.inputs[0] == NodeResult(run[-1])
        )
        if not on:
            if len(run) > 2 and _varying([[each] for each in run], set()) is not None:
                return True
            run = []
        run.append(node)
    return len(run) > 2 and _varying([[each] for each in run], set()) is not None


#: The iterations, the loop and its values, and the node whose tensor the loop gives from now on.
_Run = tuple[list[list[Node]], tuple[LoopMaker, Values], Node]


def _fold(
    line: list[Node], held: tuple[int, ...], taken: set[str], final: bool
) -> Iterator[Node | _Run]:
    """Yield a line of nodes with runs for what repeats in it."""
    numbers: dict[Hashable, int] = {}
    exact = [numbers.setdefault(node.full_key(), len(numbers)) for node in line]
    alike = [numbers.setdefault(node.key, len(numbers)) for node in line] if final else exact
    position = 0
    while position < len(line):
        if not _may_begin(line[position], held):
            yield line[position]
            position += 1
            continue
        joined = _joined(line, position, taken) if final else None
        if joined is not None:
            length, run = joined
            yield run
            position += length
            continue
        found = _best(line, exact, position, taken, final=final)
        if found is None and final:
            found = _best(line, alike, position, taken, final=True, varying=True)
        if found is None:
            yield line[position]
            position += 1
            continue
        iterations, (maker, values) = found
        if held:
            maker = LoopMaker(maker.nodes, maker.variable, maker.values, held)
        yield iterations, (maker, values), iterations[-1][-1]
        position += len(iterations) * len(iterations[0])


def _may_begin(node: Node, held: tuple[int, ...]) -> bool:
    """Return whether a node may begin an iteration: what it gives is taken by the next."""
    return not node.fixed and _is_whole(node) and node.results == len(node.inputs) - len(held)


#: How many iterations a `for` may have that says what a `repeat` and its neighbours say.
_JOINED = 8


def _joined(line: list[Node], position: int, taken: set[str]) -> tuple[int, _Run] | None:
    """Return a `for` for a short `repeat` and like stages beside it, and its number of nodes.

    `for n in [32, 64, 64] { block(n) }` for `block(32) -> repeat 2 { block(64) }`.
    """
    iterations: list[list[Node]] = []
    end = position
    while end < len(line) and _is_whole(line[end]):
        node, count = _once(line[end])
        if iterations and node.key != iterations[0][0].key:
            break
        iterations += [[node]] * count
        end += 1
    if end - position < 2 or not end - position < len(iterations) <= _JOINED or len(iterations) < 3:
        return None
    made = _varying(iterations, taken)
    return None if made is None else (end - position, (iterations, made, line[end - 1]))


def _once(node: Node) -> tuple[Node, int]:
    """Return the one stage of a `repeat` and its count; otherwise the node and 1."""
    maker, count = node.maker, node.values.get(("n",))
    if not isinstance(maker, LoopMaker) or maker.variable or maker.held or len(maker.nodes) > 1:
        return node, 1
    if not isinstance(count, int):
        return node, 1
    (inner,) = maker.nodes
    values = {path[2:]: value for path, value in node.values.items() if path[0] == "s"}
    return (
        Node(
            inner.maker,
            node.inputs,
            inner.args,
            inner.kwargs,
            values,
            node.results,
            calls=node.calls,
            key=inner.key,
            tensors=node.tensors,
            lists=node.lists,
        ),
        count,
    )


def _best(
    line: list[Node],
    keys: list[int],
    position: int,
    taken: set[str],
    *,
    final: bool,
    varying: bool = False,
) -> tuple[list[list[Node]], tuple[LoopMaker, Values]] | None:
    """Return the run that begins here and saves most, or None."""
    best: tuple[int, int, int] | None = None
    for length in range(1, min(_LONGEST, (len(line) - position) // 2) + 1):
        iterations = 1
        while (
            position + (iterations + 1) * length <= len(line)
            and keys[position + iterations * length : position + (iterations + 1) * length]
            == keys[position : position + length]
        ):
            iterations += 1
        saved = (iterations - 1) * length - (1 if varying else 0)
        enough = 3 if varying or (length > 1 and not final) else 2
        if length > 1 and not final and not begins(line[position]):
            continue
        if iterations >= enough and (best is None or saved > best[0]):
            best = saved, length, iterations
    if best is None:
        return None
    _, length, most = best
    for count in range(most, 2 if varying else most - 1, -1):
        starts = range(position, position + count * length, length)
        runs = [line[start : start + length] for start in starts]
        made = _varying(runs, taken) if varying else _same(runs)
        if made is not None:
            return runs, made
    return None


def loop_of(iterations: list[list[Node]], taken: set[str]) -> tuple[LoopMaker, Values] | None:
    """Return a `repeat` of equal iterations, or a `for` of three or more that vary in one value."""
    if len({tuple(node.full_key() for node in each) for each in iterations}) == 1:
        return _same(iterations)
    return _varying(iterations, taken) if len(iterations) > 2 else None


def _same(iterations: list[list[Node]]) -> tuple[LoopMaker, Values] | None:
    """Return a `repeat`."""
    values: Values = {
        ("s", number, *path): value
        for number, node in enumerate(iterations[0])
        for path, value in node.values.items()
    }
    return LoopMaker(iterations[0]), {("n",): len(iterations), **values}


def _varying(iterations: list[list[Node]], taken: set[str]) -> tuple[LoopMaker, Values] | None:
    """Return a `for`, where one thing varies, of one type."""
    found = columns(iterations)
    groups: dict[Hashable, list[Column]] = {}
    for column in found:
        if column.is_constant:
            continue
        symbolic = len({value_key(v) for v in column.values}) == 1
        if symbolic:
            continue  # a parameter of the block around, the same in every iteration
        if not column.is_literal or not all(map(is_plain, leaves(column.values))):
            return None
        groups.setdefault(column.sign(), []).append(column)
    if len(groups) != 1:
        return None
    (group,) = groups.values()
    if len({_sort(value) for value in group[0].values}) > 1:
        return None
    variable = Names(taken).take(group[0].stem)
    said = {(column.node, column.path): Param(variable) for column in group}
    values: Values = {("n",): len(iterations)}
    for column in found:
        where = (column.node, column.path)
        values["s", column.node, *column.path] = said.get(where, column.values[0])
    return LoopMaker(iterations[0], variable, tuple(group[0].values)), values


def _sort(value: object) -> type:
    """Return the type of a value, where one size and a size for each axis are alike."""
    if isinstance(value, tuple) and all(type(item) is int for item in value):
        return int
    return type(value)


def is_plain(leaf: object) -> bool:
    """Return whether a leaf of a value may stand in the table of a loop."""
    return leaf is None or isinstance(leaf, (bool, int, float, str))
