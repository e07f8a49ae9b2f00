"""The twin of `examples/shared_lstm_unknown_length.mtg`."""

import keras
from keras import layers


def build() -> keras.Model:
    left = keras.Input((None, 128), name="left")
    right = keras.Input((None, 128), name="right")
    reader = layers.LSTM(32)
    both = layers.concatenate([reader(left), reader(right)])
    similar = layers.Dense(1, activation="sigmoid", name="similar")(both)
    model = keras.Model([left, right], similar)
    model.compile(optimizer="rmsprop", loss="binary_crossentropy")
    return model
