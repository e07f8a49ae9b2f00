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
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from mtg.catalog import Entry
from mtg.catalog.names import snake_case
from mtg.graph.graph import Call, Output
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import KerasObject, PythonObject, TensorRef, map_leaves, tensors_in
from mtg.graph.written import Formula
from mtg.outline.ir import New, Reference, Stage, Value
from mtg.outline.names import is_nameless
from mtg.outline.tidy import default_of, tidy, value_key

#: Where a value stands in a node: `("a", "filters")`, `("c", "axis")`, `("s", 0, "a", "units")`.
Path = tuple[Any, ...]
Values = dict[Path, Value]

_T = TypeVar("_T")


class NodeResult(NamedTuple):
    """One result of a node, or a head of the body (`node` is then a `BodyInput`)."""

    node: Node | BodyInput
    result: int = 0

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
    #: Whether it makes a use of a block or a loop, which may take several tensors and lists.
    takes_several = False

    @property
    def declares(self) -> Body | None:
        """What a loop of declarations repeats, which is searched as a model is."""
        return None

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
    origins: dict[Path, Formula] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.key is None:
            shape = (self.args, tuple(sorted(self.kwargs.items())))
            plain = self.args == (Slot(0),) and not self.kwargs
            self.key = (self.maker.key, 1) if plain else (self.maker.key, _freeze(shape))

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
        return isinstance(self.maker, LayerMaker) and isinstance(self.maker.layer, Op)

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

    def sort(self) -> None:
        """Put the nodes in the canonical order; what no end depends on is left out."""
        ends = [ref.node for ref in self.ends if isinstance(ref.node, Node)]
        self.nodes = canonical_order(
            ends, lambda node: [ref.node for ref in node.inputs if isinstance(ref.node, Node)]
        )


def canonical_order(ends: Iterable[_T], takes: Callable[[_T], Iterable[_T]]) -> list[_T]:
    """Return what the ends depend on, each node after all that it takes."""
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
    order: list[_T] = []
    while stack:
        node = stack.pop()
        order.append(node)
        for before in takes(node):
            takers[before] -= 1
            if not takers[before]:
                stack.append(before)
    return order[::-1]


def _freeze(value: object) -> Hashable:
    if isinstance(value, (Slot, Spread, Hole)):
        return (type(value).__name__, *value)
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, *map(_freeze, value))
    if isinstance(value, dict):
        return ("dict", *((str(key), _freeze(item)) for key, item in value.items()))
    return value_key(value)


# ---- layers --------------------------------------------------------------------------------------

#: What a model in the model is called in the outline, and a shared instance that a value names.
Known = Callable[[Layer], New | Reference | None]


class LayerMaker(Maker):
    """Makes a layer like `layer`, or calls an op."""

    __slots__ = ("again", "entry", "key", "known", "layer", "names", "template", "values")

    def __init__(self, layer: Layer, known: Known, name: Value = None) -> None:
        self.layer = layer
        self.known = known
        self.entry = entry_of(layer)
        self.values: Values = {}
        self.template: dict[str, object] = {}
        self.again = known(layer)
        if isinstance(self.again, Reference):
            self.key: Hashable = ("again", self.again.name)
            return
        self.template = {
            name: self._leaf(_tidied(self.entry, name, value), ("a", name))
            for name, value in layer.arguments.items()
        }
        if isinstance(layer, PythonLayer):
            for number, value in enumerate(layer.positional):
                self.template[str(number)] = self._leaf(value, ("a", str(number)))
        if name is not None:
            self.values["name",] = name
        optional = {name for name in self.template if default_of(self.entry, name)[0]}
        self.key = (
            layer.kind,
            layer.cls if not isinstance(self.again, New) else self.again.model,
            layer.trainable,
            layer.module if isinstance(layer, PythonLayer) else None,
            _freeze(
                {
                    name: item
                    for name, item in self.template.items()
                    if name not in optional or not isinstance(item, Hole)
                }
            ),
        )

    @property
    def word(self) -> str:
        if isinstance(self.again, Reference):
            return self.again.name
        if isinstance(self.layer, NestedModel) and is_nameless(self.layer.name):
            return "model"
        return snake_case(self.layer.cls.rpartition(".")[2])

    def _leaf(self, value: Any, path: Path) -> object:
        """Return a value with holes for what is plain in it."""
        if isinstance(value, KerasObject):
            inner: dict[str, Any] = {
                n: self._leaf(v, (*path, n)) for n, v in value.arguments.items()
            }
            return KerasObject(value.kind, value.name, inner, value.span)
        if isinstance(value, Layer):
            again = self.known(value)
            if isinstance(again, Reference):
                return again
            inner = {
                n: self._leaf(_tidied(entry_of(value), n, v), (*path, n))
                for n, v in value.arguments.items()
            }
            return _make(value, again, inner)
        if isinstance(value, PythonObject):
            return value
        if isinstance(value, (list, tuple)) and any(
            isinstance(item, (Layer, KerasObject)) for item in value
        ):
            return [self._leaf(item, (*path, str(i))) for i, item in enumerate(value)]
        self.values[path] = value
        return Hole(path)

    def stage(self, values: Values) -> Stage:
        if isinstance(self.again, Reference):
            return self.again
        arguments = {name: fill(item, values) for name, item in self.template.items()}
        for path, value in values.items():
            if len(path) == 2 and path[0] == "a" and path[1] not in arguments:
                arguments[path[1]] = value
        if self.entry is not None and not isinstance(self.layer, Op):
            order = {parameter.name: i for i, parameter in enumerate(self.entry.parameters)}
            arguments = dict(sorted(arguments.items(), key=lambda item: order.get(item[0], 999)))
            arguments = {n: v for n, v in arguments.items() if not self._is_default(n, v)}
        return _make(self.layer, self.again, arguments, values.get(("name",)))

    def _is_default(self, name: str, value: Value) -> bool:
        known, default = default_of(self.entry, name)
        return known and value_key(default) == value_key(value)

    def default(self, path: Path) -> Value:
        default: Value
        known, default = default_of(self.entry, path[-1])
        assert known, f"no default of {path}"
        return default


def fill(value: object, values: Values) -> Any:
    """Return a template with the values in its holes."""

    def filled(leaf: Value) -> Value:
        if isinstance(leaf, Hole):
            return values[leaf.path]
        if isinstance(leaf, KerasObject):
            return replace(leaf, arguments=fill(leaf.arguments, values))
        if isinstance(leaf, New):
            inner = fill(leaf.arguments, values)
            return _make(leaf.layer, leaf if leaf.model else None, inner)
        return leaf

    return map_leaves(filled, value)


def _make(
    layer: Layer, model: New | Reference | None, arguments: dict[str, Any], name: Value = None
) -> New:
    count = len(layer.positional) if isinstance(layer, PythonLayer) else 0
    positional = tuple(arguments.pop(str(i)) for i in range(count))
    return New(
        layer,
        {} if isinstance(layer, NestedModel) else arguments,
        name,
        positional,
        model.model if isinstance(model, New) else None,
    )


def _tidied(entry: Entry | None, name: str, value: object) -> object:
    parameter = None if entry is None else entry.parameter(name)
    return tidy(parameter, value)


def entry_of(layer: Layer) -> Entry | None:
    """Return the entry of the catalogue that a layer is made by, if it is one of Keras's."""
    return layer.entry if isinstance(layer, (KerasLayer, Application)) else None


# ---- calls ---------------------------------------------------------------------------------------


def node_of(call: Call, maker: LayerMaker, refs: dict[TensorRef, NodeResult]) -> Node:
    """Return the node that one call of a graph is."""
    inputs: list[NodeResult] = []
    values = dict(maker.values)

    def leaf(value: Any, path: Path) -> object:
        if isinstance(value, TensorRef):
            inputs.append(refs[value])
            return Slot(len(inputs) - 1)
        if isinstance(value, (list, tuple)) and any(True for _ in tensors_in(value)):
            return type(value)(leaf(item, (*path, i)) for i, item in enumerate(value))
        if isinstance(value, dict) and any(True for _ in tensors_in(value)):
            return {key: leaf(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, (slice, type(...))) or (
            isinstance(value, (list, tuple))
            and any(isinstance(i, (slice, type(...))) for i in value)
        ):
            return value
        values[path] = value
        return Hole(path)

    args = tuple(leaf(value, ("c", number)) for number, value in enumerate(call.args))
    kwargs = {name: leaf(value, ("c", name)) for name, value in call.kwargs.items()}
    fixed = isinstance(maker.again, Reference) or isinstance(maker.layer, InputLayer)
    return Node(maker, inputs, args, kwargs, values, call.results, fixed, (call,))


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
