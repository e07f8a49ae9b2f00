"""What Keras builds under every back end, and TensorFlow cannot run.

TensorFlow hands convolutions to oneDNN where the processor suits it, which knows more of them; what
fails without it is said too, since a program does not know where it will run. Left out is what
fails on a processor and is meant for a graphics card, such as `data_format="channels_first"`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mtg.types.rules.call import LayerCall, Result, TypeMismatch
from mtg.types.tensor import TensorType

if TYPE_CHECKING:
    from mtg.types.rules.convolution import Kernel


def with_warnings(found: Result, *warnings: TypeMismatch | None) -> Result:
    """Return what a rule found, and what to report."""
    return found._replace(warnings=(*found.warnings, *filter(None, warnings)))


def unequal_strides(call: LayerCall, kernel: Kernel) -> TypeMismatch | None:
    """Warn of a depthwise convolution with unequal strides, which TensorFlow cannot run."""
    if len(set(kernel.strides)) < 2 or max(kernel.dilation) > 1:
        return None  # where it is dilated, TensorFlow goes another way
    across, along = kernel.strides[:2]
    return _cannot_run(
        call,
        "strides",
        f"with unequal strides, {across} and {along}, unless oneDNN does",
        help="give it equal strides, or stride one axis with a pooling before it",
    )


def dilated(call: LayerCall, kernel: Kernel) -> TypeMismatch | None:
    """Warn of a dilated transposed convolution, which TensorFlow cannot run on a CPU."""
    if max(kernel.dilation) < 2:
        return None
    return _cannot_run(
        call, "dilation_rate", "with a dilation rate above 1 on a CPU, unless oneDNN does"
    )


def too_short(call: LayerCall, kernel: Kernel, extra: Iterable[int | None]) -> TypeMismatch | None:
    """With `same`, TensorFlow makes no axis that the convolution would not lead back from."""
    reach = ((n - 1) * rate + 1 for n, rate in zip(kernel.size, kernel.dilation, strict=True))
    if kernel.padding != "same" or not any(
        more == 0 and length % 2 == 0 for length, more in zip(reach, extra, strict=True)
    ):
        return None
    return _cannot_run(
        call,
        "output_padding",
        'with `output_padding=0` and `padding="same"` for a kernel of even length',
        help="leave `output_padding` out, or give a kernel of odd length",
    )


def of_dtype(call: LayerCall, dtype: str | None) -> TypeMismatch | None:
    """Warn of a dtype that TensorFlow cannot compute with; a layer casts only floats.

    Args:
        dtype: That of the tensor that the call takes first, as the layer has cast it.
    """
    if dtype != "bool" and not (dtype or "").startswith(("int", "uint")):
        return None
    word = call.arguments.get("activation")
    name = word if call.cls == "Activation" and isinstance(word, str) else call.cls
    verb = "run"
    if name in _TRAINED_OF_FLOATS and (dtype != "bool" or name != "GaussianDropout"):
        rate = call.arguments.get("stddev" if name == "GaussianNoise" else "rate")
        verb = "train" if rate else ""
    elif name not in _OF_FLOATS and (dtype != "bool" or name not in _OF_NUMBERS):
        verb = ""
    if not verb:
        return None
    made = f'`{call.shown}("{name}")`' if name == word else f"`{call.shown}`"
    return TypeMismatch(
        f"TensorFlow cannot {verb} {made} on {dtype}",
        help='cast the tensor first: `ops.cast(x, "float32")`',
        code="MTG435",
    )


def first_tensor(call: LayerCall) -> TensorType | None:
    """Return the tensor that a call takes first."""
    given = (*call.args[:1], *call.kwargs.values())
    return next((each for each in given if isinstance(each, TensorType)), None)


# Found by running them: `tests/types/test_not_on_tensorflow.py`.

_RANKS = ("1D", "2D", "3D")

#: What fails on whole numbers, and on what is true or false.
_OF_FLOATS = frozenset(
    [
        *("celu", "elu", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish"),
        *("hard_tanh", "log_sigmoid", "log_softmax", "mish", "selu", "sigmoid", "silu"),
        *("soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid"),
        *("sparsemax", "squareplus", "swish", "tanh_shrink"),
        *("average_pool", "erf", "logsumexp", "normalize", "reciprocal", "rsqrt"),
        *("ELU", "PReLU", "Softmax", "UnitNormalization"),
        *("AdaptiveMaxPooling3D", "MaxPooling3D"),
        *(
            f"{cls}{rank}"
            for cls in ("AveragePooling", "AdaptiveAveragePooling")
            for rank in _RANKS
        ),
    ]
)

#: What fails on what is true or false.
_OF_NUMBERS = frozenset(
    [
        *("leaky_relu", "max_pool", "relu", "relu6", "round", "sign"),
        *("LeakyReLU", "ReLU"),
        *(f"{cls}{rank}" for cls in ("MaxPooling", "AdaptiveMaxPooling") for rank in _RANKS),
    ]
)

#: What fails on whole numbers while a model is trained, and hands them on where it is not.
_TRAINED_OF_FLOATS = frozenset(
    ["AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise"]
    + [f"SpatialDropout{rank}" for rank in _RANKS]
)


def _cannot_run(call: LayerCall, argument: str, what: str, help: str = "") -> TypeMismatch:
    return TypeMismatch(
        f"TensorFlow cannot run `{call.shown}` {what}",
        "it runs with JAX",
        help=help,
        code="MTG435",
        argument=argument,
    )
