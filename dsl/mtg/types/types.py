"""What is known of a graph: the types of its tensors, and the weights of its layers."""

from __future__ import annotations

from dataclasses import dataclass, field

from mtg.graph.graph import Call, Graph
from mtg.graph.layers import Layer
from mtg.graph.values import TensorRef
from mtg.text.diagnostics import Diagnostic
from mtg.types.constraints import Constraint, Demand
from mtg.types.oracle import Ask
from mtg.types.order import distinct, keras_order
from mtg.types.tensor import UNKNOWN_TENSOR, TensorType, Weight

#: The types of the results of a call, or None where not even their number is known.
Outputs = tuple[TensorType, ...] | None


@dataclass(slots=True)
class Types:
    """What `infer` found out about a graph.

    Attributes:
        graph: The graph.
        outputs: The types of the results of each call, under the call's number.
        weights: The weights of each layer, those inside wrappers included, in Keras's order under
            Keras's names; None where they are not known. A layer inside a wrapper has an entry of
            its own, and its weights are among the wrapper's too.
        nested: What was found out about the graph of each nested model.
        demands: What lengths with names need to be, and the first call that needs it.
        constraints: What that comes to for each name. Of a nested model it is part of what the
            model around it says, in the lengths that are given there.
        ask: What was asked of calls that no rule knows, if anything.
        misfits: The errors, and the calls they are about.
    """

    graph: Graph
    outputs: dict[int, Outputs] = field(default_factory=dict)
    weights: dict[Layer, tuple[Weight, ...] | None] = field(default_factory=dict)
    nested: dict[Layer, Types] = field(default_factory=dict)
    demands: dict[Demand, Call] = field(default_factory=dict)
    constraints: list[Constraint] = field(default_factory=list)
    ask: Ask | None = None
    misfits: list[tuple[Call, Diagnostic]] = field(default_factory=list)

    def of(self, ref: TensorRef) -> TensorType:
        """Return the type of one tensor; `UNKNOWN_TENSOR` where nothing is known of it."""
        outputs = self.outputs.get(ref.call)
        if outputs is None or ref.result >= len(outputs):
            return UNKNOWN_TENSOR
        return outputs[ref.result]

    def parameters(self, layer: Layer) -> int | None:
        """Return the number of elements of a layer's weights, or None where they are not known."""
        weights = self.weights.get(layer)
        return None if weights is None else sum(weight.size for weight in weights)

    def model_weights(self) -> tuple[Weight, ...] | None:
        """Return all weights of the model in the order of `Model.weights`; None if unknown."""
        every: list[Weight] = []
        for layer in keras_order(self.graph):
            weights = self.weights.get(layer)
            if weights is None:
                return None
            every += weights
        return distinct(every)
