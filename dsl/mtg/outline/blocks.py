"""Blocks from alike regions: what differs becomes a parameter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

from mtg.catalog.arguments import WIDTHS
from mtg.outline.draft import (
    Body,
    BodyInput,
    Maker,
    Node,
    NodeResult,
    Path,
    Slot,
    Values,
)
from mtg.outline.ir import BlockCall, BlockParameter, Param, Value, params_in
from mtg.outline.names import PYTHON_PARAMETERS_RESERVED, Names
from mtg.outline.tidy import value_key

_NUMBERS = count()

#: Arguments that say how wide a tensor is: one may be a multiple of another.
_WIDTHS = frozenset([*WIDTHS, "groups", "projection_dim", "key_dim"])
#: Those that every use of a block states.
_STATED = frozenset({"filters", "units"})

#: Names of parameters for values whose arguments have no telling name.
_TELLING = {"n": "repeats"}


@dataclass(eq=False, slots=True)
class BlockDraft:
    """A block on its way into the outline."""

    name: str
    body: Body
    parameters: list[BlockParameter]
    #: What it would be called if nothing else were.
    wanted: str
    #: Whether the program itself has this block, so that it stays, however often it is used.
    stays: bool = False
    number: int = field(default_factory=lambda: next(_NUMBERS))


class UseMaker(Maker):
    """Makes a use of a block."""

    takes_several = True

    __slots__ = ("block", "key")

    def __init__(self, block: BlockDraft) -> None:
        self.block = block
        self.key = ("use", block.number)

    @property
    def word(self) -> str:
        return self.block.name

    def stage(self, values: Values) -> BlockCall:
        given: dict[str, Value] = {}
        for parameter in self.block.parameters:
            value = values["p", parameter.name]
            if not parameter.has_default or value_key(parameter.default) != value_key(value):
                given[parameter.name] = value
        return BlockCall(self.block.name, given)

    def default(self, path: Path) -> Value:
        raise AssertionError("a use has a value for every parameter")


@dataclass(slots=True)
class Column:
    """The values of one path of one node of a region, place by place."""

    node: int
    path: Path
    values: list[Value]

    @property
    def stem(self) -> str:
        """What a parameter for it is called: the argument it fills."""
        last = next((part for part in reversed(self.path) if isinstance(part, str)), "value")
        if last in ("c", "a", "p", "s"):
            last = "value"
        last = _TELLING.get(last, last)
        return last.rstrip("0123456789").rstrip("_") or "value"

    @property
    def is_literal(self) -> bool:
        return not any(True for value in self.values for _ in params_in(value))

    @property
    def is_constant(self) -> bool:
        return self.is_literal and len(set(map(value_key, self.values))) == 1

    def sign(self) -> Hashable:
        return tuple(map(value_key, self.values))


class KnownParameters(NamedTuple):
    """What a program says of the parameters of a block.

    Attributes:
        parameters: Those that are kept, each with its value at every place.
        formulas: What stands at a path of a node: a parameter, times and over a number.
    """

    parameters: list[tuple[BlockParameter, list[Value]]]
    formulas: dict[tuple[int, Path], tuple[str, int, int]]


def columns(places: Sequence[Sequence[Node]]) -> list[Column]:
    """Return the values in alike regions, side by side, with defaults filled in."""
    found: list[Column] = []
    for number, nodes in enumerate(zip(*places, strict=True)):
        paths = dict.fromkeys(path for node in nodes for path in node.values)
        for path in paths:
            values = [
                node.values[path] if path in node.values else node.maker.default(path)
                for node in nodes
            ]
            found.append(Column(number, path, values))
    return found


def parameter_count(places: Sequence[Sequence[Node]]) -> int:
    """Return how many parameters a block of these regions would have."""
    varying = [column for column in columns(places) if not column.is_constant]
    return len(parameters_of(varying, Names())[1])


def make_block(
    wanted: str,
    name: str,
    places: Sequence[Sequence[Node]],
    outside: Sequence[Sequence[NodeResult]],
    ends: Sequence[tuple[int, int]] | None = None,
    avoid: Iterable[str] = (),
    known: KnownParameters | None = None,
    order: Sequence[str] = (),
) -> tuple[BlockDraft, list[Values]]:
    """Return a block of alike regions, and the values of its parameters at each place.

    Args:
        places: The nodes of each region.
        outside: The tensors from outside that each takes, in the order of the block's heads.
        ends: What the block returns: the numbers of nodes in a region, and of their results. That
            of the last node by default.
        avoid: The names of the blocks there are: a parameter of that name would hide it.
        known: The parameters that the program itself declares for the block, and that are kept.
        order: The names of all that it declares: those which are called so stand in this order.
    """
    found = columns(places)
    names = Names({name, *avoid})
    words = "xyz" if len(outside[0]) <= 3 else "x" * len(outside[0])
    heads = [
        BodyInput(names.take("xs" if ref.is_list else word), ref.is_list)
        for word, ref in zip(words, outside[0], strict=False)
    ]
    said: Said = {}
    own: list[tuple[BlockParameter, list[Value]]] = []
    if known is not None:
        own = [
            (
                BlockParameter(
                    names.take(p.name, PYTHON_PARAMETERS_RESERVED), p.default, p.has_default
                ),
                values,
            )
            for p, values in known.parameters
        ]
        called = {
            p.name: made.name for (p, _), (made, _) in zip(known.parameters, own, strict=True)
        }
        said = {
            where: Param(called[name], times, over)
            for where, (name, times, over) in known.formulas.items()
        }
    rest, parameters = parameters_of(
        [c for c in found if not c.is_constant and (c.node, c.path) not in said], names
    )
    said |= rest

    def place(parameter: BlockParameter) -> tuple[bool, int]:
        wanted = re.sub(r"_\d+$", "", parameter.name)
        found = next((n for n in (parameter.name, wanted) if n in order), None)
        return parameter.has_default, len(order) if found is None else order.index(found)

    parameters = sorted([*own, *parameters], key=lambda each: place(each[0]))
    body = _body(places[0], outside[0], heads, ends or [(len(places[0]) - 1, 0)])
    for column in found:
        value = said.get((column.node, column.path), column.values[0])
        # What no place says stays unsaid.
        if (column.node, column.path) in said or any(
            column.path in place[column.node].values for place in places
        ):
            body.nodes[column.node].values[column.path] = value
    given: list[Values] = [
        {("p", parameter.name): values[place] for parameter, values in parameters}
        for place in range(len(places))
    ]
    return BlockDraft(name, body, [parameter for parameter, _ in parameters], wanted), given


def _body(
    nodes: Sequence[Node],
    outside: Sequence[NodeResult],
    heads: Sequence[BodyInput],
    ends: Sequence[tuple[int, int]],
) -> Body:
    """Return a copy of a region with heads for what comes from outside."""
    refs = {ref: NodeResult(head) for ref, head in zip(outside, heads, strict=True)}
    copies = copied(nodes, refs)
    return Body(
        list(heads), copies, [NodeResult(copies[number], result) for number, result in ends]
    )


def copied(nodes: Sequence[Node], instead: Mapping[NodeResult, NodeResult]) -> list[Node]:
    """Return copies of nodes, wired alike, with other tensors from outside."""
    refs = dict(instead)
    copies: list[Node] = []
    for node in nodes:
        copies.append(
            Node(
                node.maker,
                [refs[ref] for ref in node.inputs],
                node.args,
                node.kwargs,
                dict(node.values),
                node.results,
                node.fixed,
                calls=node.calls,
                key=node.key,
                tensors=node.tensors,
                lists=node.lists,
            )
        )
        for result in range(node.results):
            refs[NodeResult(node, result)] = NodeResult(copies[-1], result)
    return copies


def use(
    block: BlockDraft,
    nodes: Sequence[Node],
    outside: Sequence[NodeResult],
    values: Values,
    ends: Sequence[NodeResult],
) -> Node:
    """Replace a region by one node; `ends` are its results."""
    slots = tuple(Slot(number) for number in range(len(outside)))
    calls = tuple(call for node in nodes for call in node.calls)
    tensors = tuple(
        ref.node.tensors[ref.result] if isinstance(ref.node, Node) else None for ref in ends
    )
    return Node(
        UseMaker(block),
        list(outside),
        slots,
        {},
        values,
        len(ends),
        calls=calls,
        tensors=tensors,
        lists=tuple(number for number, ref in enumerate(ends) if ref.is_list),
    )


Said = dict[tuple[int, Path], Value]


def parameters_of(
    found: list[Column], names: Names
) -> tuple[Said, list[tuple[BlockParameter, list[Value]]]]:
    """Return what replaces each varying column in the block, and its parameters by place."""
    said: Said = {}
    groups: dict[Hashable, list[Column]] = {}
    for column in found:
        family = "width" if column.stem in _WIDTHS else column.stem
        groups.setdefault((family, column.sign()), []).append(column)
    firsts = [group[0] for group in groups.values()]
    base = _base([c for c in firsts if c.stem in _WIDTHS])
    parameters: list[tuple[BlockParameter, list[Value]]] = []
    related: list[tuple[list[Column], tuple[int, int]]] = []
    base_name = ""
    shapes: list[tuple[list[Column], Column, int, tuple[int, int]]] = []
    for group in groups.values():
        first = group[0]
        width = _width_in(first, firsts)
        if width is not None:
            shapes.append((group, *width))
            continue
        ratio = _ratio(base, first) if base is not None and first is not base else None
        if ratio is not None:
            related.append((group, ratio))
            continue
        name = names.take(first.stem)
        if first is base:
            base_name = name
        parameters.append((_parameter(name, first), first.values))
        for column in group:
            said[column.node, column.path] = Param(name)
    for group, (times, over) in related:
        for column in group:
            said[column.node, column.path] = Param(base_name, times, over)
    for group, width_column, item, (times, over) in shapes:
        param, shape = said[width_column.node, width_column.path], group[0].values[0]
        assert isinstance(param, Param)
        assert isinstance(shape, (list, tuple))
        value: list[Value] = [*shape]
        value[item] = Param(param.name, param.times * times, param.over * over)
        for column in group:
            said[column.node, column.path] = value if isinstance(shape, list) else tuple(value)
    parameters.sort(key=lambda each: each[0].has_default)
    return said, parameters


def _parameter(name: str, column: Column) -> BlockParameter:
    """Return a parameter, with the most common value as default where there is one."""
    counts = Counter(
        value_key(value) for value in column.values if not any(True for _ in params_in(value))
    )
    if counts and column.stem not in _STATED:
        key, times = counts.most_common(1)[0]
        if times > 1 and times * 2 >= len(column.values):
            default = next(value for value in column.values if value_key(value) == key)
            return BlockParameter(name, default, True)
    return BlockParameter(name)


def _base(widths: list[Column]) -> Column | None:
    """Return the width that says most of the others."""
    best, most = None, 0
    for column in widths:
        said = sum(_ratio(column, other) is not None for other in widths if other is not column)
        if said > most:
            best, most = column, said
    return best


def _ratio(base: Column, other: Column) -> tuple[int, int] | None:
    """Return what to multiply and divide one width by to have the other, at every place."""
    ones, others = _numbers(base), _numbers(other)
    if other.stem not in _WIDTHS or ones is None or others is None or len(set(ones)) < 2:
        return None
    ratios = {
        (b // a, 1) if b >= a and b % a == 0 else (1, a // b) if a % b == 0 else (0, 0)
        for a, b in zip(ones, others, strict=True)
    }
    if len(ratios) != 1:
        return None
    times, over = ratios.pop()
    return (times, over) if 1 < max(times, over) <= 64 else None


def _width_in(
    column: Column, others: Sequence[Column]
) -> tuple[Column, int, tuple[int, int]] | None:
    """Return the width in a shape such as `(1, 1, filters)`, where nothing else varies."""
    shapes = [value for value in column.values if isinstance(value, (list, tuple))]
    lengths = {len(shape) for shape in shapes}
    if len(shapes) != len(column.values) or len(lengths) != 1 or not column.is_literal:
        return None
    varying = [
        item
        for item in range(lengths.pop())
        if len({value_key(shape[item]) for shape in shapes}) > 1
    ]
    if len(varying) != 1:
        return None
    inside = Column(column.node, column.path, [shape[varying[0]] for shape in shapes])
    if _numbers(inside) is None:
        return None
    for other in others:
        if other.stem in _WIDTHS and other.values == inside.values:
            return other, varying[0], (1, 1)
    return None


def _numbers(column: Column) -> list[int] | None:
    """Return the values of a column where they are whole numbers above 0."""
    found = [value for value in column.values if type(value) is int and value > 0]
    return found if len(found) == len(column.values) else None


def outside_of(nodes: Sequence[Node]) -> list[NodeResult]:
    """Return the tensors that a region takes from outside, in the order it first takes them."""
    inside: set[Any] = set(nodes)
    return list(
        dict.fromkeys(ref for node in nodes for ref in node.inputs if ref.node not in inside)
    )
