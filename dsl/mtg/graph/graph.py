"""The graph: a node is one call of a layer, an edge is one tensor.

Every call knows the place in the source it came from and the chain of block uses that expanded it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError
from typing import TYPE_CHECKING, Literal, NamedTuple

from mtg.graph.layers import InputLayer, Layer
from mtg.graph.values import TensorRef, Value, tensors_in
from mtg.text.source import NOWHERE, Span

if TYPE_CHECKING:
    import networkx as nx

    from mtg.graph.written import WrittenValues

    CallGraph = nx.MultiDiGraph[int]

#: What a model gives: a list in the declared order (the tensor itself, of one output), or a dict.
OutputForm = Literal["list", "dict"]


@dataclass(eq=False, slots=True)
class Use:
    """One use of a block: the block's name, the name of the use, and where it stands.

    The calls that one use expanded to hold the same object. `heads` are the tensors that the
    block's heads stand for, in their order.
    """

    block: str
    name: str
    span: Span
    heads: tuple[TensorRef, ...] = ()


@dataclass(eq=False, slots=True)
class Loop:
    """One walk over the items of a comprehension, or of a loop among declarations.

    The rounds of one walk hold the same object.

    Attributes:
        span: What stands before the body: `for task in tasks`.
        total: How many items it walks over.
        depth: How many uses of blocks it stands in: of the uses of a call, as many lie around it,
            and the others in its rounds.
    """

    span: Span
    total: int
    depth: int


class Round(NamedTuple):
    """One round of a loop.

    Attributes:
        loop: The walk that it belongs to.
        shown: What its names hold: `task="like"`.
        number: Which round it is, from 0.
        key: What it is called in the names of layers: `like`.
        item: Where what they hold stands, if that is written out.
    """

    loop: Loop
    shown: str
    number: int
    key: str
    item: Span | None = None


class SharedName(NamedTuple):
    """A `shared` declaration: its name, where it stands, and how often it is used.

    Given to a wrapper counts twice: an instance is needed there, and only `shared` gives it a name.
    """

    name: str
    span: Span
    uses: int


@dataclass(eq=False, slots=True)
class Call:
    """One call of a layer: a node of the graph.

    `args` and `kwargs` are the arguments of the call as Keras takes them, with a `TensorRef`
    where a tensor goes; lists, tuples and dicts may hold more of them. `results` is how many
    results the program gives names to: one, unless it says `a, b = …`. `uses` and `rounds` are the
    uses of blocks and the rounds of loops that it was made in, the outermost first.
    """

    id: int
    layer: Layer
    args: tuple[Value, ...]
    kwargs: dict[str, Value]
    span: Span
    uses: tuple[Use, ...] = ()
    results: int = 1
    rounds: tuple[Round, ...] = ()

    def tensors(self) -> list[TensorRef]:
        """Return the tensors the call takes, in the order of its arguments."""
        tensors = [each for each in self.args if isinstance(each, TensorRef)]
        if len(tensors) == len(self.args) and not self.kwargs:
            return tensors  # as most calls are; every pass asks this of all of them
        return list(tensors_in((self.args, self.kwargs)))


@dataclass(frozen=True, slots=True)
class Output:
    """A task: a supervised output of the model.

    `loss`, `weight` and `metrics` are values; None where the program says nothing. `complete` is
    False where one of them is wrong, which is reported, and so is left out.
    """

    name: str
    tensor: TensorRef
    span: Span
    loss: Value = None
    weight: float | None = None
    metrics: tuple[Value, ...] | None = None
    spans: Mapping[str, Span] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Train:
    """What a `train` statement says: arguments of `Model.compile` and of `Model.fit`.

    `spans` are the places of their values; `complete` is False where one of them is wrong, which is
    reported, and so is left out.
    """

    compile: Mapping[str, Value]
    fit: Mapping[str, Value]
    span: Span
    spans: Mapping[str, Span] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Binding:
    """A name the program gave to a tensor, and where.

    `beside` are the other results that the same statement binds.
    """

    name: str
    tensor: TensorRef
    span: Span
    beside: tuple[TensorRef, ...] = ()


class Graph:
    """One model as a graph of calls.

    Attributes:
        name: The model's name.
        doc: Its docstring, or an empty string.
        calls: Every call; the position in the list is the call's number.
        inputs: The calls that stand for the inputs, in declared order.
        outputs: The outputs, in declared order.
        shared: The `shared` declarations, those of blocks once for every use.
        bindings: The names of tensors, in the order of the source, outputs included.
        train: What the `train` statement says, or None.
        complete: False where something of it could not be made, which is reported: what that would
            have used is not unused, and what it would have made is not missing.
        sequential: Whether it is a chain that Keras builds as a `Sequential`.
        measured: The numbers of the calls whose shapes the program reads while it is expanded.
    """

    def __init__(self, name: str, span: Span = NOWHERE, doc: str = "") -> None:
        self.name = name
        self.span = span
        self.doc = doc
        self.calls: list[Call] = []
        self.inputs: list[Call] = []
        self.outputs: list[Output] = []
        self.bindings: list[Binding] = []
        self.shared: list[SharedName] = []
        self.train: Train | None = None
        self.complete = True
        self.sequential = False
        self.measured: set[int] = set()
        #: Whether every call stands after the producers of what it takes.
        self.forwards = True
        #: What says how the program it was made of writes its values, for those who ask.
        self.written: Callable[[], WrittenValues] | None = None
        #: What shows it in a notebook: the text or the Base64 of a picture, by MIME type.
        self.shown: Callable[[Graph], dict[str, str]] | None = None

    def __repr__(self) -> str:
        return (
            f"<Graph {self.name}: {len(self.inputs)} inputs, {len(self.calls)} calls, "
            f"{len(self.outputs)} outputs>"
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Return what a notebook shows: its picture, as SVG and as PNG."""
        plain = {"text/plain": repr(self)}
        return plain if self.shown is None else self.shown(self) | plain

    def add_call(
        self,
        layer: Layer,
        args: tuple[Value, ...],
        kwargs: dict[str, Value],
        span: Span,
        uses: tuple[Use, ...] = (),
        rounds: tuple[Round, ...] = (),
    ) -> Call:
        """Add a call of `layer` and the edges that its tensors are."""
        call = Call(len(self.calls), layer, args, kwargs, span, uses, rounds=rounds)
        self.calls.append(call)
        self.forwards = self.forwards and all(ref.call < call.id for ref in call.tensors())
        self.forget_edges()
        if isinstance(layer, InputLayer):
            self.inputs.append(call)
        return call

    @cached_property
    def edges(self) -> CallGraph:
        """The `networkx.MultiDiGraph` over the numbers of the calls.

        It has an edge from producer to consumer for each tensor taken; its `tensor` says which
        result that is. It is made when it is asked for: most graphs stand in order as they are,
        and to import networkx takes longer than to check them.
        """
        import networkx as nx

        edges: CallGraph = nx.MultiDiGraph()
        edges.add_nodes_from(range(len(self.calls)))
        edges.add_edges_from(
            (ref.call, call.id, {"tensor": ref}) for call in self.calls for ref in call.tensors()
        )
        return edges

    def forget_edges(self) -> None:
        """Have `edges` made anew: calls, or what they take, are others now."""
        self.__dict__.pop("edges", None)

    @property
    def layers(self) -> list[Layer]:
        """Every layer instance once, in the order of first calls."""
        return list(dict.fromkeys(call.layer for call in self.calls))

    def calls_of(self, layer: Layer) -> list[Call]:
        return [call for call in self.calls if call.layer is layer]

    def order(self) -> list[Call]:
        """Return the calls so that each stands after the producers of what it takes.

        Raises:
            graphlib.CycleError: The graph has a cycle; `validate` reports those.
        """
        if self.forwards:
            return list(self.calls)
        import networkx as nx

        try:
            return [self.calls[node] for node in nx.topological_sort(self.edges)]
        except nx.NetworkXUnfeasible as error:
            raise CycleError(str(error)) from None

    def consumers(self) -> list[list[int]]:
        """Return for each call the numbers of those that take its results, each once, in order."""
        found: list[list[int]] = [[] for _ in self.calls]
        for call in self.calls:
            for ref in call.tensors():
                if call.id not in found[ref.call][-1:]:
                    found[ref.call].append(call.id)
        return found

    def producers(self, number: int) -> list[int]:
        """Return the numbers of the calls whose results a call takes, each once."""
        return list(dict.fromkeys(ref.call for ref in self.calls[number].tensors()))

    def before(self, numbers: Iterable[int]) -> set[int]:
        """Return the numbers of calls, and of all that they depend on."""
        found = set(numbers)
        waiting = list(found)
        while waiting:
            for ref in self.calls[waiting.pop()].tensors():
                if ref.call not in found:
                    found.add(ref.call)
                    waiting.append(ref.call)
        return found

    def reaching_outputs(self) -> set[int]:
        """Return the numbers of the calls that at least one output depends on."""
        return self.before(output.tensor.call for output in self.outputs)

    def reached_from_inputs(self) -> set[int]:
        """Return the numbers of the calls that depend on at least one input."""
        consumers = self.consumers()
        found = {call.id for call in self.inputs}
        waiting = list(found)
        while waiting:
            for number in consumers[waiting.pop()]:
                if number not in found:
                    found.add(number)
                    waiting.append(number)
        return found
