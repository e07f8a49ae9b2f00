"""The twin of `examples/residual_connection.mtg`: not compiled, because it has no loss."""

import keras
from keras import layers


def build() -> keras.Model:
    feature_map = keras.Input((32, 32, 128), name="feature_map")
    x = layers.Conv2D(128, 3, padding="same", activation="relu")(feature_map)
    x = layers.Conv2D(128, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(128, 3, padding="same", activation="relu")(x)
    features = layers.add([x, feature_map], name="features")
    return keras.Model(feature_map, features)
