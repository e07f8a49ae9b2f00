"""The twin of `examples/tiny_resnet.mtg`."""

import keras
from keras import KerasTensor, layers


def residual(x: KerasTensor, filters: int, strides: int = 1) -> KerasTensor:
    body = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    body = layers.BatchNormalization()(body)
    body = layers.ReLU()(body)
    body = layers.Conv2D(filters, 3, padding="same", use_bias=False)(body)
    body = layers.BatchNormalization()(body)
    if strides > 1:
        x = layers.Conv2D(filters, 1, strides=strides)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.add([body, x]))


def build() -> keras.Model:
    image = keras.Input((224, 224, 3), name="image")
    x = layers.Conv2D(64, 7, strides=2, padding="same", use_bias=False)(image)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for filters in (64, 128, 256):
        x = residual(x, filters, strides=2)
        x = residual(x, filters)
        x = residual(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    label = layers.Dense(10, activation="softmax", name="label")(x)
    model = keras.Model(image, label)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model
