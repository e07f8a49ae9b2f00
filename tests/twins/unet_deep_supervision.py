"""The twin of `examples/unet_deep_supervision.mtg`."""

import keras
from keras import KerasTensor, layers


def convs(x: KerasTensor, filters: int) -> KerasTensor:
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return x


def build() -> keras.Model:
    image = keras.Input((64, 64, 3), name="image")
    x = image
    skips = []
    for filters in (16, 32, 64):
        x = convs(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = convs(x, 128)
    levels = []
    for filters, skip in zip((64, 32, 16), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(filters, 2, strides=2)(x)
        x = layers.concatenate([x, skip])
        x = convs(x, filters)
        levels.append(x)
    outputs = []
    for i, level in enumerate(reversed(levels)):
        outputs.append(layers.Conv2D(3, 1, activation="softmax", name=f"mask_{i}")(level))
    model = keras.Model(image, outputs)
    names = [f"mask_{i}" for i in range(len(outputs))]
    model.compile(
        loss=dict.fromkeys(names, "sparse_categorical_crossentropy"),
        loss_weights={name: 0.5**i for i, name in enumerate(names)},
    )
    return model
