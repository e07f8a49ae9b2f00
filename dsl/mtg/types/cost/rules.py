"""Multiply-accumulates of layers and ops, a function for each family.

A layer without a function here has no product of matrices in it, and counts 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mtg.lengths.dims import BATCH, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, UnknownType
from mtg.types.rules.common import is_tensor, product, several, single, whole
from mtg.types.rules.registry import UNKNOWABLE
from mtg.types.tensor import Shape, TensorType, Weight

#: The MACs of one call for one sample, given the results and the MACs of the layers inside.
LayerMacs = Callable[[LayerCall, Result, Sequence[Dim | None]], Dim | None]

_LAYERS: dict[str, LayerMacs] = {}


def layer_macs(call: LayerCall, result: Result, within: Sequence[Dim | None]) -> Dim | None:
    """Return the MACs of one call for one sample, or None where they are not known."""
    if call.cls in UNKNOWABLE:
        return None
    found = _LAYERS.get(call.cls)
    if found is None:
        return 0
    if any(output.shape is None for output in result.outputs[:1]):
        return None
    try:
        return found(call, result, within)
    except UnknownType:
        return None


def _macs(*classes: str) -> Callable[[LayerMacs], LayerMacs]:
    def register(function: LayerMacs) -> LayerMacs:
        _LAYERS.update(dict.fromkeys(classes, function))
        return function

    return register


def _elements(tensor: TensorType) -> Dim:
    """Return the elements of a tensor for one sample."""
    if tensor.shape is None:
        raise UnknownType
    return product(tensor.shape[1:])


def _shape(tensor: TensorType) -> Shape:
    if tensor.shape is None:
        raise UnknownType
    return tensor.shape


def _weights(result: Result, name: str) -> list[Weight]:
    """Return the weights of a name; unknown weights have no MACs."""
    if result.weights is None:
        raise UnknownType
    return [weight for weight in result.weights if weight.name == name]


def _kernel(result: Result, name: str = "kernel") -> Weight:
    found = _weights(result, name)
    if not found:
        raise UnknownType
    return found[0]


def _total(amounts: Sequence[Dim | None]) -> Dim | None:
    total: Dim = 0
    for amount in amounts:
        if amount is None:
            return None
        total = total + amount
    return total


# ---- products with a kernel ----------------------------------------------------------------------


@_macs("Dense")
def dense(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Each element of the result is a sum over the last axis of the input."""
    return _elements(result.outputs[0]) * _kernel(result).shape[0]


@_macs("EinsumDense")
def einsum_dense(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Each element of the result is a sum over the axes of the kernel that it does not have.

    An axis that only the input has is summed before the product.
    """
    labels, __, target = str(call["equation"]).partition(",")[2].partition("->")
    lengths = zip(labels, _kernel(result).shape, strict=True)
    summed = product(length for label, length in lengths if label not in target)
    return _elements(result.outputs[0]) * summed


@_macs("ReversibleEmbedding")
def reversible_embedding(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Count a look-up, or in reverse a product with the table."""
    if not call.kwargs.get("reverse"):
        return 0
    return _elements(single(call)) * _kernel(result, "embeddings").shape[0]


@_macs("Conv1D", "Conv2D", "Conv3D")
def conv(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Each element of the result is a sum over the window and the channels of its group."""
    return _elements(result.outputs[0]) * product(_kernel(result).shape[:-1])


@_macs("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise_conv(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Each element of the result is a sum over the window."""
    return _elements(result.outputs[0]) * product(_kernel(result).shape[:-2])


@_macs("SeparableConv1D", "SeparableConv2D")
def separable_conv(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Count a depthwise convolution at each place, then a product over its channels."""
    depthwise, pointwise = (
        _kernel(result, f"{part}_kernel") for part in ("depthwise", "pointwise")
    )
    places = _elements(result.outputs[0]) // pointwise.shape[-1]
    return places * (depthwise.size + pointwise.size)


@_macs("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def conv_transpose(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Each element of the input is multiplied with the whole window of every filter."""
    return _elements(single(call)) * product(_kernel(result).shape[:-1])


@_macs("STFTSpectrogram")
def stft(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Convolutions with the real and the imaginary kernel."""
    kernels = [*_weights(result, "real_kernel"), *_weights(result, "imag_kernel")]
    rows = kernels[0].shape[-1] * (2 if call["mode"] == "stft" else 1)
    return _elements(result.outputs[0]) // rows * sum(kernel.size for kernel in kernels)


@_macs("MelSpectrogram")
def mel(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Count the product with the mel filters, but not the Fourier transform before it."""
    frequencies = whole(call, "fft_length") // 2 + 1
    return _elements(result.outputs[0]) * frequencies


# ---- recurrent layers ----------------------------------------------------------------------------


def _steps(call: LayerCall) -> Dim:
    return _shape(single(call, "sequences", more=True))[1]


def _both_kernels(result: Result) -> int:
    return _kernel(result).size + _kernel(result, "recurrent_kernel").size


@_macs("LSTM", "GRU", "SimpleRNN")
def recurrent(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """At each step the input and the state with their kernels."""
    return _steps(call) * _both_kernels(result)


@_macs("LSTMCell", "GRUCell", "SimpleRNNCell")
def cell(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """One step."""
    return _both_kernels(result)


@_macs("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
def conv_lstm(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """At each step two convolutions, of the input and of the state, at each place of the state."""
    filters = whole(call, "filters")
    places = _elements(result.outputs[0]) // filters
    return places * (1 if call["return_sequences"] else _steps(call)) * _both_kernels(result)


@_macs("RNN")
def rnn(call: LayerCall, result: Result, within: Sequence[Dim | None]) -> Dim | None:
    """Count the cells, at each step."""
    total = _total(within)
    return None if total is None else _steps(call) * total


@_macs("StackedRNNCells", "SpectralNormalization", "Pipeline")
def one_after_the_other(
    call: LayerCall, result: Result, within: Sequence[Dim | None]
) -> Dim | None:
    """Count the layer inside: the power iteration of a spectral norm runs in training only."""
    return _total(within)


@_macs("Bidirectional")
def bidirectional(call: LayerCall, result: Result, within: Sequence[Dim | None]) -> Dim | None:
    """Count forwards and backwards; the rule looks at one layer where the other is its copy."""
    total = _total(within)
    return None if total is None else total * (2 if len(within) == 1 else 1)


@_macs("TimeDistributed")
def time_distributed(call: LayerCall, result: Result, within: Sequence[Dim | None]) -> Dim | None:
    """Count the layer inside, at each step."""
    total = _total(within)
    return None if total is None else _shape(single(call))[1] * total


# ---- products of tensors -------------------------------------------------------------------------


@_macs("Dot")
def dot(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Each element of the result is a sum over one axis."""
    axes = call["axes"]
    first = _shape(several(call)[0])
    axis = axes[0] if isinstance(axes, (list, tuple)) else axes
    if not isinstance(axis, int):
        raise UnknownType
    return _elements(result.outputs[0]) * first[axis]


@_macs("Attention", "AdditiveAttention")
def attention(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Count the scores, where they are products, and the values weighted with them."""
    query, value, *_key = map(_shape, several(call))
    table = product(query[1:-1]) * value[-2]
    products = call["use_scale"] if call.cls == "AdditiveAttention" else call["score_mode"] == "dot"
    return table * (value[-1] + (query[-1] if products else 0))


@_macs("MultiHeadAttention", "GroupQueryAttention")
def multi_head_attention(call: LayerCall, result: Result, _: Sequence[Dim | None]) -> Dim | None:
    """Projections of query, key, value (and gate) and of the output; scores; values weighted."""
    names = ("query", "value")
    found = [
        call.args[i] if len(call.args) > i else call.kwargs.get(n) for i, n in enumerate(names)
    ]
    query, value = (_shape(tensor) if is_tensor(tensor) else () for tensor in found)
    kernels = [weight.size for weight in _weights(result, "kernel")]
    if len(kernels) < 4 or not query or not value:
        raise UnknownType
    from_query, from_value = product(query[1:-1]), product(value[1:-1])
    first, second, *gate, third, last = kernels
    total = from_query * (first + last + sum(gate)) + from_value * (second + third)
    if call.cls == "GroupQueryAttention":
        wide = whole(call, "num_query_heads") * whole(call, "head_dim") * 2
    else:
        own = whole(call, "value_dim" if call["value_dim"] else "key_dim")
        wide = whole(call, "num_heads") * (whole(call, "key_dim") + own)
    axes = call.arguments.get("attention_axes")
    if axes is None:
        pairs = from_query * from_value
    else:
        every = axes if isinstance(axes, (list, tuple)) else [axes]
        chosen = {axis % len(query) for axis in every if isinstance(axis, int)}
        pairs = from_query * product(value[axis] for axis in chosen)
    return total + pairs * wide


# ---- ops -----------------------------------------------------------------------------------------

#: Functions of `keras.ops` that hold products of matrices in a way that is not counted.
UNKNOWN_OPS = frozenset(
    {
        *(
            "cholesky",
            "cholesky_inverse",
            "det",
            "eig",
            "eigh",
            "inv",
            "lstsq",
            "lu_factor",
            "norm",
        ),
        *("qr", "slogdet", "solve", "solve_triangular", "svd", "pinv", "matrix_rank", "jvp"),
        *("matrix_power", "kron", "correlate", "convolve", "scan", "map", "while_loop", "cond"),
        *("associative_scan", "fori_loop", "vectorized_map", "switch", "custom_gradient"),
    }
)


def op_macs(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], outputs: Sequence[TensorType]
) -> Dim | None:
    """Return the MACs of a function for the whole batch, or None where they are not known."""
    name = name.rpartition(".")[2]
    if name in _CONVOLUTIONS or name == "dot_product_attention":
        return _op_window(name, args, kwargs, outputs)
    if name not in ("matmul", "dot", "inner", "vdot", "tensordot", "einsum"):
        return None if name in UNKNOWN_OPS else 0
    tensors = [value for value in (*args, *kwargs.values()) if is_tensor(value)]
    shapes = [tensor.shape for tensor in tensors]
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or not outputs or outputs[0].shape is None:
        return None
    if name == "einsum":
        subscripts = args[0] if args else kwargs.get("subscripts")
        return _einsum(subscripts, known) if isinstance(subscripts, str) else None
    if len(known) != 2 or not known[0] or not known[1]:
        return None if len(known) != 2 else 0
    elements, first = product(outputs[0].shape), known[0]
    if name == "vdot":
        return product(first)
    if name != "tensordot":
        return elements * first[-1]
    axes = args[2] if len(args) > 2 else kwargs.get("axes", 2)
    if isinstance(axes, int):
        return elements * product(first[len(first) - axes :])
    summed = [axes[0]] if isinstance(axes[0], int) else axes[0]
    return elements * product(first[axis] for axis in summed)


#: The arguments of each that are tensors.
_CONVOLUTIONS = {
    "conv": ("inputs", "kernel"),
    "conv_transpose": ("inputs", "kernel"),
    "depthwise_conv": ("inputs", "kernel"),
    "separable_conv": ("inputs", "depthwise_kernel", "pointwise_kernel"),
}


def _op_window(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], outputs: Sequence[TensorType]
) -> Dim | None:
    """Count what the layers of these names do, of kernels that are tensors."""
    names = _CONVOLUTIONS.get(name, ("query", "key", "value"))
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    tensors = [given[each] for each in names if is_tensor(given.get(each))]
    shapes: list[Shape] = [each.shape for each in tensors if each.shape is not None]
    if len(shapes) < len(names) or not outputs or outputs[0].shape is None:
        return None
    first, kernel, *last = shapes
    if name == "conv_transpose":
        return product(first) * product(kernel[:-1])
    if name == "conv":
        return product(outputs[0].shape) * product(kernel[:-1])
    if name == "depthwise_conv":
        return product(outputs[0].shape) * product(kernel[:-2])
    if name == "dot_product_attention":  # (batch, steps, heads, width) each
        return product(first[:-1]) * kernel[1] * (first[-1] + last[0][-1])
    # Of a separable one each place costs both kernels.
    data_format = kwargs.get("data_format") or (args[5] if len(args) > 5 else None)
    spatial = slice(2, None) if data_format == "channels_first" else slice(1, -1)
    places = product((first[0], *outputs[0].shape[spatial]))
    return places * (product(kernel) + product(last[0]))


def _einsum(subscripts: str, shapes: Sequence[Shape]) -> Dim | None:
    """Return the product of all lengths in the equation of two tensors; one has no product."""
    if len(shapes) < 2:
        return 0
    terms = subscripts.partition("->")[0].split(",")
    if len(shapes) > 2 or len(terms) != 2:
        return None  # it depends on which pair comes first
    lengths: dict[str, Dim] = {}
    for term, shape in zip(terms, shapes, strict=True):
        before, dots, after = re.sub(r"\s", "", term).partition("...")
        if dots:
            rest = shape[len(before) : len(shape) - len(after)]
            # `...` is aligned at the right; an axis of 1 is broadcast.
            for place, length in enumerate(reversed(rest)):
                _widen(lengths, f".{place}", length)
        end = len(shape) - len(after)
        for label, length in [
            *zip(before, shape, strict=False),
            *zip(after, shape[end:], strict=False),
        ]:
            _widen(lengths, label, length)
    return product(lengths.values())


def _widen(lengths: dict[str, Dim], label: str, length: Dim) -> None:
    known = lengths.setdefault(label, length)
    if known == 1 or (is_known(length) and length != 1 and known != BATCH):
        lengths[label] = length
