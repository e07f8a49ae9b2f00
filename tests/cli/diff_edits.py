"""A program, and what is done to it."""

from __future__ import annotations

OLD = """\
model News(width=8) {
  input headline: int32[20]
  input teaser: int32[20]
  input context: float32[5]
  shared encoder = Embedding(100, 6) -> LSTM(4)
  encoded = headline -> encoder
  joined = concat(encoded, teaser -> encoder, context)
    -> Dense(width, activation="relu") -> Dense(width)
  output likes(loss="mse") = joined -> Dense(1)
  output shared_on(loss="binary_crossentropy", weight=0.2) =
    joined -> Dense(1, activation="sigmoid")
  train(optimizer=RMSprop(learning_rate=0.01), epochs=5)
}
"""
#: What is done to the program; each has a golden.
EDITS = {
    "equal": lambda text: text.replace("width", "units"),
    "arguments": lambda text: text.replace("LSTM(4)", "LSTM(5)").replace("Dense(1)", "Dense(2)"),
    "inserted": lambda text: text.replace("-> Dense(width)\n", "-> Dropout(0.5) -> Dense(width)\n"),
    "removed": lambda text: text.replace(" -> Dense(width)\n", "\n"),
    "renamed": lambda text: text.replace("joined", "both").replace("likes", "hearts"),
    "rewired": lambda text: text.replace("= joined -> Dense(1)", "= encoded -> Dense(1)"),
    "tasks": lambda text: text.replace("weight=0.2", 'weight=0.5, metrics=["accuracy"]').replace(
        "learning_rate=0.01), epochs=5", "learning_rate=0.001), epochs=9"
    ),
    "classes": lambda text: text.replace("LSTM(4)", "GRU(4, reset_after=False)"),
    "inputs": lambda text: text.replace("context: float32[5]", "context: float32[7]"),
    # The calls of a shared layer are the same ones, in whatever order they are taken.
    "swapped": lambda text: text.replace(
        "concat(encoded, teaser -> encoder, context)", "concat(teaser -> encoder, encoded, context)"
    ),
    "output": lambda text: text.partition("  output shared_on")[0] + "}\n",
    "another": lambda _: "model Other { input q: float32[3]\n output z = q -> Dense(2) }\n",
}
