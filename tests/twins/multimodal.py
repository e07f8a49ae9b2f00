"""The twin of `examples/multimodal.mtg`."""

import keras
from keras import KerasTensor, layers

WORDS = ["friendly", "playful", "healthy", "vaccinated", "rescued", "puppy", "kitten", "home"]
CATEGORIES = {
    "kind": ["cat", "dog"],
    "sex": ["female", "male", "mixed"],
    "size": ["small", "medium", "large", "extra large"],
}


def photo_encoder(x: KerasTensor) -> KerasTensor:
    x = layers.Rescaling(1 / 255)(x)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    return layers.GlobalAveragePooling2D()(x)


def text_encoder(x: KerasTensor) -> KerasTensor:
    x = layers.TextVectorization(vocabulary=WORDS, output_sequence_length=60)(x)
    x = layers.Embedding(len(WORDS) + 2, 32)(x)
    x = layers.Conv1D(32, 3, activation="relu")(x)
    return layers.GlobalMaxPooling1D()(x)


def build() -> keras.Model:
    photo = keras.Input((96, 96, 3), name="photo")
    description = keras.Input((1,), dtype="string", name="description")
    breed = keras.Input((1,), dtype="string", name="breed")
    categories = {name: keras.Input((1,), dtype="string", name=name) for name in CATEGORIES}
    numbers = keras.Input((3,), name="numbers")

    x = layers.Hashing(200)(breed)
    x = layers.Embedding(200, 8)(x)
    parts = [photo_encoder(photo), text_encoder(description), layers.Flatten()(x)]
    for name, values in CATEGORIES.items():
        lookup = layers.StringLookup(vocabulary=values, output_mode="multi_hot")
        parts.append(lookup(categories[name]))
    scale = layers.Normalization(mean=[10.4, 1.6, 3.9], variance=[330.0, 2.2, 12.1])
    parts.append(scale(numbers))

    x = layers.concatenate(parts)
    x = layers.Dense(64, activation="relu")(x)
    x = layers.Dropout(0.3)(x)
    speed = layers.Dense(5, activation="softmax", name="speed")(x)
    fee = layers.Dense(1, activation="softplus", name="fee")(x)
    model = keras.Model(
        [photo, description, breed, *categories.values(), numbers], [speed, fee], name="pets"
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-3),
        loss={"speed": "sparse_categorical_crossentropy", "fee": "huber"},
        loss_weights={"speed": 1.0, "fee": 0.1},
        metrics={"speed": ["accuracy"]},
    )
    return model
