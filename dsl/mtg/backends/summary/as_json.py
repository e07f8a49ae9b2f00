"""The summary for machines: one JSON object, which `docs/summary.md` describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mtg.backends.counts import weight_bits, weight_totals
from mtg.backends.labels import is_frozen, layer_title, model_layers, value_text
from mtg.backends.summary.table import class_name, together
from mtg.catalog import catalog
from mtg.graph.values import TensorRef
from mtg.lengths.dims import BATCH, UNKNOWN, Dim
from mtg.text.documents import document
from mtg.text.source import NOWHERE
from mtg.types.cost.cost import Cost, Costs, costs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtg.graph.graph import Call, Graph, Output
    from mtg.graph.layers import Layer
    from mtg.types.constraints import Constraint
    from mtg.types.tensor import Shape, TensorType, Weight
    from mtg.types.types import Types

Json = dict[str, Any]


def summary_json(graph: Graph, types: Types) -> str:
    """Return the summary of a graph as the text of a JSON object that ends with a newline."""
    return document(summary_object(graph, types))


def summary_object(graph: Graph, types: Types) -> Json:
    """Return the summary as plain data; None where something is not known."""
    totals = weight_totals(graph, types)
    found = costs(types)
    calls: dict[Layer, list[Call]] = {}
    turns: dict[int, int] = {}
    made: dict[Layer, int] = {}
    for call in graph.calls:
        turns[call.id] = made.get(call.layer, 0)
        made[call.layer] = turns[call.id] + 1
        if call.id in found.calls:
            calls.setdefault(call.layer, []).append(call)

    def source(ref: TensorRef) -> Json:
        """Return which result of which call of which layer a tensor is, as Keras counts them."""
        layer = graph.calls[ref.call].layer
        return {"layer": layer.name, "call": turns[ref.call], "result": ref.result}

    def whole(number: int) -> int | None:
        return number if totals.complete else None

    return {
        "name": graph.name,
        "keras_version": catalog().keras_version,
        "total_params": whole(totals.trainable + totals.frozen),
        "trainable_params": whole(totals.trainable),
        "non_trainable_params": whole(totals.frozen),
        "bytes": whole(_bytes(totals.trainable_bits + totals.frozen_bits)),
        "macs": _amount(found.total.macs) if found.complete[0] else None,
        "activation_bytes": _amount(found.total.bytes) if found.complete[1] else None,
        "constraints": [_constraint(each) for each in types.constraints],
        "inputs": [
            {"name": call.layer.name, **_tensor(types.of(TensorRef(call.id)))}
            for call in graph.inputs
        ],
        "outputs": [_output(output, types) for output in graph.outputs],
        "layers": [
            _layer(layer, calls.get(layer, []), types, found, source)
            for layer in model_layers(graph)
        ],
    }


# ---- layers --------------------------------------------------------------------------------------


def _layer(
    layer: Layer,
    calls: Sequence[Call],
    types: Types,
    found: Costs,
    source: Callable[[TensorRef], Json],
) -> Json:
    weights = types.weights.get(layer)
    frozen = is_frozen(layer)
    outputs = types.outputs.get(calls[0].id) if calls else None
    spent = together([found.calls[call.id] for call in calls])
    return {
        "name": layer.name,
        "class": class_name(layer),
        "kind": layer.kind,
        **_results(outputs),
        "params": types.parameters(layer),
        "bytes": None if weights is None else _bytes(sum(map(weight_bits, weights))),
        "trainable": layer.trainable is not False and layer.arguments.get("trainable") is not False,
        **_cost(spent),
        "weights": None if weights is None else [_weight(weight, frozen) for weight in weights],
        "calls": [
            {
                "inputs": [source(ref) for ref in call.tensors()],
                **_results(types.outputs.get(call.id)),
                **_cost(found.calls[call.id]),
            }
            for call in calls
        ],
    }


def _weight(weight: Weight, frozen: bool) -> Json:
    return {
        "name": weight.name,
        "shape": list(weight.shape),
        "dtype": weight.dtype,
        "trainable": weight.trainable and not frozen,
    }


def _cost(cost: Cost) -> Json:
    return {"macs": _amount(cost.macs), "activation_bytes": _amount(cost.bytes)}


# ---- tensors -------------------------------------------------------------------------------------


def _results(tensors: tuple[TensorType, ...] | None) -> Json:
    if tensors is None:
        return {"output_shapes": None, "dtypes": None}
    return {
        "output_shapes": [_shape(tensor.shape) for tensor in tensors],
        "dtypes": [tensor.dtype for tensor in tensors],
    }


def _tensor(tensor: TensorType) -> Json:
    return {"shape": _shape(tensor.shape), "dtype": tensor.dtype}


def _shape(shape: Shape | None) -> list[int | str | None] | None:
    """Return a number, None for the batch and for what is not known, else the expression."""
    if shape is None:
        return None
    return [None if dim is BATCH or dim is UNKNOWN else _amount(dim) for dim in shape]


def _amount(dim: Dim | None) -> int | str | None:
    return dim if dim is None or isinstance(dim, int) else str(dim)


def _bytes(bits: int) -> int:
    return -(-bits // 8)


# ---- tasks and constraints -----------------------------------------------------------------------


def _output(output: Output, types: Types) -> Json:
    return {
        "name": output.name,
        **_tensor(types.of(output.tensor)),
        "loss": None if output.loss is None else value_text(output.loss, 200),
        "weight": output.weight,
        "metrics": [value_text(metric, 200) for metric in output.metrics or ()],
    }


def _constraint(constraint: Constraint) -> Json:
    return {
        "text": constraint.text,
        "names": list(constraint.names),
        **constraint.form,
        "places": [_place(call) for call in constraint.calls],
    }


def _place(call: Call) -> Json:
    place: Json = {"layer": call.layer.name, "what": layer_title(call.layer)}
    if call.span.source is NOWHERE.source:
        return {**place, "path": None, "line": None, "column": None}
    line, column = call.span.source.line_column(call.span.start)
    return {**place, "path": call.span.source.name, "line": line, "column": column}
