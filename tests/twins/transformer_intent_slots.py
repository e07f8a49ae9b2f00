"""The twin of `examples/transformer_intent_slots.mtg`."""

import keras
from keras import KerasTensor, layers, ops

WIDTH, DEPTH, HEADS, DROPOUT, LONGEST = 128, 2, 4, 0.1, 50


def class_token(x: KerasTensor) -> KerasTensor:
    """Put a learned token in front of a sequence."""
    place = ops.zeros_like(x[:, :1, 0], dtype="int32")
    token = layers.Embedding(1, WIDTH, embeddings_initializer="zeros")(place)
    return layers.concatenate([token, x], axis=1)


def positions(x: KerasTensor) -> KerasTensor:
    """Add a learned vector to each step of a sequence."""
    count = ops.cumsum(ops.ones_like(x[:, :, 0], dtype="int32"), axis=1)
    table = layers.Embedding(LONGEST + 1, WIDTH, embeddings_initializer="uniform")
    return layers.add([x, table(ops.subtract(count, 1))])


def encoder(x: KerasTensor, seen: KerasTensor) -> KerasTensor:
    attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=DROPOUT)
    attended = attention(query=x, value=x, attention_mask=seen)
    attended = layers.Dropout(DROPOUT)(attended)
    y = layers.LayerNormalization()(ops.add(x, attended))
    fed = layers.Dense(4 * WIDTH, activation="gelu")(y)
    fed = layers.Dense(WIDTH)(fed)
    fed = layers.Dropout(DROPOUT)(fed)
    return layers.LayerNormalization()(ops.add(y, fed))


def build() -> keras.Model:
    words = keras.Input((None,), dtype="int32", name="words")
    tokens = layers.concatenate([ops.ones_like(words[:, :1]), words], axis=1)
    seen = ops.expand_dims(ops.not_equal(tokens, 0), 1)
    x = layers.Embedding(12_000, WIDTH)(words)
    x = class_token(x)
    x = positions(x)
    for _ in range(DEPTH):
        x = encoder(x, seen)
    intent = layers.Dropout(DROPOUT)(x[:, 0])
    intent = layers.Dense(7, activation="softmax", name="intent")(intent)
    tags = layers.Dropout(DROPOUT)(x[:, 1:])
    tags = layers.Dense(73, activation="softmax", name="tags")(tags)
    model = keras.Model(words, [intent, tags], name="intent_slots")
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate=5e-4),
        loss={
            "intent": "sparse_categorical_crossentropy",
            "tags": keras.losses.SparseCategoricalCrossentropy(ignore_class=-1),
        },
        metrics={"intent": ["accuracy"]},
    )
    return model
