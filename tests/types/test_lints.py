"""Warnings of what is legal and almost certainly not meant, and the proof that it is so.

The programs that provoke each stand in `tests/cases/errors/`; here is what must not be
warned of, and what Keras does with some that are.
"""

from __future__ import annotations

from pathlib import Path

import keras
import mtg
import numpy as np
import pytest
from mtg.catalog import catalog
from mtg.graph.layers import Application
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import NOWHERE
from mtg.types.infer import application_graph, infer
from mtg.types.lints import lint

pytestmark = pytest.mark.usefixtures("eager")


def model(body: str, inputs: str = "input x: float32[8]", name: str = "M") -> str:
    """A model around some declarations."""
    return f"model {name} {{\n{inputs}\n{body}\n}}\n"


def output(loss: str, flow: str, rest: str = "") -> str:
    return model(f"output y(loss={loss}{rest}) = {flow}")


def found(text: str) -> list[str]:
    return [each.code for each in mtg.check(text)]


@pytest.mark.parametrize(
    "text",
    [
        output('"binary_crossentropy"', 'x -> Dense(1, activation="sigmoid")'),
        output('"binary_crossentropy"', 'x -> Dense(5, activation="sigmoid")'),
        output('"binary_crossentropy"', 'x -> Dense(1, activation="hard_sigmoid")'),
        output('"categorical_crossentropy"', 'x -> Dense(5, activation="softmax")'),
        output('"categorical_crossentropy"', 'x -> Dense(5, activation="exponential")'),
        output('"crossentropy"', 'x -> Dense(5, activation="softmax")'),
        output("BinaryCrossentropy(from_logits=True)", "x -> Dense(1)"),
        output("SparseCategoricalCrossentropy(from_logits=True)", "x -> Dense(5)"),
        output("CategoricalCrossentropy(from_logits=True)", 'x -> Dense(5, activation="relu")'),
        output('"mse"', 'x -> Dense(5, activation="softmax")'),
        output('"mse"', 'x -> Dense(1, activation="sigmoid")', ', metrics=["accuracy"]'),
        output('"mse"', "x -> Dense(3)", ', metrics=["accuracy"]'),
        output('"poisson"', 'x -> Dense(1, activation="exponential")'),
        output('"poisson"', 'x -> Dense(1, activation="relu")'),
        output('"kld"', 'x -> Dense(4, activation="softmax")'),
        output('"cosine_similarity"', "x -> Dense(4)"),
        # What the last activation is, is not certain.
        output('"binary_crossentropy"', "x -> Dense(1) -> BatchNormalization()"),
        output('"binary_crossentropy"', "ops.clip(x -> Dense(1), 0, 1)"),
        output('"categorical_crossentropy"', "x -> Dense(8) -> Softmax(axis=1)"),
        output(
            '"binary_crossentropy"',
            'x -> Dense(4, activation="softmax") -> Reshape((4, 1))',
        ),
        # Metrics that fit.
        output(
            '"sparse_categorical_crossentropy"',
            'x -> Dense(4, activation="softmax")',
            ', metrics=["accuracy", SparseTopKCategoricalAccuracy(k=2)]',
        ),
        output(
            '"crossentropy"',
            'x -> Dense(4, activation="softmax")',
            ', metrics=["sparse_categorical_accuracy"]',
        ),
        output(
            "BinaryCrossentropy(from_logits=True)",
            "x -> Dense(1)",
            ", metrics=[BinaryAccuracy(threshold=0.0)]",
        ),
        output('"mse"', "x -> Dense(1)", ', metrics=["mae", RootMeanSquaredError()]'),
        # Weights that balance losses of unlike size.
        model(
            'output a(loss="mse", weight=1e-6) = x -> Dense(1)\n'
            'output b(loss="binary_crossentropy") = x -> Dense(1, activation="sigmoid")'
        ),
        # A loss that a layer brings.
        model("output y = x -> Dense(1, kernel_regularizer=L2(0.1))\ntrain(epochs=1)"),
        # Gates, biases, masks and dueling heads stretch one tensor, and mean it.
        model("output y = multiply(x -> Dense(1), x)"),
        model(
            "output y = multiply(i, i -> GlobalAveragePooling2D()) -> Flatten()",
            "input i: float32[4, 5, 3]",
        ),
        model("output y = add(s, s -> Dense(1))", "input s: float32[6, 3]"),
        model("output y = add(s, v)", "input s: float32[6, 3]\ninput v: float32[3]"),
        model("output y = concat(x, x -> Dense(8), axis=1)"),
        # Noise that is not the end, and an end that nothing trains.
        output('"mse"', "x -> Dropout(0.5) -> Dense(1)"),
        model("output y = x -> Dense(1) -> Dropout(0.5)"),
        output('"mse"', "x -> Reshape((8, 1)) -> Dense(1)"),
    ],
)
def test_no_warning(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("flow", "activation"),
    [
        ("x -> Dense(3)", "softmax"),
        ('x -> Dense(3, activation="relu")', "softmax"),
        ("x -> Dense(3) -> Identity()", "softmax"),
        ('x -> Dense(3) -> Activation("linear")', "softmax"),
        ("x -> Dense(9) -> Reshape((3, 3))", "softmax"),
        ("x -> Reshape((2, 4)) -> TimeDistributed(Dense(3))", "softmax"),
        ("x -> Reshape((2, 4)) -> LSTM(3)", "softmax"),
        ("ops.relu(x)", "softmax"),
        ("x -> Inner()", "softmax"),
    ],
)
def test_the_last_activation_is_found(flow: str, activation: str) -> None:
    inner = model("output z = x -> Dense(3)", name="Inner") if "Inner" in flow else ""
    text = inner + output('"categorical_crossentropy"', flow)
    (warning,) = mtg.check(text)
    assert warning.code == "MTG510"
    assert activation in warning.help


def test_what_is_warned_of_in_a_block_shows_its_use() -> None:
    text = "block x -> f() { return concat(x, x, axis=0) }\n" + model("output y = x -> f()")
    (warning,) = mtg.check(text)
    assert warning.code == "MTG213"
    assert [label.text for label in warning.labels] == ["in this use of `f`"]


def test_no_example_is_warned_of(root: Path) -> None:
    for path in (root / "examples").glob("*.mtg"):
        assert mtg.check(path) == [], path


def test_no_application_of_keras_is_warned_of() -> None:
    names = catalog().names("application")
    for name in names:
        layer = Application(name.lower(), name, {"weights": None}, NOWHERE)
        graph = application_graph(layer)
        assert graph is not None
        diagnostics = Diagnostics()
        lint(graph, infer(graph, diagnostics), diagnostics)
        assert list(diagnostics) == [], name
    assert len(names) >= 40


# ------------------------------------------------------------------ what Keras does with them


def fitted(text: str, x: np.ndarray, y: np.ndarray, epochs: int = 20) -> keras.Model:
    """The compiled model, trained on some data."""
    keras.utils.set_random_seed(0)
    built = mtg.compile(text)
    built.fit(x, y, epochs=epochs, batch_size=len(x), verbose=0)
    return built


@pytest.fixture(scope="module")
def classes() -> tuple[np.ndarray, np.ndarray]:
    """Points on the three axes of a space, and which axis each is on."""
    rng = np.random.default_rng(0)
    label = rng.integers(0, 3, 64)
    return (np.eye(8)[label] * 4).astype("float32"), label


TRAIN = "train(optimizer=Adam(learning_rate=0.1))"


def right(built: keras.Model, x: np.ndarray, label: np.ndarray) -> float:
    return float(np.mean(np.argmax(np.asarray(built(x)), axis=-1) == label))


def test_raw_numbers_in_a_crossentropy_train_badly(
    classes: tuple[np.ndarray, np.ndarray],
) -> None:
    x, label = classes
    bad, good = (
        model(f"output y(loss={loss}) = x -> Dense(3, kernel_initializer=Constant(-0.1))\n{TRAIN}")
        for loss in (
            '"sparse_categorical_crossentropy"',
            "SparseCategoricalCrossentropy(from_logits=True)",
        )
    )
    assert found(bad) == ["MTG510"]
    assert found(good) == []
    assert right(fitted(bad, x, label[:, None]), x, label) < 0.8
    assert right(fitted(good, x, label[:, None]), x, label) > 0.95


def test_a_softmax_of_one_unit_learns_nothing() -> None:
    text = model(f'output y(loss="mse") = x -> Dense(1, activation="softmax")\n{TRAIN}')
    assert found(text) == ["MTG508"]
    x = np.random.default_rng(0).normal(size=(16, 8)).astype("float32")
    with pytest.warns(UserWarning, match="This axis has size 1"):
        values = np.asarray(mtg.compile(text)(x))
    np.testing.assert_allclose(values, 1, rtol=1e-5)


def test_a_softmax_and_from_logits_flatten_what_is_learnt(
    classes: tuple[np.ndarray, np.ndarray],
) -> None:
    x, label = classes
    text = model(
        "output y(loss=SparseCategoricalCrossentropy(from_logits=True)) = "
        f'x -> Dense(3, activation="softmax")\n{TRAIN}'
    )
    assert found(text) == ["MTG510"]
    if keras.backend.backend() == "tensorflow":  # where Keras finds the softmax, and says so
        with pytest.warns(UserWarning, match="received `from_logits=True`"):
            fitted(text, x, label[:, None], epochs=1)
        return
    built = fitted(text, x, label[:, None])
    # A perfect prediction still costs log(e + 2) - 1.
    assert built.evaluate(x, label[:, None], verbose=0) > 0.55
    assert right(built, x, label) > 0.95


def test_poisson_of_negative_numbers_is_no_number() -> None:
    text = model('output y(loss="poisson") = x -> Dense(1, kernel_initializer="ones")')
    assert found(text) == ["MTG510"]
    built = mtg.compile(text)
    x = -np.ones((4, 8), "float32")
    assert np.isnan(built.evaluate(x, np.ones((4, 1)), verbose=0))


def test_an_operator_lays_a_batch_along_an_axis() -> None:
    """Keras builds it, and fails on most batches; the merge that is shown does what is meant."""
    text = "model M {{ input x: float32[5, 3] input w: float32[3] output y = {} }}"
    (warning,) = mtg.check(text.format("x * w"))
    assert warning.code == "MTG211"
    x, w = np.ones((2, 5, 3), "float32"), np.array([[1, 2, 3], [4, 5, 6]], "float32")
    with pytest.raises(Exception, match=r"(?i)shape"):
        mtg.compile(text.format("x * w"))([x, w])
    merged = text.format("multiply(x, w)")
    assert mtg.check(merged) == []
    np.testing.assert_array_equal(mtg.compile(merged)([x, w]), x * w[:, None])


def test_targets_are_stretched_over_the_batch() -> None:
    text = model(
        'output y(loss="mse") = i -> GlobalAveragePooling2D(keepdims=True)',
        "input i: float32[2, 2, 3]",
    )
    assert found(text) == ["MTG514"]
    x = np.random.default_rng(0).normal(size=(6, 2, 2, 3)).astype("float32")
    y = x.mean(axis=(1, 2))  # what the model gives, without the axes of 1
    assert mtg.compile(text).evaluate(x, y[:, None, None], verbose=0) < 1e-9
    assert mtg.compile(text).evaluate(x, y, verbose=0) > 0.1


def test_one_hot_metrics_of_whole_numbers_are_zero(
    classes: tuple[np.ndarray, np.ndarray],
) -> None:
    x, label = classes
    text = model(
        'output y(loss="sparse_categorical_crossentropy", metrics=["categorical_accuracy"]) = '
        f'x -> Dense(3, activation="softmax")\n{TRAIN}'
    )
    assert found(text) == ["MTG511"]
    built = fitted(text, x, label[:, None])
    assert right(built, x, label) > 0.95
    measured = built.evaluate(x, label[:, None], verbose=0, return_dict=True)
    assert measured["categorical_accuracy"] < 0.6  # of what is right throughout


def test_accuracy_of_raw_numbers_counts_from_the_wrong_place() -> None:
    text = model(
        'output y(loss=BinaryCrossentropy(from_logits=True), metrics=["accuracy"]) = '
        'x -> Dense(1, kernel_initializer="ones")'
    )
    assert found(text) == ["MTG511"]
    x = np.full((4, 8), 0.01, "float32")  # raw numbers of 0.08: a yes, and just so
    measured = mtg.compile(text).evaluate(x, np.ones((4, 1)), verbose=0, return_dict=True)
    assert measured["accuracy"] == 0


def test_a_train_without_a_loss_cannot_be_followed() -> None:
    text = model("output y = x -> Dense(1)\ntrain(epochs=1)")
    assert found(text) == ["MTG513"]
    built = mtg.compile(text)
    x, before = np.ones((2, 8)), built.get_weights()
    if keras.backend.backend() != "jax":
        with pytest.raises(ValueError, match="No loss"):
            built.fit(x, np.zeros((2, 1)), verbose=0)
        return
    built.fit(x, np.zeros((2, 1)), verbose=0)
    assert all(map(np.array_equal, before, built.get_weights()))


PAIR = "input x: float32[8]\ninput z: float32[8]"


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        ("dot(x -> Dense(4), z -> Dense(4), axes=1, normalize=True)", "a cosine similarity"),
        ("dot(x -> Dense(4), z -> Dense(4), axes=1)", "a dot product"),
        ("subtract(x -> Dense(1), z -> Dense(1))", "a sum"),
        ("multiply(x -> Dense(1), z -> Dense(1))", "a product"),
        ("ops.mean(subtract(x -> Dense(4), z -> Dense(4)), axis=-1, keepdims=True)", "a sum"),
        ("concat(x, z) -> Dense(1) -> Dropout(0.0)", "no activation"),
        ('concat(x, z) -> Dense(1, activation="softplus")', "a softplus"),
    ],
)
def test_what_a_crossentropy_cuts_off_is_not_trained(flow: str, words: str) -> None:
    text = model(f'output y(loss="binary_crossentropy") = {flow}\n{TRAIN}', PAIR)
    (warning,) = mtg.check(text)
    assert warning.code == "MTG510"
    assert warning.message.endswith(f"ends with {words}")
    keras.utils.set_random_seed(0)
    built = mtg.compile(text)
    rng = np.random.default_rng(0)
    data = [9 * rng.normal(size=(64, 8)).astype("float32") for _ in range(2)]
    values = np.asarray(built(data))[:, 0]
    cut = [each[(values < 0) | (values > 1)] for each in data]
    assert len(cut[0]) > 4
    before = built.get_weights()
    built.fit(cut, (np.asarray(built(cut)) < 0.5).astype("float32"), verbose=0)
    assert all(map(np.array_equal, before, built.get_weights()))


@pytest.mark.parametrize(
    "flow",
    [
        "dot(x -> Softmax(), z -> Softmax(), axes=1)",
        "dot(x, z, axes=1, normalize=True) -> Dense(1, activation='sigmoid')",
        "ops.exp(ops.negative(ops.sum(ops.abs(subtract(x, z)), axis=-1, keepdims=True)))",
        "ops.subtract(1.0, concat(x, z) -> Dense(1, activation='sigmoid'))",
        "average(x -> Dense(1, activation='sigmoid'), z -> Dense(1, activation='sigmoid'))",
        "ops.sigmoid(dot(x, z, axes=1))",
        "dot(x -> Dense(4, activation='sigmoid'), z -> Dense(4), axes=1) -> LayerNormalization()",
    ],
)
def test_what_may_be_a_probability(flow: str) -> None:
    assert found(model(f'output y(loss="binary_crossentropy") = {flow}', PAIR)) == []
