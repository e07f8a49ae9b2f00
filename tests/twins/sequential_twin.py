"""The twin of `examples/sequential_twin.mtg`."""

import keras
from keras import layers


def build() -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((64,), name="features"),
            layers.Dense(32, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax", name="label"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
    return model
