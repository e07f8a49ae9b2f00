"""The twin of `examples/ple.mtg`."""

import keras
from keras import KerasTensor, layers, ops

COLUMNS = {"user": 50_000, "video": 20_000, "channel": 500}
TASKS = ["completion", "view", "share", "comment"]
EXPERTS, SHARED_EXPERTS, LEVELS = 2, 2, 2


def expert(x: KerasTensor) -> KerasTensor:
    for units in (64, 32):
        x = layers.Dense(units, activation="relu")(x)
    return x


def mixture(x: KerasTensor, experts: list[KerasTensor]) -> KerasTensor:
    gate = layers.Dense(len(experts), activation="softmax", use_bias=False)(x)
    return layers.dot([gate, ops.stack(experts, axis=1)], axes=1)


def build() -> keras.Model:
    inputs = {name: keras.Input((1,), dtype="int32", name=name) for name in COLUMNS}
    context = keras.Input((12,), name="context")
    embedded = []
    for name, size in COLUMNS.items():
        x = layers.Embedding(size, 16)(inputs[name])
        embedded.append(layers.Flatten()(x))
    common = layers.concatenate([*embedded, context])
    features = dict.fromkeys(TASKS, common)
    for level in range(LEVELS):
        own = {task: [expert(features[task]) for _ in range(EXPERTS)] for task in TASKS}
        shared = [expert(common) for _ in range(SHARED_EXPERTS)]
        features = {task: mixture(features[task], own[task] + shared) for task in TASKS}
        if level < LEVELS - 1:
            everything = [one for task in TASKS for one in own[task]]
            common = mixture(common, everything + shared)
    outputs = []
    for task in TASKS:
        x = layers.Dense(16, activation="relu")(features[task])
        outputs.append(layers.Dense(1, activation="sigmoid", name=task)(x))
    model = keras.Model([*inputs.values(), context], outputs)
    model.compile(
        optimizer="adam",
        loss={task: "mse" if task == "completion" else "binary_crossentropy" for task in TASKS},
        metrics={task: ["AUC"] for task in TASKS if task != "completion"},
    )
    return model
