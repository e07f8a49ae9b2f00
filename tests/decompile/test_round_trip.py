"""The same model back: of every model the text compiles to the same config, weights and outputs."""

from __future__ import annotations

import json
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from decompile.models import MODELS
from decompile.models_of_constants import CONSTANTS
from decompile.models_of_families import FAMILIES
from decompile.models_of_lists import LISTS
from decompile.models_of_parts import PARTS
from decompile.models_of_structure import STRUCTURED
from goldens import expect
from mtg.compare.canonical import canonical
from mtg.config.read import read_config
from mtg.graph.layers import InputLayer, Op


def form(config: str, **settings: Any) -> dict[str, Any]:
    reading = read_config(json.loads(config))
    assert not reading.problems
    return canonical(reading.graph, **settings)


def data_for(model: Any) -> list[Any]:
    """A batch of two for every input."""
    random = np.random.default_rng(0)
    found = []
    for tensor in model.inputs:
        shape = [2 if n is None and i == 0 else n or 7 for i, n in enumerate(tensor.shape)]
        if "int" in tensor.dtype:
            found.append(random.integers(0, 4, shape).astype(tensor.dtype))
        elif tensor.dtype == "bool":
            found.append(np.ones(shape, "bool"))
        else:
            found.append(random.normal(size=shape).astype(tensor.dtype))
    return found


def outputs_of(model: Any, data: list[Any]) -> list[Any]:
    keras.utils.set_random_seed(7)  # for layers that are random in prediction too
    shape = getattr(model, "_inputs_struct", None)
    given = data[0] if shape is None else keras.tree.pack_sequence_as(shape, data)
    made = keras.tree.flatten(model(given, training=False))
    return [np.array(keras.ops.convert_to_numpy(keras.ops.cast(one, "float32"))) for one in made]


SETS = (MODELS, PARTS, CONSTANTS, STRUCTURED, FAMILIES, LISTS)
EVERY = {name: make for each in SETS for name, make in each.items()}
assert len(EVERY) == sum(map(len, SETS)), "two models have one name"

#: Models with inputs that no array can be given for.
NOT_RUN = {"batch_sizes_and_sparse"}

#: Models whose layers draw at random from seeds that Keras makes up.
RANDOM = {"constants_in_calls"}


@pytest.mark.filterwarnings("ignore:the (in|out)put .* in the text")  # some are no names
@pytest.mark.parametrize("name", EVERY)
def test_round_trip(name: str) -> None:
    keras.backend.clear_session()  # which counts the names that Keras makes up
    model = EVERY[name]()
    text = mtg.decompile(model)
    if name in LISTS:
        expect(text, f"decompile/list_{name}.mtg")
    assert [str(each) for each in mtg.check(text, trust=True) if each.is_error] == []
    back = mtg.compile(text, trust=True)
    assert form(back.to_json()) == form(model.to_json())
    shapes = [(tuple(w.shape), w.dtype, w.trainable) for w in model.weights]
    assert [(tuple(w.shape), w.dtype, w.trainable) for w in back.weights] == shapes
    # Once more from the text: nothing moves.
    assert mtg.decompile(back) == text
    assert form(mtg.to_json(text, trust=True)) == form(model.to_json())
    # With their names of Keras, all of which the program's layers then have.
    named = mtg.to_json(mtg.decompile(model, keep_names=True), trust=True)
    assert form(named) == form(model.to_json())
    assert names_in(named) >= names_in(model.to_json())
    if name in NOT_RUN:
        return
    back.set_weights(model.get_weights())
    data = data_for(model)
    for wanted, found in zip(outputs_of(model, data), outputs_of(back, data), strict=True):
        if name not in RANDOM:
            np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


def names_in(config: str) -> set[str]:
    """The names of the layers that are called, those of the models in the model included."""
    stack = [read_config(json.loads(config))]
    found = set()
    while stack:
        reading = stack.pop()
        for call in reading.graph.calls:
            if not isinstance(call.layer, (Op, InputLayer)):
                found.add(call.layer.name)
        stack += reading.nested.values()
    return found


@pytest.mark.parametrize("weight", [None, 2.0])
def test_one_loss_is_that_of_every_output(weight: float | None) -> None:
    def made() -> Any:
        x = keras.Input((3,), name="x")
        ends = [keras.layers.Dense(2, name=n, kernel_initializer="ones")(x) for n in ("a", "b")]
        return keras.Model(x, ends)

    model, data = made(), [np.ones((4, 3)), [np.ones((4, 2)), np.zeros((4, 2))]]
    model.compile(loss="mse", loss_weights=weight)
    text = mtg.decompile(model)
    assert text.count('loss="mse"') == 2
    back = mtg.compile(text)
    back.set_weights(model.get_weights())
    np.testing.assert_allclose(
        back.evaluate(*data, verbose=0)[0], model.evaluate(*data, verbose=0)[0], rtol=1e-6
    )
