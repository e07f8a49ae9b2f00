"""The recipes of `docs/losses.md`: values against NumPy, training, files."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import mtg
import numpy as np
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "losses.md"


@pytest.fixture
def written(tmp_path: Path) -> Iterator[list[Path]]:
    """The programs of the page, beside its file of Python."""
    text = PAGE.read_text(encoding="utf-8")
    python = re.search(r"<!-- file: losses.py -->\n```python\n(.*?)^```$", text, re.M | re.S)
    assert python
    (tmp_path / "losses.py").write_text(python[1], encoding="utf-8")
    paths = []
    for number, program in enumerate(re.findall(r"^```mtg\n(.*?)^```$", text, re.M | re.S)):
        path = tmp_path / f"{number}.mtg"
        path.write_text(program, encoding="utf-8")
        paths.append(path)
    yield paths
    sys.modules.pop("losses", None)


def test_losses_in_python(written: list[Path], tmp_path: Path) -> None:
    built = mtg.compile(written[0], trust=True)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(32, 64)).astype("float32")
    y = {
        "kind": rng.integers(0, 4, 32),
        "rating": np.where(rng.random((32, 1)) < 0.5, np.nan, 1.0).astype("float32"),
        "price": rng.normal(size=(32, 1)).astype("float32"),
    }
    built.get_layer("price_learned_scalar").set_weights([np.full((1, 1), 0.7)])
    kind, rating, price = built.predict(x, verbose=0)
    p = kind[np.arange(32), y["kind"]]
    expected = {
        "kind_loss": np.mean(-((1 - p) ** 2) * np.log(p)),
        "rating_loss": np.nansum((y["rating"] - rating) ** 2) / 32,
        "price_loss": np.mean(0.5 * (np.exp(-0.7) * (y["price"] - price[:, :1]) ** 2 + 0.7)),
    }
    found = built.evaluate(x, y, verbose=0, return_dict=True)
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-4)

    losses = built.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]
    built.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    targets = list(y.values())
    assert loaded.evaluate(x, targets, verbose=0) == pytest.approx(
        built.evaluate(x, targets, verbose=0), rel=1e-5
    )
    assert loaded.loss["kind"].gamma == 2.0


def test_a_loss_without_a_target(written: list[Path], tmp_path: Path) -> None:
    built = mtg.compile(written[1])
    x = list(np.random.default_rng(1).normal(size=(3, 32, 128)).astype("float32"))
    kernel, bias = built.get_weights()
    a, p, n = (each @ kernel + bias for each in x)
    a, p, n = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (a, p, n))
    near, far = np.sum((a - p) ** 2, axis=1), np.sum((a - n) ** 2, axis=1)
    expected = np.mean(np.maximum(near - far + 0.2, 0))
    assert built.evaluate(x, verbose=0) == pytest.approx(expected, rel=1e-4)

    losses = built.fit(x, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]
    built.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert loaded.evaluate(x, verbose=0) == pytest.approx(built.evaluate(x, verbose=0), rel=1e-5)
