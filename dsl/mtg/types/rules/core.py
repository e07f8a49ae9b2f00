"""`keras.layers`: Dense, EinsumDense, Embedding, Identity, Masking, Rescaling."""

from __future__ import annotations

import re

from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch
from mtg.types.rules.common import (
    FLOATS,
    bad_value,
    cast_input,
    known_axis,
    numeric,
    positive,
    ranked_at_least,
    require_equal,
    result,
    shape_of,
    single,
    structure,
    text,
    unchanged,
    value,
    weight,
    with_lora,
)
from mtg.types.rules.registry import rule
from mtg.types.tensor import Operand, TensorType


@rule("Dense")
def dense(call: LayerCall) -> Result:
    """(batch, …, in) -> (batch, …, units); kernel (in, units), bias (units)."""
    units = positive(call, "units")
    shape = ranked_at_least(call, numeric(call, single(call)), 1)
    last = known_axis(call, shape, -1)
    weights = [weight(call, "kernel", (last, units))]
    if call["use_bias"]:
        weights.append(weight(call, "bias", (units,)))
    return with_lora(call, result(call, (*shape[:-1], units), *weights))


@rule("Embedding")
def embedding(call: LayerCall) -> Result:
    """(batch, …) of indices -> (batch, …, output_dim); embeddings (input_dim, output_dim)."""
    rows, width = _embedding_size(call)
    tensor = numeric(call, single(call))
    table = weight(call, "embeddings", (rows, width))
    if tensor.shape is None:
        found = unchanged(call, tensor, table)
    else:
        found = result(call, (*tensor.shape, width), table)
    if tensor.dtype in FLOATS:
        found = found._replace(warnings=(_float_indices(call, tensor),))
    return with_lora(call, found)


@rule("ReversibleEmbedding")
def reversible_embedding(call: LayerCall) -> Result:
    """As `Embedding`; called with `reverse=True`, (batch, …, output_dim) -> (…, input_dim)."""
    rows, width = _embedding_size(call)
    tensor = numeric(call, single(call))
    weights = [weight(call, "embeddings", (rows, width))]
    if not call["tie_weights"]:
        if value(call, "lora_rank"):
            raise bad_value(call, "lora_rank", "None unless the weights are tied")
        weights.append(weight(call, "reverse_embeddings", (width, rows)))
    if tensor.shape is None:
        return with_lora(call, unchanged(call, tensor, *weights))
    if not call.kwargs.get("reverse"):
        found = result(call, (*tensor.shape, width), *weights)
        if tensor.dtype in FLOATS:
            found = found._replace(warnings=(_float_indices(call, tensor),))
        return with_lora(call, found)
    if require_equal(call, tensor.shape[-1], width):
        raise TypeMismatch(
            f"`{call.shown}` in reverse takes a last axis of {width}, as its `output_dim` says",
            f"found: {text(tensor.shape)}",
        )
    return with_lora(call, result(call, (*tensor.shape[:-1], rows), *weights))


def _embedding_size(call: LayerCall) -> tuple[int, int]:
    for argument in ("input_dim", "output_dim"):
        if isinstance(call[argument], bool):
            raise bad_value(call, argument, "a whole number above 0")
    if value(call, "weights") is not None:
        raise bad_value(call, "weights", "None: Keras takes arrays only")
    return positive(call, "input_dim"), positive(call, "output_dim")


def _float_indices(call: LayerCall, tensor: TensorType) -> TypeMismatch:
    return TypeMismatch(
        f"`{call.shown}` takes indices, and these are {tensor.dtype}",
        "Keras rounds them towards zero",
        help="declare the input as int32",
        code="MTG308",
    )


@rule("Identity")
def identity(call: LayerCall) -> Result:
    """Keep the tensor, or those of a list or dict; a float is cast to the compute dtype."""
    tensors = structure(call)
    return Result(tuple(TensorType(cast_input(call, each), each.shape) for each in tensors))


@rule("Masking", "Rescaling")
def same_shape(call: LayerCall) -> Result:
    """Keep the shape, in the compute dtype."""
    return unchanged(call, numeric(call, single(call)))


# ---- EinsumDense ---------------------------------------------------------------------------------

_LABELS = "[a-zA-Z]"
_EQUATIONS = (
    re.compile(rf"({_LABELS}+),({_LABELS}+)->({_LABELS}+)"),
    re.compile(rf"0({_LABELS}+),({_LABELS}+)->0({_LABELS}+)"),
    re.compile(rf"({_LABELS}{{2,}})0,({_LABELS}+)->({_LABELS}+)0"),
)


@rule("EinsumDense")
def einsum_dense(call: LayerCall) -> Result:
    """`equation` over the input and a kernel; `output_shape` gives the lengths after the batch.

    Keras takes None in `output_shape` as unknown, even where the input says the length.
    """
    shape = shape_of(numeric(call, single(call)))
    equation = value(call, "equation")
    inputs, kernel, outputs, left = _split(call, equation)
    given = value(call, "output_shape")
    every = given if isinstance(given, (list, tuple)) else [given]
    partial = [length for length in every if length is None or isinstance(length, int)]
    if given is None or len(partial) != len(every):
        raise bad_value(call, "output_shape", "lengths, or None for those of the input")
    output: list[Dim] = [shape[0], *(UNKNOWN if length is None else length for length in partial)]
    elided = len(shape) - len(inputs)
    if elided < 0:
        raise TypeMismatch(
            f'`{call.shown}` with "{equation}" takes {len(inputs) - 1} axes or more, '
            f"and this tensor has {len(shape) - 1}",
            code="MTG302",
        )
    if left:
        output[1:1] = shape[1:elided]
    elif elided:
        output += shape[len(shape) - elided :]
    skipped = elided if left else 0
    if len(output) < skipped + len(outputs):
        raise bad_value(call, "output_shape", f'{len(outputs) - 1} lengths for "{equation}"')
    lengths = dict(zip(inputs, shape[skipped:], strict=False))
    results = dict(zip(outputs, output[skipped:], strict=False))
    for label in inputs:
        if label in results and results[label] is not UNKNOWN and results[label] != lengths[label]:
            raise TypeMismatch(
                f"`{call.shown}`: axis `{label}` is {lengths[label]} in the input "
                f"and {results[label]} in `output_shape`",
                f'equation: "{equation}"',
            )
    weights = [weight(call, "kernel", _kernel(call, kernel, {**lengths, **results}))]
    if call["bias_axes"] is not None:
        tail = [] if left else [1] * elided
        weights.append(weight(call, "bias", [*_bias(call, outputs, results), *tail]))
    found = with_lora(call, result(call, output, *weights))._replace(axes=len(shape))
    if left and shape[1:elided] != shape[elided - 1 : 0 : -1]:
        # Keras says these axes in the opposite order, and builds what follows for that.
        found = found._replace(outputs=(TensorType(found.outputs[0].dtype, None),))
    return found


def _split(call: LayerCall, equation: Operand) -> tuple[str, str, str, bool]:
    """Return the labels of input, kernel and output, and whether axes are elided left."""
    text = equation.replace("...", "0") if isinstance(equation, str) else ""
    for index, pattern in enumerate(_EQUATIONS):
        match = pattern.match(text)
        if match:
            inputs, kernel, outputs = match.groups()
            sources, uses = {*inputs, *kernel}, {*inputs, *outputs}
            if not sources.issuperset(outputs) or not uses.issuperset(kernel):
                raise bad_value(call, "equation", "an equation whose labels all have a match")
            return inputs, kernel, outputs, index == 1
    forms = "`ab,bc->ac`, `...a,ab->...b` or `ab...,bc->ac...`"
    raise bad_value(call, "equation", f"of the form {forms}")


def _kernel(call: LayerCall, labels: str, lengths: dict[str, Dim]) -> list[int]:
    return [_weight_length(call, label, lengths[label]) for label in labels]


def _bias(call: LayerCall, outputs: str, lengths: dict[str, Dim]) -> list[int]:
    axes = value(call, "bias_axes")
    if not isinstance(axes, str) or not axes or any(label not in outputs for label in axes):
        raise bad_value(call, "bias_axes", f"labels of the output `{outputs}`")
    first = min(map(outputs.index, axes))
    return [
        _weight_length(call, label, lengths[label]) if label in axes else 1
        for label in outputs[first:]
    ]


def _weight_length(call: LayerCall, label: str, length: Dim) -> int:
    if not is_known(length):
        raise TypeMismatch(
            f"`{call.shown}` needs a known length for axis `{label}`",
            "the layer's weights are made for it",
            code="MTG305",
        )
    return length
