"""The blocks of `std/tasks`: against models by hand and the papers; names, training, files."""

from __future__ import annotations

from pathlib import Path

import keras
import mtg
import numpy as np
import pytest
from library import model, outputs, weights
from same_models import (
    assert_close,
    assert_same_layers,
    assert_same_weights,
    outputs_of,
    some_weights,
)
from twins import std_tasks


@pytest.mark.usefixtures("eager_once")
def test_all_blocks_against_a_model_by_hand(tmp_path: Path) -> None:
    """The same layers, weights and outputs; the same losses in training; and back from a file."""
    built, twin = model(std_tasks.SOURCE), std_tasks.build()
    assert built.output_names == twin.output_names
    assert_same_layers(built, twin)
    assert_same_weights(built, twin)

    rng = np.random.default_rng(1)
    values = some_weights(rng, twin)
    built.set_weights(values)
    twin.set_weights(values)
    x = [rng.normal(size=(4, *shape)).astype("float32") for shape in [(6,), (8, 8, 3)]]
    assert_close(outputs_of(built, x), outputs_of(twin, x))

    y = [rng.integers(0, 2, (4, 1)).astype("float32") for _ in range(3)]
    y += [rng.integers(0, 3, (4, 8, 8)) for _ in range(2)]
    y += [rng.normal(size=(4, 1)).astype("float32") for _ in range(3)]
    before = weights(built)
    losses = []
    for _ in range(2):
        found = built.train_on_batch(x, y, return_dict=True)
        assert found == pytest.approx(twin.train_on_batch(x, y, return_dict=True), rel=1e-4)
        losses.append(found["loss"])
    assert losses[1] < losses[0]
    after = weights(built)
    assert not [path for path, value in before.items() if np.array_equal(value, after[path])]

    built.save(tmp_path / "model.keras")
    assert_close(outputs(keras.models.load_model(tmp_path / "model.keras"), *x), outputs(built, *x))
    assert str(mtg.diff(std_tasks.SOURCE, tmp_path / "model.keras")).endswith("are the same model")


def test_gates_and_levels_by_the_equations_of_ple() -> None:
    """Tang et al. (2020), equations 1 to 7: w(x) S(x), a softmax times a matrix of experts."""
    text = """
from "std/tasks" import ple
model Levels {
  input x: float32[5]
  y = x -> ple(["a", "b"], units=[3])
  output a = y["a"]
  output b = y["b"]
}
"""
    built = model(text)
    x = np.random.default_rng(1).normal(size=(4, 5)).astype("float32")
    of = {layer.name.removeprefix("y_ple_"): layer.get_weights() for layer in built.layers}

    def expert(name: str, x: np.ndarray) -> np.ndarray:
        kernel, bias = of[name]
        return np.maximum(x @ kernel + bias, 0)

    def mixed(name: str, x: np.ndarray, experts: list[np.ndarray]) -> np.ndarray:
        (kernel,) = of[name]
        weight = np.exp(x @ kernel)
        weight /= weight.sum(axis=1, keepdims=True)
        return np.einsum("bn,bnd->bd", weight, np.stack(experts, axis=1))

    xs = {"a": x, "b": x, "all": x}
    for level in ("extraction", "extraction_2"):
        own = {t: [expert(f"{level}_own_{t}_{i}", xs[t]) for i in range(2)] for t in "ab"}
        joint = [expert(f"{level}_joint_{i}", xs["all"]) for i in range(2)]
        after = {t: mixed(f"{level}_mixed_{t}_gate", xs[t], own[t] + joint) for t in "ab"}
        if level == "extraction":
            every = own["a"] + own["b"] + joint
            after["all"] = mixed(f"{level}_mixture_gate", xs["all"], every)
        xs = after
    assert_close(outputs(built, x), [xs["a"], xs["b"]])


def test_cross_stitch_units_begin_as_in_the_paper() -> None:
    """Most of a task's own, the rest of the others in equal parts, of each channel alike."""
    text = """
from "std/tasks" import cross_stitch
model Stitched {
  input depth: float32[4, 4, 2]
  input normals: float32[4, 4, 2]
  input edges: float32[4, 4, 2]
  stitched = inputs -> cross_stitch(same=0.7)
  for task, y in stitched.items() { output f"{task}_stitched" = y }
}
"""
    built = model(text)
    xs = list(np.random.default_rng(1).normal(size=(3, 2, 4, 4, 2)).astype("float32"))
    expected = [0.7 * x + 0.15 * (sum(xs) - x) for x in xs]
    assert_close(outputs(built, *xs), expected)
    begun = weights(built)
    assert {value.shape for value in begun.values()} == {(1, 2)}
    assert begun["stitched_cross_stitch_depth_edges_learned_vector/embeddings"] == pytest.approx(
        0.15
    )
    assert len(begun) == 9


@pytest.mark.parametrize("block", ["shared_bottom", "mmoe", "cgc", "ple"])
def test_another_task_renames_no_layer(block: str) -> None:
    """And one way to share takes the place of another by its name."""
    text = """
from "std/tasks" import shared_bottom, mmoe, cgc, ple, towers
let ways = {"shared_bottom": shared_bottom, "mmoe": mmoe, "cgc": cgc, "ple": ple}
model Shared(tasks=["click", "like"], way="mmoe") {
  input x: float32[6]
  shared_by = x -> ways[way](tasks, units=[5]) -> towers([4])
  for task in tasks { output f"{task}"(loss="mse") = shared_by[task] -> Dense(1) }
}
"""

    def layers(tasks: list[str]) -> set[tuple[str, str]]:
        assert mtg.check(text, tasks=tasks, way=block) == []
        graph = mtg.load(text, tasks=tasks, way=block)
        return {(layer.name, layer.cls) for layer in graph.layers}

    assert layers(["like", "click"]) == layers(["click", "like"]) < layers(["buy", "click", "like"])
