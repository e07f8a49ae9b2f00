"""Layers of PyTorch as mtg writes them: `nn.Linear(8, 3)` is `Dense(3)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mtg.catalog import catalog
from mtg.semantics.hints.foreign_arguments import LEFT_OUT
from mtg.semantics.source_text import shown
from mtg.syntax import ast

Given = dict[str, str]


class NoEqual(Exception):
    """An argument that Keras has nothing for."""


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of PyTorch.

    Attributes:
        parameters: Its parameters, in order.
        keras: The class of Keras; `{n}` is the number in the name, of `Conv2d`.
        first: What Keras takes by position, of its parameters.
        named: What Keras takes by name, and under which.
        dropped: What goes without saying.
        change: What else is to be done with the text of a stage, given all arguments.
    """

    parameters: str
    keras: str
    first: tuple[str, ...] = ()
    named: dict[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    change: Callable[[str, Given, str], str] | None = None


def _padded(stage: str, given: Given, number: str) -> str:
    """Zeros around a picture: `same` where that is the same, else a layer of their own."""
    padding = given.get("padding", "0")
    if padding == "0" or padding[:1] in "\"'":
        return stage if padding == "0" else _with(stage, f"padding={padding}")
    kernel = given.get("kernel_size", "")
    plain = given.get("stride", "1") == "1" and given.get("dilation", "1") == "1"
    if plain and kernel.isdigit() and padding.isdigit() and int(kernel) == 2 * int(padding) + 1:
        return _with(stage, 'padding="same"')
    return f"ZeroPadding{number}D({padding}) -> {stage}"


def _unpadded(stage: str, given: Given, _: str) -> str:
    if given.get("padding", "0") != "0":
        raise NoEqual
    return stage


def _momentum(stage: str, given: Given, _: str) -> str:
    """Convert a momentum: PyTorch's is the weight of the new value, Keras's of the old one."""
    if "momentum" not in given:
        return stage
    try:
        return _with(stage, f"momentum={round(1 - float(given['momentum']), 6)}")
    except ValueError:
        raise NoEqual from None


def _recurrent(stage: str, given: Given, _: str) -> str:
    stage = _with(stage, "return_sequences=True")
    if given.get("bidirectional") == "True":
        stage = f"Bidirectional({stage})"
    layers = given.get("num_layers", "1")
    return stage if layers == "1" else f"repeat {layers} {{ {stage} }}"


def _masked(stage: str, given: Given, _: str) -> str:
    index = given.get("padding_idx", "None")
    if index not in ("0", "None"):
        raise NoEqual
    return _with(stage, "mask_zero=True") if index == "0" else stage


def _heads(_: str, given: Given, __: str) -> str:
    size, heads = given.get("embed_dim", ""), given.get("num_heads", "")
    if not size.isdigit() or not heads.isdigit() or heads == "0":
        raise NoEqual
    return f"MultiHeadAttention({heads}, key_dim={int(size) // int(heads)})"


def _half(stage: str, given: Given, _: str) -> str:
    return stage if "p" in given else _with(stage, "0.5")


def _slope(stage: str, given: Given, _: str) -> str:
    return stage if "negative_slope" in given else _with(stage, "0.01")


def _with(stage: str, argument: str) -> str:
    inner = stage[stage.index("(") + 1 : -1]
    return f"{stage[:-1]}{', ' if inner else ''}{argument})"


_BIAS = {"bias": "use_bias"}
_CONVOLUTION = {"stride": "strides", "dilation": "dilation_rate", "groups": "groups", **_BIAS}
_RNN = "input_size hidden_size num_layers bias batch_first dropout bidirectional"
_NORM = "num_features eps momentum affine track_running_stats"


def _activation(word: str, parameters: str = "") -> _Class:
    return _Class(f"{parameters} inplace".strip(), f'Activation("{word}")', dropped=("inplace",))


_TORCH: dict[str, _Class] = {
    "Linear": _Class("in_features out_features bias", "Dense", ("out_features",), _BIAS),
    "LazyLinear": _Class("out_features bias", "Dense", ("out_features",), _BIAS),
    "Conv{n}d": _Class(
        "in_channels out_channels kernel_size stride padding dilation groups bias",
        "Conv{n}D",
        ("out_channels", "kernel_size"),
        _CONVOLUTION,
        ("padding",),
        _padded,
    ),
    "ConvTranspose{n}d": _Class(
        "in_channels out_channels kernel_size stride padding output_padding groups bias",
        "Conv{n}DTranspose",
        ("out_channels", "kernel_size"),
        {"stride": "strides", **_BIAS},
        ("padding",),
        _unpadded,
    ),
    "MaxPool{n}d": _Class(
        "kernel_size stride padding",
        "MaxPooling{n}D",
        ("kernel_size",),
        {"stride": "strides"},
        ("padding",),
        _unpadded,
    ),
    "AvgPool{n}d": _Class(
        "kernel_size stride padding",
        "AveragePooling{n}D",
        ("kernel_size",),
        {"stride": "strides"},
        ("padding",),
        _unpadded,
    ),
    "AdaptiveAvgPool{n}d": _Class("output_size", "AdaptiveAveragePooling{n}D", ("output_size",)),
    "AdaptiveMaxPool{n}d": _Class("output_size", "AdaptiveMaxPooling{n}D", ("output_size",)),
    "BatchNorm{n}d": _Class(
        _NORM, "BatchNormalization", (), {"eps": "epsilon"}, ("num_features", "momentum"), _momentum
    ),
    "LayerNorm": _Class(
        "normalized_shape eps", "LayerNormalization", (), {"eps": "epsilon"}, ("normalized_shape",)
    ),
    "GroupNorm": _Class(
        "num_groups num_channels eps",
        "GroupNormalization",
        ("num_groups",),
        {"eps": "epsilon"},
        ("num_channels",),
    ),
    "InstanceNorm{n}d": _Class(
        "num_features eps", "GroupNormalization(-1)", (), {"eps": "epsilon"}, ("num_features",)
    ),
    "Dropout": _Class("p inplace", "Dropout", ("p",), {}, ("inplace",), _half),
    "Dropout{n}d": _Class("p inplace", "SpatialDropout{n}D", ("p",), {}, ("inplace",), _half),
    "AlphaDropout": _Class("p inplace", "AlphaDropout", ("p",), {}, ("inplace",), _half),
    "Embedding": _Class(
        "num_embeddings embedding_dim padding_idx",
        "Embedding",
        ("num_embeddings", "embedding_dim"),
        {},
        ("padding_idx",),
        _masked,
    ),
    "MultiheadAttention": _Class(
        "embed_dim num_heads dropout bias",
        "MultiHeadAttention",
        dropped=("embed_dim", "num_heads"),
        change=_heads,
    ),
    "Flatten": _Class("start_dim end_dim", "Flatten", dropped=("start_dim",)),
    "Identity": _Class("", "Identity"),
    "Upsample": _Class("size scale_factor", "UpSampling2D", ("scale_factor",)),
    "ZeroPad{n}d": _Class("padding", "ZeroPadding{n}D", ("padding",)),
    "ReLU": _Class("inplace", "ReLU", dropped=("inplace",)),
    "LeakyReLU": _Class(
        "negative_slope inplace", "LeakyReLU", ("negative_slope",), {}, ("inplace",), _slope
    ),
    "ELU": _Class("alpha inplace", "ELU", ("alpha",), {}, ("inplace",)),
    "Softmax": _Class("dim", "Softmax", (), {"dim": "axis"}),
    "LogSoftmax": _Class("dim", 'Activation("log_softmax")', dropped=("dim",)),
    "ReLU6": _activation("relu6"),
    "SELU": _activation("selu"),
    "GELU": _activation("gelu"),
    "SiLU": _activation("silu"),
    "Mish": _activation("mish"),
    "Sigmoid": _activation("sigmoid"),
    "Tanh": _activation("tanh"),
    "Softplus": _activation("softplus"),
    "Softsign": _activation("softsign"),
    "LogSigmoid": _activation("log_sigmoid"),
    "Tanhshrink": _activation("tanh_shrink"),
    "Hardtanh": _activation("hard_tanh"),
    "Hardswish": _activation("hard_swish"),
    "Hardsigmoid": _activation("hard_sigmoid"),
}
_TORCH |= {
    name: _Class(
        _RNN,
        keras,
        ("hidden_size",),
        {"bias": "use_bias"},
        ("input_size", "num_layers", "batch_first", "bidirectional"),
        _recurrent,
    )
    for name, keras in {"LSTM": "LSTM", "GRU": "GRU", "RNN": "SimpleRNN"}.items()
}
#: Those that Keras has under the same name but for its case, with arguments of its own: they are
#: PyTorch's where the arguments say so.
_EITHER = re.compile(r"(Conv|MaxPool|AvgPool)\dd|MultiheadAttention")
#: Names of Keras too: only `nn.` before them says that they are PyTorch's.
_KERAS_TOO = frozenset(
    {"Dropout", "AlphaDropout", "Embedding", "Flatten", "Identity", "ReLU", "LeakyReLU", "ELU"}
    | {"Softmax", "LSTM", "GRU", "RNN"}
)


def torch_stage(
    name: str, modules: Sequence[str], arguments: Sequence[ast.Argument] | None
) -> str | None:
    """Return a layer of PyTorch in mtg; None where the name is none of PyTorch.

    One that is not called has no arguments, and none are missed.

    Raises:
        Unsayable: Keras has nothing for one of the arguments.
    """
    found, number = _of_torch(name, modules, arguments or ())
    return None if found is None else _translated(found, number, arguments)


def _of_torch(
    name: str, modules: Sequence[str], arguments: Sequence[ast.Argument]
) -> tuple[_Class | None, str]:
    """Return the class of PyTorch of a name, if it is one there, and the number in it."""
    number = next((char for char in name if char in "123" and name.endswith("d")), "")
    found = _TORCH.get(name.replace(number, "{n}") if number else name)
    if found is None or ("tf" in modules or "keras" in modules):
        return None, ""
    if "nn" in modules or "torch" in modules:
        return found, number
    if modules or name in _KERAS_TOO:
        return None, ""
    if _EITHER.fullmatch(name):
        cls = found.keras.format(n=number)
        entry = catalog().find("layer", cls)
        named = {each.name.name for each in arguments if each.name is not None}
        own = {parameter.name for parameter in entry.parameters} if entry is not None else set()
        if len([each for each in arguments if each.name is None]) < 3 and named <= own:
            least = 2 if name == "MultiheadAttention" else 3
            if len(arguments) - len(named) < least:
                return None, ""
    elif found.keras.startswith("Activation("):
        return None, ""  # `Sigmoid()` is said of all activations
    return found, number


def _translated(found: _Class, number: str, arguments: Sequence[ast.Argument] | None) -> str:
    given = _given(found.parameters.split(), arguments or ())
    alone = [each.name is None for each in arguments or ()].count(True) == 1
    if "out_features" in found.first and "out_features" not in given and alone:
        given["out_features"] = given.pop("in_features")  # `Linear(3)`
    known = {*found.first, *found.named, *found.dropped, *LEFT_OUT}
    if not given.keys() <= known or not all(given.values()):
        raise NoEqual
    entry = catalog().find("layer", found.keras.format(n=number))
    needs = entry is not None and any(parameter.required for parameter in entry.parameters)
    missing = not all(name in given for name in found.first)
    if arguments is not None and needs and missing and found.change is not _half:
        raise NoEqual
    parts = [given[name] for name in found.first if name in given]
    parts += [f"{keras}={given[name]}" for name, keras in found.named.items() if name in given]
    cls = found.keras.format(n=number)
    stage = cls if cls.endswith(")") else f"{cls}({', '.join(parts)})"
    if cls.endswith(")") and parts:
        stage = f"{cls[:-1]}, {', '.join(parts)})"
    return found.change(stage, given, number) if found.change else stage


def _given(parameters: Sequence[str], arguments: Sequence[ast.Argument]) -> Given:
    """Return the texts of arguments by the parameters they are for."""
    by_position = [each for each in arguments if each.name is None]
    if len(by_position) > len(parameters):
        raise NoEqual
    given = {name: shown(each.value) for name, each in zip(parameters, by_position, strict=False)}
    for each in arguments:
        if each.name is not None:
            given[each.name.name] = shown(each.value)
    return {name: text for name, text in given.items() if (name, text) not in _USUAL}


#: Values that change nothing.
_USUAL = {
    ("bias", "True"),
    ("groups", "1"),
    ("dilation", "1"),
    ("stride", "1"),
    ("num_layers", "1"),
}
_USUAL |= {("affine", "True"), ("track_running_stats", "True"), ("bidirectional", "False")}
