"""The blocks of `std/vision` by hand, one after the other; `SOURCE` is the same in mtg."""

import keras
from keras import KerasTensor, layers

SOURCE = """
from "std/vision" import residual, bottleneck, squeeze_excite

model Blocks {
  input image: float32[16, 16, 8]
  output features = image
    -> residual(8)
    -> residual(12, strides=2, activation="gelu")
    -> residual(16, project=True, kernel_size=5)
    -> bottleneck(4)
    -> bottleneck(6, strides=2, expansion=3)
    -> squeeze_excite(18)
    -> squeeze_excite(18, ratio=6)
}
"""


def convolution(x: KerasTensor, filters: int, size: int, strides: int = 1) -> KerasTensor:
    x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def skip(x: KerasTensor, filters: int, strides: int) -> KerasTensor:
    x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return layers.BatchNormalization()(x)


def residual(
    x: KerasTensor,
    filters: int,
    strides: int = 1,
    size: int = 3,
    activation: str = "relu",
    project: bool = False,
) -> KerasTensor:
    body = convolution(x, filters, size, strides)
    body = layers.Activation(activation)(body)
    body = convolution(body, filters, size)
    if project or strides > 1:
        x = skip(x, filters, strides)
    return layers.Activation(activation)(layers.add([body, x]))


def bottleneck(x: KerasTensor, filters: int, strides: int = 1, expansion: int = 4) -> KerasTensor:
    body = layers.Conv2D(filters, 1, use_bias=False)(x)
    body = layers.BatchNormalization()(body)
    body = layers.Activation("relu")(body)
    body = convolution(body, filters, 3, strides)
    body = layers.Activation("relu")(body)
    body = layers.Conv2D(filters * expansion, 1, use_bias=False)(body)
    body = layers.BatchNormalization()(body)
    if strides > 1:
        x = skip(x, filters * expansion, strides)
    return layers.Activation("relu")(layers.add([body, x]))


def squeeze_excite(x: KerasTensor, filters: int, between: int) -> KerasTensor:
    weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weights = layers.Dense(between, activation="relu")(weights)
    weights = layers.Dense(filters, activation="sigmoid")(weights)
    return layers.multiply([x, weights])


def build() -> keras.Model:
    image = keras.Input((16, 16, 8), name="image")
    x = residual(image, 8)
    x = residual(x, 12, strides=2, activation="gelu")
    x = residual(x, 16, size=5, project=True)
    x = bottleneck(x, 4)
    x = bottleneck(x, 6, strides=2, expansion=3)
    x = squeeze_excite(x, 18, between=1)
    x = squeeze_excite(x, 18, between=3)
    return keras.Model(image, x)
