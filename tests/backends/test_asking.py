"""`--with-keras`: what mtg cannot know, Keras is asked; what follows is checked as ever."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mtg
import pytest
from goldens import expect
from mtg.cli import main
from mtg.report.text import render_all

keras = pytest.importorskip("keras")

MINE = """
import keras

MADE = []

class Scale(keras.layers.Layer):
    "Two weights, one of which is not trained."

    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        MADE.append(self)

    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1], self.width), name="factor")
        self.steps = self.add_weight(shape=(), dtype="int32", trainable=False, name="steps")

    def call(self, x):
        if x.shape[-1] == 3:
            raise ValueError("three is a crowd")
        return keras.ops.matmul(x, self.factor)

def twice(x):
    return keras.ops.concatenate([x, x], axis=-1)

def halves(x):
    return keras.ops.split(x, 2, axis=-1)

def broken(x):
    raise ValueError("not today")
"""
IMPORT = 'from python "mine" import Scale, twice, halves\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with Python beside the programs, which is the current one."""
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("mine", None)


def model(body: str, inputs: str = "input x: float32[8]", before: str = IMPORT) -> str:
    return f"{before}model M {{\n{inputs}\n{body}\n}}\n"


def assert_types_of_keras(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The summary says of every output and of all weights what the model that Keras makes has."""
    Path("m.mtg").write_text(program, encoding="utf-8")
    assert main(["summary", "m.mtg", "--trust", "--with-keras", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    built = mtg.compile(program, trust=True)
    outputs = dict(zip(built.output_names, built.outputs, strict=True))
    assert {o["name"]: tuple(o["shape"]) for o in said["outputs"]} == {
        name: tuple(tensor.shape) for name, tensor in outputs.items()
    }
    assert said["total_params"] == built.count_params()
    trainable = sum(math.prod(weight.shape) for weight in built.trainable_weights)
    assert said["trainable_params"] == trainable


def faults(program: str, **options: bool) -> list[str]:
    """The codes of the errors that are said of a program."""
    found = mtg.check(program, trust=True, **options)
    return [each.code for each in found if each.is_error]


WRONG = model(
    "h = x -> Scale(6) -> Dense(3)\n"
    "output wrong = h -> Scale(2)\n"
    "output rank = x -> Lambda(twice) -> LSTM(4)\n"
    "output sum = add(x, x -> Lambda(twice))\n"
    "output half = x -> Lambda(halves) -> Dense(2)\n"
    "output good = x -> Lambda(twice) -> Dense(2)"
)


def test_what_follows_is_checked() -> None:
    assert faults(WRONG) == []
    assert faults(WRONG, with_keras=True) == ["MTG309", "MTG302", "MTG301", "MTG208"]


def test_the_words() -> None:
    expect(render_all(mtg.check(WRONG, trust=True, with_keras=True)), "errors/refused/asked.txt")


def test_types_and_weights_are_those_of_keras(capsys: pytest.CaptureFixture[str]) -> None:
    program = model(
        "a, b = x -> Lambda(halves)\n"
        "shared scale = Scale(5, trainable=False)\n"
        "output one = concat(a -> scale, b -> scale)\n"
        "output two = t -> TimeDistributed(Lambda(twice)) -> LSTM(3)\n"
        "output three = x -> Scale(2) -> Dense(1)",
        "input x: float32[8]\ninput t: float32[?, 6]",
    )
    assert_types_of_keras(program, capsys)


def test_in_blocks_and_nested_models(capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        IMPORT
        + "block x -> wide(n) { return x -> Lambda(twice) -> Dense(n) }\n"
        + model("output e = x -> Scale(3) -> wide(4)", before="").replace(" M ", " Inner ")
        + model(
            "shared inner = Inner()\noutput y = concat(x -> inner, z -> inner) -> wide(2)",
            "input x: float32[8]\ninput z: float32[8]",
            before="",
        )
    )
    assert_types_of_keras(program, capsys)
    wrong = program.replace("Scale(3)", "Scale(3) -> Scale(2)")
    assert faults(wrong, with_keras=True) == ["MTG309"]


@pytest.mark.parametrize(
    ("flow", "codes"),
    [
        ("ops.vectorized_map(twice, x) -> Dense(3)", []),
        ("ops.vectorized_map(twice, x) -> LSTM(3)", ["MTG302"]),
        ("ops.vectorized_map(broken, x)", ["MTG309"]),
    ],
)
def test_functions_without_a_rule(flow: str, codes: list[str]) -> None:
    program = model(f"output y = {flow}", before='from python "mine" import twice, broken\n')
    assert faults(program) == []
    assert faults(program, with_keras=True) == codes
    if not codes:
        assert mtg.compile(program, trust=True).count_params() == 16 * 3 + 3


def test_an_application_with_odd_arguments() -> None:
    flow = "image -> applications.MobileNet(weights=None, alpha=0.3, include_top=False)"
    program = model(f"output y = {flow} -> LSTM(2)", "input image: float32[64, 64, 3]", "")
    assert faults(program) == []
    assert faults(program, with_keras=True) == ["MTG302"]


def test_nothing_is_fetched_to_be_asked() -> None:
    """Weights that were trained are a download; the application stays unknown."""
    flow = 'image -> applications.NASNetLarge(weights="imagenet", include_top=False)'
    program = model(f"output y = {flow} -> LSTM(2)", "input image: float32[331, 331, 3]", "")
    assert faults(program, with_keras=True) == []


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="no TensorFlow")
def test_a_saved_graph(folder: Path) -> None:
    if keras.backend.backend() != "tensorflow":
        pytest.skip("`TFSMLayer` needs TensorFlow")
    keras.Sequential([keras.Input((8,)), keras.layers.Dense(5)]).export(folder / "g", verbose=False)
    program = model('output y = x -> TFSMLayer("g", call_endpoint="serve") -> LSTM(2)', before="")
    assert faults(program) == []
    assert faults(program, with_keras=True) == ["MTG302"]


def test_what_cannot_be_made_is_said_once() -> None:
    program = model(
        "shared scale = Scale()\noutput y = concat(x -> scale, z -> scale) -> Dense(1)",
        "input x: float32[8]\ninput z: float32[8]",
    )
    assert faults(program, with_keras=True) == ["MTG309"]


def test_python_that_cannot_be_had() -> None:
    program = model("output y = x -> Missing()", before='from python "mine" import Missing\n')
    assert faults(program, with_keras=True) == ["MTG610"]


def test_a_graph_is_asked_too() -> None:
    graph = mtg.load(model("output y = x -> Lambda(twice)"), trust=True)
    assert "(None, 16)" in mtg.summary(graph, with_keras=True)
    assert "(None, 16)" not in mtg.summary(graph)


def test_keras_is_imported_only_if_something_is_asked(folder: Path) -> None:
    (folder / "plain.mtg").write_text(
        model("output y = x -> Dense(1)", before=""), encoding="utf-8"
    )
    (folder / "keras").mkdir()
    (folder / "keras" / "__init__.py").write_text(
        "raise ImportError('this Keras is broken')", encoding="utf-8"
    )
    command = [sys.executable, "-m", "mtg", "check", "--with-keras"]
    plain = subprocess.run([*command, "plain.mtg"], capture_output=True, text=True)
    assert (plain.returncode, plain.stderr) == (0, "1 file checked, no problems\n")
    (folder / "asked.mtg").write_text(
        model("output y = x -> Lambda(twice) -> Lambda(halves)"), encoding="utf-8"
    )
    asked = subprocess.run([*command, "--trust", "asked.mtg"], capture_output=True, text=True)
    assert asked.returncode == 1
    assert asked.stderr.count("error[") == 1
    assert "Keras cannot compute the results of `Lambda`\n" in asked.stderr
    assert "= note: Keras cannot be imported: this Keras is broken\n" in asked.stderr
    command = [sys.executable, "-m", "mtg", "compile", "plain.mtg", "-o", "plain.keras"]
    compiled = subprocess.run(command, capture_output=True, text=True)
    assert compiled.returncode == 2
    assert compiled.stderr == "mtg: Keras cannot be imported: this Keras is broken\n"


def test_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "wrong.mtg").write_text(WRONG, encoding="utf-8")
    assert main(["check", "--trust", "wrong.mtg"]) == 0
    assert main(["check", "--trust", "--with-keras", "wrong.mtg"]) == 1
    assert "three is a crowd" in capsys.readouterr().err
    # Without trust no Python is run, whoever is asked: what it gives is unknown.
    assert main(["check", "--with-keras", "wrong.mtg"]) == 0
    assert "layers are unknown to mtg" in capsys.readouterr().err


def test_a_layer_with_a_quantized_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its weights are those of its quantization, of which Keras has a new one now and then."""
    text = """model M {
      input x: float32[8]
      output y = x -> Dense(16, dtype="int8_from_float32") -> Dense(4, dtype="int4/8_from_float32")
    }"""
    assert not mtg.check(text)
    file = tmp_path / "m.mtg"
    file.write_text(text, encoding="utf-8")
    assert main(["summary", str(file), "--with-keras", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    built = mtg.compile(text)
    assert found["total_params"] == built.count_params()
    assert found["outputs"][0]["dtype"] == "float32"
