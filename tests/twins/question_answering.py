"""The twin of `examples/question_answering.mtg`."""

import keras
from keras import layers


def build() -> keras.Model:
    text = keras.Input((None,), dtype="int32", name="text")
    question = keras.Input((None,), dtype="int32", name="question")
    encoded_text = layers.LSTM(32)(layers.Embedding(10_000, 64)(text))
    encoded_question = layers.LSTM(16)(layers.Embedding(10_000, 32)(question))
    both = layers.concatenate([encoded_text, encoded_question])
    answer = layers.Dense(500, activation="softmax", name="answer")(both)
    model = keras.Model([text, question], answer)
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    return model
