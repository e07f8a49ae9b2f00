"""What is said of a Keras that is not the one the catalogue describes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from mtg.catalog import catalog
from mtg.catalog.installed import other_defaults, other_keras


def test_nothing_of_the_same_keras() -> None:
    assert other_keras(catalog().keras_version) == ()


def test_another_keras_is_named_with_both_versions() -> None:
    (note,) = other_keras("3.2.1")
    assert note == (
        f"mtg describes Keras {catalog().keras_version}, and Keras 3.2.1 is installed: "
        "what one has the other may lack"
    )


#: A Keras of another version, which lacks a layer, a regularizer, a function and an argument.
OLDER = """
import json, sys
import keras, mtg
if keras.backend.backend() != "jax":  # which needs it itself
    sys.modules["scipy"] = None  # not installed
from mtg.backends.keras.build import build
from mtg.text.diagnostics import Diagnostics
keras.__version__ = "3.10.0"
del keras.layers.RMSNormalization, keras.regularizers.OrthogonalRegularizer, keras.ops.gelu
made = keras.layers.Dense.__init__

def __init__(self, units, activation=None, **kwargs):
    if "use_bias" in kwargs:
        raise ValueError(f"Unrecognized keyword arguments passed to Dense: {kwargs}")
    made(self, units, activation, **kwargs)

keras.layers.Dense.__init__ = __init__
keras.layers.Dropout.__init__.__defaults__ = (None, 7)
for text in json.loads(sys.argv[1]):
    try:
        diagnostics = Diagnostics()
        shape = list(build(mtg.load(text), diagnostics, trust=True).output_shape)
        found = [[each.code, each.message] for each in diagnostics]
        print(json.dumps([found, "", shape, []]))
    except AttributeError:
        (found,) = diagnostics
        place = found.span.source.text[found.span.start : found.span.end]
        print(json.dumps([found.code, found.message, place, found.notes]))
"""
FLOWS = {
    "x -> Dense(4) -> LSTM(3)": ("", [None, 3]),
    "x -> Dense(4, use_bias=False)": (
        "`layers.Dense` of Keras 3.10.0 takes no argument `use_bias`",
        "False",
    ),
    "x -> RMSNormalization()": (
        "Keras 3.10.0 has no `layers.RMSNormalization`",
        "RMSNormalization()",
    ),
    "x -> LSTM(4, kernel_regularizer=OrthogonalRegularizer())": (
        "Keras 3.10.0 has no `regularizers.OrthogonalRegularizer`",
        "OrthogonalRegularizer()",
    ),
    "ops.gelu(x)": ("Keras 3.10.0 has no `ops.gelu`", "ops.gelu(x)"),
    "x -> Dropout(0.5, seed=1)": ("", [None, 5, 8]),
    "x -> Dropout(0.5)": (
        "`seed` of `layers.Dropout` is 7 by default, but mtg assumes None",
        [None, 5, 8],
    ),
    # A package that Keras itself can do without.
    "x -> STFTSpectrogram(frame_length=4, frame_step=2)": (
        "`STFTSpectrogram` needs the Python package `scipy`, which cannot be imported",
        "STFTSpectrogram(frame_length=4, frame_step=2)",
    ),
    # What any Keras may refuse: the versions are named, since it may be for that.
    'x -> TFSMLayer("nowhere")': ("Keras refused `TFSMLayer`", 'TFSMLayer("nowhere")'),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[list[object]]:
    """What compiling each flow gives, in one process with that Keras."""
    pytest.importorskip("keras")
    texts = [f"model M {{\n  input x: float32[5, 8]\n  output y = {flow}\n}}\n" for flow in FLOWS]
    done = subprocess.run(
        [sys.executable, "-c", OLDER, json.dumps(texts)],
        capture_output=True,
        text=True,
        cwd=tmp_path_factory.mktemp("older"),
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.keras
@pytest.mark.parametrize("number", range(len(FLOWS)), ids=list(FLOWS))
def test_what_another_keras_lacks(number: int, said: list[list[object]]) -> None:
    words, place = list(FLOWS.values())[number]
    if "scipy" in words and os.environ.get("KERAS_BACKEND") == "jax":
        pytest.skip("JAX needs SciPy itself")
    code, message, where, notes = said[number]
    assert where == place
    if not words:
        assert code == []
        return
    if isinstance(code, list):
        assert code == [["MTG310", words]]
        return
    assert code == "MTG309"
    assert str(message).startswith(words)
    assert isinstance(notes, list)
    assert "scipy" in str(message) or notes[-1:] == list(other_keras("3.10.0"))


@pytest.mark.keras
def test_the_same_keras_has_the_same_defaults() -> None:
    keras = pytest.importorskip("keras")
    if keras.__version__ != catalog().keras_version:
        pytest.skip("another Keras is installed")
    for name in catalog().names("layer"):
        assert other_defaults(keras, "layer", f"layers.{name}", ()) == []
