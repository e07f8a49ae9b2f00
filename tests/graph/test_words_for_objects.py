"""A string that names an object is that object, however it is spelt: Keras saves one spelling."""

from __future__ import annotations

from pathlib import Path

import keras
import mtg
import pytest
from mtg.catalog import catalog

#: Strings of which Keras can make nothing, or nothing that fills a matrix.
_NOT_HERE = {"Constant", "constant", "STFT", "stft", "STFTInitializer"}


def words(kind: str) -> list[str]:
    return sorted(catalog().identifiers(kind) - _NOT_HERE)


def program() -> str:
    """A model with a layer for each string of each kind."""
    stages = [
        f"Activation({word!r})" for word in words("activation") if word not in ("glu", "threshold")
    ]
    for kind in ("initializer", "regularizer", "constraint"):
        stages += [f"Dense(4, kernel_{kind}={word!r})" for word in words(kind)]
    flow = "\n    -> ".join(stages)
    return f"model M {{\n  input x: float32[4]\n  output y = x -> {flow}\n}}\n"


def test_a_program_and_its_file_are_the_same(tmp_path: Path) -> None:
    keras.utils.clear_session()
    model = mtg.compile(program())
    model.save(tmp_path / "m.keras")
    assert str(mtg.diff(program(), tmp_path / "m.keras")).endswith("are the same model")
    assert not mtg.diff(program(), mtg.decompile(model), names=False)
    saved = {layer.activation.__name__ for layer in model.layers if hasattr(layer, "activation")}
    assert "silu" in saved
    assert "swish" not in saved


@pytest.mark.parametrize("word", words("optimizer"))
def test_an_optimizer_by_any_of_its_strings(word: str) -> None:
    text = (
        "model M {\n  input x: float32[2]\n"
        f'  output y(loss="mse") = x -> Dense(1)\n  train(optimizer={word!r})\n}}\n'
    )
    keras.utils.clear_session()
    assert not mtg.diff(text, mtg.compile(text))
    other = "adam" if word.lower() != "adam" else "sgd"
    assert mtg.diff(text, text.replace(repr(word), repr(other)))
