"""The twin of `examples/wide_and_deep.mtg`."""

import keras
from keras import layers, ops

NAMES = [f"c{i + 1}" for i in range(26)]
BUCKETS = 10_000


def build() -> keras.Model:
    inputs = {name: keras.Input((1,), dtype="int32", name=name) for name in NAMES}
    numbers = keras.Input((13,), name="numbers")
    linear = []
    for name in NAMES:
        x = layers.Embedding(BUCKETS, 1)(inputs[name])
        linear.append(layers.Flatten()(x))
    wide = layers.add([*linear, layers.Dense(1)(numbers)])
    vectors = []
    for name in NAMES:
        x = layers.Embedding(BUCKETS, 8)(inputs[name])
        vectors.append(layers.Flatten()(x))
    deep = layers.concatenate([*vectors, numbers])
    for units in (256, 128, 64):
        deep = layers.Dense(units, activation="relu")(deep)
    deep = layers.Dense(1)(deep)
    click = layers.Activation("sigmoid", name="click")(ops.add(wide, deep))
    model = keras.Model([*inputs.values(), numbers], click)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["AUC"])
    return model
