"""What an output ends with: the activation that bounds its values, and the loss it is given to."""

from __future__ import annotations

from mtg.catalog import catalog
from mtg.catalog.names import snake_case
from mtg.graph.graph import Call, Graph, Output
from mtg.graph.layers import KerasLayer, Layer, NestedModel, Op
from mtg.graph.places import where_called
from mtg.graph.values import KerasObject, TensorRef, Value
from mtg.lengths.dims import Dim
from mtg.records import record
from mtg.text.diagnostics import Label
from mtg.text.source import NOWHERE, Span
from mtg.types.types import Types

#: Layers that end with an activation of their own; without one they are linear.
_ACTIVATED = ("Dense", "EinsumDense", "Conv", "DepthwiseConv", "SeparableConv")
#: Layers that are an activation.
_ACTIVATIONS = {
    "Softmax": "softmax",
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "PReLU": "leaky_relu",
}
#: Layers that change the shape of values and not the values.
_TRANSPARENT = {"Identity", "Reshape", "Flatten", "Permute", "RepeatVector", "Cropping1D"}
_RECURRENT = {"LSTM", "GRU", "SimpleRNN"}

#: Layers through which what has no bounds comes out without bounds: they choose or take means.
_BOUNDLESS = (
    *("GlobalAveragePooling", "AveragePooling", "GlobalMaxPooling", "MaxPooling", "UpSampling"),
    *("ZeroPadding", "Cropping", "Dropout", "SpatialDropout", "GaussianNoise", "Activity"),
)
#: Sums and means, of which one term without bounds is enough.
_SUMS = frozenset(
    ["Add", "Subtract", "Average", "add", "subtract", "negative", "mean", "sum", "average"]
)
#: Products of vectors; the words for what comes of them.
_PRODUCTS = {
    **dict.fromkeys(["Dot", "dot"], "dot product"),
    **dict.fromkeys(["Multiply", "multiply", "matmul", "einsum"], "product"),
}
COSINE = "cosine similarity"
MADE_OF_SEVERAL = frozenset([COSINE, "sum", "dot product", "product"])

#: Activations whose results may be below zero.
SIGNED = frozenset(
    [
        *MADE_OF_SEVERAL,
        *("sin", "cos"),
        "linear",
        "tanh",
        "hard_tanh",
        "softsign",
        "elu",
        "celu",
        "selu",
        "gelu",
        "silu",
        "mish",
        "leaky_relu",
        "hard_silu",
        "log_softmax",
        "log_sigmoid",
        "tanh_shrink",
        "soft_shrink",
        "hard_shrink",
    ]
)
#: Activations whose results are no probabilities; those that are positive are left out, since a
#: crossentropy over classes divides by their sum.
NO_PROBABILITY = SIGNED | {"relu", "relu6"}
#: Activations without an upper bound, which are no probability of a yes or no either.
ABOVE_ONE = frozenset(["exponential", "softplus", "squareplus", "sparse_plus"])

#: Losses of numbers that are no classes.
REGRESSION = frozenset(
    [
        "mean_squared_error",
        "mean_absolute_error",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "huber",
        "log_cosh",
    ]
)

#: How many layers that pass values on are looked through.
_SEARCHED = 16


@record
class OutputActivation:
    """The activation that an output's values come out of.

    Attributes:
        activation: Keras's name of it; `linear` for none.
        span: The place to point at.
        layer: The layer that applies it.
    """

    activation: str
    span: Span
    layer: Layer

    @property
    def words(self) -> str:
        """`a sigmoid`, `no activation`."""
        if self.activation == "linear":
            return "no activation"
        return f"a{'n' * (self.activation[0] in 'aeiou')} {self.activation}"

    def label(self, text: str = "") -> tuple[Label, ...]:
        return () if self.span.source is NOWHERE.source else (Label(self.span, text or self.words),)


def head_of(graph: Graph, types: Types, ref: TensorRef, depth: int = 3) -> OutputActivation | None:
    """Return what a tensor's values come out of, or None where that is not certain.

    `depth` is how many sums and products are looked into, one inside the other.
    """
    moved = False
    for _ in range(_SEARCHED):
        call = graph.calls[ref.call]
        layer = call.layer
        if isinstance(layer, KerasLayer) and layer.cls in _TRANSPARENT and len(call.tensors()) == 1:
            moved = moved or layer.cls != "Identity"
            ref = call.tensors()[0]
            continue
        if isinstance(layer, NestedModel):
            inner = types.nested.get(layer)
            if inner is None or ref.result >= len(layer.graph.outputs):
                return None
            found = head_of(layer.graph, inner, layer.graph.outputs[ref.result].tensor, depth)
        else:
            found = _applied(call) or _without_bounds(graph, types, call, depth)
            if found is not None and found.activation == "linear" and _is_nothing(layer):
                ref = call.tensors()[0]
                continue
        if found is not None and found.activation in ("softmax", "log_softmax", "sparsemax"):
            return None if moved else found  # over which axis it was, is not looked at
        return found
    return None


def _without_bounds(graph: Graph, types: Types, call: Call, depth: int) -> OutputActivation | None:
    """Describe sums and products of unbounded terms, and cosines."""
    layer, tensors = call.layer, call.tensors()
    name = layer.cls.rpartition(".")[2]
    if isinstance(layer, KerasLayer) and name == "Dot" and layer.arguments.get("normalize") is True:
        return OutputActivation(COSINE, call.span, layer)
    if not isinstance(layer, (Op, KerasLayer)) or not 0 < len(tensors) <= 8 or not depth:
        return None
    if name == "Embedding" and layer.arguments.get("embeddings_constraint") is None:
        return OutputActivation("linear", call.span, layer)
    through = isinstance(layer, KerasLayer) and name.startswith(_BOUNDLESS) and len(tensors) == 1
    if not through and name not in _SUMS and name not in _PRODUCTS:
        return None
    heads = [head_of(graph, types, ref, depth - 1) for ref in tensors]
    bare = [head is not None and head.activation in _NO_BOUNDS for head in heads]
    if through and heads[0] is not None and heads[0].activation in ("linear", "relu"):
        return heads[0]
    if name in _PRODUCTS and len(set(tensors)) > 1 and all(bare):
        return OutputActivation(_PRODUCTS[name], call.span, layer)
    if name in _SUMS and any(bare):
        # A mean of raw numbers is a raw number; of several, the sum is what stands at the end.
        return (
            heads[0]
            if len(tensors) == 1 and name != "negative"
            else OutputActivation("sum", call.span, layer)
        )
    return None


#: Of these, values may be as low and as high as numbers go.
_NO_BOUNDS = frozenset(["linear", "sum", "dot product", "product"])


def _is_nothing(layer: Layer) -> bool:
    """Return whether a layer is `Activation("linear")`."""
    return isinstance(layer, KerasLayer) and layer.cls == "Activation"


def _applied(call: Call) -> OutputActivation | None:
    layer = call.layer
    if isinstance(layer, Op):
        name = "" if layer.entry is None else layer.entry.name.rpartition(".")[2]
        if name in ("softmax", "log_softmax") and (len(call.args) > 1 or call.kwargs):
            return None
        return OutputActivation(name, call.span, layer) if name in _OPS else None
    if not isinstance(layer, KerasLayer):
        return None
    inner = layer
    while inner.cls == "TimeDistributed" and isinstance(
        wrapped := inner.arguments.get("layer"), Layer
    ):
        if not isinstance(wrapped, KerasLayer):
            return None
        inner = wrapped
    span = inner.spans.get("activation", call.span if inner is layer else layer.span)
    if inner.cls in _ACTIVATIONS:
        if inner.arguments.get("axis", -1) != -1:
            return None
        return OutputActivation(_ACTIVATIONS[inner.cls], span, inner)
    if inner.cls in _RECURRENT:
        usual = inner.arguments.get("activation", "tanh") == "tanh"
        return OutputActivation("tanh", span, inner) if usual else None
    if inner.cls == "Activation" or inner.cls.startswith(_ACTIVATED):
        said = inner.arguments.get("activation")
        if said is None:
            return OutputActivation("linear", span, inner)
        if isinstance(said, str) and said in catalog().identifiers("activation"):
            return OutputActivation(
                {"swish": "silu", "hard_swish": "hard_silu"}.get(said, said), span, inner
            )
    return None


_OPS = SIGNED | {"relu", "relu6", "sigmoid", "softmax"}


@record
class Loss:
    """The loss of an output: Keras's name in lower case, and what it takes its values for.

    `logits` is None where the program leaves that to something that is no plain value.
    """

    name: str
    logits: bool | None
    span: Span


#: Short names of losses and metrics.
_SHORT = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "acc": "accuracy",
    "ce": "crossentropy",
}


def name_of(value: Value, kind: str) -> str:
    """Return the name of a loss or metric in lower case; empty if unknown."""
    if isinstance(value, str):
        name = value if value in ("KLD", "MSE", "MAE", "MAPE", "MSLE", "BCE") else snake_case(value)
        return _SHORT.get(name.lower(), name.lower())
    if isinstance(value, KerasObject) and value.kind == kind:
        entry = catalog().find(kind, value.name)
        return snake_case(entry.name) if entry is not None else ""
    return ""


def loss_of(output: Output, units: Dim | None) -> Loss | None:
    """Return the loss of an output, or None where it has none that Keras knows."""
    name = name_of(output.loss, "loss")
    if not name:
        return None
    if name == "crossentropy":  # Keras chooses when it sees a target
        name = "binary_crossentropy" if units == 1 else "categorical_crossentropy"
    logits: Value = False
    if isinstance(output.loss, KerasObject):
        logits = output.loss.arguments.get("from_logits", False)
    span = output.spans.get("loss", output.span)
    return Loss(name, logits if isinstance(logits, bool) else None, span)


def units_of(types: Types, output: Output) -> Dim | None:
    """Return the length of an output's last axis; None where it has none, or is not known."""
    shape = types.of(output.tensor).shape
    return shape[-1] if shape is not None and len(shape) > 1 else None


def use_labels(call: Call) -> tuple[Label, ...]:
    """Return the uses of blocks and rounds that a call comes from, the innermost first."""
    return where_called(call)
