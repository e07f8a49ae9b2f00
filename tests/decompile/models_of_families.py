"""Multi-task networks with families, as people write them in Keras: in loops over lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import Input, Model, layers, ops

FAMILIES: dict[str, Callable[[], Any]] = {}


def model(make: Callable[[], Any]) -> Callable[[], Any]:
    FAMILIES[make.__name__] = make
    return make


@model
def heads_of_attention() -> Any:
    """Twelve heads, each of three matrices."""
    tokens = Input((16, 96), name="tokens")
    heads = []
    for _ in range(12):
        query, key, value = (layers.Dense(8)(tokens) for _ in range(3))
        weights = ops.softmax(query @ ops.transpose(key, (0, 2, 1)) / 4.0)
        heads.append(weights @ value)
    mixed = layers.Dense(96)(layers.Concatenate()(heads))
    normalized = layers.LayerNormalization(name="mixed")(layers.Add()([tokens, mixed]))
    return Model(tokens, normalized, name="Attention")


@model
def pyramid() -> Any:
    """Three sizes of one picture, each read by two shared chains; dilated branches beside them."""
    image = Input((32, 32, 3), name="image")
    levels = [
        layers.Conv2D(8, 1)(layers.Conv2D(4, 3, strides=2**n, activation="relu")(image))
        for n in range(3)
    ]
    kind, box = (
        [layers.Conv2D(4, 3, activation="relu"), layers.GlobalMaxPooling2D(), layers.Dense(n)]
        for n in (5, 4)
    )

    def called(chain: list[Any], x: Any) -> Any:
        for layer in chain:
            x = layer(x)
        return x

    dilated = [
        layers.Conv2D(6, 3, padding="same", dilation_rate=rate, activation="relu")(image)
        for rate in (2, 4, 6)
    ]
    whole = layers.Concatenate()([layers.Conv2D(6, 1)(image), *dilated])
    outputs = [
        layers.Add(name="kinds")([called(kind, x) for x in levels]),
        layers.Concatenate(name="boxes")([called(box, x) for x in levels]),
        layers.Conv2D(1, 1, name="mask")(whole),
    ]
    return Model(image, outputs, name="Pyramid")
