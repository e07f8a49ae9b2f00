"""The twin of `examples/tweets_separate.mtg`."""

import keras
from keras import layers


def build() -> keras.Model:
    tweet_a = keras.Input((280, 256), name="tweet_a")
    tweet_b = keras.Input((280, 256), name="tweet_b")
    encoder = layers.LSTM(64)
    cheerful = layers.Dense(1, activation="sigmoid", name="cheerful")(encoder(tweet_a))
    well_known = layers.Dense(1, activation="sigmoid", name="well_known")(encoder(tweet_b))
    model = keras.Model([tweet_a, tweet_b], [cheerful, well_known])
    model.compile(
        optimizer="rmsprop",
        loss={"cheerful": "binary_crossentropy", "well_known": "binary_crossentropy"},
        metrics={"cheerful": ["accuracy"], "well_known": ["accuracy"]},
    )
    return model
