"""Programs whose source in Python has something of its own."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mtg"))

#: Programs with what the examples have not.
PROGRAMS = {
    "slices and ops": """
model M {
  input x: float32[6, 4]
  first = x[:, 0]
  rest = x[:, 1:5:2, ..., 1]
  output y = ops.concatenate([ops.mean(x, axis=1), first * 1 if False else first], axis=-1)
    -> Dense(2)
  output z = ops.max(rest, axis=[-1], keepdims=True) -> Dense(1)
}
""".replace("first * 1 if False else first", "first"),
    "operators": """
model M {
  input x: float32[4]
  input w: float32[4]
  output y = ((x -> Dense(4)) * w - 2) / (1 + x ** 2) % 3 -> Dense(1)
  output z = ops.where(x >= w, -x, x // w)
  output m = (x -> Reshape((2, 2))) @ (w -> Reshape((2, 2)))
  output n = (-x) ** -w ** 2 - (x - (w - x)) * -2 + (x * w)[:, 0] -> Dense(4)
  output o = (x < w) == (w < x)
  output p = ops.ones([4], dtype="float32") * x + ops.divide(x, 2)
  output q = ops.where(2 < x, 2 - x, ops.mean(x + w) ** 0.5)
}
""",
    "objects": """
model M {
  input x: float32[6, 4]
  output y(loss=CategoricalCrossentropy(from_logits=True), metrics=[TopKCategoricalAccuracy(k=2)])
    = x
    -> Bidirectional(LSTM(3, kernel_regularizer=L2(1e-4), return_sequences=True))
    -> TimeDistributed(Dense(2, kernel_initializer=VarianceScaling(scale=2.0)))
    -> Flatten() -> Dense(3, kernel_constraint=MaxNorm(2.0), dtype="float32")
  train(
    optimizer=Adam(learning_rate=CosineDecay(1e-3, 1000), clipnorm=1.0), jit_compile=False,
    epochs=3, callbacks=[EarlyStopping(patience=2)]
  )
}
""",
    "groups": """
model M {
  input q: float32[5, 8]
  input v: float32[?, 8]
  seq, h, c = v -> LSTM(8, return_sequences=True, return_state=True)
  a = (query=q, value=seq) -> MultiHeadAttention(2, 4)
  b = (q, v) -> Attention()
  n = (a, training=False) -> BatchNormalization()
  output y = (add(n, b), initial_state=[h, c]) -> LSTM(8) -> Dense(1)
}
""",
    "shared chains": """
model M {
  input a: int32[9]
  input b: int32[9]
  shared read = Embedding(50, 8) -> LSTM(4) -> Dense(2, trainable=False)
  output y = subtract(a -> read, b -> read) -> Dense(1)
}
""",
    "a shared chain of several arguments and results, models in it": """
model Inner(n=4) {
  input x: float32[?, 8]
  output z = x -> Dense(n) -> Dense(8)
}
model M {
  input a: float32[3, 8]
  input b: float32[3, 8]
  shared look = MultiHeadAttention(2, 4) -> Inner(trainable=False)
    -> GRU(4, return_sequences=True, return_state=True)
  seq, last = (a, value=b) -> look
  _, first = (query=b, value=seq -> Dense(8)) -> look
  output y = add(last, first) -> Dense(1)
}
""",
    "loops over blocks of several tensors": """
block (x0, x) -> cross(n) { return x0, add(multiply(x0, x -> Dense(n)), x) }
block (h, c) -> cell(rate=0.1) {
  u = concat(h, c) -> Dense(8, activation="tanh") -> Dropout(rate)
  return add(u, c), u
}
block x -> tower(n) {
  _, q = (x, x) -> repeat 3 { cross(n) }
  return q
}
model M {
  input a: float32[8]
  input b: float32[8]
  _, q = (a -> Dense(8), b -> Dense(8)) -> repeat 3 { cross(8) }
  r, s = (a, b) -> for k in [0.1, 0.2, 0.3] { cell(rate=k) }
  t, u = (r, s) -> repeat 2 { cell(rate=0.5) -> cell() }
  _, named = (q, t) -> repeat 2 { cross(8) }
  output v = concat(u, a -> tower(8), b -> tower(8), named) -> Dense(1)
  output w = q
}
""",
    "frozen": """
model Inner(n=4) {
  input x: float32[8]
  output z = x -> Dense(n) -> Dense(n)
}
model M {
  input x: float32[8]
  shared inner = Inner(trainable=False)
  once = x -> Inner(n=3, trainable=False)
  output y = concat(x -> inner, x * 1 -> inner, once) -> Dense(2)
}
""".replace("x * 1 -> inner", "x -> Dense(8) -> inner"),
    "outputs that end in blocks and loops": """
block x -> head(n) { return x -> Dense(n) -> repeat 2 { Dense(n) } }
model M {
  input x: float32[8]
  output a(loss="mse", weight=2.0) = x -> head(3)
  output b(loss="mae") = x -> head(4)
  output c = x -> repeat 3 { Dense(5) }
  output d(loss="mse", metrics=["mae"]) = x -> for n in [4, 5, 6] { Dense(n) -> ReLU() }
}
""".replace("output c =", 'output c(loss="mse") ='),
    "inputs": """
model M {
  input ids(batch_size=2): int32[?]
  input words: string[1]
  input flags(optional=True): float32[3, 3, 1]
  output y = ids -> Embedding(5, 4) -> GlobalAveragePooling1D() -> Dense(1)
  output w = words -> Identity()
  output f = flags -> Flatten() -> Dense(1)
}
""",
    "names that clash": """
model M {
  input layers: float32[8]
  input keras: float32[8]
  input x: float32[8]
  units = layers -> Dense(4)
  print = keras -> Dense(4)
  output range = concat(units, print, x -> for units in [2, 3, 4] { Dense(units) }) -> Dense(1)
}
""",
    "several inputs to a block": """
block (a, b) -> cell(n, rate=0.1) {
  h = concat(a, b) -> Dense(n, activation="tanh") -> Dropout(rate)
  g = concat(a, b) -> Dense(n, activation="sigmoid")
  return multiply(h, g), add(h, b)
}
model M {
  input x: float32[8]
  input s: float32[8]
  output y, = (x, s) -> cell(8) -> cell(8, rate=0.2)
}
""".replace(
        "output y, = (x, s) -> cell(8) -> cell(8, rate=0.2)",
        "p, q = (x, s) -> cell(8)\n"
        "  r, t = (p, q) -> cell(8, rate=0.2)\n  output y = add(r, t) -> Dense(1)",
    ),
}
