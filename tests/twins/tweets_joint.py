"""The twin of `examples/tweets_joint.mtg`."""

import keras
from keras import layers


def build() -> keras.Model:
    tweet_a = keras.Input((280, 256), name="tweet_a")
    tweet_b = keras.Input((280, 256), name="tweet_b")
    encoder = layers.LSTM(64)
    pair = layers.concatenate([encoder(tweet_a), encoder(tweet_b)])
    same_author = layers.Dense(1, activation="sigmoid", name="same_author")(pair)
    same_mood = layers.Dense(1, activation="sigmoid", name="same_mood")(pair)
    model = keras.Model([tweet_a, tweet_b], [same_author, same_mood])
    model.compile(
        optimizer="rmsprop",
        loss={"same_author": "binary_crossentropy", "same_mood": "binary_crossentropy"},
        metrics={"same_author": ["accuracy"], "same_mood": ["accuracy"]},
    )
    return model
