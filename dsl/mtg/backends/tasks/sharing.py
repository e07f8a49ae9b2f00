"""Who shares what with whom: of each output its inputs and layers, and what several have in common.

Two tasks share a computation where both depend on one call of a layer, and weights alone where each
depends on calls of its own of one layer. The first makes one feature for both; the second makes
features of different tensors in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from mtg.backends.labels import weights_owner
from mtg.graph.graph import Call, Graph, Output
from mtg.graph.layers import InputLayer, Layer, Op
from mtg.types.cost.cost import costs

if TYPE_CHECKING:
    from mtg.lengths.dims import Dim
    from mtg.types.types import Types

#: How layers are shared: all calls of them serve all of the tasks, or none serves two, or some do.
How: TypeAlias = Literal["computation", "weights", "both"]


@dataclass(frozen=True, slots=True)
class TaskParts:
    """What one task is made of.

    Attributes:
        output: The task.
        inputs: The names of the inputs that it depends on, as declared.
        own: Its own layers, which no other task uses.
        common: The layers that it shares with another.
        own_parameters: The number of parameters of its own layers; None where one is not known.
        common_parameters: The same for those that it shares.
        macs: The multiply-accumulates of all it depends on, for one sample; None if not known.
    """

    output: Output
    inputs: tuple[str, ...]
    own: tuple[Layer, ...]
    common: tuple[Layer, ...]
    own_parameters: int | None
    common_parameters: int | None
    macs: Dim | None


@dataclass(frozen=True, slots=True)
class SharedPart:
    """Layers that exactly these tasks use, and how.

    Attributes:
        tasks: The names of the tasks, as declared.
        layers: The layers, in the order of the graph.
        how: What of the layers is shared.
        parameters: How many parameters they have; None where that is not known.
    """

    tasks: tuple[str, ...]
    layers: tuple[Layer, ...]
    how: How
    parameters: int | None


@dataclass(frozen=True, slots=True)
class Sharing:
    """The tasks of a model, and what they share.

    Attributes:
        model: The name of the model.
        inputs: The names of all its inputs.
        tasks: The tasks, as declared.
        parts: What is shared: by most tasks first.
        joins: The layers, for all tasks alike, that bring several inputs together.
        matrix: For each pair of tasks the number of parameters that both use; on the diagonal those
            that the task uses. None where one is not known.
    """

    model: str
    inputs: tuple[str, ...]
    tasks: tuple[TaskParts, ...]
    parts: tuple[SharedPart, ...]
    joins: tuple[Layer, ...]
    matrix: tuple[tuple[int | None, ...], ...]


def sharing(graph: Graph, types: Types) -> Sharing:
    """Return who shares what in a graph."""
    needs = [graph.before([output.tensor.call]) for output in graph.outputs]
    serves = [
        tuple(number for number, calls in enumerate(needs) if call.id in calls)
        for call in graph.calls
    ]
    calls_of: dict[Layer, list[Call]] = {}
    shown: dict[Layer, Layer] = {}  # of a layer that is called and wrapped as well, the first
    for call in graph.calls:
        if serves[call.id] and not isinstance(call.layer, InputLayer):
            layer = shown.setdefault(weights_owner(call.layer), call.layer)
            calls_of.setdefault(layer, []).append(call)
    users = {
        layer: tuple(sorted({task for call in calls for task in serves[call.id]}))
        for layer, calls in calls_of.items()
    }

    def parameters(layers: Iterable[Layer]) -> int | None:
        return _sum([types.parameters(layer) for layer in layers])

    spent = costs(types).calls
    tasks = []
    for number, output in enumerate(graph.outputs):
        layers = [layer for layer, tasks_of in users.items() if number in tasks_of]
        own = tuple(layer for layer in layers if len(users[layer]) == 1)
        common = tuple(layer for layer in layers if len(users[layer]) > 1)
        macs: Dim | None = 0
        for call in graph.calls:
            if call.id in needs[number] and call.id in spent:
                each = spent[call.id].macs
                macs = None if macs is None or each is None else macs + each
        names = tuple(call.layer.name for call in graph.inputs if call.id in needs[number])
        tasks.append(
            TaskParts(output, names, own, common, parameters(own), parameters(common), macs)
        )
    groups: dict[tuple[tuple[int, ...], How], list[Layer]] = {}
    for layer, tasks_of in users.items():
        if len(tasks_of) > 1:
            calls = [serves[call.id] for call in calls_of[layer]]
            groups.setdefault((tasks_of, _how(calls, tasks_of)), []).append(layer)
    names_of = [output.name for output in graph.outputs]
    parts = [
        SharedPart(
            tuple(names_of[task] for task in tasks_of), tuple(layers), how, parameters(layers)
        )
        for (tasks_of, how), layers in groups.items()
    ]
    matrix = tuple(
        tuple(
            parameters(layer for layer, tasks_of in users.items() if {one, other} <= {*tasks_of})
            for other in range(len(tasks))
        )
        for one in range(len(tasks))
    )
    return Sharing(
        graph.name,
        tuple(call.layer.name for call in graph.inputs),
        tuple(tasks),
        tuple(sorted(parts, key=lambda part: -len(part.tasks))),
        tuple(_joins(graph, serves)),
        matrix,
    )


def _how(calls: list[tuple[int, ...]], tasks: tuple[int, ...]) -> How:
    if all(served == tasks for served in calls):
        return "computation"
    return "weights" if all(len(served) == 1 for served in calls) else "both"


def _joins(graph: Graph, serves: list[tuple[int, ...]]) -> Iterable[Layer]:
    """Yield the layers that bring inputs together in calls that serve all tasks."""
    reached: dict[int, frozenset[int]] = {call.id: frozenset([call.id]) for call in graph.inputs}
    found: dict[Layer, None] = {}
    for call in graph.order():
        if call.id in reached:
            continue
        taken = [reached[ref.call] for ref in call.tensors()]
        reached[call.id] = frozenset().union(*taken)
        whole = len(serves[call.id]) == len(graph.outputs)
        if whole and taken and all(len(reached[call.id]) > len(each) for each in taken):
            found[call.layer] = None
    return found


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def shown_layers(layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers to name among these: those that are no functions, if there are such."""
    every = list(layers)
    return [layer for layer in every if not isinstance(layer, Op)] or every
