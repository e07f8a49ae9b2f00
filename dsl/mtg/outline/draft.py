"""The graph as the search for structure works on it: bodies of nodes in one canonical order.

A node is a call of a layer, a use of a block or a loop. Its *key* says what it is, all but the
plain values in its arguments; those stand apart in `values`, each under its *path*, so that two
nodes that differ only in values have the same key.

The order of a body depends on the graph alone, not on the order in which its calls were made, and
puts every node as late as what takes it allows. So branches stand one after another, and a region
that a person would call a block is a stretch of the order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from mtg.graph.graph import Call, Output
from mtg.graph.values import TensorRef
from mtg.graph.written import Formula
from mtg.outline.ir import Stage, Value
from mtg.outline.tidy import value_key

#: Where a value stands in a node: `("a", "filters")`, `("c", "axis")`, `("s", 0, "a", "units")`.
Path = tuple[Any, ...]
Values = dict[Path, Value]

_T = TypeVar("_T")


class NodeResult(NamedTuple):
    """One result of a node, or a head of the body (`node` is then a `BodyInput`)."""

    node: Node | BodyInput
    result: int = 0

    @property
    def tensor(self) -> TensorRef | None:
        """The tensor of the graph that it is, where it is one."""
        return self.node.tensors[self.result] if isinstance(self.node, Node) else self.node.tensor

    @property
    def is_list(self) -> bool:
        """Whether it is a list of tensors."""
        if isinstance(self.node, BodyInput):
            return self.node.is_list
        return self.node.is_list or self.result in self.node.lists


@dataclass(eq=False, slots=True)
class BodyInput:
    """A tensor that comes into a body: an input of a model, or what a block takes.

    A head of a block may be a list of tensors.
    """

    name: str
    is_list: bool = False
    #: That of the graph which an input is.
    tensor: TensorRef | None = None


class Slot(NamedTuple):
    """Stands for the tensor of this number in the arguments of a call."""

    number: int


class Spread(NamedTuple):
    """Stands for all tensors of the list of this number, in a list in the arguments of a call."""

    number: int


class Hole(NamedTuple):
    """Stands for the value of this path in the arguments of a layer or a call."""

    path: Path


class Maker(ABC):
    """What a node makes: a layer, a use of a block, a loop."""

    key: Hashable
    #: Whether what it makes is a list of tensors.
    is_list = False
    #: Whether it stands before all that does not need it, so that it is in nobody's way.
    is_apart = False
    #: Whether it makes a use of a block or a loop, which may take several tensors and lists.
    takes_several = False

    @property
    def declares(self) -> Body | None:
        """What a loop of declarations repeats, which is searched as a model is."""
        return None

    @property
    def is_op(self) -> bool:
        """Whether it calls an operation."""
        return False

    @property
    @abstractmethod
    def word(self) -> str:
        """What a tensor that it makes may be called."""

    @abstractmethod
    def stage(self, values: Values) -> Stage:
        """Return the stage of the outline, with these values."""

    @abstractmethod
    def default(self, path: Path) -> Value:
        """Return the value of a path that a node has no value for."""


@dataclass(eq=False, slots=True)
class Node:
    """One call: what is made, what it is called on, and the values in both.

    Attributes:
        inputs: The tensors it takes, in the order of their slots.
        args, kwargs: The arguments of the call, with a `Slot` or `Hole` at every leaf.
        results: How many results it has.
        fixed: Whether it must stay where it is: a call of a shared instance.
        calls: The calls of the graph that it stands for.
        tensors: The tensors of the graph that its results are; None of a tensor that it was given.
        lists: The numbers of those of its several results that are lists of tensors.
        items: Of a list the tensors of the graph that are in it, where these may name it.
        origins: What the program writes for values of it, where it does with a parameter.
    """

    maker: Maker
    inputs: list[NodeResult]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    values: Values
    results: int = 1
    fixed: bool = False
    calls: tuple[Call, ...] = ()
    key: Hashable = None
    tensors: tuple[TensorRef | None, ...] = ()
    lists: tuple[int, ...] = ()
    items: tuple[TensorRef | None, ...] = ()
    origins: dict[Path, Formula] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.key is None:
            shape = (self.args, tuple(sorted(self.kwargs.items())))
            plain = self.args == (Slot(0),) and not self.kwargs
            self.key = (self.maker.key, 1) if plain else (self.maker.key, freeze(shape))

    @property
    def is_stage(self) -> bool:
        """Whether it takes one tensor and nothing else, and so may stand after `->`."""
        return self.args == (Slot(0),) and not self.kwargs and not self.is_op

    @property
    def is_named(self) -> bool:
        """Whether what it gives may have a name of its own."""
        return self.results == 1 and not self.is_op

    @property
    def is_op(self) -> bool:
        """Whether it calls an operation."""
        return self.maker.is_op

    @property
    def is_list(self) -> bool:
        """Whether what it gives is a list of tensors."""
        return self.maker.is_list or (self.results == 1 and bool(self.lists))

    @property
    def is_whole(self) -> bool:
        """Whether it is a use of a block or a loop, which take several tensors and lists."""
        return self.maker.takes_several

    @property
    def has_lists(self) -> bool:
        """Whether it takes a list of tensors as a whole."""
        return any(ref.is_list for ref in self.inputs)

    def full_key(self) -> Hashable:
        """Return the key with the values."""
        items = ((path, value_key(value)) for path, value in self.values.items())
        return (self.key, frozenset(items))


@dataclass(eq=False, slots=True)
class Body:
    """A model or a block as nodes in order; `ends` are its outputs or results.

    `outputs` are those of a model that a loop may declare by a computed name; None for others.
    """

    heads: list[BodyInput]
    nodes: list[Node]
    ends: list[NodeResult]
    outputs: list[Output | None] = field(default_factory=list)

    def uses(self) -> dict[NodeResult, list[tuple[Node, int]]]:
        """Who takes each tensor, and as which of its own."""
        found: dict[NodeResult, list[tuple[Node, int]]] = {}
        for node in self.nodes:
            for number, ref in enumerate(node.inputs):
                found.setdefault(ref, []).append((node, number))
        return found

    def named_after_outputs(self) -> set[Node]:
        """Return the nodes of a model that have the name of an output, which no other node says.

        That is what one result is made by: neither one of several results nor an operation has a
        name of its own.
        """
        if not self.outputs:
            return set()
        return {ref.node for ref in self.ends if isinstance(ref.node, Node) and ref.node.is_named}

    def sort(self, *, apart: bool = True) -> None:
        """Put the nodes in the canonical order; what no end depends on is left out.

        With `apart` what is set apart stands before all that does not need it.
        """
        ends = [ref.node for ref in self.ends if isinstance(ref.node, Node)]
        self.nodes = canonical_order(
            ends,
            lambda node: [ref.node for ref in node.inputs if isinstance(ref.node, Node)],
            lambda node: apart and node.maker.is_apart,
        )


def canonical_order(
    ends: Iterable[_T],
    takes: Callable[[_T], Iterable[_T]],
    is_apart: Callable[[_T], bool] = lambda _: False,
) -> list[_T]:
    """Return what the ends depend on, each node after all that it takes.

    What is set apart, and what it alone needs, stands before all that does not need it.
    """
    takers: dict[_T, int] = {}
    found = list(dict.fromkeys(ends))
    reached = set(found)
    for node in found:  # which grows
        for before in takes(node):
            takers[before] = takers.get(before, 0) + 1
            if before not in reached:
                reached.add(before)
                found.append(before)
    stack = [node for node in dict.fromkeys(ends) if node not in takers]
    waiting: list[_T] = []
    order: list[_T] = []
    while stack or waiting:
        node = (stack or waiting).pop()
        order.append(node)
        for before in takes(node):
            takers[before] -= 1
            if not takers[before]:
                (waiting if is_apart(before) else stack).append(before)
    return order[::-1]


def freeze(value: object) -> Hashable:
    """Return a key of what may hold slots and holes."""
    if isinstance(value, (Slot, Spread, Hole)):
        return (type(value).__name__, *value)
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, *map(freeze, value))
    if isinstance(value, dict):
        return ("dict", *((str(key), freeze(item)) for key, item in value.items()))
    return value_key(value)


@dataclass(slots=True)
class Draft:
    """What the search works on: the bodies of models, and the blocks found so far."""

    models: list[Body]
    blocks: list[Any] = field(default_factory=list)

    def bodies(self) -> list[Body]:
        return [*self.models, *self.loops(), *(block.body for block in self.blocks)]

    def loops(self) -> list[Body]:
        """Return the bodies of the loops that declare outputs."""
        nodes = (node for body in self.models for node in body.nodes)
        return [each for node in nodes if (each := node.maker.declares) is not None]
