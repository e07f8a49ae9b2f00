"""`mtg.compile(program, weights=file)` gives a model the whole state of the file.

The oracle is Keras: a model is made, adapted and saved; what mtg compiles from its text and its
file is saved, loaded again by Keras, and must predict as the first did.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from case import Case, In, Sub, mapped
from keras import Input, Model, Sequential, layers
from layer_cases import cases
from oracle import BATCH_SIZE, LENGTH

WORDS = np.array([["a b"], ["c q"], ["a a"], ["x c"]], dtype=object)
ADAPTED_TO = ["a b c", "b c d", "a b"]


def carried(model: Any, folder: Path, text: str | None = None) -> Any:
    """The model that Keras loads of what mtg has compiled with the weights of a model."""
    model.save(folder / "x.keras")
    compiled = mtg.compile(text or mtg.decompile(model), weights=folder / "x.keras")
    compiled.save(folder / "y.keras")
    with warnings.catch_warnings():
        # The optimizer of a model that was not trained has no state to load.
        warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
        return keras.models.load_model(folder / "y.keras")


def same(model: Any, other: Any, *data: Any) -> None:
    given = data[0] if len(data) == 1 else list(data)
    before, after = keras.tree.flatten(model(given)), keras.tree.flatten(other(given))
    assert len(before) == len(after)
    for one, two in zip(before, after, strict=True):
        np.testing.assert_allclose(np.array(one), np.array(two), rtol=1e-4, atol=1e-5)


# Vocabularies and what else is adapted


def adapted(layer: Any, data: Any) -> Any:
    layer.adapt(data)
    return layer


def text(**arguments: Any) -> Any:
    return adapted(layers.TextVectorization(**arguments), ADAPTED_TO)


def words(**arguments: Any) -> Any:
    return adapted(layers.StringLookup(**arguments), ["a b", "c q", "c q", "z"])


def numbers(**arguments: Any) -> Any:
    return adapted(layers.IntegerLookup(**arguments), np.array([3, 5, 5, 7]))


def after(layer: Any, shape: tuple[int, ...] = (1,), dtype: str = "string") -> Any:
    x = Input(shape, dtype=dtype)
    return Model(x, layer(x))


def embedded() -> Any:
    return Sequential([Input((1,), dtype="string"), text(output_sequence_length=4)])


def within(inner: Any) -> Any:
    x = Input((1,), dtype="string")
    return Model(x, layers.Embedding(12, 3)(inner(x)))


def two_of_each() -> Any:
    """Two lookups and two models alike, so that only their order tells them apart."""
    a, b = Input((1,), dtype="string"), Input((1,), dtype="string")
    one, two = words(), adapted(layers.StringLookup(), ["x c", "a a"])
    three = after(adapted(layers.StringLookup(), ["c q"]))
    four = Sequential([Input((1,), dtype="string"), adapted(layers.StringLookup(), ["a a", "c q"])])
    return Model([a, b], layers.Concatenate()([one(a), two(b), three(a), four(b)]))


def weighed(layer: Any, dtype: str = "string") -> Any:
    """A `Dense`, which needs to know how many words were found."""
    return after(Sequential([layer, layers.Dense(3)]), dtype=dtype)


PIECES = np.array([[0.1, 0.5], [3.0, 90.0], [40.0, 60.0], [99.0, 20.0]], dtype="float32")
RANGE = np.arange(100.0).reshape(-1, 1)

ADAPTED: dict[str, tuple[Callable[[], Any], Any]] = {
    "text": (lambda: after(text(output_sequence_length=4)), WORDS),
    "text, pairs": (lambda: after(text(output_sequence_length=4, ngrams=2)), WORDS),
    "text, many-hot": (
        lambda: after(text(output_mode="multi_hot", max_tokens=9, pad_to_max_tokens=True)),
        WORDS,
    ),
    "text, tf-idf": (
        lambda: after(text(output_mode="tf_idf", max_tokens=9)),
        WORDS,
    ),
    "strings": (lambda: after(words()), WORDS),
    "strings, a mask": (lambda: after(words(mask_token="", num_oov_indices=2)), WORDS),
    "strings, counts": (
        lambda: after(words(output_mode="count", max_tokens=9, pad_to_max_tokens=True)),
        WORDS,
    ),
    "strings, tf-idf": (lambda: after(words(output_mode="tf_idf", max_tokens=9)), WORDS),
    "integers": (lambda: after(numbers(), dtype="int64"), np.array([[3], [9], [5], [7]])),
    "integers, one-hot": (
        lambda: after(
            numbers(output_mode="one_hot", max_tokens=9, pad_to_max_tokens=True), dtype="int64"
        ),
        np.array([[3], [9], [5], [7]]),
    ),
    "bins": (
        lambda: after(
            adapted(layers.Discretization(num_bins=4), RANGE), shape=(2,), dtype="float32"
        ),
        PIECES,
    ),
    "means": (
        lambda: after(adapted(layers.Normalization(), PIECES), shape=(2,), dtype="float32"),
        PIECES,
    ),
    "means in a list of layers": (
        lambda: after(
            layers.Pipeline([adapted(layers.Normalization(), PIECES), layers.Rescaling(2.0)]),
            shape=(2,),
            dtype="float32",
        ),
        PIECES,
    ),
    "in a model": (lambda: within(after(text(output_sequence_length=4))), WORDS),
    "in a Sequential": (lambda: within(embedded()), WORDS),
    "in a Sequential in a model": (lambda: within(after(embedded())), WORDS),
    "in a wrapper": (
        lambda: after(layers.TimeDistributed(words()), shape=(1, 1)),
        WORDS[:, None],
    ),
    "two of each": (two_of_each, [WORDS, WORDS]),
    **{
        f"{mode} of {what}, weighed": (
            lambda make=make, mode=mode, dtype=dtype: weighed(make(output_mode=mode), dtype),
            data,
        )
        for mode in ("multi_hot", "one_hot", "count", "tf_idf")
        for what, make, dtype, data in (
            ("strings", words, "string", WORDS),
            ("strings, with more unknown", partial(words, num_oov_indices=3), "string", WORDS),
            ("strings, of more", partial(words, max_tokens=9), "string", WORDS),
            ("integers", numbers, "int64", np.array([[3], [9], [5], [7]])),
            ("texts", partial(text, split=None), "string", WORDS),
        )
    },
}

tensorflow_only = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="strings are TensorFlow's"
)


@tensorflow_only
@pytest.mark.parametrize("name", ADAPTED)
def test_what_was_adapted(name: str, tmp_path: Path) -> None:
    make, data = ADAPTED[name]
    given = [keras.ops.convert_to_tensor(each) for each in data if isinstance(data, list)]
    model = make()
    same(model, carried(model, tmp_path), *(given or [keras.ops.convert_to_tensor(data)]))


@tensorflow_only
@pytest.mark.parametrize("make", [words, numbers, text])
@pytest.mark.parametrize("mode", ["int", "multi_hot", "one_hot", "count", "tf_idf"])
def test_a_size_is_written_where_nothing_else_says_it(make: Any, mode: str) -> None:
    """The size of a vocabulary is that of the codes; of indices it says nothing."""
    dtype = "int64" if make is numbers else "string"
    model = after(make(output_mode=mode), dtype=dtype)
    written = mtg.decompile(model)
    assert ("vocabulary_size" in written) == (mode != "int")
    assert mtg.compile(written).output_shape == model.output_shape
    if make is not text:  # a layer of texts without words says that it has none
        assert mtg.decompile(mtg.compile(written)) == written


@tensorflow_only
@pytest.mark.parametrize("make", [words, numbers, text])
def test_a_size_is_not_written_beside_what_says_it(make: Any) -> None:
    dtype = "int64" if make is numbers else "string"
    given = {"vocabulary": [1, 2] if make is numbers else ["a", "b"], "output_mode": "multi_hot"}
    padded = make(output_mode="multi_hot", max_tokens=9, pad_to_max_tokens=True)
    for layer in (padded, type(padded)(**given)):
        written = mtg.decompile(after(layer, dtype=dtype))
        assert "vocabulary_size" not in written


@tensorflow_only
def test_a_size_that_is_not_that_of_the_vocabulary() -> None:
    lookup = "StringLookup(vocabulary=['a'], output_mode='count', vocabulary_size={})"
    program = f"model M {{{{ input x: string[1]\n output y = x -> {lookup} -> Dense(1) }}}}"
    assert mtg.compile(program.format(2)).output_shape == (None, 1)
    with pytest.raises(RuntimeError):
        layers.StringLookup(vocabulary=["a"], output_mode="count", vocabulary_size=3)
    with pytest.raises(mtg.MtgError, match="vocabulary_size"):
        mtg.compile(program.format(3))


@tensorflow_only
@pytest.mark.filterwarnings("ignore:Skipping")
@pytest.mark.parametrize(
    "arguments", [{"mask_token": "m"}, {"max_tokens": 3}, {"max_tokens": 3, "output_mode": "count"}]
)
def test_a_file_of_words_that_keras_reads_and_cannot_load(arguments: Any, tmp_path: Path) -> None:
    """Keras looks at the words of a file only when it loads what it saved."""
    (tmp_path / "words.txt").write_text("a\nb\nm\nc\n", encoding="utf-8")
    file = str(tmp_path / "words.txt")
    after(layers.StringLookup(vocabulary=file, **arguments)).save(tmp_path / "x.keras")
    with pytest.raises(ValueError, match="could not be loaded"):
        keras.models.load_model(tmp_path / "x.keras")
    given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    lookup = f'StringLookup(vocabulary="words.txt", {given})'
    program = tmp_path / "m.mtg"
    program.write_text(
        f"model M {{ input x: string[1]\n output y = x -> {lookup} }}", encoding="utf-8"
    )
    found = [each for each in mtg.check(program) if each.is_error]
    assert ["cannot load the model" in " ".join(each.notes) for each in found] == [True]


def test_bins_that_the_program_leaves_open(tmp_path: Path) -> None:
    model = after(adapted(layers.Discretization(num_bins=4), RANGE), shape=(2,), dtype="float32")
    text = "model M { input x: float32[2]\n output y = x -> Discretization(num_bins=4) }"
    same(model, carried(model, tmp_path, text), PIECES)


@tensorflow_only
def test_a_vocabulary_beside_that_of_the_program(tmp_path: Path) -> None:
    model = after(words())
    own = [str(word) for word in model.layers[1].get_vocabulary()]

    def program(vocabulary: list[str]) -> str:
        lookup = f"StringLookup(vocabulary={vocabulary!r}, name='found')"
        return f"model M {{ input x: string[1]\n output y = x -> {lookup} -> Identity() }}"

    same(model, carried(model, tmp_path, program(own[1:])), keras.ops.convert_to_tensor(WORDS))
    with pytest.raises(mtg.MtgError) as caught:
        mtg.compile(program(["other"]), weights=tmp_path / "x.keras")
    (found,) = caught.value.diagnostics
    assert found.code == "MTG309"
    assert "`found` has a vocabulary of its own, and the file another" in found.message


@tensorflow_only
def test_a_vocabulary_that_the_file_does_not_have(tmp_path: Path) -> None:
    after(layers.StringLookup(vocabulary=["a b"])).save(tmp_path / "x.keras")
    program = "model M { input x: string[1]\n output y = x -> StringLookup() -> Identity() }"
    with pytest.raises(mtg.MtgError, match="has no vocabulary, and the file none at its place"):
        mtg.compile(program, weights=tmp_path / "x.keras")


# What nothing takes


def tower(*units: int) -> str:
    chain = " -> ".join(f"Dense({each})" for each in units)
    return f"model M {{ input x: float32[4]\n output y = x -> {chain} }}"


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5"])
def test_weights_that_are_left(suffix: str, tmp_path: Path) -> None:
    model, path = mtg.compile(tower(3, 2)), tmp_path / f"x{suffix}"
    model.save(path) if suffix == ".keras" else model.save_weights(path)
    with pytest.raises(mtg.MtgError, match="no layer takes what the file has under `layers/dense_"):
        mtg.compile(tower(3), weights=path)


@tensorflow_only
def test_a_vocabulary_that_is_left(tmp_path: Path) -> None:
    after(words()).save(tmp_path / "x.keras")
    program = "model M { input x: string[1]\n output y = x -> Identity() }"
    with pytest.raises(mtg.MtgError, match=r"no layer takes `vocabulary\.txt`"):
        mtg.compile(program, weights=tmp_path / "x.keras")


def test_the_program_says_how_fast_it_learns(tmp_path: Path) -> None:
    """The state of an optimizer, which has its rate in it, stays in the file."""
    text = 'model M {{ input x: float32[3]\n output y(loss="mse") = x -> Dense(2)\n {} }}'
    model = mtg.compile(text.format("train(optimizer=SGD(0.75))"))
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    model.save(tmp_path / "x.keras")
    taken = mtg.compile(text.format("train(optimizer=SGD(0.25))"), weights=tmp_path / "x.keras")
    assert float(taken.optimizer.learning_rate) == 0.25
    assert int(taken.optimizer.iterations) == 0
    same(model, taken, np.ones((2, 3)))


# Every class of layers that has weights


def _input(value: In | Sub) -> Any:
    if isinstance(value, Sub):
        return getattr(layers, value.cls)(**mapped(dict(value.arguments), _input))
    return Input(batch_shape=(value.batch, *value.shape), dtype=value.dtype)


def _model(case: Case) -> Any:
    """A model of one call, with weights that no initializer gives; None where Keras refuses it."""
    inputs: list[Any] = []

    def leaf(value: In | Sub) -> Any:
        made = _input(value)
        if isinstance(value, In):
            inputs.append(made)
        return made

    try:
        args, kwargs = mapped(case.args, leaf), mapped(dict(case.kwargs), leaf)
        layer = getattr(layers, case.cls)(**mapped(dict(case.arguments), _input))
        model = Model(inputs, layer(*args, **kwargs))
        numbers = np.random.default_rng(0)
        for weight in model.weights:
            weight.assign(numbers.uniform(0.1, 0.9, weight.shape).astype(weight.dtype))
        model([_data(each, numbers) for each in model.inputs])
    except Exception:
        return None
    return model if model.weights else None


def _data(tensor: Any, numbers: Any) -> Any:
    shape = (tensor.shape[0] or BATCH_SIZE, *(n or LENGTH for n in tensor.shape[1:]))
    return keras.ops.convert_to_tensor(numbers.integers(0, 2, shape).astype(tensor.dtype))


def test_every_layer_that_has_weights(tmp_path: Path) -> None:
    names = []
    for cls, calls in sorted(cases().items()):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = (model for case in calls[:12] if (model := _model(case)) is not None)
            model = next(found, None)
        if model is None:
            continue
        try:
            text = mtg.decompile(model)
        except mtg.MtgError:
            continue
        numbers = np.random.default_rng(1)
        keras.utils.set_random_seed(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = carried(model, tmp_path, text)
            # Not the model itself: some layers work out more when they are loaded.
            model = keras.models.load_model(tmp_path / "x.keras")
            for one, two in zip(model.weights, loaded.weights, strict=True):
                np.testing.assert_allclose(one.numpy(), two.numpy(), rtol=1e-5, err_msg=cls)
            data = [_data(each, numbers) for each in model.inputs]
            same(model, loaded, *data)
        names.append(cls)
    assert len(names) >= 35, names
