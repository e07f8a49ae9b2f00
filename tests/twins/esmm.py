"""The twin of `examples/esmm.mtg`."""

import keras
from keras import KerasTensor, layers, ops

COLUMNS = {"user": 50_000, "item": 20_000, "shop": 500, "category": 500}
HISTORY = ["item", "category"]


def rate(x: KerasTensor, name: str) -> KerasTensor:
    for units in (360, 200, 80):
        x = layers.Dense(units, activation="relu")(x)
    return layers.Dense(1, activation="sigmoid", name=name)(x)


def build() -> keras.Model:
    inputs = {name: keras.Input((1,), dtype="int32", name=name) for name in COLUMNS}
    clicked = {name: keras.Input((20,), dtype="int32", name=f"clicked_{name}") for name in HISTORY}
    tables = {name: layers.Embedding(size, 18) for name, size in COLUMNS.items()}
    parts = []
    for name in COLUMNS:
        parts.append(layers.Flatten()(tables[name](inputs[name])))
    for name in HISTORY:
        parts.append(layers.GlobalAveragePooling1D()(tables[name](clicked[name])))
    features = layers.concatenate(parts)
    click = rate(features, "click")
    conversion = rate(features, "conversion")
    purchase = layers.Identity(name="purchase")(ops.multiply(click, conversion))
    model = keras.Model(
        [*inputs.values(), *clicked.values()], [click, conversion, purchase], name="esmm"
    )
    model.compile(
        optimizer="adam",
        loss={
            "click": "binary_crossentropy",
            "conversion": None,
            "purchase": "binary_crossentropy",
        },
        metrics={"click": ["AUC"], "purchase": ["AUC"]},
    )
    return model
