"""`docs/from_keras.md`: the Python and the mtg of a section make the same model."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import keras
import mtg
import numpy as np
import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "from_keras.md").read_text(encoding="utf-8")


def pairs() -> list[Any]:
    """Return the Python and the mtg of each section, by its heading."""
    found = []
    for section in PAGE.split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        found += [pytest.param(*pair, id=heading) for pair in _pairs(section)]
    return found


def _pairs(section: str) -> list[tuple[str, str]]:
    fences = re.findall(r"^```(\w+)\n(.*?)^```$", section, re.M | re.S)
    return [
        (python, program)
        for (first, python), (second, program) in itertools.pairwise(fences)
        if (first, second) == ("python", "mtg") and re.search(r"^model = ", python, re.M)
    ]


def sample(tensor: Any, rng: np.random.Generator) -> Any:
    shape = (4, *(6 if length is None else length for length in tensor.shape[1:]))
    if "int" in tensor.dtype:
        return rng.integers(0, 4, shape).astype(tensor.dtype)
    return rng.normal(size=shape).astype(tensor.dtype)


def targets(model: Any, rng: np.random.Generator) -> Any:
    """Return a target for each output of a model as `mtg.compile` makes it."""
    sparse = "sparse_categorical_crossentropy"
    kinds = [model.loss[name] for name in model.output_names]
    made = [rng.integers(0, 2, (4,) if kind == sparse else (4, 1)) for kind in kinds]
    return made if len(made) > 1 else made[0]


@pytest.mark.parametrize(("python", "program"), pairs())
def test_the_python_and_the_mtg_make_one_model(python: str, program: str) -> None:
    names: dict[str, Any] = {"keras": keras, "layers": keras.layers, "ops": keras.ops}
    exec(python, names)
    twin, built = names["model"], mtg.compile(program)
    if not isinstance(twin, keras.Sequential):  # which has no such names
        assert built.output_names == twin.output_names
    assert [each.name for each in built.inputs] == [each.name for each in twin.inputs]
    weights = twin.get_weights()
    assert [each.shape for each in built.get_weights()] == [each.shape for each in weights]

    rng = np.random.default_rng(1)
    built.set_weights(weights)
    samples = [sample(tensor, rng) for tensor in twin.inputs]
    x = samples if len(samples) > 1 else samples[0]
    expected, found = keras.tree.flatten(twin(x)), keras.tree.flatten(built(x))
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(*map(keras.ops.convert_to_numpy, (one, other)), atol=1e-5)
    if twin.compiled:
        y = targets(built, rng)
        losses = [float(model.compute_loss(y=y, y_pred=model(x))) for model in (twin, built)]
        assert losses[0] == pytest.approx(losses[1], rel=1e-5)
        settings = [model.optimizer.get_config() for model in (twin, built)]
        assert {**settings[0], "name": None} == {**settings[1], "name": None}
