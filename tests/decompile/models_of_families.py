"""Multi-task networks with families, as people write them in Keras: in loops over lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import Input, Model, layers, ops

FAMILIES: dict[str, Callable[[], Any]] = {}


def model(make: Callable[[], Any]) -> Callable[[], Any]:
    FAMILIES[make.__name__] = make
    return make


@model
def heads_of_attention() -> Any:
    """Twelve heads, each of three matrices."""
    tokens = Input((16, 96), name="tokens")
    heads = []
    for _ in range(12):
        query, key, value = (layers.Dense(8)(tokens) for _ in range(3))
        weights = ops.softmax(query @ ops.transpose(key, (0, 2, 1)) / 4.0)
        heads.append(weights @ value)
    mixed = layers.Dense(96)(layers.Concatenate()(heads))
    normalized = layers.LayerNormalization(name="mixed")(layers.Add()([tokens, mixed]))
    return Model(tokens, normalized, name="Attention")


@model
def pyramid() -> Any:
    """Three sizes of one picture, each read by two shared chains; dilated branches beside them."""
    image = Input((32, 32, 3), name="image")
    levels = [
        layers.Conv2D(8, 1)(layers.Conv2D(4, 3, strides=2**n, activation="relu")(image))
        for n in range(3)
    ]
    kind, box = (
        [layers.Conv2D(4, 3, activation="relu"), layers.GlobalMaxPooling2D(), layers.Dense(n)]
        for n in (5, 4)
    )

    def called(chain: list[Any], x: Any) -> Any:
        for layer in chain:
            x = layer(x)
        return x

    dilated = [
        layers.Conv2D(6, 3, padding="same", dilation_rate=rate, activation="relu")(image)
        for rate in (2, 4, 6)
    ]
    whole = layers.Concatenate()([layers.Conv2D(6, 1)(image), *dilated])
    outputs = [
        layers.Add(name="kinds")([called(kind, x) for x in levels]),
        layers.Concatenate(name="boxes")([called(box, x) for x in levels]),
        layers.Conv2D(1, 1, name="mask")(whole),
    ]
    return Model(image, outputs, name="Pyramid")


@model
def mmoe() -> Any:
    """Eight experts, which each of three tasks weighs with a gate of its own."""
    features = Input((20,), name="features")
    experts = [
        layers.Dense(8, activation="relu")(layers.Dense(16, activation="relu")(features))
        for _ in range(8)
    ]
    pool = ops.stack(experts, axis=1)
    outputs = []
    for task in ("click", "like", "share"):
        gate = layers.Dense(8, activation="softmax")(features)
        mixed = layers.Dot(1)([gate, pool])
        tower = layers.Dense(16, activation="relu")(mixed)
        outputs.append(layers.Dense(1, activation="sigmoid", name=task)(tower))
    made = Model(features, outputs, name="MMoE")
    made.compile("adam", loss="binary_crossentropy", metrics=[["AUC"]] * 3)
    return made


#: Attributes of faces, as the data calls them. Source: Liu et al., ICCV 2015.
# fmt: off
ATTRIBUTES = [
    "5_o_clock_shadow", "arched_eyebrows", "attractive", "bags_under_eyes", "bald", "bangs",
    "big_lips", "big_nose", "black_hair", "blond_hair", "blurry", "brown_hair",
    "bushy_eyebrows", "chubby", "double_chin", "eyeglasses", "goatee", "gray_hair",
    "heavy_makeup", "high_cheekbones", "male", "mouth_slightly_open", "mustache", "narrow_eyes",
    "no_beard", "oval_face", "pale_skin", "pointy_nose", "receding_hairline", "rosy_cheeks",
    "sideburns", "smiling", "straight_hair", "wavy_hair", "wearing_earrings", "wearing_hat",
    "wearing_lipstick", "wearing_necklace", "wearing_necktie", "young",
]
# fmt: on


@model
def celeba() -> Any:
    """Forty heads that differ in their names."""
    face = Input((16, 16, 3), name="face")
    x = face
    for filters in (4, 8):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D()(layers.ReLU()(layers.BatchNormalization()(x)))
    trunk = layers.GlobalAveragePooling2D()(x)
    outputs = [
        layers.Dense(1, activation="sigmoid", name=attribute)(
            layers.Dense(16, activation="relu")(trunk)
        )
        for attribute in ATTRIBUTES
    ]
    made = Model(face, outputs, name="CelebA")
    made.compile("adam", loss="binary_crossentropy")
    return made


@model
def tasks_of_several_kinds() -> Any:
    """Heads that differ in values and in how they are trained, between others."""
    x, other = Input((8,), name="x"), Input((3,), name="other")
    kinds = {
        "rating": (5, "softmax", "sparse_categorical_crossentropy"),
        "age": (1, None, "mse"),
        "clicked": (1, "sigmoid", "binary_crossentropy"),
        "kind": (7, "softmax", "sparse_categorical_crossentropy"),
    }
    outputs = [layers.Dense(2, name="first")(x)]
    for name, (units, activation, _) in kinds.items():
        tower = layers.Dense(8, activation="relu")(layers.LayerNormalization()(x))
        outputs.append(layers.Dense(units, activation=activation, name=name)(tower))
    outputs.append(layers.Dense(2, name="last")(layers.Concatenate()([x, other])))
    made = Model([x, other], outputs, name="Tasks")
    made.compile("adam", loss=["mse", *(loss for _, _, loss in kinds.values()), "mse"])
    return made


@model
def tabular() -> Any:
    """Twenty columns of categories of several sizes, ten of numbers, and a vector beside them."""
    inputs, vectors = [], []
    for number, size in enumerate([10, 40, 25, 7] * 5):
        column = Input((1,), dtype="int32", name=f"category_{number}")
        inputs.append(column)
        vectors.append(layers.Flatten()(layers.Embedding(size, 4)(column)))
    numbers = [Input((1,), name=f"number_{number}") for number in range(10)]
    context = Input((5,), name="context")
    x = layers.Concatenate()([*vectors, *numbers, layers.Dense(3)(context)])
    for units in (32, 16, 8):
        x = layers.Dense(units, activation="relu")(x)
    churn = layers.Dense(1, activation="sigmoid", name="churn")(x)
    return Model([*inputs, *numbers, context], churn, name="Tabular")
