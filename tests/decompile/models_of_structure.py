"""Published networks whose repeated parts take or give several tensors, written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import Input, Model, layers, ops

STRUCTURED: dict[str, Callable[[], Any]] = {}


def model(make: Callable[[], Any]) -> Callable[[], Any]:
    STRUCTURED[make.__name__] = make
    return make


def _gated(x: Any, rate: int) -> Any:
    """The gated activation of a WaveNet."""
    tanh = layers.Conv1D(
        32, 2, padding="causal", dilation_rate=rate, activation="tanh"
    )(x)  # fmt: skip
    gate = layers.Conv1D(
        32, 2, padding="causal", dilation_rate=rate, activation="sigmoid"
    )(x)  # fmt: skip
    return layers.Multiply()([tanh, gate])


@model
def wavenet() -> Any:
    """The skips of all layers are added at the end: each layer gives two tensors."""
    wave = Input((None, 1), name="wave")
    x = layers.Conv1D(32, 1)(wave)
    skips = []
    for layer in range(8):
        gated = _gated(x, 2**layer)
        skips.append(layers.Conv1D(16, 1)(gated))
        x = layers.Add()([layers.Conv1D(32, 1)(gated), x])
    y = layers.ReLU()(layers.Add()(skips))
    y = layers.Conv1D(16, 1, activation="relu")(y)
    return Model(
        wave, layers.Conv1D(256, 1, activation="softmax", name="sample")(y), name="Wavenet"
    )


@model
def wavenet_with_running_skip() -> Any:
    """Each layer adds to the skip: two tensors are carried through two stacks of layers."""
    wave = Input((None, 1), name="wave")
    x, skip = layers.Conv1D(32, 1)(wave), layers.Conv1D(16, 1)(wave)
    for layer in range(8):
        gated = _gated(x, 2 ** (layer % 4))
        skip = layers.Add()([skip, layers.Conv1D(16, 1)(gated)])
        x = layers.Add()([layers.Conv1D(32, 1)(gated), x])
    y = layers.Concatenate()([skip, x])
    return Model(
        wave, layers.Conv1D(256, 1, activation="softmax", name="sample")(y), name="Wavenet"
    )


@model
def dcn() -> Any:
    """Cross layers take `x0` and `x`; the first takes the features twice."""
    features = Input((40,), name="features")
    x = features
    for _ in range(4):
        x = layers.Add()([layers.Multiply()([features, layers.Dense(40)(x)]), x])
    deep = features
    for units in (128, 64, 32):
        deep = layers.Dense(units, activation="relu")(deep)
    click = layers.Dense(1, activation="sigmoid", name="click")(layers.Concatenate()([x, deep]))
    return Model(features, click, name="Dcn")


@model
def ple() -> Any:
    """Three levels of experts and gates, the last of which has no shared gate."""
    features = Input((40,), name="features")

    def mixed(gate: Any, experts: list[Any]) -> Any:
        weights = layers.Dense(len(experts), activation="softmax")(gate)
        return ops.einsum("be,bed->bd", weights, ops.stack(experts, axis=1))

    click = shared = buy = features
    for level in range(4):
        groups = [
            [layers.Dense(32, activation="relu")(x) for _ in range(2)] for x in (click, shared, buy)
        ]
        own_click, own_shared, own_buy = groups
        before = shared
        click = mixed(click, own_click + own_shared)
        buy = mixed(buy, own_buy + own_shared)
        if level < 3:
            shared = mixed(before, own_click + own_shared + own_buy)
    outputs = [
        layers.Dense(1, activation="sigmoid", name=name)(layers.Dense(16, activation="relu")(x))
        for name, x in (("click", click), ("buy", buy))
    ]
    return Model(features, outputs, name="PLE")


@model
def cells_of_two_before() -> Any:
    """Each cell takes the two before it, as in NASNet: the newer one steps back."""
    image = Input((16, 16, 3), name="image")
    before, x = layers.Conv2D(8, 1)(image), layers.Conv2D(8, 3, padding="same")(image)
    for rate in (0.1, 0.1, 0.2, 0.3, 0.3):
        one = layers.SeparableConv2D(8, 3, padding="same", activation="relu")(x)
        two = layers.SeparableConv2D(8, 5, padding="same", activation="relu")(before)
        before, x = x, layers.Dropout(rate)(layers.Add()([one, two, before]))
    y = layers.GlobalAveragePooling2D()(layers.Concatenate()([before, x]))
    return Model(image, layers.Dense(10, activation="softmax", name="label")(y), name="Cells")


@model
def states_that_are_carried() -> Any:
    """Recurrent layers over one another, each begun with the states of the one below."""
    words = Input((12, 8), name="words")
    x, h, c = layers.LSTM(8, return_sequences=True, return_state=True)(words)
    for _ in range(4):
        y, h, c = layers.LSTM(8, return_sequences=True, return_state=True)(x, initial_state=[h, c])
        x = layers.LayerNormalization()(layers.Add()([x, y]))
    tagged = layers.Dense(5, activation="softmax", name="tags")(x)
    return Model(words, [tagged, layers.Dense(2, name="intent")(h), c], name="States")


@model
def two_streams() -> Any:
    """Text and image exchange what they know, layer by layer."""
    text, image = Input((20, 16), name="text"), Input((49, 16), name="image")
    a, b = text, image
    for heads in (2, 2, 4):
        told = layers.MultiHeadAttention(heads, 8)(a, b)
        seen = layers.MultiHeadAttention(heads, 8)(b, a)
        a = layers.LayerNormalization()(layers.Add()([a, told]))
        b = layers.LayerNormalization()(layers.Add()([b, seen]))
    pooled = [layers.GlobalAveragePooling1D()(x) for x in (a, b)]
    match = layers.Dense(1, activation="sigmoid", name="match")(layers.Concatenate()(pooled))
    return Model([text, image], match, name="TwoStreams")
