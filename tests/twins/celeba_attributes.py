"""The twin of `examples/celeba_attributes.mtg`."""

import keras
from keras import KerasTensor, layers

ATTRIBUTES = [
    *("5_o_clock_shadow", "arched_eyebrows", "attractive", "bags_under_eyes", "bald", "bangs"),
    *("big_lips", "big_nose", "black_hair", "blond_hair", "blurry", "brown_hair"),
    *("bushy_eyebrows", "chubby", "double_chin", "eyeglasses", "goatee", "gray_hair"),
    *("heavy_makeup", "high_cheekbones", "male", "mouth_slightly_open", "mustache", "narrow_eyes"),
    *("no_beard", "oval_face", "pale_skin", "pointy_nose", "receding_hairline", "rosy_cheeks"),
    *("sideburns", "smiling", "straight_hair", "wavy_hair", "wearing_earrings", "wearing_hat"),
    *("wearing_lipstick", "wearing_necklace", "wearing_necktie", "young"),
]


def stage(x: KerasTensor, filters: int) -> KerasTensor:
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    return layers.MaxPooling2D()(x)


def build() -> keras.Model:
    face = keras.Input((64, 64, 3), name="face")
    x = face
    for filters in (32, 64, 128):
        x = stage(x, filters)
    trunk = layers.GlobalAveragePooling2D()(x)
    outputs = []
    for attribute in ATTRIBUTES:
        x = layers.Dense(16, activation="relu")(trunk)
        outputs.append(layers.Dense(1, activation="sigmoid", name=attribute)(x))
    model = keras.Model(face, outputs)
    model.compile(
        loss=dict.fromkeys(ATTRIBUTES, "binary_crossentropy"),
        metrics={attribute: ["accuracy"] for attribute in ATTRIBUTES},
    )
    return model
