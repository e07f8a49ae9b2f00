"""Functions of `keras.ops` that layers are made of: convolutions, pooling, losses, attention."""

from __future__ import annotations

from mtg.lengths.dims import UNKNOWN, Dim, is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    axis_list,
    bad_value,
    choice,
    is_tensor,
    one_axis,
    positive,
    require_equal,
    text,
    unequal_for_keras,
    value,
    whole_tuple,
)
from mtg.types.rules.convolution import (
    SPATIAL,
    Image,
    Kernel,
    image,
    kernel_arguments,
    transposed,
    windows,
)
from mtg.types.rules.masks import broadcasts
from mtg.types.rules.op_common import one, promoted, shape_of, tensor
from mtg.types.rules.registry import op_rule
from mtg.types.rules.tensorflow import dilated, too_short, unequal_strides, with_warnings
from mtg.types.tensor import Operand, Shape, TensorType


def _image(call: LayerCall) -> tuple[str, Image]:
    """Return the argument `inputs`, of 1, 2 or 3 spatial axes."""
    dtype, shape = tensor(call, "inputs")
    rank = len(shape) - 2
    if rank not in SPATIAL:
        raise TypeMismatch(
            f"`{call.cls}` takes 1 to 3 spatial axes and channels, and this tensor has "
            f"{len(shape) - 1} axes",
            code="MTG302",
        )
    return dtype, image(call, TensorType(dtype, shape), rank)


def _kernel(call: LayerCall, form: Image, name: str = "kernel") -> tuple[Kernel, int, int]:
    """Return how a kernel moves, and its last two lengths: channels in, and out."""
    _, shape = tensor(call, name)
    rank = len(form.spatial)
    if len(shape) != rank + 2:
        raise TypeMismatch(
            f"`{call.cls}` takes a kernel with {rank + 2} axes here, and this one has {len(shape)}",
            code="MTG302",
        )
    numbers = [length for length in shape if is_known(length)]
    if len(numbers) != len(shape):
        raise UnknownType
    size, (wide, filters) = numbers[:-2], numbers[-2:]
    paddings = ("valid", "same", "causal") if call.cls == "conv" else ("valid", "same")
    settings: dict[str, Operand] = {**call.arguments, "kernel_size": [*size]}
    moves = kernel_arguments(LayerCall(call.cls, call.name, settings, ()), rank, paddings)
    return moves, wide, filters


def _check_channels(call: LayerCall, channels: Dim, wide: int) -> None:
    if require_equal(call, channels, wide):
        raise TypeMismatch(
            f"`{call.cls}` has a kernel for {wide} channels, and there are {channels}"
        )


@op_rule("conv", "depthwise_conv")
def conv(call: LayerCall) -> Result:
    """(batch, spatial…, in) and a kernel (size…, in, out) -> (batch, places…, out)."""
    dtype, form = _image(call)
    kernel, wide, filters = _kernel(call, form)
    _check_channels(call, form.channels, wide)
    wide = wide * filters if call.cls == "depthwise_conv" else filters
    found = one(dtype, form.shape(windows(call, form.spatial, kernel), wide))
    alone = call.cls == "depthwise_conv"
    return with_warnings(found, unequal_strides(call, kernel) if alone else None)


@op_rule("separable_conv")
def separable_conv(call: LayerCall) -> Result:
    """Return a depthwise convolution, then one over the channels."""
    dtype, form = _image(call)
    kernel, wide, _ = _kernel(call, form, "depthwise_kernel")
    _check_channels(call, form.channels, wide)
    _, point = tensor(call, "pointwise_kernel")
    found = one(dtype, form.shape(windows(call, form.spatial, kernel), point[-1]))
    return with_warnings(found, unequal_strides(call, kernel))


@op_rule("conv_transpose")
def conv_transpose(call: LayerCall) -> Result:
    """(batch, spatial…, in) and a kernel (size…, out, in) -> (batch, longer…, out)."""
    dtype, form = _image(call)
    kernel, filters, wide = _kernel(call, form)
    _check_channels(call, form.channels, wide)
    rank = len(form.spatial)
    extra: tuple[int | None, ...] = (None,) * rank
    if value(call, "output_padding") is not None:
        extra = whole_tuple(call, "output_padding", rank, 0)
    spatial = [transposed(n, kernel, axis, extra[axis]) for axis, n in enumerate(form.spatial)]
    found = one(dtype, form.shape(spatial, filters))
    return with_warnings(found, dilated(call, kernel), too_short(call, kernel, extra))


def _for_each(call: LayerCall, name: str, rank: int) -> tuple[int, ...]:
    """As `whole_tuple`; a tuple of one number is for all axes too."""
    found = value(call, name)
    if isinstance(found, (list, tuple)) and len(found) == 1:
        found = found[0]
    return whole_tuple(call, name, rank, found=found)


@op_rule("max_pool", "average_pool")
def pool(call: LayerCall) -> Result:
    """(batch, spatial…, channels) -> (batch, places…, channels)."""
    dtype, form = _image(call)
    rank = len(form.spatial)
    size = _for_each(call, "pool_size", rank)
    strides = size if value(call, "strides") is None else _for_each(call, "strides", rank)
    padding = choice(call, "padding", ("valid", "same"))
    places = windows(call, form.spatial, Kernel(size, strides, (1,) * rank, padding))
    return one(dtype, form.shape(places, form.channels))


@op_rule("adaptive_max_pool", "adaptive_average_pool")
def adaptive_pool(call: LayerCall) -> Result:
    """(batch, spatial…, channels) -> (batch, output_size…, channels).

    With the channels last, Keras says axes that are not there.
    """
    dtype, form = _image(call)
    if not isinstance(value(call, "output_size"), (list, tuple)):
        raise bad_value(call, "output_size", "a tuple of lengths")
    size = whole_tuple(call, "output_size", len(form.spatial))
    if not form.first:
        return Result((TensorType(dtype, None),))
    return one(dtype, form.shape(size, form.channels))


# ---- normalization and gates ---------------------------------------------------------------------


@op_rule("batch_normalization", "layer_normalization", "rms_normalization")
def normalization(call: LayerCall) -> Result:
    """Keep the shape."""
    dtype, shape = tensor(call)
    if call.cls != "batch_normalization":
        axis_list(call, "axis", len(shape))
    else:
        axis = one_axis(call, "axis", len(shape))
        for name in ("mean", "variance", "offset", "scale"):
            given = call[name]
            if is_tensor(given) and given.shape is not None:
                _check_vector(call, name, given.shape, shape[axis])
    return one(dtype, shape)


def _check_vector(call: LayerCall, name: str, shape: Shape, length: Dim) -> None:
    if len(shape) != 1 or unequal_for_keras(call, shape[0], length):
        raise TypeMismatch(f"`{name}` of `{call.cls}` must have one axis of {length}")


@op_rule("glu")
def glu(call: LayerCall) -> Result:
    """Half of an axis, gated by the other half."""
    dtype, shape = tensor(call)
    axis = one_axis(call, "axis", len(shape))
    length = shape[axis]
    if is_known(length) and length % 2:
        raise TypeMismatch(f"`glu` cuts an axis in two, and this one is {length}")
    return one(dtype, (*shape[:axis], length // 2, *shape[axis + 1 :]))


@op_rule("dot_product_attention")
def attention(call: LayerCall) -> Result:
    """query (batch, T, heads, d), key and value (batch, S, heads, d) -> as the query."""
    (a, query), (b, key), (c, val) = (tensor(call, name) for name in ("query", "key", "value"))
    for name, shape in (("query", query), ("key", key), ("value", val)):
        if len(shape) != 4:
            raise TypeMismatch(
                f"`{call.cls}` takes a {name} [steps, heads, features], and this one has "
                f"{len(shape) - 1} axes",
                code="MTG302",
            )
    for axis in (1, 2, 3):
        if require_equal(call, key[axis], val[axis]) or (
            axis == 3 and require_equal(call, query[3], key[3])
        ):
            raise TypeMismatch(
                f"`{call.cls}` takes a query, a key and a value that fit together",
                f"axis {axis}: {query[axis]}, {key[axis]} and {val[axis]}",
            )
    scores = (query[0], query[2], query[1], key[1])
    for name in ("mask", "bias"):
        given = call[name]
        if is_tensor(given) and given.shape and not broadcasts(call, given.shape, scores):
            raise TypeMismatch(
                f"`{name}` of `{call.cls}` must fit the scores of each head {text(scores)}, and is "
                f"{text(given.shape)}"
            )
    return one(promoted(a, b, c), query)


# ---- losses --------------------------------------------------------------------------------------


def _alike(call: LayerCall, a: Shape, b: Shape) -> None:
    if len(a) != len(b) or any(unequal_for_keras(call, n, m) for n, m in zip(a, b, strict=True)):
        raise TypeMismatch(f"`{call.cls}` takes a target and an output of one shape")


@op_rule("binary_crossentropy", "categorical_crossentropy")
def crossentropy(call: LayerCall) -> Result:
    """As the output, or without its last axis."""
    _, target = tensor(call, "target")
    dtype, output = tensor(call, "output")
    _alike(call, target, output)
    if call.cls == "binary_crossentropy":
        return one(dtype, output)
    if not output:
        raise TypeMismatch(f"`{call.cls}` takes tensors with an axis", code="MTG302")
    return one(dtype, output[:-1])


@op_rule("sparse_categorical_crossentropy")
def sparse_crossentropy(call: LayerCall) -> Result:
    """As the output without the axis of the classes."""
    _, target = tensor(call, "target")
    dtype, output = tensor(call, "output")
    axis = one_axis(call, "axis", len(output))
    rest = (*output[:axis], *output[axis + 1 :])
    if len(target) == len(output) and target[-1] == 1:
        target = target[:-1]
    _alike(call, target, rest)
    return one(dtype, rest)


@op_rule("ctc_loss")
def ctc_loss(call: LayerCall) -> Result:
    """Return a number for each row of the batch."""
    dtype, output = tensor(call, "output")
    target = shape_of(call["target"])
    for name in ("target", "target_length", "output_length"):
        rows = shape_of(call[name])
        if not rows or not output:
            raise UnknownType
        if unequal_for_keras(call, rows[0], output[0]):
            raise TypeMismatch(f"`ctc_loss` takes batches of one size, and `{name}` has another")
    return one(promoted(dtype, "float32"), target[:1])


@op_rule("ctc_decode")
def ctc_decode(call: LayerCall) -> Result:
    """(batch, steps, classes) -> the best sequences, (paths, batch, steps), and how good they are.

    However long the sequences are, they are filled up.
    """
    dtype, shape = tensor(call, "inputs")
    if len(shape) != 3:
        raise TypeMismatch(
            f"`{call.cls}` takes [steps, classes], and this tensor has {len(shape) - 1} axes",
            code="MTG302",
        )
    rows = call["sequence_lengths"]
    if is_tensor(rows):
        if len(shape_of(rows)) != 1:
            raise TypeMismatch(f"`{call.cls}` takes one length for each sequence", code="MTG302")
        if require_equal(call, shape_of(rows)[0], shape[0]):
            raise TypeMismatch(f"`{call.cls}` takes as many lengths as sequences")
    greedy = choice(call, "strategy", ("greedy", "beam_search"), fold=str) == "greedy"
    paths = 1 if greedy else positive(call, "top_paths")
    width = value(call, "beam_width")
    if not greedy and isinstance(width, int) and paths > width:
        raise bad_value(call, "top_paths", f"at most `beam_width`, {width}")
    best = TensorType("int32", (paths, shape[0], shape[1]))
    return Result((best, TensorType(promoted(dtype, "float32"), (shape[0], paths))))


# ---- sound ---------------------------------------------------------------------------------------


def _whole(call: LayerCall, *names: str) -> list[int]:
    numbers: list[int] = []
    for name in names:
        found = value(call, name)
        if type(found) is not int or found <= 0:
            raise bad_value(call, name, "a whole number above 0")
        numbers.append(found)
    return numbers


@op_rule("extract_sequences")
def sequences(call: LayerCall) -> Result:
    """(…, n) -> (…, sequences, sequence_length)."""
    dtype, shape = tensor(call)
    length, stride = _whole(call, "sequence_length", "sequence_stride")
    if not shape:
        raise TypeMismatch(f"`{call.cls}` takes a tensor with an axis", code="MTG302")
    number = (shape[-1] - length) // stride + 1
    if is_known(number) and number < 0:
        raise TypeMismatch(
            f"`{call.cls}` finds no sequence of {length} in {shape[-1]}", code="MTG304"
        )
    return one(dtype, (*shape[:-1], number, length))


def _pair(dtype: str, shape: Shape) -> Result:
    return Result((TensorType(dtype, shape),) * 2)


@op_rule("rfft")
def fourier(call: LayerCall) -> Result:
    """Return the real and the imaginary part of half the frequencies."""
    dtype, shape = tensor(call)
    if not shape:
        raise TypeMismatch(f"`{call.cls}` takes a tensor with an axis", code="MTG302")
    length: Operand = call["fft_length"]
    rows = (shape[-1] if length is None else _whole(call, "fft_length")[0]) // 2 + 1
    return _pair(dtype, (*shape[:-1], rows))


@op_rule("stft")
def short_fourier(call: LayerCall) -> Result:
    """(…, n) -> the real and the imaginary part, (…, frames, frequencies) each."""
    dtype, shape = tensor(call)
    length, stride, fft = _whole(call, "sequence_length", "sequence_stride", "fft_length")
    if length > fft:
        raise bad_value(call, "sequence_length", f"at most `fft_length`, {fft}")
    if not shape:
        raise TypeMismatch(f"`{call.cls}` takes a tensor with an axis", code="MTG302")
    padded = fft // 2 * 2 if call["center"] else 0
    frames = UNKNOWN if shape[-1] is UNKNOWN else (shape[-1] + padded - fft) // stride + 1
    if is_known(frames) and frames < 0:
        raise TypeMismatch(f"`{call.cls}` finds no frame of {fft} in {shape[-1]}", code="MTG304")
    return _pair(dtype, (*shape[:-1], frames, fft // 2 + 1))
