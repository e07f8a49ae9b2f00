"""The twin of `examples/news_headline.mtg`."""

import keras
from keras import layers


def build() -> keras.Model:
    main_input = keras.Input((100,), dtype="int32", name="main_input")
    aux_input = keras.Input((5,), name="aux_input")
    encoded = layers.Embedding(10_000, 512)(main_input)
    encoded = layers.LSTM(32)(encoded)
    aux_output = layers.Dense(1, activation="sigmoid", name="aux_output")(encoded)
    x = layers.concatenate([encoded, aux_input])
    x = layers.Dense(64, activation="relu")(x)
    x = layers.Dense(64, activation="relu")(x)
    x = layers.Dense(64, activation="relu")(x)
    main_output = layers.Dense(1, activation="sigmoid", name="main_output")(x)
    model = keras.Model([main_input, aux_input], [main_output, aux_output])
    model.compile(
        optimizer="rmsprop",
        loss={"main_output": "binary_crossentropy", "aux_output": "binary_crossentropy"},
        loss_weights={"main_output": 1.0, "aux_output": 0.2},
    )
    return model
