"""Words of Keras 1 and 2, of TensorFlow 1 and of PyTorch: the mend is a program that Keras builds,
and where there is none, nothing is suggested."""

from __future__ import annotations

import re
import warnings
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from mtg.catalog import catalog
from mtg.cli.mending import Mending, Text
from mtg.compiler import Compiler
from mtg.semantics.hints.foreign_arguments import ADVICE, LEFT_OUT, RENAMED
from mtg.semantics.hints.foreign_layers import GONE
from mtg.text.diagnostics import Diagnostic

INPUTS = {
    "v": "float32[8]",
    "s": "float32[6, 8]",
    "im": "float32[12, 12, 4]",
    "cube": "float32[6, 6, 6, 2]",
    "n": "int32[6]",
}


def program(statements: str, train: str = "") -> str:
    used = [name for name in INPUTS if re.search(rf"\b{name}\b", statements)]
    inputs = "".join(f"  input {name}: {INPUTS[name]}\n" for name in used)
    return f"model M {{\n{inputs}  {statements}\n  {train}\n}}\n"


def checked(text: str) -> tuple[Compiler, list[Diagnostic]]:
    compiler = Compiler("m.mtg", data=text.encode())
    return compiler, compiler.check()


def mended(text: str, *, unsafe: bool = True) -> str:
    return Mending(checked, unsafe=unsafe).mend(Text(*checked(text))).text


def layer_of_keras(text: str) -> Any:
    names = {name: getattr(keras.layers, name) for name in dir(keras.layers)}
    names |= {name: getattr(keras.regularizers, name) for name in dir(keras.regularizers)}
    names |= {name: getattr(keras.constraints, name) for name in dir(keras.constraints)}
    return eval(text, names)


SURE = [
    ("im -> Conv2D(8, 3, border_mode='same')", "im -> Conv2D(8, 3, padding='same')"),
    ("im -> Conv2D(8, 3, subsample=(2, 2))", "im -> Conv2D(8, 3, strides=(2, 2))"),
    (
        "s -> Convolution1D(nb_filter=8, filter_length=3)",
        "s -> Convolution1D(filters=8, kernel_size=3)",
    ),
    ("s -> Conv1D(8, 3, subsample_length=2)", "s -> Conv1D(8, 3, strides=2)"),
    ("im -> Conv2D(8, 3, init='he_normal')", "im -> Conv2D(8, 3, kernel_initializer='he_normal')"),
    ("v -> Dense(3, W_regularizer='l2')", "v -> Dense(3, kernel_regularizer='l2')"),
    ("v -> Dense(3, b_regularizer='l2')", "v -> Dense(3, bias_regularizer='l2')"),
    ("v -> Dense(3, W_constraint='max_norm')", "v -> Dense(3, kernel_constraint='max_norm')"),
    ("v -> Dense(output_dim=3, bias=False)", "v -> Dense(units=3, use_bias=False)"),
    ("v -> Dense(3, input_dim=8)", "v -> Dense(3)"),
    ("v -> Dropout(p=0.5)", "v -> Dropout(rate=0.5)"),
    ("v -> GaussianNoise(sigma=0.1)", "v -> GaussianNoise(stddev=0.1)"),
    ("v -> LeakyReLU(alpha=0.2)", "v -> LeakyReLU(negative_slope=0.2)"),
    ("v -> BatchNormalization(mode=0)", "v -> BatchNormalization()"),
    (
        "v -> BatchNormalization(gamma_init='ones')",
        "v -> BatchNormalization(gamma_initializer='ones')",
    ),
    ("s -> LSTM(3, inner_activation='sigmoid')", "s -> LSTM(3, recurrent_activation='sigmoid')"),
    ("s -> LSTM(3, inner_init='orthogonal')", "s -> LSTM(3, recurrent_initializer='orthogonal')"),
    ("s -> LSTM(3, U_regularizer='l2')", "s -> LSTM(3, recurrent_regularizer='l2')"),
    (
        "s -> LSTM(3, dropout_W=0.2, dropout_U=0.1)",
        "s -> LSTM(3, dropout=0.2, recurrent_dropout=0.1)",
    ),
    ("s -> LSTM(3, consume_less='gpu')", "s -> LSTM(3)"),
    ("s -> GRU(3, implementation=2)", "s -> GRU(3)"),
    ("s -> CuDNNLSTM(3)", "s -> LSTM(3)"),
    ("s -> Bidirectional(CuDNNLSTM(3))", "s -> Bidirectional(LSTM(3))"),
    ("s -> CuDNNGRU(3, return_sequences=True)", "s -> GRU(3, return_sequences=True)"),
    ("s -> MaxPooling1D(pool_length=2, stride=2)", "s -> MaxPooling1D(pool_size=2, strides=2)"),
    (
        "n -> Embedding(9, 4, W_regularizer='l2')",
        "n -> Embedding(9, 4, embeddings_regularizer='l2')",
    ),
    (
        "n -> Embedding(num_embeddings=9, embedding_dim=4)",
        "n -> Embedding(input_dim=9, output_dim=4)",
    ),
    (
        "im -> Conv2D(in_channels=4, out_channels=8, kernel_size=3)",
        "im -> Conv2D(filters=8, kernel_size=3)",
    ),
    ("v -> Dense(in_features=8, out_features=3)", "v -> Dense(units=3)"),
    ("v -> ReLU(inplace=True)", "v -> ReLU()"),
    ("s -> LSTM(hidden_size=3, batch_first=True)", "s -> LSTM(units=3)"),
    ("im -> Conv2D(8, 3, padding=0)", 'im -> Conv2D(8, 3, padding="valid")'),
    ("v -> Softmax(dim=1)", "v -> Softmax(axis=1)"),
    ("im -> BatchNormalization(eps=0.1)", "im -> BatchNormalization(epsilon=0.1)"),
]
LIKELY = [
    ("v -> ThresholdedReLU(theta=0.5)", "v -> ReLU(threshold=0.5)"),
    ("s -> TimeDistributedDense(3)", "s -> TimeDistributed(Dense(3))"),
    (
        "im -> AtrousConvolution2D(8, 3, 3, atrous_rate=(2, 2))",
        "im -> Conv2D(8, (3, 3), dilation_rate=(2, 2))",
    ),
    ("im -> Deconvolution2D(8, 3, 3, output_shape=(1, 2))", "im -> Conv2DTranspose(8, (3, 3))"),
    ("im -> Conv2D(8, 3, dim_ordering='tf')", 'im -> Conv2D(8, 3, data_format="channels_last")'),
    ("v -> Dropout(keep_prob=0.8)", "v -> Dropout(rate=0.2)"),
    ("s -> LSTM(3, forget_bias_init='one')", "s -> LSTM(3, unit_forget_bias=True)"),
    ("n -> Embedding(9, 4, padding_idx=0)", "n -> Embedding(9, 4, mask_zero=True)"),
    ("v -> Dense(3, kernel_constraint=maxnorm(3))", "v -> Dense(3, kernel_constraint=MaxNorm(3))"),
    (
        "v -> Dense(3, kernel_regularizer=l1l2(0.1, 0.2))",
        "v -> Dense(3, kernel_regularizer=L1L2(0.1, 0.2))",
    ),
    (
        "v -> Dense(3, kernel_regularizer=WeightRegularizer(l2=0.1))",
        "v -> Dense(3, kernel_regularizer=L1L2(l2=0.1))",
    ),
    ("v -> nn.Linear(8, 3)", "v -> Dense(3)"),
    ("v -> nn.Linear(8, 3, bias=False)", "v -> Dense(3, use_bias=False)"),
    ("v -> Linear(8, 3)", "v -> Dense(3)"),
    ("v -> Linear(3, bias=False)", "v -> Dense(3, use_bias=False)"),
    ("v -> Linear(in_features=8, out_features=3)", "v -> Dense(3)"),
    ("im -> nn.Conv2d(4, 8, 3, padding=1)", 'im -> Conv2D(8, 3, padding="same")'),
    (
        "im -> Conv2d(4, 8, 5, padding=2, bias=False)",
        'im -> Conv2D(8, 5, use_bias=False, padding="same")',
    ),
    ("im -> nn.ConvTranspose2d(4, 8, 2, stride=2)", "im -> Conv2DTranspose(8, 2, strides=2)"),
    ("im -> nn.MaxPool2d(2)", "im -> MaxPooling2D(2)"),
    ("im -> nn.AdaptiveAvgPool2d(1)", "im -> AdaptiveAveragePooling2D(1)"),
    ("im -> AdaptiveAvgPool2d((3, 3))", "im -> AdaptiveAveragePooling2D((3, 3))"),
    ("im -> BatchNorm2d(4)", "im -> BatchNormalization()"),
    (
        "im -> nn.BatchNorm2d(4, eps=0.1, momentum=0.1)",
        "im -> BatchNormalization(epsilon=0.1, momentum=0.9)",
    ),
    ("im -> Dropout2d(0.3)", "im -> SpatialDropout2D(0.3)"),
    ("im -> nn.Dropout()", "im -> Dropout(0.5)"),
    ("v -> nn.LeakyReLU()", "v -> LeakyReLU(0.01)"),
    ("v -> nn.ReLU(inplace=True)", "v -> ReLU()"),
    ("v -> nn.Sigmoid()", 'v -> Activation("sigmoid")'),
    ("v -> LayerNorm(8)", "v -> LayerNormalization()"),
    ("im -> nn.GroupNorm(2, 4)", "im -> GroupNormalization(2)"),
    ("im -> nn.InstanceNorm2d(4)", "im -> GroupNormalization(-1)"),
    ("n -> nn.Embedding(9, 4, padding_idx=0)", "n -> Embedding(9, 4, mask_zero=True)"),
    ("s -> nn.GRU(8, 3, batch_first=True)", "s -> GRU(3, return_sequences=True)"),
    (
        "s -> nn.LSTM(8, 3, bidirectional=True)",
        "s -> Bidirectional(LSTM(3, return_sequences=True))",
    ),
    ("im -> nn.Upsample(scale_factor=2)", "im -> UpSampling2D(2)"),
    ("im -> nn.ZeroPad2d(1)", "im -> ZeroPadding2D(1)"),
    ("v -> tf.layers.dense(3)", "v -> Dense(3)"),
    (
        "v -> layers.Dense(3, kernel_regularizer=regularizers.l2(l=0.1))",
        "v -> Dense(3, kernel_regularizer=l2(l2=0.1))",
    ),
    (
        "v -> tf.keras.layers.Dense(3, activation=tf.nn.relu)",
        'v -> Dense(3, activation="relu")',
    ),
    ("s -> BiLSTM(3)", "s -> Bidirectional(LSTM(3))"),
    ("s -> LSTMLayer(3)", "s -> LSTM(3)"),
    ("v -> FullyConnected(3)", "v -> Dense(3)"),
    (
        "im -> experimental.preprocessing.Rescaling(0.5)",
        "im -> Rescaling(0.5)",
    ),
    ("s -> TimeDistributed(nn.Linear(8, 3))", "s -> TimeDistributed(Dense(3))"),
    ("v -> tf.keras.layers.Dropout(p=0.5)", "v -> Dropout(rate=0.5)"),
]


@pytest.mark.parametrize(("wrong", "right"), SURE + LIKELY)
def test_the_mend_is_what_keras_builds(wrong: str, right: str) -> None:
    is_sure = (wrong, right) in SURE
    text = program(f"output y = {wrong}")
    assert any(each.is_error for each in checked(text)[1])
    assert mended(text, unsafe=False) == (program(f"output y = {right}") if is_sure else text)
    assert mended(text) == program(f"output y = {right}")
    model = mtg.compile(mended(text))
    tensor, layer = right.split(" -> ", 1)
    shape = (None, *map(int, INPUTS[tensor].partition("[")[2][:-1].split(",")))
    by_hand = layer_of_keras(layer)
    assert tuple(model.output_shape) == tuple(by_hand(keras.Input(shape[1:])).shape)
    assert model.layers[-1].__class__ is by_hand.__class__


@pytest.mark.parametrize(
    ("wrong", "help"),
    [
        (
            "im -> Convolution2D(8, 3, 3, border_mode='same', subsample=(2, 2))",
            "Conv2D(8, (3, 3), padding='same', strides=(2, 2))",
        ),
        ("im -> Conv2D(8, nb_row=3, nb_col=5)", "kernel_size=(3, 5)"),
        (
            "cube -> Convolution3D(8, 3, 3, 3, border_mode='same')",
            "Conv3D(8, (3, 3, 3), padding='same')",
        ),
        ("im -> Conv2D(8, 3, padding=1)", "ZeroPadding2D(1)"),
        ("im -> Conv2D(8, 3, padding=(1, 2))", "ZeroPadding2D((1, 2))"),
        ("v -> Dense(3, weights=[1])", "mtg compile --weights FILE"),
        ("s -> LSTM(3, stateful=True)", "input NAME(batch_size=32): …"),
        (
            "im -> nn.Conv2d(4, 8, 3, stride=2, padding=1)",
            "ZeroPadding2D(1) -> Conv2D(8, 3, strides=2)",
        ),
        ("s -> nn.LSTM(8, 3, 2)", "repeat 2 { LSTM(3, return_sequences=True) }"),
        (
            "v -> nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))",
            "Dense(4) -> ReLU() -> Dense(2)",
        ),
        (
            "im -> tf.keras.layers.experimental.SyncBatchNormalization()",
            "BatchNormalization(synchronized=True)",
        ),
        ("v -> nn.Linear", "Dense(…)"),
        ("v -> Merge(mode='concat')", "concat(a, b)"),
        ("merge([v, v], mode='concat', concat_axis=1)", "concat(v, v, axis=1)"),
        ("Merge([v, v], mode='ave')", "average(v, v)"),
        ("nn.Linear(8, 3)(v)", "v -> Dense(3)"),
        ("tf.layers.conv2d(im, 8, 3, strides=2)", "im -> Conv2D(8, 3, strides=2)"),
        ("tf.nn.dropout(v, 0.5)", "v -> Dropout(0.5)"),
        ("concat(v, tf.random.normal((1, 8)))", "GaussianNoise(0.1)"),
        ("concat(v, random.normal((1, 8)))", "RandomNormal()"),
        ("concat(v, ops.random.normal((1, 8)))", "GaussianNoise(0.1)"),
        ("v -> Dense(3, kernel_initializer=xavier_initializer())", '"glorot_uniform"'),
        ("v -> Dense(3, kernel_initializer='xavier_normal_')", '"glorot_normal"'),
    ],
)
def test_help(wrong: str, help: str) -> None:
    _, found = checked(program(f"output y = {wrong}"))
    assert any(f"`{help}`" in each.help or help in each.help for each in found if each.is_error)


def test_what_was_a_kernel_of_two_numbers_is_not_made_a_stride() -> None:
    """`Convolution2D(8, 3, 3)` has a kernel of 3 and a stride of 3 in Keras 3."""
    text = program("output y = im -> Convolution2D(8, 3, 3, border_mode='same')")
    assert mended(text, unsafe=False) == text
    right = program("output y = im -> Convolution2D(8, (3, 3), padding='same')")
    assert mended(text) == right
    assert mtg.compile(right).output_shape == (None, 12, 12, 8)


@pytest.mark.parametrize("name", sorted(GONE))
def test_what_keras_has_no_more_is_no_misspelling(name: str) -> None:
    assert not any(name in catalog().names(kind) for kind in catalog().kinds())
    for wrong in (f"v -> {name}(3)", f"v -> nn.{name}(3)"):
        _, found = checked(program(f"output y = {wrong}"))
        assert [(each.help, each.fix) for each in found if each.is_error] == [("", None)]


@pytest.mark.parametrize(
    "wrong",
    [
        "output y = im -> BatchNormalization(mode=2)",
        "output y(loss='nll_loss') = v -> Dense(1)",
        "output y(loss='mse', metrics=['matthews_correlation']) = v -> Dense(1)",
        "output y = s -> nn.LSTM(8, 3, dropout=0.5)",
        "output y = im -> nn.MaxPool2d(3, padding=1)",
        "output y = v -> nn.TransformerEncoderLayer(8, 2)",
        "output y = s -> LSTM(3, batch_first=False)",
        "output y = v -> Linear()",
        "output y = im -> nn.Conv2d(3, 64)",
        "output y = tf.contrib.layers.conv2d(im, 8, 3)",
        "output y = tf.layers.dropout(v)",
        "output y = im -> experimental.preprocessing.RandomHeight(0.5)",
    ],
)
def test_silence(wrong: str) -> None:
    _, found = checked(program(wrong))
    assert [(each.help, each.fix) for each in found if each.is_error] == [("", None)]


@pytest.mark.parametrize(
    "cls", ["Dense", "Conv2D", "LSTM", "GRU", "Embedding", "Dropout", "LeakyReLU"]
)
def test_keras_refuses_these_words_or_warns(cls: str) -> None:
    """What is said to be wrong is nothing that Keras 3 takes without a word, but for three."""
    entry = catalog().find("layer", cls)
    assert entry is not None
    required = {p.name: 2 for p in entry.parameters if p.required}
    known = {parameter.name for parameter in entry.parameters}
    silent = set()
    for word in {*RENAMED, *LEFT_OUT, *ADVICE} - known:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                getattr(keras.layers, cls)(**required, **{word: (8,) if "shape" in word else 2})
            except (TypeError, ValueError):
                continue
        if not said:
            silent.add(word)
    assert silent <= {"implementation", "input_dim", "input_shape"}


def test_leaky_relu_is_that_of_keras() -> None:
    values = np.linspace(-2, 2, 8, dtype="float32")[None]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = keras.layers.LeakyReLU(alpha=0.2)
    new = mtg.compile(mended(program("output y = v -> LeakyReLU(alpha=0.2)")))
    np.testing.assert_allclose(new(values), np.asarray(old(values)), rtol=1e-6)


def test_a_thresholded_relu() -> None:
    values = np.linspace(-2, 2, 8, dtype="float32")[None]
    model = mtg.compile(mended(program("output y = v -> ThresholdedReLU(theta=0.5)")))
    np.testing.assert_allclose(model(values), values * (values > 0.5))


def test_instance_normalization() -> None:
    values = np.random.default_rng(1).normal(size=(2, 12, 12, 4)).astype("float32")
    model = mtg.compile(mended(program("output y = im -> nn.InstanceNorm2d(4, eps=0.001)")))
    each = values - values.mean(axis=(1, 2), keepdims=True)
    expected = each / np.sqrt(values.var(axis=(1, 2), keepdims=True) + 0.001)
    np.testing.assert_allclose(model(values), expected, atol=1e-4)


# ---- training ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("optimizer=SGD(lr=0.1, momentum=0.9)", "optimizer=SGD(learning_rate=0.1, momentum=0.9)"),
        ("optimizer=Adam(0.1, betas=(0.8, 0.9))", "optimizer=Adam(0.1, beta_1=0.8, beta_2=0.9)"),
        ('optimizer="AdamOptimizer"', 'optimizer="adam"'),
        ('optimizer="sgd_optimizer", num_epochs=3', 'optimizer="sgd", epochs=3'),
        ("optimizer=Adam(eps=0.1)", "optimizer=Adam(epsilon=0.1)"),
        ("optimizer=optim.SGD(lr=0.1)", "optimizer=SGD(learning_rate=0.1)"),
        ("optimizer=AdamOptimizer(0.1)", "optimizer=Adam(0.1)"),
        ("optimizer=tf.train.AdamOptimizer(0.1)", "optimizer=Adam(0.1)"),
        ("optimizer=Nadam(0.1, schedule_decay=0.1)", "optimizer=Nadam(0.1)"),
        ('optimizer="adam", nb_epoch=3', 'optimizer="adam", epochs=3'),
        ('optimizer="adam", workers=3', 'optimizer="adam"'),
    ],
)
def test_settings_of_training(wrong: str, right: str) -> None:
    output = "output y(loss='mse') = v -> Dense(1)"
    text = mended(program(output, f"train({wrong})"))
    assert text == program(output, f"train({right})")
    assert isinstance(mtg.compile(text).optimizer, keras.optimizers.Optimizer)


@pytest.mark.parametrize(
    ("given", "rate"),
    [
        ("SGD(lr=0.1, decay=0.01)", 0.1),
        ("Adam(0.2, decay=0.01)", 0.2),
        ("SGD(decay=0.01)", 0.01),
        ("SGD(momentum=0.9, decay=0.01, learning_rate=0.3)", 0.3),
    ],
)
def test_decay_is_a_schedule_and_no_decay_of_weights(given: str, rate: float) -> None:
    output = "output y(loss='mse') = v -> Dense(1)"
    _, found = checked(program(output, f"train(optimizer={given})"))
    (help,) = [each.help for each in found if "`decay`" in each.message]
    assert "weight_decay" not in help
    optimizer = re.search(r"`(.*)`", help)
    assert optimizer is not None
    text = program(output, f"train(optimizer={optimizer[1]})")
    # `lr` is mended first, and what a fix has written no other changes in the same run.
    assert mended(mended(program(output, f"train(optimizer={given})"))) == text
    model = mtg.compile(text)
    made = model.optimizer._learning_rate
    for step in (0, 1, 10, 1000):
        assert float(made(step)) == pytest.approx(rate / (1 + 0.01 * step), rel=1e-4)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("nn.CrossEntropyLoss()", "SparseCategoricalCrossentropy(from_logits=True)"),
        ("CrossEntropyLoss()", "SparseCategoricalCrossentropy(from_logits=True)"),
        ("'BCEWithLogitsLoss'", "BinaryCrossentropy(from_logits=True)"),
        ("nn.MSELoss()", '"mse"'),
        ("SmoothL1Loss()", "Huber()"),
    ],
)
def test_losses(wrong: str, right: str) -> None:
    text = mended(program(f"output y(loss={wrong}) = v -> Dense(3)"))
    assert text == program(f"output y(loss={right}) = v -> Dense(3)")
    assert mtg.compile(text).loss is not None


@pytest.mark.parametrize(
    "losses", ['loss=["mse", "mae"]', 'loss="mse", loss="mae"', 'loss=("mse", "mae")']
)
def test_two_losses_are_two_outputs(losses: str) -> None:
    _, found = checked(program(f"output y({losses}) = v -> Dense(1)"))
    (help,) = [each.help for each in found if each.is_error]
    second = re.search(r"`(output .*)`", help)
    assert second is not None
    text = program(f'output y(loss="mse") = v -> Dense(1)\n  {second[1]}')
    model = mtg.compile(text)
    values = np.ones((4, 8), "float32")
    target = np.zeros((4, 1), "float32")
    found_loss = model.evaluate(values, [target, target], verbose=0, return_dict=True)["loss"]
    y = np.asarray(model(values)[0])
    assert found_loss == pytest.approx(float(np.mean(y**2) + np.mean(np.abs(y))), rel=1e-4)


def test_what_is_a_metric_is_said_to_be_one() -> None:
    _, found = checked(program("output y(loss='root_mean_squared_error') = v -> Dense(1)"))
    (help,) = [each.help for each in found if each.is_error]
    metrics = re.search(r"`(metrics=.*)`", help)
    assert metrics is not None
    mtg.compile(
        program(f"output y(loss='mse', {metrics[1]}) = v -> Dense(1)\n", "train(optimizer='sgd')")
    )
