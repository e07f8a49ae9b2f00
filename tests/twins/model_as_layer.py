"""The twin of `examples/model_as_layer.mtg`."""

import keras
from keras import layers

from twins import mlp


def build() -> keras.Model:
    reader = mlp.network()
    tens = keras.Input((784,), name="tens")
    ones = keras.Input((784,), name="ones")
    # Both outputs come from one layer, so each needs a layer of its own to carry its name.
    tens_digit = layers.Identity(name="tens_digit")(reader(tens))
    ones_digit = layers.Identity(name="ones_digit")(reader(ones))
    model = keras.Model([tens, ones], [tens_digit, ones_digit])
    model.compile(
        optimizer="rmsprop",
        loss={"tens_digit": "categorical_crossentropy", "ones_digit": "categorical_crossentropy"},
        metrics={"tens_digit": ["accuracy"], "ones_digit": ["accuracy"]},
    )
    return model
