"""What a model costs for one sample: multiply-accumulates (MACs) and the bytes of its tensors.

The convention, which `docs/cost.md` states: a multiply-accumulate is one product and one addition
of a matrix product or a convolution, at every position, those in the padding included. Biases,
normalisations, activations, poolings, merges and look-ups count 0. The activation memory is the
bytes of the results of all calls, each counted whole. A shared layer costs anew with each call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, assert_never

from mtg.graph.graph import Call, Graph
from mtg.graph.layers import (
    Application,
    InputLayer,
    KerasLayer,
    Layer,
    NestedModel,
    Op,
    PythonLayer,
)
from mtg.graph.values import TensorRef, map_leaves
from mtg.lengths.dims import BATCH, UNKNOWN, Dim, Length
from mtg.types.applications import apply_private
from mtg.types.constraints import Constraint, simplified
from mtg.types.cost.rules import layer_macs, op_macs
from mtg.types.infer import Memo, application_graph, call_of, infer_with
from mtg.types.nested import input_type, model_inputs
from mtg.types.rules.apply import apply, rule_for
from mtg.types.rules.call import Result, TypeMismatch
from mtg.types.rules.common import product
from mtg.types.tensor import Operand, TensorType
from mtg.types.types import Types


class Cost(NamedTuple):
    """MACs and bytes of results for one sample; None where they are not known."""

    macs: Dim | None
    bytes: Dim | None


class Costs(NamedTuple):
    """What each call of a graph costs, under its number, and what they cost together.

    `complete` says whether the totals hold all calls that count; else they are less than it costs.
    """

    calls: dict[int, Cost]
    total: Cost
    complete: tuple[bool, bool]


def costs(types: Types) -> Costs:
    """Return what the calls cost that outputs depend on; all of them in a graph without outputs."""
    found = _Counter(types, {}, {}).calls()
    if types.constraints:
        found = {number: _simple(cost, types.constraints) for number, cost in found.items()}
    return _together(found)


def _simple(cost: Cost, constraints: list[Constraint]) -> Cost:
    return Cost(*(None if dim is None else simplified(dim, constraints) for dim in cost))


def _together(calls: dict[int, Cost]) -> Costs:
    macs, all_macs = _sum(cost.macs for cost in calls.values())
    size, all_bytes = _sum(cost.bytes for cost in calls.values())
    return Costs(calls, Cost(macs, size), (all_macs, all_bytes))


#: What a call of a model gave: its MACs, the bytes inside it, and its results.
_Called = tuple[Dim | None, Dim | None, Result]


class _Counter:
    """What the calls of one graph cost."""

    def __init__(self, types: Types, memo: Memo, counted: dict[int, _Called]) -> None:
        self.types = types
        self.memo = memo
        #: The models that were counted already, by the `id` of their types, which `memo` keeps:
        #: one that is called twice, by one that is called twice, would double at each level.
        self.counted = counted
        shapes = [types.of(TensorRef(call.id)).shape for call in types.graph.inputs]
        lengths = {shape[0] for shape in shapes if shape}
        #: The batch size, which may be given with the inputs.
        self.batch: Dim = lengths.pop() if len(lengths) == 1 else BATCH

    def calls(self, *, inputs: bool = True) -> dict[int, Cost]:
        """Return the cost of each call; a nested model takes tensors of the one around it."""
        graph = self.types.graph
        reached = graph.reaching_outputs() if graph.outputs else set(range(len(graph.calls)))
        return {
            call.id: self.call(call)
            for call in graph.calls
            if (inputs if isinstance(call.layer, InputLayer) else call.id in reached)
        }

    def call(self, call: Call) -> Cost:
        layer = call.layer
        outputs = self.types.outputs.get(call.id)
        size = None if outputs is None else self.bytes(outputs)
        if isinstance(layer, InputLayer):
            return Cost(0, size)
        args, kwargs = self.resolve(call.args), self.resolve(call.kwargs)
        if isinstance(layer, Op):
            return Cost(self.per_sample(op_macs(layer.cls, args, kwargs, outputs or ())), size)
        macs, inside, _ = self.layer(layer, args, kwargs)
        return Cost(macs, inside if _holds_model(layer) else size)

    def resolve(self, value: Operand) -> Any:
        return map_leaves(
            lambda leaf: self.types.of(leaf) if isinstance(leaf, TensorRef) else leaf, value
        )

    def layer(
        self, layer: Layer, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[Dim | None, Dim | None, Result | None]:
        """Return the MACs of one call of a layer, the bytes inside a model, and its results."""
        match layer:
            case KerasLayer():
                return self.keras_layer(layer, args, kwargs)
            case NestedModel():
                return self.model(layer, layer.graph, args, kwargs)
            case Application():
                try:
                    return self.model(layer, application_graph(layer), args, kwargs)
                except TypeMismatch:
                    return None, None, None
            case PythonLayer():
                found = apply_private(layer, args, kwargs)
                return (None if found is None else 0), None, found
            case InputLayer() | Op():
                return None, None, None  # which no wrapper holds
            case _:
                assert_never(layer)

    def keras_layer(
        self, layer: KerasLayer, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[Dim | None, Dim | None, Result | None]:
        """Return the same of a layer with a rule, by what the layers in it come to."""
        within: list[Dim | None] = []
        sizes: list[Dim | None] = []

        def inner(layer: Layer, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Result | None:
            macs, inside, result = self.layer(layer, args, kwargs)
            within.append(macs)
            sizes.append(inside)
            return result

        call = call_of(layer, args, kwargs, inner)
        if rule_for(call.cls) is None:
            return None, None, None
        try:
            result = apply(call)
        except TypeMismatch:
            result = None
        if result is None:
            return None, None, None
        size: Dim | None = None
        if call.cls == "TimeDistributed" and sizes and sizes[0] is not None:
            steps = args[0].shape
            size = _known(sizes[0] * steps[1]) if steps is not None else None
        return _known(layer_macs(call, result, within)), size, result

    def model(
        self, layer: Layer, graph: Graph | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> tuple[Dim | None, Dim | None, Result | None]:
        """Return a model in a model: what is in it, for the lengths that it is given here."""
        if graph is None:
            return None, None, None
        declared = [input_type(call.layer) for call in graph.inputs]
        try:
            given = model_inputs(layer, graph, args, kwargs)
        except TypeMismatch:
            return None, None, None
        inputs = tuple(
            want if _vague(want, have) else TensorType(have.dtype or want.dtype, have.shape)
            for want, have in zip(declared, given, strict=True)
        )
        types = infer_with(graph, inputs, self.memo, self.types.ask)
        if id(types) not in self.counted:
            self.counted[id(types)] = self.count(types)
        return self.counted[id(types)]

    def count(self, types: Types) -> _Called:
        """Return what one call of the graph of these types gives."""
        found = _together(_Counter(types, self.memo, self.counted).calls(inputs=False))
        outputs = tuple(types.of(output.tensor) for output in types.graph.outputs)
        macs, size = (
            amount if complete else None
            for amount, complete in zip(found.total, found.complete, strict=True)
        )
        return macs, size, Result(outputs, types.model_weights())

    # ---- per sample ------------------------------------------------------------------------------

    def bytes(self, outputs: Iterable[TensorType]) -> Dim | None:
        total: Dim = 0
        for dtype, shape in outputs:
            wide = _width(dtype)
            if shape is None or wide is None:
                return None
            if shape and (shape[0] is UNKNOWN or shape[0] == self.batch):
                elements: Dim | None = product(shape[1:])
            else:
                elements = self.per_sample(product(shape))
            if elements is None:
                return None
            total = total + elements * wide
        return _known(total)

    def per_sample(self, amount: Dim | None) -> Dim | None:
        """Convert an amount for a batch to one for a sample; what does not grow with it stays."""
        if amount is None or amount is UNKNOWN:
            return None
        if isinstance(amount, Length) and BATCH.names() <= amount.names():
            return _known(amount // BATCH)
        return amount


def _holds_model(layer: Layer) -> bool:
    inner = layer.arguments.get("layer")
    if layer.cls == "TimeDistributed" and isinstance(inner, Layer):
        return _holds_model(inner)
    return isinstance(layer, (NestedModel, Application))


def _vague(want: TensorType, have: TensorType) -> bool:
    """Return whether nothing is known of the tensor that an input of a model is given."""
    return have.shape is None or want.shape is None or len(have.shape) != len(want.shape)


def _known(amount: Dim | None) -> Dim | None:
    return None if amount is UNKNOWN else amount


def _sum(amounts: Iterable[Dim | None]) -> tuple[Dim | None, bool]:
    total: Dim = 0
    complete = True
    for amount in amounts:
        if amount is None:
            complete = False
        else:
            total = total + amount
    return _known(total), complete and total is not UNKNOWN


def _width(dtype: str | None) -> int | None:
    """Return the bytes of one element; a string has no fixed number."""
    if dtype == "bool":
        return 1
    digits = "".join(char for char in (dtype or "").partition("_")[0] if char.isdigit())
    return -(-int(digits) // 8) if digits else None
