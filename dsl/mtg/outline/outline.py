"""From a graph to its outline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from mtg.catalog.names import snake_case
from mtg.compare.canonical import canonical
from mtg.graph.graph import Call, Graph
from mtg.graph.layers import Application, InputLayer, KerasLayer, Layer, NestedModel, Op
from mtg.graph.values import TensorRef
from mtg.graph.walk import layers_in
from mtg.graph.written import WrittenValues
from mtg.outline.draft import Body, BodyInput, Draft, Node, NodeResult, canonical_order
from mtg.outline.find import find_structure
from mtg.outline.input_columns import fold_columns
from mtg.outline.ir import (
    Bind,
    Block,
    BlockParameter,
    Input,
    ModelOutline,
    New,
    Outline,
    OutputLoop,
    OutputResult,
    Reference,
    SharedInstance,
    Statement,
)
from mtg.outline.layer_maker import LayerMaker, node_of
from mtg.outline.model_names import Mentions, instance_name, mentions_in, model_name, must_be_named
from mtg.outline.names import (
    MTG_KEYS_RESERVED,
    PYTHON_KEYS_RESERVED,
    PYTHON_RESERVED,
    RESERVED,
    Names,
    is_made_up,
    is_nameless,
    may_be_computed,
    names_of_lists,
    usable,
)
from mtg.outline.origins import ModelValues
from mtg.outline.uses import blocks_of_uses
from mtg.outline.write import Written, write
from mtg.text.diagnostics import Diagnostics
from mtg.types.infer import infer


def outline(
    graph: Graph, *, structure: bool = True, keep_names: bool = False, python: bool = False
) -> Outline:
    """Return a graph as a person would write it.

    What no output depends on is left out, but for inputs.

    Args:
        graph: A whole graph: it has outputs, and no cycle.
        structure: Whether to look for blocks and loops; without, the outline has chains only.
        keep_names: Whether every layer must keep its name. There is no structure then.
        python: Whether it is to be said in Python, where inputs and outputs are variables with
            their names beside them; in `.mtg` what they are called is their name.
    """
    return _Outliner(structure and not keep_names, keep_names, python).file(graph)


@dataclass(eq=False, slots=True)
class _Model:
    """A model on its way into an outline."""

    name: str
    graph: Graph
    entrances: list[Input]
    shared: list[SharedInstance]
    body: Body
    names: Names
    #: What the graph calls its tensors.
    given: dict[TensorRef, str]
    results: list[str] = field(default_factory=list)
    parameters: tuple[BlockParameter, ...] = ()


class _Outliner:
    def __init__(self, structure: bool, keep_names: bool, python: bool) -> None:
        self.structure = structure
        self.keep_names = keep_names
        self.python = python
        self.reserved = PYTHON_RESERVED if python else RESERVED
        self.models: list[_Model] = []
        self.file_names = Names()
        #: What the outline calls the nested models.
        self.nested: dict[Layer, str] = {}
        #: What else the file names: a model of that name would hide it, or be hidden.
        self.mentioned = Mentions()
        #: What the program says of its parameters, where the language has them in functions.
        self.written: WrittenValues | None = None

    def file(self, graph: Graph) -> Outline:
        if self.python and self.structure and graph.written is not None:
            self.written = graph.written()
        self.mentioned = mentions_in(graph)
        self.model(graph)
        draft = Draft([model.body for model in self.models])
        around = frozenset(self.file_names.taken | self.mentioned.called)
        blocks: tuple[Block, ...] = ()
        if self.structure:
            every = Names(
                around.union(*(model.names.taken for model in self.models)), self.reserved
            )
            blocks_of_uses(draft, every, self.written)
            blocks = find_structure(draft, every, around, held=self.python)
        called = frozenset(block.name for block in blocks)
        for model in self.models:
            model.names.taken |= around | called
        return Outline(blocks, tuple(self.finish(model, called) for model in self.models))

    # ---- models ----------------------------------------------------------------------------------

    def model(self, graph: Graph, wanted: str = "") -> str:
        """Note a model, after those in it; the name the file gives it.

        `wanted` is the name to make it of, of a model in the model.
        """
        needed = graph.reaching_outputs() | {call.id for call in graph.inputs}
        calls = [call for call in graph.order() if call.id in needed]
        chains = _chains(calls)
        lasts = {layer: chain[-1] for chain in chains for layer in chain[:-1]}
        ends = [output.tensor.call for output in graph.outputs]
        order = canonical_order(
            ends, lambda number: [r.call for r in graph.calls[number].tensors()]
        )
        met = (each for number in order for each in layers_in(graph.calls[number].layer))
        for layer in dict.fromkeys(met):
            if isinstance(layer, NestedModel) and layer not in self.nested:
                self.nested[layer] = self.known_model(layer.graph) or self.model(
                    layer.graph, instance_name(graph, layer, lasts.get(layer))
                )
        name = self.take_model_name(
            model_name(wanted or graph.name, main=not wanted), main=not wanted
        )
        names = Names(reserved=self.reserved)
        called = mentions_in(graph).called
        reserved = called | (PYTHON_KEYS_RESERVED if self.python else MTG_KEYS_RESERVED)
        if self.python and wanted:
            reserved |= {"name"}  # which the function of a model in the model takes

        def take_key(wanted: str) -> str:
            return names.take(wanted, reserved, exact=not self.python)

        entrances = [Input(take_key(call.layer.name), call.layer) for call in graph.inputs]
        # An input may itself be an output, and then has two names.
        results = [take_key(output.name) for output in graph.outputs]
        names.taken.add(name)
        known: dict[Layer, Reference] = {}
        shared: list[SharedInstance] = []
        own_values = self.parameters(graph, calls, names, called)

        def find(layer: Layer) -> New | Reference | None:
            if layer in known:
                return known[layer]
            if isinstance(layer, NestedModel) and layer in self.nested:
                return New(layer, {}, model=self.nested[layer])
            return None

        uses = {call.layer: call.uses for call in reversed(calls)}  # those of the first call
        for chain in chains:
            stages = []
            for layer in chain:
                own_name = self.keep_names or must_be_named(layer)
                maker = LayerMaker(layer, find, layer.name if own_name else None)
                # One that stands in wrappers alone has no call.
                said = own_values.said(layer, uses.get(layer, ()), maker.values)
                stages.append(maker.stage(maker.values | said))
            last = chain[-1]
            own = usable(last.name) and not is_made_up(last.name, last.cls)
            shared.append(
                SharedInstance(
                    names.take(last.name if own else snake_case(last.cls)), tuple(stages)
                )
            )
            known |= dict.fromkeys(chain, Reference(shared[-1].name))
        body, refs = self.body(graph, calls, entrances, chains, find, own_values)
        body.outputs = [
            output if may_be_computed(output.name, result) else None
            for output, result in zip(graph.outputs, results, strict=True)
        ]
        given: dict[TensorRef, str] = {}
        for output, result in zip(graph.outputs, results, strict=True):
            ref = refs[output.tensor]
            if isinstance(ref.node, Node) and ref.node.results == 1:
                given.setdefault(output.tensor, result)
        for binding in graph.bindings:
            tensor = binding.tensor
            if tensor in refs and tensor not in given and usable(binding.name):
                given[tensor] = names.take(binding.name)
        parameters = own_values.parameters()
        self.models.append(
            _Model(name, graph, entrances, shared, body, names, given, results, parameters)
        )
        return name

    def parameters(
        self, graph: Graph, calls: list[Call], names: Names, called: frozenset[str]
    ) -> ModelValues:
        """Return what the model's parameters say of its values."""
        found = ModelValues(graph.span, self.written)
        for call in calls:
            if not isinstance(call.layer, (InputLayer, Op, NestedModel)):
                maker = LayerMaker(call.layer, lambda layer: None)
                found.note(call.layer, call.uses, maker.values)
        found.settle(names, called)
        return found

    def take_model_name(self, wanted: str, *, main: bool) -> str:
        """Return a free name in the file; a number makes it one, as `model_name` would write it.

        Of the model that is meant no input or output hides the name: nothing calls it.
        """
        hidden = self.mentioned.called | (frozenset() if main else self.mentioned.keys)
        name, number = wanted, 2
        while name in self.file_names.taken or name in hidden:
            name = f"{wanted}{'_' * wanted[-1].isdigit()}{number}"
            number += 1
        return self.file_names.take(name)

    def known_model(self, graph: Graph) -> str | None:
        """Return the name of a model that says the same, if there is one."""
        for model in self.models:
            if (
                not self.keep_names
                and model.graph.name == graph.name
                and len(model.graph.calls) == len(graph.calls)
                and canonical(model.graph) == canonical(graph)
            ):
                return model.name
        return None

    def body(
        self,
        graph: Graph,
        calls: list[Call],
        entrances: list[Input],
        chains: list[list[Layer]],
        find: Callable[[Layer], New | Reference | None],
        own_values: ModelValues,
    ) -> tuple[Body, dict[TensorRef, NodeResult]]:
        refs: dict[TensorRef, NodeResult] = {}
        heads = []
        for call, entrance in zip(graph.inputs, entrances, strict=True):
            heads.append(BodyInput(entrance.name, tensor=TensorRef(call.id)))
            refs[TensorRef(call.id)] = NodeResult(heads[-1])
        first = {chain[0]: chain for chain in chains if len(chain) > 1}
        inside = {layer for chain in chains for layer in chain[1:]}
        nodes: list[Node] = []
        results = _results(graph, calls)
        makers: dict[Layer, LayerMaker] = {}
        ends = {output.tensor.call for output in graph.outputs}
        for call in calls:
            layer = call.layer
            if isinstance(layer, InputLayer):
                continue
            if layer in inside:
                # A chain is one node, made for the first: this call's result is the node's.
                (before,) = call.tensors()
                node = refs[before].node
                assert isinstance(node, Node)
                node.results = results.get(call.id, call.results)
            else:
                if layer not in makers:
                    own_name = (self.keep_names and not isinstance(layer, Op)) or (
                        must_be_named(layer) and call.id not in ends
                    )
                    name = layer.name if own_name else None
                    makers[layer] = LayerMaker(layer, find, name)
                node = node_of(call, makers[layer], refs)
                node.origins = own_values.origins(layer, node.values)
                node.values |= own_values.said(layer, call.uses, node.values)
                # What is taken is there, be the types known or not.
                found = max(results.get(call.id, 0), call.results)
                node.results = 1 if layer in first else found
                nodes.append(node)
            made = [
                TensorRef(call.id, number)
                for number in range(max(results.get(call.id, 0), call.results))
            ]
            node.tensors = tuple(made)
            for tensor in made:
                refs[tensor] = NodeResult(node, tensor.result)
        body = Body(heads, nodes, [refs[output.tensor] for output in graph.outputs])
        body.sort()
        return body, refs

    def finish(self, model: _Model, blocks: Container[str]) -> ModelOutline:
        given: dict[NodeResult, str] = {}
        wishes = _names_of_lists(model)
        calls = Counter(call.layer for call in model.graph.calls)
        loops = [body for node in model.body.nodes if (body := node.maker.declares) is not None]
        for body in loops:
            for node in body.nodes:
                for result, tensor in enumerate(node.tensors):
                    ref = NodeResult(node, result)
                    if tensor is not None and tensor in model.given and ref not in body.ends:
                        given[ref] = model.given[tensor]
        for node in model.body.nodes:
            for result, tensor in enumerate(node.tensors):
                if tensor is None or tensor not in model.given:
                    continue
                # An output that is one of several results is declared by itself.
                if node.results == 1 or model.given[tensor] not in model.results:
                    given[NodeResult(node, result)] = model.given[tensor]
            first = node.tensors[0]
            if first is None:
                continue
            layer = model.graph.calls[first.call].layer
            if (
                not model.graph.bindings
                # Of several results the name of a use is that of the first: it is made up again.
                and (node.results == 1 or isinstance(node.maker, LayerMaker))
                and usable(layer.name)
                and not is_made_up(layer.name, layer.cls)
            ):
                wishes[NodeResult(node)] = layer.name
            if isinstance(layer, NestedModel):
                # Every result may be the first that has a name, which is the layer's then.
                again = node.maker.again if isinstance(node.maker, LayerMaker) else None
                wish = again.name if isinstance(again, Reference) else layer.name
                # `inner_3` for a name that outputs have: its other results are numbered on.
                base = re.sub(r"_\d+$", "", wish)
                ends = {output.name for output in model.graph.outputs}
                for result in range(len(node.tensors)):
                    if usable(wish) and not is_nameless(wish):
                        wishes[NodeResult(node, result)] = base if result and base in ends else wish
                    else:
                        wishes.pop(NodeResult(node, result), None)
            if (
                isinstance(layer, NestedModel)
                and isinstance(node.maker, LayerMaker)
                and len(node.tensors) == 1
                and NodeResult(node) not in given
                and usable(layer.name)
                and not is_nameless(layer.name)
                and calls[layer] == 1
            ):
                # A model in the model is named by the name of its result, as its declaration is.
                given[NodeResult(node)] = model.names.take(layer.name)
        columns = fold_columns(model.body, model.entrances, model.names) if self.structure else {}
        loops_of_inputs = tuple(each.loop(model.names.free("column")) for each in columns.values())
        looped = {name for loop in loops_of_inputs for name in loop.names}
        entrances = [
            replace(each, name=each.layer.name) if each.layer.name in looped else each
            for each in model.entrances
        ]
        written = write(model.body, model.names, given, wishes, blocks, columns)
        statements = tuple(self.results(model, given, written))
        return ModelOutline(
            model.name,
            model.graph,
            tuple(entrances),
            tuple(model.shared),
            statements,
            model.graph.train,
            model.parameters,
            loops_of_inputs,
        )

    def results(
        self, model: _Model, given: dict[NodeResult, str], written: Written
    ) -> Iterator[Statement]:
        """Return the statements, with an `OutputResult` for each output."""
        by_name: dict[str, int] = {}
        for number, ref in enumerate(model.body.ends):
            if given.get(ref) == model.results[number]:
                by_name.setdefault(given[ref], number)
        outputs = model.graph.outputs
        done: set[int] = set()
        for statement in written.statements:
            made = None
            if isinstance(statement, OutputLoop):
                done |= {number for number, o in enumerate(outputs) if o in statement.outputs}
            if isinstance(statement, Bind) and len(statement.names) == 1:
                made = by_name.get(statement.names[0] or "")
            if made is None:
                yield statement
            else:
                assert isinstance(statement, Bind)
                done.add(made)
                yield OutputResult(model.results[made], statement.flow, outputs[made])
        for number, flow in enumerate(written.ends):
            if number not in done:
                yield OutputResult(model.results[number], flow, outputs[number])


def _chains(calls: list[Call]) -> list[list[Layer]]:
    """Return the shared instances, each in a chain with those it always follows."""
    made: dict[Layer, list[Call]] = {}
    places: dict[Layer, int] = {}
    takers: dict[TensorRef, int] = {}
    for call in calls:
        if isinstance(call.layer, (InputLayer, Op)):
            for ref in call.tensors():
                takers[ref] = takers.get(ref, 0) + 2  # no chain goes on through these
            continue
        if call.layer not in made:
            for layer in layers_in(call.layer):
                places[layer] = places.get(layer, 0) + (layer is not call.layer)
        made.setdefault(call.layer, []).append(call)
        places[call.layer] = places.get(call.layer, 0) + 1
        for ref in call.tensors():
            takers[ref] = takers.get(ref, 0) + 1
    by_number = {call.id: call for call in calls}
    shared = [layer for layer, count in places.items() if count > 1]
    before: dict[Layer, Layer] = {}
    for layer in shared:
        own = made.get(layer, [])
        if not own or len(own) != places[layer]:
            continue
        found: set[Layer | None] = set()
        for call in own:
            taken: Any = call.args[0] if len(call.args) == 1 and not call.kwargs else None
            plain = isinstance(taken, TensorRef) and not taken.result and takers[taken] == 1
            found.add(by_number[taken.call].layer if plain else None)
        (one,) = found if len(found) == 1 else (None,)
        if one is not None and len(made.get(one, [])) == len(own) == places.get(one):
            before[layer] = one
    after = {first: then for then, first in before.items()}
    chains = []
    for layer in shared:
        if layer in before:
            continue
        chain = [layer]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        chains.append(chain)
    return chains


def _names_of_lists(model: _Model) -> dict[NodeResult, str]:
    """Return what the families of a model are called for the names of their layers.

    A program has names of its own, and names that Keras made up say nothing.
    """
    lists: dict[NodeResult, list[str]] = {}
    for node in model.body.nodes if not model.graph.bindings else ():
        layers = [model.graph.calls[t.call].layer for t in node.items if t is not None]
        made_up = any(isinstance(e, Op) or is_made_up(e.name, e.cls) for e in layers)
        if layers and len(layers) == len(node.items) and not made_up:
            lists[NodeResult(node)] = [each.name for each in layers]
    found = zip(lists, names_of_lists(list(lists.values())), strict=True)
    return {ref: name for ref, name in found if name}


def _results(graph: Graph, calls: list[Call]) -> dict[int, int]:
    """Return how many results the calls have that may have several, as far as that is known."""

    def single(layer: Layer) -> bool:
        if isinstance(layer, KerasLayer):
            return layer.entry.results == 1
        return isinstance(layer, (InputLayer, Application))

    if all(single(call.layer) for call in calls):
        return {}
    types = infer(graph, Diagnostics())
    known = ((call.id, types.outputs.get(call.id)) for call in calls)
    return {number: len(found) for number, found in known if found}
