"""Keras models of many kinds, as people write them: each must come back from `.mtg` text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from decompile.custom import Scale, half
from keras import Input, Model, Sequential, initializers, layers, ops, regularizers

Make = Callable[[], Any]
MODELS: dict[str, Make] = {}


def model(make: Make) -> Make:
    MODELS[make.__name__] = make
    return make


def sized(*shape: int | None, **settings: Any) -> Any:
    return Input(shape, **settings)


@model
def sequential() -> Any:
    return Sequential([sized(8), layers.Dense(4, activation="relu"), layers.Dense(2)])


@model
def two_tasks() -> Any:
    ids, extra = sized(12, dtype="int32", name="ids"), sized(3, name="extra")
    text = layers.LSTM(4)(layers.Embedding(20, 6)(ids))
    both = layers.Concatenate()([text, extra])
    main = layers.Dense(1, activation="sigmoid", name="main")(layers.Dense(5)(both))
    side = layers.Dense(1, activation="sigmoid", name="side")(text)
    made = Model([ids, extra], [main, side], name="two_tasks")
    made.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, 1000)),
        loss={"main": "binary_crossentropy", "side": keras.losses.BinaryCrossentropy()},
        loss_weights={"main": 1.0, "side": 0.2},
        metrics={"main": ["accuracy", keras.metrics.AUC(name="area")]},
        weighted_metrics={"side": ["mae"]},
    )
    return made


@model
def seq2seq_with_states() -> Any:
    source, target = sized(None, 5, name="source"), sized(None, 6, name="target")
    _, h, c = layers.LSTM(4, return_state=True)(source)
    found, _, _ = layers.LSTM(4, return_sequences=True, return_state=True)(
        target, initial_state=[h, c]
    )
    return Model([source, target], layers.Dense(6, activation="softmax", name="words")(found))


@model
def gru_both_ways_with_states() -> Any:
    x = sized(7, 3)
    seq, forward, backward = layers.Bidirectional(
        layers.GRU(4, return_sequences=True, return_state=True)
    )(x)
    state = layers.Concatenate()([forward, backward])
    return Model(x, [layers.GRU(8)(seq, initial_state=state), state])


@model
def attention_with_keywords() -> Any:
    q, v = sized(5, 8, name="q"), sized(7, 8, name="v")
    allowed = sized(5, 7, dtype="bool", name="allowed")
    attended, scores = layers.MultiHeadAttention(2, 4, dropout=0.1)(
        query=q, value=v, key=v, attention_mask=allowed, return_attention_scores=True
    )
    causal = layers.MultiHeadAttention(2, 4)(q, q, use_causal_mask=True)
    plain = layers.Attention(use_scale=True)([q, v])
    normed = layers.LayerNormalization()(layers.Add()([attended, causal, plain, q]))
    return Model([q, v, allowed], [normed, scores])


@model
def masks_that_are_handed_on() -> Any:
    ids = sized(9, dtype="int32")
    x = layers.Embedding(12, 4, mask_zero=True)(ids)
    x = layers.Dropout(0.2)(layers.Dense(5)(x))
    x = layers.LSTM(4, return_sequences=True)(x)
    return Model(ids, [layers.GRU(3)(x), layers.GlobalAveragePooling1D()(x)])


@model
def masks_that_are_made() -> Any:
    x = sized(6, 3)
    masked = layers.Masking(mask_value=-1.0)(x)
    own = ops.any(ops.not_equal(x, 0.0), axis=-1)
    return Model(x, [layers.LSTM(2)(masked), layers.LSTM(2)(x, mask=own)])


@model
def siamese() -> Any:
    a, b = sized(10, 10, 3, name="left"), sized(10, 10, 3, name="right")
    pieces = [layers.Conv2D(4, 3, activation="relu"), layers.Flatten(), layers.Dense(5)]

    def encode(x: Any) -> Any:
        for piece in pieces:
            x = piece(x)
        return x

    far = ops.sqrt(ops.sum(ops.square(encode(a) - encode(b)), axis=-1, keepdims=True))
    return Model([a, b], far)


@model
def unet() -> Any:
    x = image = sized(16, 16, 1)
    skips = []
    for width in (4, 8):
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(16, 3, padding="same")(x)
    for width, skip in zip((8, 4), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(width, 2, strides=2, padding="same")(x)
        x = layers.Concatenate()([skip, x])
        x = layers.Conv2D(width, 3, padding="same", activation="relu")(x)
    return Model(image, layers.Conv2D(1, 1, activation="sigmoid", name="mask")(x))


@model
def experts() -> Any:
    x = sized(6, name="features")
    made = [layers.Dense(4, activation="relu", name=f"expert_{n}")(x) for n in range(3)]
    stack = ops.stack(made, axis=1)
    outputs = []
    for task in ("click", "buy"):
        gate = layers.Dense(3, activation="softmax", name=f"{task}_gate")(x)
        mixed = ops.einsum("be,bed->bd", gate, stack)
        hidden = layers.Dense(3, activation="relu")(mixed)
        outputs.append(layers.Dense(1, activation="sigmoid", name=task)(hidden))
    made_model = Model(x, outputs, name="mmoe")
    made_model.compile(
        optimizer="adam", loss=["binary_crossentropy", "mse"], metrics=[["auc"], None]
    )
    return made_model


@model
def dict_in_and_out() -> Any:
    text, price = sized(5, name="text"), sized(1, name="price")
    both = layers.Concatenate()([text, price])
    made = Model(
        {"text": text, "price": price},
        {"sold": layers.Dense(1)(both), "returned": layers.Dense(1)(layers.Dense(3)(both))},
    )
    made.compile(
        optimizer=keras.optimizers.SGD(0.1, momentum=0.9),
        loss={"sold": "mse", "returned": "mae"},
        loss_weights={"sold": 2.0, "returned": 1.0},
    )
    return made


@model
def many_ops() -> Any:
    x, y = sized(6, 4), sized(4)
    a = x[:, 0] + 1.5 * ops.mean(x, axis=1) - y / 3
    b = ops.where(x > 0, x, -x)[..., 1:3]
    c = ops.einsum("btc,bc->bt", x, y)
    d = ops.concatenate([a, ops.expand_dims(c, -1)[:, :, 0]], axis=-1)
    e = ops.pad(b, ((0, 0), (1, 1), (0, 0)), constant_values=2)
    f, g = ops.split(ops.softmax(x), 2, axis=-1)
    h = ops.matmul(f, ops.transpose(g, (0, 2, 1)))
    i = ops.cast(ops.argmax(x, axis=-1), "float32") ** 2
    j = ops.clip(ops.logsumexp(x, axis=-1), 0.5, 2) % 1.5
    k = ops.reshape(ops.tile(y, (1, 2)), (-1, 2, 4))[:, None, ::2, -1]
    return Model([x, y], [layers.Dense(2)(d), e, h, i, j, k, ops.max(y, axis=-1, initial=-1.0)])


@model
def constants_in_calls() -> Any:
    x = sized(4)
    scaled = x * np.array([1.0, 2.0, 3.0, 4.0], "float32") + ops.ones((4,))
    added = ops.add(ops.array([[0.5, 1.5, 2.5, 3.5]]), scaled)
    quiet = layers.BatchNormalization()(added, training=False)
    return Model(x, layers.Dropout(0.5)(layers.Dense(3)(quiet), training=True))


@model
def parts_after_a_constant() -> Any:
    x = sized(16)
    a, b = ops.split(x * ops.array(2.0), 2, axis=-1)
    c, _ = ops.split(ops.add(x, ops.array([0.5] * 16)), [6], axis=-1)
    return Model(x, [ops.add(ops.relu(a), ops.relu(b)), layers.Concatenate()([a, b]), c])


@model
def nested_three_deep() -> Any:
    p = sized(4, name="p")
    core = Model(p, layers.Dense(4, activation="tanh")(p), name="core")
    q = sized(4, name="q")
    middle = Model(q, layers.Add()([core(q), core(layers.Dense(4)(q))]), name="middle")
    x, y = sized(4, name="x"), sized(4, name="y")
    return Model([x, y], layers.Concatenate()([middle(x), middle(y)]), name="outer")


@model
def nested_with_several_ends() -> Any:
    u, v = sized(4, name="u"), sized(4, name="v")
    inner = Model([u, v], [layers.Add()([u, v]), layers.Dense(3)(u)], name="inner")
    x, y = sized(4, name="x"), sized(4, name="y")
    total, part = inner([x, y])
    again, _ = inner([y, total])
    return Model([x, y], [layers.Dense(2)(again), part])


@model
def nested_with_dicts() -> Any:
    u, v = sized(4, name="u"), sized(4, name="v")
    inner = Model({"u": u, "v": v}, {"sum": layers.Add()([u, v]), "one": layers.Dense(2)(u)})
    x = sized(4)
    results = inner({"u": x, "v": layers.Dense(4)(x)})
    return Model(x, [results["sum"], results["one"]])


@model
def sequential_in_functional() -> Any:
    steps = Sequential([layers.Dense(6, activation="relu"), layers.Dropout(0.1)], name="steps")
    x = sized(6)
    head = Sequential([sized(6), layers.Dense(3)], name="head")
    return Model(x, head(steps(steps(x))))


@model
def functional_in_sequential() -> Any:
    p = sized(8, 8, 1)
    conv = Model(p, layers.GlobalMaxPooling2D()(layers.Conv2D(3, 3)(p)), name="conv")
    return Sequential([sized(8, 8, 1), conv, layers.Dense(2)])


@model
def frozen() -> Any:
    p = sized(4, name="p")
    base = Model(p, layers.BatchNormalization()(layers.Dense(4)(p)), name="base")
    base.trainable = False
    x = sized(4)
    first = layers.Dense(4, name="first")
    first.trainable = False
    return Model(x, layers.Dense(1, name="head")(base(first(x))))


@model
def shared_calls() -> Any:
    x, y = sized(4, name="x"), sized(4, name="y")
    one, two = layers.Dense(4), layers.Dense(4)
    return Model([x, y], [two(one(two(one(x)))), layers.Average()([one(y), x])])


@model
def dtype_policies() -> Any:
    x = sized(4, dtype="float16")
    hidden = layers.Dense(4, dtype="mixed_float16")(x)
    bits = layers.Dense(3, dtype="bfloat16", name="bits")(hidden)
    return Model(x, layers.Dense(2, dtype="float32")(bits))


@model
def regularizers_and_constraints() -> Any:
    x = sized(6)
    hidden = layers.Dense(
        4,
        kernel_initializer=initializers.VarianceScaling(2.0, mode="fan_out", seed=3),
        bias_initializer="ones",
        kernel_regularizer=regularizers.L1L2(0.1, 0.01),
        activity_regularizer=regularizers.L2(1e-4),
        kernel_constraint=keras.constraints.MaxNorm(2),
        name="hidden",
    )(x)
    act = layers.Dense(3, activation=layers.LeakyReLU(negative_slope=0.2))(hidden)
    return Model(x, layers.Dense(2, use_bias=False, kernel_initializer="he_normal")(act))


@model
def wrappers() -> Any:
    x = sized(5, 8, 8, 2)
    each = layers.TimeDistributed(layers.Conv2D(3, 3, activation="relu"))(x)
    flat = layers.TimeDistributed(layers.Flatten())(each)
    both = layers.Bidirectional(layers.LSTM(3), merge_mode="sum")(flat)
    other = layers.Bidirectional(
        layers.LSTM(2), backward_layer=layers.GRU(2, go_backwards=True), merge_mode="concat"
    )(flat)
    normed = layers.SpectralNormalization(layers.Dense(3))(both)
    return Model(x, [normed, other])


@model
def wrapped_model() -> Any:
    p = sized(6, name="p")
    frame = Model(p, layers.Dense(2)(layers.Dense(3)(p)), name="frame")
    x, y = sized(4, 6, name="clip"), sized(6, name="still")
    return Model([x, y], [layers.TimeDistributed(frame)(x), layers.Dense(1)(y)])


@model
def cells() -> Any:
    x = sized(5, 3)
    deep = layers.RNN([layers.LSTMCell(3), layers.GRUCell(4)], return_sequences=True)(x)
    return Model(x, layers.RNN(layers.SimpleRNNCell(2, activation="relu"))(deep))


@model
def preprocessing_with_weights() -> Any:
    number, word = sized(3), sized(1, dtype="int32", name="word")
    normal = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 9.0])(number)
    learned = layers.Normalization(axis=None)
    learned.build((None, 3))
    boxed = layers.Discretization(bin_boundaries=[-1.0, 0.0, 1.0])(number)
    one = layers.CategoryEncoding(num_tokens=5, output_mode="one_hot")(word)
    scaled = layers.Rescaling(1 / 255, offset=-0.5)(learned(number))
    found = layers.Concatenate()([normal, ops.cast(boxed, "float32"), one, scaled])
    return Model([number, word], layers.Dense(2)(found))


@model
def custom_class() -> Any:
    x = sized(4)
    return Model(x, Scale(3.0, name="last_scale")(layers.Dense(2)(Scale(factor=0.5)(x))))


@model
def custom_activation_class() -> Any:
    x = sized(4)
    return Model(x, half(layers.Dense(3, name="last")(x)))


@model
def residuals() -> Any:
    x = image = sized(12, 12, 3)
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(x)
    for width in (4, 4, 8):
        strides = 1 if x.shape[-1] == width else 2
        y = layers.Conv2D(width, 3, strides=strides, padding="same", use_bias=False)(x)
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.BatchNormalization()(layers.Conv2D(width, 3, padding="same")(y))
        skip = x if strides == 1 else layers.Conv2D(width, 1, strides=strides)(x)
        x = layers.ReLU()(layers.Add()([y, skip]))
    return Model(image, layers.Dense(2, name="label")(layers.GlobalAveragePooling2D()(x)))


@model
def every_padding() -> Any:
    x = sized(9, 9, 2)
    a = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    b = layers.Cropping2D(1)(layers.ZeroPadding2D(2)(a))
    c = layers.Conv2D(4, (1, 3), strides=(2, 1), dilation_rate=1, padding="valid")(b)
    d = layers.DepthwiseConv2D((3, 1), depth_multiplier=2)(c)
    e = layers.AveragePooling2D((2, 3), strides=(1, 2), padding="same")(d)
    f = layers.UpSampling2D((1, 2), interpolation="bilinear")(e)
    return Model(x, layers.SeparableConv2D(3, 3, padding="same")(f))


@model
def one_dimension() -> Any:
    x = sized(20, 2)
    y = layers.Conv1D(4, 3, padding="causal", dilation_rate=2)(layers.ZeroPadding1D((1, 2))(x))
    y = layers.UpSampling1D(2)(layers.Cropping1D((1, 0))(layers.MaxPooling1D(2)(y)))
    y = layers.SpatialDropout1D(0.1)(layers.Conv1DTranspose(3, 2)(y))
    return Model(x, layers.GlobalMaxPooling1D()(layers.Permute((2, 1))(y)))


@model
def merges() -> Any:
    x, y = sized(4, name="x"), sized(4, name="y")
    found = [
        merge([x, y])
        for merge in (
            *(layers.Add(), layers.Subtract(), layers.Multiply(), layers.Average()),
            *(layers.Maximum(), layers.Minimum(), layers.Dot(axes=1, normalize=True)),
        )
    ]
    return Model([x, y], layers.Concatenate(axis=1)([*found, x]))


@model
def outputs_that_are_no_ends() -> Any:
    x = sized(4, name="x")
    hidden = layers.Dense(4, name="hidden")(x)
    last = layers.Dense(2, name="last")(hidden)
    return Model(x, [hidden, last, hidden, x, last + 1.0])


@model
def batch_sizes_and_sparse() -> Any:
    x = Input((4,), batch_size=2, name="x")
    y = Input((6,), sparse=True, batch_size=2, name="y")
    return Model([x, y], layers.Concatenate()([layers.Dense(3)(x), layers.Dense(3)(y)]))


@model
def names_that_are_none() -> Any:
    x = sized(4, name="input.1")
    hidden = layers.Dense(4, name="0_block-a")(x)
    return Model(x, layers.Dense(2, name="out.final")(hidden), name="net_1.0_224")


@model
def names_with_a_meaning() -> Any:
    x = sized(4, name="in")
    y = layers.Dense(4, name="concat")(x)
    z = layers.Dense(4, name="add")(layers.Dense(4, name="Dense")(y))
    return Model(x, [layers.Add(name="output")([y, z]), layers.Dense(1, name="if")(z)])


@model
def optimizer_and_losses() -> Any:
    x = sized(4)
    made = Model(x, layers.Dense(3, activation="softmax", name="label")(x))
    made.compile(
        optimizer=keras.optimizers.AdamW(
            learning_rate=keras.optimizers.schedules.PiecewiseConstantDecay(
                [10, 20], [0.1, 0.05, 0.01]
            ),
            weight_decay=0.02,
            clipnorm=1.0,
        ),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy", keras.metrics.TopKCategoricalAccuracy(k=2)],
        steps_per_execution=4,
    )
    return made


@model
def optimizers_of_parts() -> Any:
    x = sized(4)
    made = Model(x, layers.Dense(1, name="price")(layers.Dense(3, name="hidden")(x)))
    optimizers = keras.optimizers.OptimizerMap(
        keras.optimizers.SGD(), {"hidden/.*": keras.optimizers.Adam(0.1)}
    )
    made.compile(optimizer=keras.optimizers.MultiOptimizer(optimizers), loss="mse")
    return made


@model
def images_at_random() -> Any:
    x = sized(12, 12, 3)
    y = layers.RandomRotation(0.1, fill_mode="nearest", seed=1)(layers.RandomFlip("horizontal")(x))
    y = layers.RandomZoom((-0.2, 0.1), seed=2)(layers.RandomContrast(0.3)(y))
    return Model(
        x, layers.Conv2D(2, 3, groups=1)(layers.Resizing(8, 8)(layers.CenterCrop(10, 10)(y)))
    )
