"""The twin of `examples/mmoe.mtg`."""

import keras
from keras import KerasTensor, layers, ops

COLUMNS = {"user": 50_000, "item": 20_000}
TASKS = ["click", "like", "share"]
EXPERTS = 8


def expert(x: KerasTensor) -> KerasTensor:
    for _ in range(2):
        x = layers.Dense(32, activation="relu")(x)
    return x


def build() -> keras.Model:
    inputs = {name: keras.Input((1,), dtype="int32", name=name) for name in COLUMNS}
    context = keras.Input((12,), name="context")
    embedded = []
    for name, size in COLUMNS.items():
        x = layers.Embedding(size, 16)(inputs[name])
        embedded.append(layers.Flatten()(x))
    features = layers.concatenate([*embedded, context])
    pool = ops.stack([expert(features) for _ in range(EXPERTS)], axis=1)
    outputs = []
    for task in TASKS:
        gate = layers.Dense(EXPERTS, activation="softmax")(features)
        x = layers.dot([gate, pool], axes=1)
        x = layers.Dense(16, activation="relu")(x)
        outputs.append(layers.Dense(1, activation="sigmoid", name=task)(x))
    model = keras.Model([*inputs.values(), context], outputs)
    model.compile(
        optimizer="adam",
        loss=dict.fromkeys(TASKS, "binary_crossentropy"),
        metrics={task: ["AUC"] for task in TASKS},
    )
    return model
