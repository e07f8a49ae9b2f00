"""The twin of `examples/retina_heads.mtg`."""

import keras
from keras import layers

WIDTH, ANCHORS, CLASSES = 64, 9, 20


def head(units: int, activation: str | None) -> list[keras.Layer]:
    return [
        layers.Conv2D(WIDTH, 3, padding="same", activation="relu"),
        layers.Conv2D(WIDTH, 3, padding="same", activation="relu"),
        layers.Conv2D(ANCHORS * units, 3, padding="same", activation=activation),
        layers.Reshape((-1, units)),
    ]


def build() -> keras.Model:
    image = keras.Input((128, 128, 3), name="image")
    stem = layers.Conv2D(32, 3, strides=4, padding="same", activation="relu")(image)
    pyramid = []
    for i in range(3):
        level = layers.Conv2D(64, 3, strides=2**i, padding="same", activation="relu")(stem)
        pyramid.append(level)
    pyramid = [layers.Conv2D(WIDTH, 1)(level) for level in pyramid]
    outputs = []
    for name, stages in (
        ("kinds", head(CLASSES, "sigmoid")),
        ("boxes", head(4, None)),
    ):
        found = []
        for x in pyramid:
            for stage in stages:
                x = stage(x)
            found.append(x)
        outputs.append(layers.Concatenate(axis=1, name=name)(found))
    model = keras.Model(image, outputs)
    model.compile(
        loss={"kinds": "binary_focal_crossentropy", "boxes": "huber"},
        loss_weights={"kinds": 1.0, "boxes": 0.5},
    )
    return model
