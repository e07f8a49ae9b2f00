"""The twin of `examples/same_author.mtg`."""

import keras
from keras import layers


def build() -> keras.Model:
    post_a = keras.Input((140, 256), name="post_a")
    post_b = keras.Input((140, 256), name="post_b")
    encoder = layers.LSTM(64)
    pair = layers.concatenate([encoder(post_a), encoder(post_b)])
    same = layers.Dense(1, activation="sigmoid", name="same")(pair)
    model = keras.Model([post_a, post_b], same)
    model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
    return model
