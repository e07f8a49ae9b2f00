"""From an outline back to a graph: what the outline says, call by call.

The outline is exact if this is the graph that it was made of: their canonical forms are equal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from mtg.compare.canonical import canonical
from mtg.graph.graph import Graph, Output
from mtg.graph.layers import InputLayer, Layer, NestedModel, PythonLayer
from mtg.graph.values import KerasObject, TensorRef
from mtg.outline.ir import (
    BindFamily,
    BlockCall,
    FamilyList,
    Flow,
    Members,
    ModelOutline,
    New,
    Outline,
    OutputLoop,
    OutputResult,
    Param,
    Reference,
    Repeat,
    Stage,
    Statement,
    Value,
)
from mtg.text.source import NOWHERE

_Tensors = tuple[TensorRef, ...]


def same(one: Graph, two: Graph) -> bool:
    """Whether two graphs are one model, the names of inputs and outputs included."""
    return canonical(one, names=True) == canonical(two, names=True)


def expand(outline: Outline) -> Graph:
    """The graph of an outline's last model. Names of layers are numbers where none is fixed."""
    return _Expander(outline).model(outline.main)


class _Expander:
    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.graph = Graph("")
        self.shared: dict[str, tuple[Layer, ...]] = {}
        self.made = 0
        #: How the outputs of loops are trained.
        self.settings: dict[str, tuple[Any, ...]] = {}

    def model(self, model: ModelOutline) -> Graph:
        outer = self.graph, self.shared, self.settings
        self.settings = {}
        graph = self.graph = Graph(model.graph.name)
        self.shared = {}
        tensors: dict[str, TensorRef] = {}
        for entrance in model.inputs:
            layer = entrance.layer
            made = InputLayer(layer.name, dict(layer.arguments), NOWHERE)
            tensors[entrance.name] = TensorRef(graph.add_call(made, (), {}, NOWHERE).id)
        values = {parameter.name: parameter.default for parameter in model.parameters}
        for shared in model.shared:
            self.shared[shared.name] = tuple(
                layer for stage in shared.stages for layer in self.instances(stage, values)
            )
        found = self.statements(model.body, tensors, values)
        for result in model.results:
            said = result.output
            tensor = found[result.name]
            settings = self.settings.get(result.name) or (said.loss, said.weight, said.metrics)
            graph.outputs.append(Output(said.name, tensor, NOWHERE, *settings))
        graph.train = model.train
        self.graph, self.shared, self.settings = outer
        return graph

    def instances(self, stage: Stage, names: Mapping[str, Value]) -> tuple[Layer, ...]:
        if isinstance(stage, Reference):
            return self.shared[stage.name]
        assert isinstance(stage, New)
        return (self.layer(stage, names),)

    def statements(
        self, body: Sequence[Statement], tensors: dict[str, TensorRef], names: Mapping[str, Value]
    ) -> dict[str, TensorRef]:
        for statement in body:
            if isinstance(statement, OutputResult):
                (tensors[statement.name],) = self.flow(statement.flow, tensors, names, 1)
            elif isinstance(statement, OutputLoop):
                self.output_loop(statement, tensors, names)
            elif isinstance(statement, BindFamily):
                assert statement.name not in tensors, f"{statement.name} is bound twice"
                tensors[statement.name] = self.family(statement.family, tensors, names)
            else:
                count = len(statement.names)
                made = self.flow(statement.flow, tensors, names, count)
                for name, tensor in zip(statement.names, made, strict=True):
                    if name is not None:
                        assert name not in tensors, f"{name} is bound twice"
                        tensors[name] = tensor
        return tensors

    def output_loop(
        self, loop: OutputLoop, tensors: dict[str, TensorRef], names: Mapping[str, Value]
    ) -> None:
        """The outputs of a loop, by their names; what else a round binds ends with it."""
        members: Any = () if loop.rounds.members is None else tensors[loop.rounds.members]
        for number, row in enumerate(loop.rounds.values):
            values = (members[number], *row) if members else row
            bound: Any = dict(zip(loop.rounds.variables, values, strict=True))
            walked = {n: v for n, v in bound.items() if isinstance(v, TensorRef)}
            for name, value in bound.items():
                if isinstance(value, Flow):  # the name of a tensor, or of a list of them
                    (walked[name],) = self.flow(value, tensors, names, 1)
            inner = {**names, **bound}
            own = self.statements(loop.body, {**tensors, **walked}, inner)
            for result in loop.results:
                (tensor,) = self.flow(result.flow, own, inner, 1)
                before, variable, behind = result.name
                name, said = f"{before}{bound[variable]}{behind}", result.output
                tensors[name] = tensor
                self.settings[name] = tuple(
                    self.value(v, inner) for v in (said.loss, said.weight, said.metrics)
                )

    def flow(
        self, flow: Flow, tensors: Mapping[str, TensorRef], names: Mapping[str, Value], count: int
    ) -> _Tensors:
        """The tensors that a flow ends in; the last call is said to have `count` results."""
        if isinstance(flow.source, str):
            column = re.fullmatch(r"inputs\[(\w+)\]", flow.source)
            item = re.fullmatch(r"(\w+)\[(-?\d+)\]", flow.source)
            source = flow.source if column is None else str(names[column[1]])
            source = re.sub(r'inputs\["(.*)"\]', r"\1", source)
            found: Any = (tensors[item[1]][int(item[2])] if item else tensors[source],)
        else:
            apply = flow.source
            args = self.argument(apply.args, tensors, names)
            kwargs = self.argument(dict(apply.kwargs), tensors, names)
            found = self.call(apply.stage, args, kwargs, names, 1 if flow.stages else count)
        for stage in flow.stages:
            found = self.call(stage, found, {}, names, count if stage is flow.stages[-1] else 1)
        return found

    def family(
        self, family: FamilyList, tensors: Mapping[str, Any], names: Mapping[str, Value]
    ) -> _Tensors:
        """The tensors of a family, one a round."""
        rounds, found = family.rounds, []
        count = self.value(rounds.count, names)
        values = rounds.values or ((),) * count
        if rounds.members is not None:
            members = tensors[rounds.members]
            values = tuple((t, *rest) for t, rest in zip(members, values, strict=True))
        for each in values:
            bound = dict(zip(rounds.variables, each, strict=True))
            taken = {
                n: self.flow(v, tensors, names, 1)[0] if isinstance(v, Flow) else v
                for n, v in bound.items()
            }
            inner = {n: v for n, v in taken.items() if isinstance(v, TensorRef)}
            (tensor,) = self.flow(family.item, {**tensors, **inner}, {**names, **taken}, 1)
            found.append(tensor)
        assert len(found) == count
        return tuple(found)

    def argument(
        self, value: Any, tensors: Mapping[str, TensorRef], names: Mapping[str, Value]
    ) -> Any:
        if isinstance(value, Flow):
            (tensor,) = self.flow(value, tensors, names, 1)
            return tensor
        if isinstance(value, (list, tuple)) and not isinstance(value, TensorRef):
            made: list[Any] = []
            for item in value:
                if isinstance(item, FamilyList):
                    made += self.family(item, tensors, names)
                elif isinstance(item, Members):
                    made += tensors[item.name]
                else:
                    made.append(self.argument(item, tensors, names))
            return type(value)(made)
        if isinstance(value, dict):
            return {key: self.argument(item, tensors, names) for key, item in value.items()}
        return self.value(value, names)

    def call(
        self,
        stage: Stage,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        names: Mapping[str, Value],
        count: int,
    ) -> _Tensors:
        if isinstance(stage, Repeat):
            iterations = self.value(stage.count, names)
            values = stage.values if stage.variable is not None else (None,) * iterations
            assert len(values) == iterations
            held = {number: args[number] for number in stage.held}
            taken = [arg for number, arg in enumerate(args) if number not in held]
            for value in values:
                inner = names if stage.variable is None else {**names, stage.variable: value}
                for each in stage.stages:
                    rest = iter(taken)
                    given = [held[n] if n in held else next(rest) for n in range(len(args))]
                    taken = self.call(each, tuple(given), kwargs, inner, 1)
            return taken
        if isinstance(stage, BlockCall):
            block = self.outline.block(stage.block)
            given = {p.name: p.default for p in block.parameters if p.has_default}
            given |= {name: self.value(value, names) for name, value in stage.arguments.items()}
            assert set(given) == {p.name for p in block.parameters}, (block.name, given)
            tensors = dict(zip(block.heads, args, strict=True))
            self.statements(block.body, tensors, given)
            made: list[Any] = []
            for each in block.returns:
                flowing = isinstance(each, Flow)
                made += (
                    self.flow(each, tensors, given, 1)
                    if flowing
                    else [self.argument(each, tensors, given)]
                )
            return tuple(made)
        layers = (
            self.shared[stage.name] if isinstance(stage, Reference) else (self.layer(stage, names),)
        )
        for layer in layers:
            call = self.graph.add_call(layer, args, kwargs, NOWHERE)
            args, kwargs = (TensorRef(call.id),), {}
        call.results = count
        return tuple(TensorRef(call.id, number) for number in range(count))

    def layer(self, make: New, names: Mapping[str, Value]) -> Layer:
        self.made += 1
        fixed = self.value(make.name, names)
        layer = copy(make.layer)
        layer.name = str(self.made) if fixed is None else fixed
        layer.span, layer.spans = NOWHERE, {}
        layer.arguments = {name: self.value(value, names) for name, value in make.arguments.items()}
        if isinstance(layer, PythonLayer):
            layer.positional = self.value(make.positional, names)
        if isinstance(layer, NestedModel):
            layer.graph = self.model(self.outline.model(make.model))
            layer.cls = layer.graph.name
        return layer

    def value(self, value: Value, names: Mapping[str, Value]) -> Value:
        if isinstance(value, Param):
            return value.value(names)
        if isinstance(value, New):
            return self.layer(value, names)
        if isinstance(value, Reference):
            (layer,) = self.shared[value.name]
            return layer
        if isinstance(value, KerasObject):
            inner = {name: self.value(item, names) for name, item in value.arguments.items()}
            return KerasObject(value.kind, value.name, inner, value.span)
        if isinstance(value, (list, tuple)):
            return type(value)(self.value(item, names) for item in value)
        if isinstance(value, dict):
            return {key: self.value(item, names) for key, item in value.items()}
        return value
