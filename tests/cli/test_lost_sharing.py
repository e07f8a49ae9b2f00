"""A layer in a wrapper and elsewhere: `mtg compile` says where Keras cannot load what it saves."""

from __future__ import annotations

import warnings
from pathlib import Path

import keras
import mtg
import numpy as np
import pytest
from mtg.cli import main

SAYS = "warning: Keras itself cannot load"
#: A layer, and what is made of `a: float32[5, 4]` and `v: float32[4]` with it.
PROGRAMS = {
    "in a wrapper first": ("Dense(3)", "h = a -> TimeDistributed(it)", "g = v -> it"),
    "in a wrapper later": ("Dense(3)", "h = v -> it", "g = v -> SpectralNormalization(it)"),
    "in a wrapper alone": ("Dense(3)", "h = a -> TimeDistributed(it)", "g = v -> Dense(3)"),
    "in two wrappers": (
        "Dense(3)",
        "h = a -> TimeDistributed(it)",
        "g = v -> SpectralNormalization(it)",
    ),
    "in a wrapper in a wrapper": (
        "Dense(3)",
        "h = ops.expand_dims(a, 1) -> TimeDistributed(TimeDistributed(it))",
        "g = v -> it",
    ),
    "a wrapper shared": ("TimeDistributed(Dense(3))", "h = a -> it", "g = a -> it"),
    "a wrapper in a wrapper": (
        "TimeDistributed(Dense(3))",
        "h = ops.expand_dims(a, 1) -> TimeDistributed(it)",
        "g = a -> it",
    ),
    "a cell": ("LSTMCell(3)", "h = a -> RNN(it)", "g = a -> RNN(it, go_backwards=True)"),
    "without weights": ("Softmax()", "h = a -> TimeDistributed(it)", "g = v -> it"),
    "with a seed": ("Dropout(0.5)", "h = a -> TimeDistributed(it)", "g = v -> it"),
    "a model": ("Inner()", "h = a -> TimeDistributed(it)", "g = v -> it"),
}
REFUSED = set(PROGRAMS) - {
    *("in a wrapper later", "in a wrapper alone", "a wrapper shared", "without weights"),
    "with a seed",
}
INNER = "model Inner {\n  input x: float32[4]\n  output y = x -> Dense(2)\n}\n"
PROGRAM = """model M {{
  input a: float32[5, 4]
  input v: float32[4]
  shared it = {}
  {}
  {}
  output y = concat(a -> Flatten(), h -> Flatten(), g -> Flatten(), v) -> Dense(1)
}}
"""


@pytest.mark.parametrize("name", PROGRAMS)
def test_said_where_keras_refuses(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program, file = tmp_path / "m.mtg", tmp_path / "m.keras"
    text = PROGRAM.format(*PROGRAMS[name])
    program.write_text(INNER + text if "Inner" in text else text, encoding="utf-8")
    assert main(["compile", str(program), "-o", str(file)]) == 0
    said = capsys.readouterr().err
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keras.models.load_model(file)
        refused = False
    except ValueError:
        refused = True
    assert (SAYS in said) == refused
    assert refused == (name in REFUSED)
    if refused:
        # What the warning says of mtg holds.
        assert f"{SAYS} {file}: `" in said
        assert not mtg.diff(program, file)
        again = tmp_path / "again.keras"
        assert main(["compile", str(program), "--weights", str(file), "-o", str(again)]) == 0
        one, other = mtg.compile(program), mtg.compile(program)
        one.load_weights(file)
        other.load_weights(again)
        for first, second in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(first, second)
