"""The twin of `examples/inception_module.mtg`: not compiled, because it has no loss."""

import keras
from keras import layers


def build() -> keras.Model:
    feature_map = keras.Input((28, 28, 192), name="feature_map")

    a = layers.Conv2D(128, 1, strides=2, padding="same", activation="relu")(feature_map)

    b = layers.Conv2D(128, 1, padding="same", activation="relu")(feature_map)
    b = layers.Conv2D(128, 3, strides=2, padding="same", activation="relu")(b)

    c = layers.AveragePooling2D(3, strides=2, padding="same")(feature_map)
    c = layers.Conv2D(128, 3, padding="same", activation="relu")(c)

    d = layers.Conv2D(128, 1, padding="same", activation="relu")(feature_map)
    d = layers.Conv2D(128, 3, padding="same", activation="relu")(d)
    d = layers.Conv2D(128, 3, strides=2, padding="same", activation="relu")(d)

    features = layers.concatenate([a, b, c, d], name="features")
    return keras.Model(feature_map, features)
