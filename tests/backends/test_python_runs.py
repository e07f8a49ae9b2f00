"""Emitted Python runs, wherever it is run, and builds the model that mtg builds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import keras
import mtg
import numpy as np
import pytest
from hypothesis import given, settings
from mtg.backends.keras.build import attribute
from mtg.catalog import catalog
from mtg.catalog.names import snake_case
from mtg.catalog.operations import operation
from python_programs import EXAMPLES, PROGRAMS
from random_programs import programs

MANY = int(os.environ.get("MTG_EXAMPLES", "40"))

#: Programs whose inputs, outputs and models are called what Keras calls things that have no name.
CROWDED = {
    "an op": "model M { input a: float32[4] output exp = ops.exp(a) }",
    "a slice": "model M { input a: float32[4] output get_item = a[:, 0] }",
    "two ops": "model M { input a: float32[4] output add_1 = ops.add(ops.add(a, 1.0), 2.0) }",
    "functions of several ops": """
model M {
  input a: float32[4, 4]
  output multiply = ops.var(a, axis=1)
  output sum = ops.logsumexp(a, axis=1)
  output softmax = ops.softmax(a, axis=1)
}
""",
    "layers": "model M { input a: float32[4] output dense_1 = a -> Dense(4) -> Dense(4) }",
    "a shared layer": """
model M {
  input a: float32[4]
  shared s = Dense(4)
  output dense = a -> s -> s
}
""",
    "a shared chain": """
model M {
  input a: float32[4]
  shared s = Dense(4) -> Dense(4)
  output dense = a -> s
  output dense_1 = a -> Dense(4) -> s
}
""",
    "an input": """
model M {
  input exp: float32[4]
  input dense: float32[4]
  output y = ops.exp(exp) -> Dense(3)
  output z = dense -> Dense(3) -> Dense(1)
}
""",
    "an input that is an output": "model M { input a: float32[4] output identity = a }",
    "a block that ends in an op": """
block x -> f(n) { return ops.exp(x -> Dense(n)) }
model M { input a: float32[4] output exp = a -> f(3) output exp_1 = a -> f(4) }
""",
    "loops of blocks": """
block x -> f(n) { return x -> Dense(n) -> ReLU() }
model M {
  input a: float32[4]
  output re_lu = a -> repeat 3 { f(4) }
  output y = a -> for k in [3, 4, 5] { f(k) }
}
""",
    "loops of models": """
model Net { input t: float32[4] output o = t -> Dense(4) }
model M {
  input a: float32[4]
  output functional = a -> repeat 3 { Net() }
  output functional_1 = a -> Net()
}
""",
    "a model in the model": """
model Net { input dense: float32[4] output dense_1 = dense -> Dense(4) -> Dense(4) }
model M {
  input a: float32[4]
  dense = a -> Net()
  output y = dense -> Dense(3) -> Dense(2)
}
""",
    "several results": """
model M {
  input a: float32[3, 4]
  seq, h, c = a -> LSTM(4, return_state=True, return_sequences=True)
  output lstm = h
  output y = seq
}
""",
    "what Python assigns nothing to": """
model M {
  input __debug__: float32[4]
  output y = __debug__ -> Dense(2)
}
""",
    "what Python assigns nothing to, spelt otherwise": """
model M {
  input x: float32[4]
  output __debug__ = x -> Dense(2)
  output __\uff44ebug__ = x -> Dense(3)
}
""",
    "names that are one for Python": """
model M {
  input \ufb01: float32[4]
  input fi: float32[3]
  output y = concat(\ufb01, fi) -> Dense(2)
}
""",
    "what the source itself calls things": """
model M {
  input free_names: float32[4]
  output exp = ops.exp(free_names)
  output inputs = free_names -> Dense(2)
  output outputs = ops.exp(free_names)
}
""",
}

#: Builds each source twice, and says what came of it; the second time Keras counts on.
RUNNER = """
import json, sys
import keras
found = []
for source in json.load(sys.stdin):
    keras.backend.clear_session(free_memory=False)  # looks for no garbage in all of TensorFlow
    with keras.StatelessScope(initialize_variables=False):
        for _ in range(2):
            names = {"__name__": "made"}
            try:
                exec(compile(source.partition("\\nmodel.compile(")[0], "made.py", "exec"), names)
                model = names["model"]
                said = [[each.name for each in model.inputs], model.output_names]
            except Exception as error:
                said = repr(error)
            found.append(said)
print(json.dumps(found))
"""


def run_fresh(sources: list[str]) -> list[Any]:
    """What inputs and outputs the models of sources have, built twice each in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(sources),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return [found[place : place + 2] for place in range(0, len(found), 2)]


def test_every_source_runs_in_a_fresh_process() -> None:
    wanted: dict[str, list[list[str]]] = {}

    def add(program: Any) -> None:
        graph = mtg.load(program, model="M") if isinstance(program, str) else mtg.load(program)
        names = [[c.layer.name for c in graph.inputs], [o.name for o in graph.outputs]]
        wanted[mtg.to_python(graph)] = names

    for program in (*EXAMPLES, *PROGRAMS.values(), *CROWDED.values()):
        add(program)
    settings(max_examples=MANY // 2)(given(programs())(add))()
    for source, (first, second) in zip(wanted, run_fresh(list(wanted)), strict=True):
        assert first == second == wanted[source], source


def assert_same_numbers(program: str) -> None:
    """The model of the source, given the weights of mtg's model, predicts what that predicts."""
    keras.backend.clear_session()
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(mtg.to_python(program, model="M"), "made.py", "exec"), names)
    theirs, ours = names["model"], mtg.compile(program, model="M")
    assert theirs.output_names == ours.output_names
    assert [weight.shape for weight in theirs.weights] == [weight.shape for weight in ours.weights]
    random = np.random.default_rng(1)
    # Positive, since variances are among them.
    values = [random.uniform(0.1, 0.6, weight.shape) for weight in ours.weights]
    ours.set_weights(values)
    theirs.set_weights(values)
    arrays = [random.normal(size=(2, *each.shape[1:])).astype("float32") for each in ours.inputs]
    data = arrays[0] if len(arrays) == 1 else arrays
    for one, other in zip(
        keras.tree.flatten(theirs(data)), keras.tree.flatten(ours(data)), strict=True
    ):
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(one), keras.ops.convert_to_numpy(other), 1e-3, 1e-4
        )


@pytest.mark.parametrize("name", CROWDED)
def test_what_keras_calls_things_is_no_trouble(name: str) -> None:
    assert_same_numbers(CROWDED[name])


@settings(max_examples=MANY // 5)
@given(programs())
def test_random_programs(program: str) -> None:
    assert_same_numbers(program)


def test_a_source_that_needs_no_new_names_has_none() -> None:
    """`free_names` is not in the source of a model whose names cannot meet Keras's."""
    assert "free_names" not in mtg.to_python(
        "model M { input a: float32[4] output y = a -> ReLU() }"
    )


def test_a_renamed_model_is_saved_and_loaded(tmp_path: Any) -> None:
    names: dict[str, Any] = {}
    exec(mtg.to_python(CROWDED["layers"]), names)
    names["model"].save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert loaded.output_names == ["dense_1"]
    for one, other in zip(loaded.weights, names["model"].weights, strict=True):
        assert np.array_equal(one.numpy(), other.numpy())


def test_what_keras_calls_operations_is_known() -> None:
    """Each function that is one operation makes no other, and that has the name of its class."""
    x = keras.Input((4, 4), name="x")
    tried = 0
    for name in catalog().names("op"):
        known = operation(name)
        for args in ((x,), (x, x), ([x, x],), (x, 1), (x, (4, 4))):
            try:
                made = attribute(keras.ops, name)(*args)
            except Exception:  # whatever Keras makes of arguments that are not for it
                continue
            names = {re.sub(r"_\d+$", "", each) for each in operations_behind(made)}
            assert known is None or names <= {snake_case(known.cls)}, name
            tried += known is not None
            break
    assert tried > 200


def operations_behind(made: Any) -> set[str]:
    found, waiting = {}, list(keras.tree.flatten(made))
    while waiting:
        tensor = waiting.pop()
        if not isinstance(tensor, keras.KerasTensor):
            continue
        made_by = tensor._keras_history.operation
        if isinstance(made_by, keras.Layer) or id(made_by) in found:
            continue
        found[id(made_by)] = made_by.name
        for node in made_by._inbound_nodes:
            waiting += node.input_tensors
    return set(found.values())
