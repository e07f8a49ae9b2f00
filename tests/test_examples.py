"""The examples do what they say: each is compiled and compared with a model written by hand.

The hand-written models, the twins, are in `tests/twins/`. Two kinds of layers are left out where
layers are compared: `InputLayer`, which a `Sequential` does not list, and `Identity`, which the
compiler adds where an output's last layer cannot carry the output's name.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import keras
import mtg
import numpy as np
import pytest
from same_models import (
    alone_or_all,
    assert_close,
    assert_same_layers,
    assert_same_weights,
    goes_by_steps,
    make_variables,
    outputs_of,
    some_weights,
)
from twins import celeba_attributes

BATCH = 2

# Keras warns where a model of one input that was built without a list gets one, or gets a dict,
# and the other way round; it does what was meant all the same.
pytestmark = pytest.mark.filterwarnings("ignore:The structure of `inputs`:UserWarning")


class Example(NamedTuple):
    """What is known of an example.

    `inputs` and `outputs` are the names in declared order, `losses` the kinds of the outputs'
    losses (none where the example is not trained, "" of an output without one), `length` what an
    unknown length is in the data, and `below` what whole numbers in it are below.
    """

    inputs: list[str]
    outputs: list[str]
    losses: list[str]
    parameters: int
    length: int = 7
    below: int = 10_000


BINARY = ["binary"]

EXAMPLES = {
    "news_headline": Example(
        ["main_input", "aux_input"], ["main_output", "aux_output"], ["binary"] * 2, 5_200_610
    ),
    "tweets_joint": Example(
        ["tweet_a", "tweet_b"], ["same_author", "same_mood"], ["binary"] * 2, 82_434
    ),
    "tweets_separate": Example(
        ["tweet_a", "tweet_b"], ["cheerful", "well_known"], ["binary"] * 2, 82_306
    ),
    "same_author": Example(["post_a", "post_b"], ["same"], ["binary"], 82_305),
    "mlp": Example(["image"], ["digit"], ["categorical"], 55_050),
    "model_as_layer": Example(
        ["tens", "ones"], ["tens_digit", "ones_digit"], ["categorical"] * 2, 55_050
    ),
    "video_frames": Example(["frames"], ["digits"], ["categorical"], 55_050),
    "sequential_twin": Example(["features"], ["label"], ["categorical"], 3_466),
    "question_answering": Example(["text", "question"], ["answer"], ["categorical"], 1_000_052),
    "social_profile": Example(
        ["posts"],
        ["age", "income", "gender"],
        ["mse", "categorical", "binary"],
        14_146_316,
        length=300,
    ),
    "inception_module": Example(["feature_map"], ["features"], [], 738_176),
    "residual_connection": Example(["feature_map"], ["features"], [], 442_752),
    "shared_lstm_unknown_length": Example(["left", "right"], ["similar"], ["binary"], 20_673),
    "xception_siamese": Example(["left", "right"], ["features"], [], 20_861_480),
    "tiny_resnet": Example(["image"], ["label"], ["sparse"], 4_346_506),
    "mmoe": Example(["user", "item", "context"], ["click", "like", "share"], BINARY * 3, 1_142_683),
    "ple": Example(
        ["user", "video", "channel", "context"],
        ["completion", "view", "share", "comment"],
        ["mse", *BINARY * 3],
        1_234_012,
        below=500,
    ),
    "esmm": Example(
        ["user", "item", "shop", "category", "clicked_item", "clicked_category"],
        ["click", "conversion", "purchase"],
        ["binary", "", "binary"],
        1_533_202,
        below=500,
    ),
    "multimodal": Example(
        ["photo", "description", "breed", "kind", "sex", "size", "numbers"],
        ["speed", "fee"],
        ["sparse", "mse"],
        36_678,
    ),
    "transformer_intent_slots": Example(["words"], ["intent", "tags"], ["sparse"] * 2, 1_949_520),
    "vae": Example(["image"], ["copy", "divergence"], ["binary", ""], 533_473),
    "wide_and_deep": Example(
        [*(f"c{i + 1}" for i in range(26)), "numbers"], ["click"], BINARY, 2_438_063
    ),
    "celeba_attributes": Example(["face"], celeba_attributes.ATTRIBUTES, BINARY * 40, 177_160),
    "unet_deep_supervision": Example(
        ["image"], ["mask_0", "mask_1", "mask_2"], ["sparse"] * 3, 482_361
    ),
    "retina_heads": Example(["image"], ["kinds", "boxes"], ["binary", "mse"], 341_208),
}

TRAINED = [name for name, example in EXAMPLES.items() if example.losses]


class Refusal(NamedTuple):
    """Why a program is refused: `line` is in the line of the error, `words` are in its text."""

    line: str
    words: list[str]


REFUSED = {
    "unused_input.mtg": Refusal("input aux_input:", [r"\baux_input\b"]),
    "misspelt_tensor.mtg": Refusal("encodd_b", [r"\bencodd_b\b", r"\bencoded_b\b"]),
    "misspelt_merge.mtg": Refusal("cocatenate(", [r"\bcocatenate\b", r"\bconcat(enate)?\b"]),
    "branches_that_differ.mtg": Refusal(
        "concat(branch_a,", [rf"\b{size}, {size}, 128\b" for size in (14, 13, 11, 12)]
    ),
    "uneven_towers.mtg": Refusal("common + own", [r"\b64\b", r"\b32\b", r"\bown_like\b"]),
}


# ------------------------------------------------------------------------ a model and its twin


@dataclass(eq=False)
class Pair:
    """A compiled example and its twin, weights for both, and data: inputs and targets."""

    name: str
    model: keras.Model
    twin: keras.Model
    weights: list[np.ndarray]
    x: list[np.ndarray]
    y: list[np.ndarray]

    @cached_property
    def by_position(self) -> dict[str, list[float]]:
        """The history of the model, of two epochs with inputs and targets in lists."""
        begin(self, self.model)
        return fit(self.model, self.x, self.y, epochs=2)


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest) -> Pair:
    """The pair of the example that the parameter names, made once for all its tests."""
    name: str = request.param
    example = EXAMPLES[name]
    root: Path = request.getfixturevalue("root")
    twin = importlib.import_module(f"twins.{name}").build()
    rng = np.random.default_rng(1)
    weights = some_weights(rng, twin)
    x = [some_input(rng, tensor, example) for tensor in twin.inputs]
    if any(tensor.dtype == "string" for tensor in twin.inputs):
        x = [keras.ops.convert_to_tensor(each) for each in x]  # Keras takes none of NumPy
    return Pair(
        name,
        mtg.compile(root / "examples" / f"{name}.mtg"),
        twin,
        weights,
        x,
        [
            some_target(rng, tensor, loss, example)
            for tensor, loss in zip(twin.outputs, example.losses, strict=False)
        ],
    )


def of_examples(names: Iterable[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("pair", list(names), indirect=True)


def some_input(rng: np.random.Generator, tensor: keras.KerasTensor, example: Example) -> np.ndarray:
    shape = [BATCH, *(example.length if axis is None else axis for axis in tensor.shape[1:])]
    if tensor.dtype == "int32":
        return rng.integers(0, example.below, shape, dtype="int32")
    if tensor.dtype == "string":
        return rng.choice(["cat", "Very playful, needs a home", ""], shape)
    return rng.normal(size=shape).astype("float32")


def some_target(
    rng: np.random.Generator, tensor: keras.KerasTensor, loss: str, example: Example
) -> np.ndarray:
    shape = (BATCH, *(example.length if axis is None else axis for axis in tensor.shape[1:]))
    match loss:
        case "binary":
            return rng.integers(0, 2, shape).astype("float32")
        case "categorical":
            return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]
        case "sparse":
            return rng.integers(0, shape[-1], shape[:-1])
    return rng.normal(size=shape).astype("float32")


def begin(pair: Pair, *models: keras.Model) -> None:
    """Put the models, or both of the pair, into one and the same state before any training."""
    for model in models or (pair.model, pair.twin):
        model.set_weights(pair.weights)
        model.run_eagerly = not goes_by_steps(model)
        if not model.run_eagerly and pair.y:
            make_variables(model, pair.x, pair.y)
        for layer in model._flatten_layers():
            if getattr(layer, "seed_generator", None) is not None:
                layer.seed_generator.state.assign([0, 1])  # both draw the same
        if model.compiled and model.optimizer is not None:
            for variable in model.optimizer.variables:
                if variable.name != "learning_rate":
                    variable.assign(np.zeros(variable.shape, variable.dtype))
            model.reset_metrics()


def fit(model: keras.Model, x: object, y: object, epochs: int) -> dict[str, list[float]]:
    """The losses and metrics of epochs of one step."""
    kept = model.fit(x, y, epochs=epochs, shuffle=False, verbose=0)
    history: dict[str, list[float]] = kept.history
    return history


# ------------------------------------------------------------------------------- the examples


def test_every_example_is_tested(root: Path) -> None:
    assert {path.stem for path in (root / "examples").glob("*.mtg")} == set(EXAMPLES)
    assert {path.name for path in (root / "examples" / "refused").glob("*")} == set(REFUSED)


@pytest.mark.parametrize("name", EXAMPLES)
def test_there_is_nothing_to_say_against_it(root: Path, name: str) -> None:
    assert mtg.check(root / "examples" / f"{name}.mtg") == []


@of_examples(EXAMPLES)
def test_inputs_and_outputs_are_those_declared(pair: Pair) -> None:
    example, model, twin = EXAMPLES[pair.name], pair.model, pair.twin
    assert model.input_names == example.inputs
    assert model.output_names == example.outputs
    assert [tensor.name for tensor in model.inputs] == example.inputs
    assert [tensor.name for tensor in twin.inputs] == example.inputs  # so data fits both
    for found, expected in ((model.inputs, twin.inputs), (model.outputs, twin.outputs)):
        assert [(t.shape, t.dtype) for t in found] == [(t.shape, t.dtype) for t in expected]


@of_examples(EXAMPLES)
def test_layers_are_the_same(pair: Pair) -> None:
    assert_same_layers(pair.model, pair.twin)


@of_examples(EXAMPLES)
def test_weights_are_the_same_in_the_same_order(pair: Pair) -> None:
    assert_same_weights(pair.model, pair.twin)
    assert pair.model.count_params() == EXAMPLES[pair.name].parameters


@of_examples(EXAMPLES)
def test_outputs_are_the_same(pair: Pair) -> None:
    begin(pair)
    assert_close(outputs_of(pair.model, pair.x), outputs_of(pair.twin, pair.x))


@of_examples(EXAMPLES)
def test_it_is_the_same_after_saving_and_loading(pair: Pair, tmp_path: Path) -> None:
    begin(pair)
    model = pair.model
    # An optimizer makes its variables at the first step of a training; Keras warns, of its own
    # models too, where the saved one has not made them yet.
    model.optimizer.build(model.trainable_variables)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert [tensor.name for tensor in loaded.inputs] == EXAMPLES[pair.name].inputs
    assert loaded.output_names == EXAMPLES[pair.name].outputs
    assert loaded.get_compile_config() == model.get_compile_config()
    assert_close(outputs_of(loaded, pair.x), outputs_of(model, pair.x))


@of_examples(TRAINED)
def test_it_trains_the_same(pair: Pair) -> None:
    """Losses and metrics by name, of two steps: the second depends on the optimizer as well."""
    begin(pair, pair.twin)
    configs = [model.optimizer.get_config() | {"name": ""} for model in (pair.model, pair.twin)]
    assert configs[0] == configs[1]
    found = pair.by_position
    expected = fit(pair.twin, alone_or_all(pair.x), alone_or_all(pair.y), epochs=2)
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        assert len(values) == 2
        assert found[key] == pytest.approx(values, rel=1e-4), key


@of_examples(TRAINED)
def test_it_is_fed_by_position_and_by_name(pair: Pair) -> None:
    example = EXAMPLES[pair.name]
    x_by_name = dict(zip(example.inputs, pair.x, strict=True))
    y_by_name = dict(zip(example.outputs, pair.y, strict=True))

    listed = pair.by_position
    begin(pair, pair.model)
    named = fit(pair.model, x_by_name, y_by_name, epochs=1)

    losses = {
        f"{name}_loss" for name, loss in zip(example.outputs, example.losses, strict=True) if loss
    }
    assert (losses if len(losses) > 1 else {"loss"}) <= listed.keys() == named.keys()
    for key, (first, _) in listed.items():
        assert named[key] == pytest.approx([first], rel=1e-4)


#: The examples of families and of the library, which must be shorter than what they stand for.
SHORT = [
    *("mmoe", "ple", "esmm", "wide_and_deep", "celeba_attributes", "unet_deep_supervision"),
    *("retina_heads", "multimodal", "transformer_intent_slots", "vae"),
]


@pytest.mark.parametrize("name", SHORT)
def test_it_takes_two_thirds_of_the_lines_of_its_twin(root: Path, name: str) -> None:
    """Without comments and docstrings; neither is wider than 100 columns."""
    example = (root / "examples" / f"{name}.mtg").read_text(encoding="utf-8")
    twin = (root / "tests" / "twins" / f"{name}.py").read_text(encoding="utf-8")
    assert max(map(len, (example + twin).splitlines())) <= 100
    ours, theirs = (
        [line for line in re.sub(r'""".*?"""', "", text, flags=re.S).splitlines() if _is_code(line)]
        for text in (example, twin)
    )
    assert 3 * len(ours) <= 2 * len(theirs)


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


# -------------------------------------------------------------------------------- the library


def test_the_blocks_of_std_vision(tmp_path: Path) -> None:
    from twins import std_vision

    path = tmp_path / "blocks.mtg"
    path.write_text(std_vision.SOURCE, encoding="utf-8")
    assert mtg.check(path) == []
    model, twin = mtg.compile(path), std_vision.build()
    assert_same_layers(model, twin)
    assert_same_weights(model, twin)
    rng = np.random.default_rng(1)
    twin.set_weights(some_weights(rng, twin))
    model.set_weights(twin.get_weights())
    x = [some_input(rng, tensor, Example([], [], [], 0)) for tensor in twin.inputs]
    assert_close(outputs_of(model, x), outputs_of(twin, x))


# -------------------------------------------------------------------- programs that are refused


@pytest.mark.parametrize("name", REFUSED)
def test_the_true_cause_is_named(root: Path, name: str) -> None:
    found = mtg.check(root / "examples" / "refused" / name)
    assert [diagnostic.severity for diagnostic in found] == ["error"], "\n".join(map(str, found))
    (error,) = found
    number, _ = error.span.source.line_column(error.span.start)
    assert REFUSED[name].line in error.span.source.line(number)
    labels = (error.label, *(label.text for label in error.labels))
    text = "\n".join((error.message, *labels, *error.notes, error.help))
    for word in REFUSED[name].words:
        assert re.search(word, text), text


@pytest.mark.parametrize("name", REFUSED)
def test_it_does_not_compile(root: Path, name: str) -> None:
    path = root / "examples" / "refused" / name
    with pytest.raises(mtg.MtgError) as refused:
        mtg.compile(path)
    (error,) = mtg.check(path)
    assert error.location in str(refused.value)
    assert error.message in str(refused.value)
