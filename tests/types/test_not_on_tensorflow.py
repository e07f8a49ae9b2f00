"""What mtg says that TensorFlow cannot run: exactly what it cannot, without oneDNN."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import mtg
import pytest
from mtg.catalog import catalog

#: A class, its arguments, the lengths of what it is called on, and its dtype unless float32.
Call = tuple[Any, ...]

SCRIPT = """
import json, sys
import keras
answers = []
for cls, arguments, shape, *dtype in json.load(sys.stdin):
    function = cls.startswith("ops.")
    try:
        keras.config.disable_traceback_filtering()
        made = getattr(keras.ops, cls[4:]) if function else getattr(keras.layers, cls)(**arguments)
        given = keras.Input(shape, None, *dtype)
        model = keras.Model(given, made(given, **arguments) if function else made(given))
    except Exception:
        answers.append(None)  # nothing that Keras builds
        continue
    try:
        model(keras.ops.ones((2, *shape), *dtype), training=True)
        answers.append(True)
    except Exception:
        answers.append(False)
print(json.dumps(answers))
"""


def calls() -> Iterator[Call]:
    for cls, more in (("DepthwiseConv2D", {}), ("SeparableConv2D", {"filters": 3})):
        for strides, dilation in itertools.product((1, 2, [1, 2], [2, 1]), (1, 2, [1, 2])):
            for padding in ("valid", "same"):
                settings = {"strides": strides, "dilation_rate": dilation, "padding": padding}
                yield cls, {**more, "kernel_size": 3, **settings}, (9, 9, 4)
    for cls, more in (("DepthwiseConv1D", {}), ("SeparableConv1D", {"filters": 3})):
        for strides, dilation in itertools.product((1, 2), (1, 2)):
            settings = {"strides": strides, "dilation_rate": dilation}
            yield cls, {**more, "kernel_size": 3, **settings}, (9, 4)
    for rank in (1, 2, 3):
        kernels: tuple[Any, ...] = (2, 3, 4) if rank != 2 else (2, 3, 4, [2, 3])
        for size, strides, more_out in itertools.product(kernels, (1, 2, 3), (None, 0, 1)):
            for padding, dilation in itertools.product(("valid", "same"), (1, 2)):
                settings = {"strides": strides, "padding": padding, "dilation_rate": dilation}
                settings |= {"kernel_size": size, "filters": 3, "output_padding": more_out}
                if rank == 2 or (dilation == 1 and size != 4):
                    yield f"Conv{rank}DTranspose", settings, (*[6] * rank, 4)
    for rank in (1, 2, 3):
        for groups, dilation in ((2, 1), (2, 2), (1, 2)):
            settings = {"filters": 4, "kernel_size": 2, "groups": groups, "dilation_rate": dilation}
            yield f"Conv{rank}D", settings, (*[6] * rank, 4)

    for name in catalog().names("activation"):
        if name == "threshold":
            continue  # which mtg refuses, whatever it runs on
        for dtype in ("int32", "bool", "float32"):
            yield "Activation", {"activation": name}, (4,), dtype
    for dtype in ("int32", "uint8", "bool", "float16"):
        for cls in ("ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "UnitNormalization"):
            yield cls, {}, (4,), dtype
        for cls in ("AlphaDropout", "Dropout", "GaussianDropout"):
            yield cls, {"rate": 0.5}, (4,), dtype
        yield "Dropout", {"rate": 0.0}, (4,), dtype
        yield "GaussianNoise", {"stddev": 1.0}, (4,), dtype
        for rank in (1, 2, 3):
            yield f"SpatialDropout{rank}D", {"rate": 0.5}, (*[4] * rank, 2), dtype
            for cls in ("AveragePooling", "MaxPooling"):
                yield f"{cls}{rank}D", {}, (*[4] * rank, 2), dtype
                yield f"Adaptive{cls}{rank}D", {"output_size": 2}, (*[4] * rank, 2), dtype
        for cls in ("average_pool", "max_pool"):
            yield f"ops.{cls}", {"pool_size": 2}, (4, 2), dtype
        for name in FUNCTIONS:
            yield f"ops.{name}", {}, (4, 2), dtype


#: Functions of one tensor.
FUNCTIONS = [
    *("softmax", "log_softmax", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu"),
    *("celu", "sigmoid", "log_sigmoid", "hard_sigmoid", "hard_silu", "hard_tanh", "hard_shrink"),
    *("soft_shrink", "softplus", "softsign", "squareplus", "sparse_plus", "sparse_sigmoid"),
    *("sparsemax", "swish", "tanh_shrink", "glu", "tanh", "normalize", "logsumexp", "exp", "log"),
    *("sqrt", "rsqrt", "mean", "std", "var", "erf", "sin", "expm1", "log1p", "reciprocal", "abs"),
    *("square", "sign", "floor", "ceil", "round"),
]


def _program(call: Call) -> str:
    cls, arguments, shape, *dtype = call
    settings = [f"{name}={value!r}" for name, value in arguments.items()]
    given = ", ".join(["x", *settings] if cls.startswith("ops.") else settings)
    start = "" if cls.startswith("ops.") else "x -> "
    tensor = f"{dtype[0] if dtype else 'float32'}[{', '.join(map(str, shape))}]"
    return f"model M {{\n  input x: {tensor}\n  output y = {start}{cls}({given})\n}}\n"


def _warned(call: Call) -> bool:
    found = [each.code for each in mtg.check(_program(call))]
    assert set(found) <= {"MTG435"}, (call, found)
    return bool(found)


@pytest.mark.keras
def test_it_is_said_of_what_tensorflow_cannot_run_and_of_nothing_else() -> None:
    pytest.importorskip("tensorflow")
    tried = list(calls())
    answers = json.loads(
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=json.dumps(tried),
            env={**os.environ, "KERAS_BACKEND": "tensorflow", "TF_ENABLE_ONEDNN_OPTS": "0"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    asked = [pair for pair in zip(tried, answers, strict=True) if pair[1] is not None]
    wrong = [(call, runs) for call, runs in asked if _warned(call) == runs]
    assert not wrong, "\n".join(map(str, wrong))
    assert {runs for _, runs in asked} == {True, False}


@pytest.mark.parametrize(
    "body",
    [
        "ops.depthwise_conv(x, w, strides=(1, 2))",
        'x -> TimeDistributed(Conv1DTranspose(3, 2, padding="same", output_padding=0))',
    ],
)
def test_functions_and_layers_in_wrappers(body: str) -> None:
    kernel = "w = ops.ones((3, 3, 4, 1))\n" if "w," in body else ""
    text = f"model M {{\n  input x: float32[9, 9, 4]\n{kernel}  output y = {body}\n}}"
    assert "MTG435" in [each.code for each in mtg.check(text)]
