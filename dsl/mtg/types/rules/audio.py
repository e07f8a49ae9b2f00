"""`keras.layers`: spectrograms of sound."""

from __future__ import annotations

import math

from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import (
    FLOATS,
    bad_value,
    cast_input,
    channels_first,
    choice,
    known_axis,
    numeric,
    positive,
    ranked,
    result,
    shape_of,
    single,
    value,
    weight,
)
from mtg.types.rules.convolution import Kernel, windows
from mtg.types.rules.registry import rule
from mtg.types.rules.weight_objects import check_dtype
from mtg.types.tensor import Shape

#: The windows of `scipy.signal` that need no further argument.
_WINDOWS = (
    *("bart", "barthann", "bartlett", "bkh", "black", "blackharr", "blackman", "blackmanharris"),
    *("blk", "bman", "bmn", "bohman", "box", "boxcar", "brt", "brthan", "bth", "cosine"),
    *("exponential", "flat", "flattop", "flt", "halfcosine", "ham", "hamm", "hamming", "han"),
    *("hann", "lanczos", "nut", "nutl", "nuttall", "ones", "par", "parz", "parzen", "poisson"),
    *("rect", "rectangular", "sinc", "taylor", "taylorwin", "tri", "triang", "triangle", "tuk"),
    "tukey",
)


@rule("MelSpectrogram")
def mel_spectrogram(call: LayerCall) -> Result:
    """(batch, samples) -> (batch, num_mel_bins, frames); one signal -> (num_mel_bins, frames)."""
    fft, stride = positive(call, "fft_length"), positive(call, "sequence_stride")
    length = value(call, "sequence_length")
    if length and (not isinstance(length, int) or length > fft):
        raise bad_value(call, "sequence_length", f"a whole number up to `fft_length`, {fft}")
    bins = positive(call, "num_mel_bins")
    if not value(call, "max_freq") and not isinstance(value(call, "sampling_rate"), (int, float)):
        raise bad_value(call, "sampling_rate", "a number, or else give `max_freq`")
    shape = shape_of(numeric(call, single(call)))
    if len(shape) > 2:
        raise UnknownType  # Keras forgets the axes that follow
    frames = (shape[-1] + stride + 1) // stride
    return result(call, (*shape[:-1], bins, frames))


@rule("STFTSpectrogram")
def stft_spectrogram(call: LayerCall) -> Result:
    """(batch, samples, channels) -> (batch, frames, frequencies * channels); axes apart if asked.

    A kernel for the real part and one for the imaginary, (frame_length, 1, frequencies) each.
    """
    modes = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
    mode = choice(call, "mode", modes, fold=str)
    length = positive(call, "frame_length")
    step, fft = value(call, "frame_step"), value(call, "fft_length")
    if step is not None and (not isinstance(step, int) or not 1 <= step <= length):
        raise bad_value(call, "frame_step", f"a whole number from 1 to `frame_length`, {length}")
    if fft is not None and (not isinstance(fft, int) or fft < length):
        raise bad_value(call, "fft_length", f"a whole number, {length} or more")
    if value(call, "scaling") not in (None, "density", "spectrum"):
        raise bad_value(call, "scaling", '"density", "spectrum" or None')
    padding = choice(call, "padding", ("valid", "same"), fold=str)
    window = value(call, "window")
    named = str(window).removesuffix("_periodic").removesuffix("_symmetric")
    if isinstance(window, str) and named not in _WINDOWS:
        raise bad_value(call, "window", "a window of SciPy's that needs no parameter")
    if isinstance(window, (int, float)) or (
        isinstance(window, (list, tuple)) and len(window) != length
    ):
        raise bad_value(call, "window", f"a name, None, or {length} numbers, one for each sample")
    step = step or length // 2
    if not step:
        raise bad_value(call, "frame_step", "given where `frame_length` is 1")
    first = channels_first(call)
    tensor = numeric(call, single(call))
    shape = ranked(call, tensor, ("channels", "samples") if first else ("samples", "channels"))
    if cast_input(call, tensor) not in FLOATS - {"bfloat16"} | {None}:
        raise TypeMismatch(
            f"`{call.cls}` takes floats, not {cast_input(call, tensor)}", code="MTG303"
        )
    samples, channels = (shape[2], shape[1]) if first else (shape[1], shape[2])
    channels = known_axis(call, shape, 1 if first else 2)
    (frames,) = windows(call, (samples,), Kernel((length,), (step,), (1,), padding))
    rows = (fft or 2 ** math.ceil(math.log2(length))) // 2 + 1
    wide = rows * 2 if mode == "stft" else rows
    kernel = (length, 1, rows)
    parts = [part for part in ("real", "imag") if mode not in ("real", "imag") or mode == part]
    weights = [weight(call, f"{part}_kernel", kernel) for part in parts]
    check_dtype(call, "stft", "their initializer", weights[0].dtype)
    output: Shape = (frames, wide * channels)
    if call["expand_dims"]:
        output = (channels, frames, wide) if first else (frames, wide, channels)
    elif first:
        output = (wide * channels, frames)
    return result(call, (shape[0], *output), *weights)
