"""Outputs without a loss: mtg warns of those that a step of training in Keras leaves alone."""

from __future__ import annotations

import keras
import mtg
import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("eager")

A = 'output a(loss="mse") = '
ALONE = f"{A}x -> Dense(2)"
B = "output b = x -> Dense(4)"
#: Two inputs, and models that others are made from.
PARTS = """
model Plain { input v: float32[8]
  output o = v -> Dense(4) }
model Heads { input v: float32[8]
  h = v -> Dense(4)
  output one = h -> Dense(2)
  output two = h -> Dense(2) }
model Active { input v: float32[8]
  output o = v -> Dense(4) -> ActivityRegularization(l2=0.1) }
model Deep { input v: float32[8]
  output o = v -> Plain() -> Dense(8) -> Plain() }
"""

PROGRAMS = {
    # Made from an output without a loss, or from its layers.
    "a product": f"output b = x -> Dense(2)\nc = x -> Dense(2)\n{A}multiply(b, c)",
    "a head": f"{B}\n{A}b -> Dense(2)",
    "an op at the end": f"h = x -> Dense(4)\noutput b = ops.exp(h)\n{A}h -> Dense(2)",
    "a softmax at the end": f"h = x -> Dense(4)\noutput b = h -> Softmax()\n{A}h -> Dense(2)",
    "no weights": f"output b = ops.mean(x, axis=-1, keepdims=True)\n{ALONE}",
    "a skip": f"h = x -> Dense(4)\noutput b = add(h, x -> Dense(4))\n{A}h -> Dense(2)",
    "beside": f"{B}\n{ALONE}",
    "one layer more": f"h = x -> Dense(4)\noutput b = h -> Dense(4)\n{A}h -> Dense(2)",
    # What has no gradient.
    "stopped": f"{B}\n{A}ops.stop_gradient(b) -> Dense(2)",
    "stopped one way": (f"{B}\n{A}concat(ops.stop_gradient(b), b -> Dense(2)) -> Dense(2)"),
    "rounded": f"{B}\n{A}ops.round(b) -> Dense(2)",
    "compared": f'{B}\n{A}ops.cast(ops.greater(b, 0.0), "float32") -> Dense(2)',
    "the greatest": f"{B}\n{A}ops.argmax(b, axis=-1) -> Embedding(4, 2)",
    "a sign": f"{B}\n{A}add(ops.sign(b), x -> Dense(4))",
    "chosen": f"{B}\n{A}ops.where(ops.greater(b, 0.0), x -> Dense(4), 0.0)",
    "chosen from": f"{B}\n{A}ops.where(ops.greater(b, -9.0), b, 0.0)",
    # Losses that layers bring.
    "an active end": f"{B} -> ActivityRegularization(l1=0.1)\n{ALONE}",
    "a lazy end": f"{B} -> ActivityRegularization()\n{ALONE}",
    "active": f'output b = x -> Dense(4, activity_regularizer="l2")\n{ALONE}',
    "active before": (
        f"h = x -> Dense(4, activity_regularizer=L2(0.1))\noutput b = h -> Dense(2)\n{ALONE}"
    ),
    "active behind": (f"{B} -> Dense(2, activity_regularizer=L2(0.1))\n{ALONE}"),
    "decay": f"output b = x -> Dense(4, kernel_regularizer=L2(0.1))\n{ALONE}",
    "no decay": f"output b = x -> Dense(4, kernel_regularizer=L2(0.0))\n{ALONE}",
    # Frozen layers are not meant to be trained.
    "frozen": f"output b = x -> Dense(4, trainable=False)\n{ALONE}",
    "through what is frozen": (f"{B}\n{A}b -> Dense(4, trainable=False) -> Dense(2)"),
    # A loss that has weight 0.
    "has weight 0": (f'{B}\noutput c(loss="mse", weight=0.0) = b -> Dense(2)\n{ALONE}'),
    # Shared layers.
    "shared": f"shared s = Dense(4)\noutput b = x -> s\n{A}z -> s",
    "shared and stopped": "shared s = Dense(4)\noutput b = x -> s\n"
    f"{A}ops.stop_gradient(z -> s) -> Dense(1)",
    "a shared chain": f"shared s = Dense(4) -> Dense(3)\noutput b = x -> s -> Dense(2)\n{A}z -> s",
    "in a wrapper": (
        "shared s = Dense(4)\noutput b = x -> Reshape((2, 4)) -> TimeDistributed(s)\n"
        f"{A}z -> Reshape((2, 4)) -> s -> Flatten()"
    ),
    # Models inside.
    "inside": f"output b = x -> Plain()\n{A}b -> Dense(2)",
    "another of one model": f"output b = x -> Plain()\n{A}z -> Plain()",
    "one model": f"shared p = Plain()\noutput b = x -> p\n{A}z -> p",
    "one of two heads": f"shared p = Heads()\nb, c = x -> p\noutput d = b\n{A}c",
    "both heads": f"shared p = Heads()\nb, c = x -> p\noutput d = b\n{A}add(b, c)",
    "another of two heads": (
        f"shared p = Heads()\nb, _ = x -> p\n_, c = z -> p\noutput d = b\n{A}c"
    ),
    "active inside": f"output b = x -> Active()\n{ALONE}",
    "before active": f"output b = x -> Dense(8)\noutput c = b -> Active()\n{ALONE}",
    "deep": f"output b = x -> Deep()\n{A}b -> Dense(2)",
    "deep and beside": f"output b = x -> Deep()\n{A}x -> Deep()",
    "behind a model": f"output b = x -> Dense(8)\n{A}b -> Deep()",
    "two ways": (
        f"b, c = x -> Dense(8) -> Heads()\noutput d = b -> Dense(2)\noutput e = c\n{A}b -> Dense(2)"
    ),
    # Sequences.
    "a state": f"output b = x -> Reshape((2, 4)) -> LSTM(3)\n{A}b -> Dense(1)",
}


def program(body: str) -> str:
    used = "z ->" in body
    inputs = "input x: float32[8]\n" + ("input z: float32[8]\n" if used else "")
    return f"{PARTS}\nmodel M {{\n{inputs}{body}\ntrain(optimizer=SGD(learning_rate=0.1))\n}}\n"


def warned(text: str) -> set[str]:
    found = [each for each in mtg.check(text) if each.code == "MTG505"]
    return {each.message.split("`")[1] for each in found}


def left_by_keras(text: str) -> set[str]:
    """The outputs without a loss of which some layer with weights to train is as it was."""
    keras.utils.set_random_seed(0)
    graph = mtg.load(text, model="M")
    model = mtg.compile(text, model="M")
    rng = np.random.default_rng(0)
    x = [rng.uniform(0.5, 1.5, (6, 8)).astype("float32") for _ in graph.inputs]
    y = {
        output.name: rng.uniform(3, 4, (6, *tensor.shape[1:]))
        for output, tensor in zip(graph.outputs, model.outputs, strict=True)
        if output.loss is not None
    }
    before = dict(zip(map(id, model.weights), model.get_weights(), strict=True))
    model.fit(x if len(x) > 1 else x[0], y, verbose=0)
    moved = {
        id(each)
        for each, value in zip(model.weights, model.get_weights(), strict=True)
        if not np.array_equal(before[id(each)], value)
    }
    found = set()
    for output, tensor in zip(graph.outputs, model.outputs, strict=True):
        if output.loss is not None:
            continue
        for layer in leaves(keras.Model(model.inputs, tensor)):
            weights = {id(each) for each in layer.trainable_weights}
            if weights and not weights & moved:
                found.add(output.name)
    return found


def leaves(model: keras.Model) -> list[keras.Layer]:
    """The layers of a model, those of models inside included that lead to its outputs."""
    found = []
    for layer in model.layers:
        found += leaves(layer) if isinstance(layer, keras.Model) else [layer]
    return found


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
@pytest.mark.parametrize("name", PROGRAMS)
def test_outputs_that_nothing_trains(name: str) -> None:
    text = program(PROGRAMS[name])
    assert not [each for each in mtg.check(text, model="M") if each.is_error]
    assert warned(text) == left_by_keras(text)
