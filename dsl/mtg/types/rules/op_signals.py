"""Functions of `keras.ops` for signals: Fourier transforms and windows."""

from __future__ import annotations

from mtg.lengths.dims import is_known
from mtg.types.rules.call import LayerCall, Result, TypeMismatch, UnknownType
from mtg.types.rules.common import bad_value, choice, is_tensor, unequal_for_keras, value
from mtg.types.rules.op_common import one, promoted, shaped, tensor
from mtg.types.rules.registry import op_rule
from mtg.types.tensor import Shape, TensorType


def _complex(call: LayerCall) -> tuple[TensorType, TensorType, Shape]:
    """Return the real and the imaginary part, which are of one shape."""
    given = call["x"]
    if not isinstance(given, (list, tuple)) or is_tensor(given):
        raise TypeMismatch(
            f"`{call.cls}` takes two tensors, the real and the imaginary part",
            help=f"write `ops.{call.cls}((real, imaginary))`",
            code="MTG307",
        )
    if len(given) != 2:
        raise TypeMismatch(f"`{call.cls}` takes two tensors, not {len(given)}", code="MTG307")
    real, imaginary = given
    if not is_tensor(real) or not is_tensor(imaginary):
        raise UnknownType
    if real.shape is None or imaginary.shape is None:
        raise UnknownType
    if len(real.shape) != len(imaginary.shape) or any(
        unequal_for_keras(call, a, b) for a, b in zip(real.shape, imaginary.shape, strict=True)
    ):
        raise TypeMismatch(
            f"`{call.cls}` takes two tensors of one shape",
            f"the real part: {real}",
            f"the imaginary part: {imaginary}",
        )
    return real, imaginary, real.shape


@op_rule("fft", "fft2", "ifft2")
def fourier(call: LayerCall) -> Result:
    """Return the real and imaginary part of all frequencies, of the last one or two axes."""
    real, imaginary, shape = _complex(call)
    axes = 1 if call.cls == "fft" else 2
    if len(shape) < axes:
        raise TypeMismatch(f"`{call.cls}` takes tensors with {axes} axes or more", code="MTG302")
    if not all(map(is_known, shape[-axes:])):
        raise TypeMismatch(
            f"`{call.cls}` needs its last {'axis' if axes == 1 else 'two axes'} to be known",
            code="MTG305",
        )
    return Result((real, imaginary))


@op_rule("irfft")
def inverse_fourier(call: LayerCall) -> Result:
    """Return the real signal that half the frequencies stand for."""
    real, _, shape = _complex(call)
    if not shape:
        raise TypeMismatch(f"`{call.cls}` takes tensors with an axis", code="MTG302")
    length = value(call, "fft_length")
    if length is not None and (type(length) is not int or length < 1):
        raise bad_value(call, "fft_length", "a whole number above 0, or None")
    if real.dtype is None:
        raise UnknownType
    return one(real.dtype, (*shape[:-1], (shape[-1] - 1) * 2 if length is None else length))


@op_rule("istft")
def inverse_short_fourier(call: LayerCall) -> Result:
    """Return the real signal (…, n) of frames of frequencies (…, frames, frequencies).

    Where `length` is more than the frames give, Keras says a length that is not so.
    """
    lengths = []
    for name, least in (("sequence_stride", 1), ("fft_length", 1), ("sequence_length", 0)):
        found = value(call, name)
        if not isinstance(found, int) or found < least:
            raise bad_value(call, name, f"a whole number, {least} or more")
        lengths.append(found)
    stride, fft, window = lengths
    if window > fft and isinstance(call["window"], str):
        raise bad_value(call, "sequence_length", f"at most `fft_length`, {fft}")
    real, _, shape = _complex(call)
    if len(shape) < 2:
        raise TypeMismatch(f"`{call.cls}` takes frames of frequencies", code="MTG302")
    if real.dtype is None:
        raise UnknownType
    length, centered = value(call, "length"), bool(value(call, "center"))
    whole = (shape[-2] - 1) * stride + fft
    if length is None:
        signal = whole - fft // 2 * 2 if centered else whole
        if is_known(signal) and signal < 0:
            raise TypeMismatch(f"`{call.cls}` takes a frame or more", code="MTG304")
        return one(real.dtype, (*shape[:-2], signal))
    if not isinstance(length, int) or length < 0:
        raise bad_value(call, "length", "a whole number, or None")
    if is_known(whole) and length > whole - (fft // 2 if centered else 0):
        return Result((TensorType(real.dtype, None),))
    return one(real.dtype, (*shape[:-2], int(length)))


@op_rule("correlate")
def correlate(call: LayerCall) -> Result:
    """Two rows of numbers, one moved along the other.

    Where the second is the longer, Keras says a length for `valid` that is not so.
    """
    shaped(call, "x1", "x2")
    (kind, a), (other, b) = tensor(call, "x1"), tensor(call, "x2")
    for shape in (a, b):
        if len(shape) != 1:
            raise TypeMismatch(
                f"`correlate` takes vectors, and this tensor has {len(shape)} axes, batch included",
                help="a layer such as `Conv1D` slides over a batch",
                code="MTG302",
            )
    n, m = a[0], b[0]
    if not is_known(n) or not is_known(m):
        raise TypeMismatch("`correlate` takes vectors of known length", code="MTG305")
    mode = choice(call, "mode", ("valid", "same", "full"), fold=str)
    dtype = promoted(kind, other)
    if dtype == "int64":
        dtype = "float64"
    elif dtype not in ("bfloat16", "float16", "float64"):
        dtype = "float32"
    if mode == "valid" and n < m:
        return Result((TensorType(dtype, None),))
    return one(dtype, ({"valid": n - m + 1, "same": max(n, m), "full": n + m - 1}[mode],))


@op_rule("bartlett", "blackman", "hamming", "hanning", "kaiser")
def window(call: LayerCall) -> Result:
    """Return a window of so many numbers."""
    length = call["x"]
    if is_tensor(length):
        raise TypeMismatch(f"`{call.cls}` takes a length, not a tensor", code="MTG404")
    if type(length) is not int or length < 0:
        raise UnknownType
    return one("float32", (length,))
