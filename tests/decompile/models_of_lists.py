"""Networks whose loops gather tensors in a list, written by hand as people write them in Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import Input, Model, layers, ops

LISTS: dict[str, Callable[[], Any]] = {}


def model(make: Callable[[], Any]) -> Callable[[], Any]:
    LISTS[make.__name__] = make
    return make


@model
def early_exits() -> Any:
    """Each stage of the backbone has a head, the later the heavier."""
    image = Input((8, 8, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same")(image)
    outputs = []
    for number in range(5):
        y = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
        y = layers.Conv2D(4, 3, padding="same")(y)
        x = layers.ReLU()(layers.Add()([x, y]))
        pooled = layers.GlobalAveragePooling2D()(x)
        outputs.append(layers.Dense(10, activation="softmax", name=f"exit_{number}")(pooled))
    made = Model(image, outputs, name="Exits")
    weights = [0.5 ** (4 - number) for number in range(5)]
    made.compile("adam", "sparse_categorical_crossentropy", loss_weights=weights)
    return made


@model
def two_outputs_a_task() -> Any:
    """Of each task a rate and a value, from one layer."""
    x = Input((8,), name="x")
    outputs = []
    for task in ("click", "like", "share", "buy"):
        hidden = layers.Dense(4, activation="relu")(x)
        outputs.append(layers.Dense(1, activation="sigmoid", name=f"{task}_rate")(hidden))
        outputs.append(layers.Dense(2, name=f"{task}_value")(hidden))
    made = Model(x, outputs, name="Tasks")
    made.compile("adam", loss=["binary_crossentropy", "mse"] * 4)
    return made


@model
def boxes_of_a_pyramid() -> Any:
    """At each level of a pyramid a class and a box."""
    image = Input((32, 32, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same")(image)
    levels = []
    for filters in (4, 6, 8, 10):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        levels.append(x)
    top = None
    outputs = []
    for number, level in zip((3, 2, 1, 0), reversed(levels), strict=True):
        merged = layers.Conv2D(4, 1)(level)
        if top is not None:
            merged = layers.Add()([merged, layers.UpSampling2D()(top)])
        top = merged
        for kind, filters, activation in (("class", 9, "sigmoid"), ("box", 4, None)):
            y = layers.Conv2D(4, 3, padding="same", activation="relu")(merged)
            last = layers.Conv2D(filters, 3, activation=activation, padding="same")
            outputs.append(layers.Reshape((-1, filters), name=f"{kind}_{number}")(last(y)))
    return Model(image, outputs, name="Pyramid")


@model
def dense_list() -> Any:
    """Each layer takes all that the layers before it have made."""
    image = Input((8, 8, 3), name="image")
    made = [layers.Conv2D(4, 3, padding="same")(image)]
    for _ in range(6):
        x = layers.Concatenate()(made) if len(made) > 1 else made[0]
        x = layers.ReLU()(layers.BatchNormalization()(x))
        made.append(layers.Conv2D(3, 3, padding="same")(x))
    pooled = layers.GlobalAveragePooling2D()(layers.Concatenate()(made))
    label = layers.Dense(10, activation="softmax", name="label")(pooled)
    return Model(image, label, name="DenseNet")


@model
def decoder_of_skips() -> Any:
    """A decoder takes what the levels of an encoder gave, the last first."""

    def convolved(x: Any, filters: int) -> Any:
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
        return x

    image = Input((32, 32, 3), name="image")
    x, skips = image, []
    for filters in (4, 6, 8, 10):
        x = convolved(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = convolved(x, 12)
    for filters, skip in zip((10, 8, 6, 4), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
        x = convolved(layers.Concatenate()([skip, x]), filters)
    mask = layers.Conv2D(1, 1, activation="sigmoid", name="mask")(x)
    return Model(image, mask, name="UNet")


@model
def columns_taken_twice() -> Any:
    """A wide and deep model: all columns have a vector each, the first one a bias besides."""
    columns = [Input((1,), dtype="int32", name=f"column_{number}") for number in range(8)]
    vectors = [
        layers.Flatten()(layers.Embedding(size, 4)(column))
        for column, size in zip(columns, [5, 6, 7, 8] * 2, strict=True)
    ]
    bias = layers.Flatten()(layers.Embedding(5, 1)(columns[0]))
    x = layers.Dense(8, activation="relu")(layers.Concatenate()(vectors))
    y = layers.Dense(1, activation="sigmoid", name="y")(layers.Concatenate()([x, bias]))
    return Model(columns, y, name="Wide")


def _mixed(x: Any, experts: list[Any]) -> Any:
    """A gate: experts, weighed by what `x` says."""
    gate = layers.Dense(len(experts), activation="softmax", use_bias=False)(x)
    return layers.Dot(1)([gate, ops.stack(experts, axis=1)])


@model
def experts_of_each_task() -> Any:
    """Customized gate control: each task has experts of its own, one, two or three of them."""
    x = Input((12,), name="x")
    kinds = {
        "click": (1, 1, "sigmoid", "binary_crossentropy"),
        "rating": (3, 5, "softmax", "sparse_categorical_crossentropy"),
        "minutes": (2, 1, None, "mse"),
        "share": (2, 1, "sigmoid", "binary_crossentropy"),
    }
    common = [layers.Dense(8, activation="relu")(x) for _ in range(2)]
    outputs = []
    for task, (count, units, activation, _) in kinds.items():
        own = [layers.Dense(8, activation="relu")(x) for _ in range(count)]
        tower = layers.Dense(4, activation="relu")(_mixed(x, own + common))
        outputs.append(layers.Dense(units, activation=activation, name=task)(tower))
    made = Model(x, outputs, name="CGC")
    made.compile("adam", loss=[loss for *_, loss in kinds.values()])
    return made


@model
def two_levels_of_experts() -> Any:
    """Progressive layered extraction: the shared gate takes the experts of all tasks."""
    x = Input((12,), name="x")
    tasks = ["click", "like", "share"]
    states, joint = dict.fromkeys(tasks, x), x
    for level in range(2):
        own = {
            task: [layers.Dense(8, activation="relu")(states[task]) for _ in range(2)]
            for task in tasks
        }
        common = [layers.Dense(8, activation="relu")(joint) for _ in range(2)]
        states = {task: _mixed(states[task], own[task] + common) for task in tasks}
        if level == 0:
            every = [expert for experts in own.values() for expert in experts]
            joint = _mixed(joint, every + common)
    outputs = [
        layers.Dense(1, activation="sigmoid", name=task)(
            layers.Dense(4, activation="relu")(states[task])
        )
        for task in tasks
    ]
    return Model(x, outputs, name="PLE")
