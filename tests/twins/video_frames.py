"""The twin of `examples/video_frames.mtg`."""

import keras
from keras import layers

from twins import mlp


def build() -> keras.Model:
    frames = keras.Input((20, 784), name="frames")
    digits = layers.TimeDistributed(mlp.network(), name="digits")(frames)
    model = keras.Model(frames, digits)
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    return model
