"""The twin of `examples/mlp.mtg`."""

import keras
from keras import layers


def network() -> keras.Model:
    """The model as it is used in another: not compiled."""
    image = keras.Input((784,), name="image")
    x = layers.Dense(64, activation="relu")(image)
    x = layers.Dense(64, activation="relu")(x)
    digit = layers.Dense(10, activation="softmax", name="digit")(x)
    return keras.Model(image, digit)


def build() -> keras.Model:
    model = network()
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    return model
