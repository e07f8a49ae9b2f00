"""The blocks of `std/tasks` by hand, all of them in one model; `SOURCE` is the same in mtg."""

import keras
from keras import KerasTensor, layers, ops

SOURCE = """
from "std/tasks" import shared_bottom, mmoe, cgc, ple, mlp, towers, cross_stitch, entire_space
from "std/tasks" import mask_heads, class_heads

block x -> narrow(width) { return x -> Dense(width, activation="tanh") }
block x -> stage() { return x -> Conv2D(4, 3, padding="same", activation="relu") }

model Tasks(tasks=["click", "like", "buy"]) {
  input x: float32[6]
  input image: float32[8, 8, 3]

  hard = x -> shared_bottom(tasks, units=[5, 4]) -> towers([3])
  mixed = x -> mmoe(tasks, experts=2, units=[5, 4]) -> towers([3, 2], activation="tanh")
  gated = x -> cgc(tasks, experts=1, shared_experts=2, units=4, expert=narrow)
  layered = x -> ple(tasks, experts=1, shared_experts=1, units=[5])
  stitched = {task: x -> mlp([4]) for task in tasks} -> cross_stitch()

  chances = {
    task: concat(hard[task], mixed[task], gated[task], layered[task], stitched[task])
      -> Dense(1, activation="sigmoid")
    for task in tasks
  } -> entire_space()
  for task, chance in chances.items() { output f"{task}"(loss="binary_crossentropy") = chance }

  fine = image -> stage()
  coarse = fine -> MaxPooling2D(4) -> stage()
  maps = {"fine": fine, "coarse": coarse} -> towers([4])
  stitched_maps = {"a": maps["fine"], "b": image -> stage()} -> cross_stitch(same=0.8)
  levels = [stitched_maps["a"], maps["coarse"]]
  for i, mask in enumerate(levels -> mask_heads(3)) {
    output f"mask_{i}"(loss="sparse_categorical_crossentropy", weight=0.5 ** i) = mask
  }
  for i, kind in enumerate([*levels, stitched_maps["b"]] -> class_heads(1, activation=None)) {
    output f"kind_{i}"(loss="mse") = kind
  }
  train(optimizer=SGD(learning_rate=0.1))
}
"""

TASKS = ["click", "like", "buy"]
Tensors = dict[str, KerasTensor]


def mlp(x: KerasTensor, units: list[int], activation: str = "relu") -> KerasTensor:
    for width in units:
        x = layers.Dense(width, activation=activation)(x)
    return x


def towers(xs: Tensors, units: list[int], activation: str = "relu") -> Tensors:
    return {task: mlp(x, units, activation) for task, x in xs.items()}


def gated(x: KerasTensor, pool: KerasTensor) -> KerasTensor:
    gate = layers.Dense(pool.shape[1], activation="softmax", use_bias=False)(x)
    return layers.dot([gate, pool], axes=1)


def mmoe(x: KerasTensor) -> Tensors:
    pool = ops.stack([mlp(x, [5, 4]) for _ in range(2)], axis=1)
    return {task: gated(x, pool) for task in TASKS}


def cgc(x: KerasTensor) -> Tensors:
    common = [layers.Dense(4, activation="tanh")(x) for _ in range(2)]
    mixed = {}
    for task in TASKS:
        own = layers.Dense(4, activation="tanh")(x)
        mixed[task] = gated(x, ops.stack([own, *common], axis=1))
    return mixed


def ple(x: KerasTensor) -> Tensors:
    xs = dict.fromkeys(TASKS, x)
    for level in range(2):
        own = {task: mlp(xs[task], [5]) for task in TASKS}
        common = mlp(x, [5])
        xs = {task: gated(xs[task], ops.stack([own[task], common], axis=1)) for task in TASKS}
        if level == 0:
            everything = [*own.values(), common]
            x = gated(x, ops.stack(everything, axis=1))
    return xs


def weighed(x: KerasTensor, initial: float) -> KerasTensor:
    """Multiply each channel by a number that is trained."""
    place = ops.zeros_like(layers.Flatten()(x)[:, 0], dtype="int32")
    initializer = keras.initializers.Constant(initial)
    weight = layers.Embedding(1, x.shape[-1], embeddings_initializer=initializer)(place)
    return layers.multiply([x, weight])


def cross_stitch(xs: Tensors, same: float = 0.9) -> Tensors:
    other = (1 - same) / (len(xs) - 1)
    return {
        task: layers.add([weighed(x, same if name == task else other) for name, x in xs.items()])
        for task in xs
    }


def heads(x: KerasTensor) -> list[KerasTensor]:
    bottom = mlp(x, [5, 4])
    hard = towers(dict.fromkeys(TASKS, bottom), [3])
    mixed = towers(mmoe(x), [3, 2], "tanh")
    own = cgc(x)
    layered = ple(x)
    stitched = {task: mlp(x, [4]) for task in TASKS}
    stitched = cross_stitch(stitched)
    found = []
    for task in TASKS:
        parts = [hard[task], mixed[task], own[task], layered[task], stitched[task]]
        found.append(layers.Dense(1, activation="sigmoid")(layers.concatenate(parts)))
    click, like, buy = found
    return [click, layers.multiply([click, like]), layers.multiply([click, like, buy])]


def conv(x: KerasTensor) -> KerasTensor:
    return layers.Conv2D(4, 3, padding="same", activation="relu")(x)


def pictures(image: KerasTensor) -> list[KerasTensor]:
    fine = conv(image)
    coarse = conv(layers.MaxPooling2D(4)(fine))
    fine, coarse = (
        layers.Dense(4, activation="relu")(fine),
        layers.Dense(4, activation="relu")(coarse),
    )
    stitched = cross_stitch({"a": fine, "b": conv(image)}, same=0.8)
    masks = [layers.Conv2D(3, 1)(stitched["a"]), layers.Conv2D(3, 1)(coarse)]
    masks[1] = layers.UpSampling2D(4, interpolation="bilinear")(masks[1])
    masks = [layers.Activation("softmax")(mask) for mask in masks]
    kinds = []
    for level in (stitched["a"], coarse, stitched["b"]):
        kinds.append(layers.Dense(1)(layers.GlobalAveragePooling2D()(level)))
    return masks + kinds


def build() -> keras.Model:
    x = keras.Input((6,), name="x")
    image = keras.Input((8, 8, 3), name="image")
    names = [*TASKS, "mask_0", "mask_1", "kind_0", "kind_1", "kind_2"]
    outputs = [
        layers.Identity(name=name)(y)
        for name, y in zip(names, heads(x) + pictures(image), strict=True)
    ]
    model = keras.Model([x, image], outputs)
    losses = ["binary_crossentropy"] * 3 + ["sparse_categorical_crossentropy"] * 2 + ["mse"] * 3
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.1),
        loss=dict(zip(names, losses, strict=True)),
        loss_weights={name: 0.5 if name == "mask_1" else 1.0 for name in names},
    )
    return model
