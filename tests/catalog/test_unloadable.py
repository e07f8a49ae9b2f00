"""What `mtg.catalog.unloadable` says that Keras saves and cannot read: all of it, and no more.

`MTG_LONG_TESTS=1` tries every value for every argument, else arguments of classes of which nothing
is said get a fourth of them.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from keras.src.saving import serialization_lib
from mtg.catalog import Entry, catalog
from mtg.catalog.unloadable import _LOST, unloadable
from mtg.cli import main

LONG = os.environ.get("MTG_LONG_TESTS") == "1"
HOMES: dict[str, Any] = {
    "constraint": keras.constraints,
    "initializer": keras.initializers,
    "layer": keras.layers,
    "loss": keras.losses,
    "metric": keras.metrics,
    "optimizer": keras.optimizers,
    "regularizer": keras.regularizers,
    "schedule": keras.optimizers.schedules,
}
#: What is in no config, but in a file beside it.
WORDS = "vocabulary"
#: What some classes cannot be made without.
NEEDED: dict[str, dict[str, Any]] = {
    "CategoryEncoding": {"num_tokens": 4},
    "Discretization": {"num_bins": 3},
    "CenterCrop": {"height": 4, "width": 5},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3},
    "IoU": {"num_classes": 2, "target_class_ids": [0]},
    "Lambda": {},  # of a Python function, of which the program says that it is one
    "MeanMetricWrapper": {"fn": keras.losses.mean_squared_error},
    "PiecewiseConstantDecay": {"boundaries": [1], "values": [0.1, 0.2]},
    "RandomCrop": {"height": 4, "width": 5},
    "Resizing": {"height": 4, "width": 5},
}
#: Layers that are made of a layer, or of cells.
INNER: dict[str, Any] = {
    "Bidirectional": lambda: keras.layers.LSTM(2),
    "RNN": lambda: keras.layers.LSTMCell(2),
    "SpectralNormalization": lambda: keras.layers.Dense(2),
    "StackedRNNCells": lambda: [keras.layers.LSTMCell(2)],
    "TimeDistributed": lambda: keras.layers.Dense(2),
    "Pipeline": lambda: [keras.layers.Rescaling(2)],
}
#: No classes of which a program can make an object.
LEFT = {
    "FlaxLayer",
    "JaxLayer",
    "Lambda",
    "TFSMLayer",
    "TorchModuleWrapper",
    "GroupedQueryAttention",
}
WANTED: list[Any] = [2, 0.5, [0.1, 0.2], [1], (2, 2), "float32", "adam", "mse", "relu", {}]
OTHER: list[Any] = [0, 2, 0.3, True, None, [0, 1], (0.1, 0.4), [0.5], "sum", "float16", "relu"]
OTHER += ["l2", "non_neg", "zeros"]


def made(entry: Entry, cls: Any) -> dict[str, Any] | None:
    """Arguments that an object can be made with."""
    if entry.name in NEEDED:
        return NEEDED[entry.name]
    required = [parameter.name for parameter in entry.parameters if parameter.required]
    if entry.name in INNER:
        return {required[0]: INNER[entry.name]()}
    for values in itertools.product(WANTED, repeat=len(required)):
        arguments = dict(zip(required, values, strict=True))
        if instance(cls, arguments) is not None:
            return arguments
    return None


def instance(cls: Any, arguments: dict[str, Any]) -> Any:
    """The object with these arguments, or None where the class refuses them."""
    try:
        return cls(**arguments)
    except Exception:
        return None


def variations(entry: Entry, cls: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Arguments of a class, those it needs and each of the others in turn, and what they make."""
    base = made(entry, cls)
    if base is None:
        return
    yield base, cls(**base)
    told = LONG or entry.name in {name for _, name, _ in _LOST}
    for number, parameter in enumerate(entry.parameters):
        if parameter.name in ("name", *INNER):
            continue
        values = [*OTHER, *parameter.choices]
        for value in values if told else values[number % 4 :: 4]:
            arguments = {**base, parameter.name: value}
            thing = instance(cls, arguments)
            if thing is not None:
                yield arguments, thing


def comes_back(thing: Any) -> bool:
    """Whether Keras makes the object again from the config that it saves of it."""
    try:
        config = json.loads(json.dumps(serialization_lib.serialize_keras_object(thing)))
        serialization_lib.deserialize_keras_object(config)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("kind", sorted(HOMES))
def test_keras_reads_all_else_that_it_saves(kind: str) -> None:
    wrong, seen, tried = [], set(), set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in catalog().names(kind):
            entry = catalog().find(kind, name)
            cls = getattr(HOMES[kind], name, None)
            if entry is None or cls is None or name != entry.name or name in LEFT:
                continue
            for arguments, thing in variations(entry, cls):
                tried.add(name)
                lost = [each for each in unloadable(kind, name, arguments) if each[0] != WORDS]
                seen |= {(kind, name, parameter) for parameter, _ in lost}
                if comes_back(thing) == bool(lost) and not refused(name, arguments):
                    wrong.append((name, arguments))
    assert not wrong
    assert seen == {each for each in _LOST if each[0] == kind and each[2] != WORDS}
    classes = {
        entry.name for name in catalog().names(kind) if (entry := catalog().find(kind, name))
    }
    assert classes - tried - LEFT == set()


def refused(name: str, arguments: dict[str, Any]) -> bool:
    """Values that are none: Keras's constructor does not look at them, and mtg does."""
    if name == "MeanMetricWrapper":
        return not callable(arguments["fn"])
    if name == "IntegerLookup":
        given = [arguments.get("mask_token"), arguments.get("oov_token", -1)]
        return not all(token is None or type(token) is int for token in given)
    return name == "Pipeline" and not isinstance(arguments["layers"], list)


#: What a class may do in a file beside its config and the weights that every layer has.
STORES = ("load_own_variables", "save_own_variables", "load_assets", "save_assets")


#: The layers that do, each with arguments and what it is called on.
STORED: dict[str, tuple[dict[str, Any], tuple[int, ...], str]] = {
    "Conv1D": ({"filters": 2, "kernel_size": 2}, (5, 3), "float32"),
    "Conv2D": ({"filters": 2, "kernel_size": 2}, (5, 5, 3), "float32"),
    "Conv3D": ({"filters": 2, "kernel_size": 2}, (5, 5, 5, 3), "float32"),
    "Dense": ({"units": 2}, (3,), "float32"),
    "Discretization": ({"num_bins": 3}, (3,), "float32"),
    "EinsumDense": ({"equation": "ab,bc->ac", "output_shape": 3}, (3,), "float32"),
    "Embedding": ({"input_dim": 4, "output_dim": 2}, (3,), "int32"),
    "IntegerLookup": ({}, (3,), "int64"),
    "Normalization": ({}, (3,), "float32"),
    "ReversibleEmbedding": ({"input_dim": 4, "output_dim": 2}, (3,), "int32"),
    "StringLookup": ({}, (3,), "string"),
    "TextVectorization": ({}, (), "string"),
}


def test_what_stands_in_files_of_their_own(tmp_path: Path) -> None:
    layer = keras.layers.Layer
    classes = {
        name
        for name in catalog().names("layer")
        if (own := getattr(keras.layers, name, None)) is not None
        and own.__name__ == name
        and any(getattr(own, s, None) is not getattr(layer, s, None) for s in STORES)
    }
    assert classes - LEFT == set(STORED)
    seen = set()
    for cls, (arguments, shape, dtype) in STORED.items():
        words = {WORDS: [7, 8] if cls == "IntegerLookup" else ["a", "b"]}
        for told in ({}, words) if cls in {name for _, name, of in _LOST if of == WORDS} else ({},):
            given = keras.Input(shape, dtype=dtype)
            made = getattr(keras.layers, cls)(**arguments, **told)
            file = tmp_path / "m.keras"
            keras.Model(given, made(given)).save(file)
            lost = unloadable("layer", cls, told)
            seen |= {("layer", cls, parameter) for parameter, _ in lost}
            try:
                load(file)
            except ValueError:
                assert lost, cls
            else:
                assert not lost, cls
    assert seen == {each for each in _LOST if each[2] == WORDS}


def load(file: Path, **given: Any) -> None:
    with warnings.catch_warnings():
        # That the optimizer of a model that was never trained has no values yet.
        warnings.simplefilter("ignore")
        keras.models.load_model(file, **given)


PROGRAM = """model M {{
  input im: float32[16, 16, 3]
  output y(loss="binary_crossentropy", metrics=[AUC({metric})]) =
    im -> {layer} -> GlobalAveragePooling2D() -> Dense(1, activation="sigmoid")
  train(optimizer="adam")
}}
"""
SAYS = "warning: Keras itself cannot load"


@pytest.mark.parametrize(
    ("layer", "metric", "refused"),
    [
        ("RandomShear(0.1)", "", "`x_factor` of `RandomShear` is saved as a range"),
        ("RandomShear(y_factor=1)", "", "`y_factor` of `RandomShear` is saved as a range"),
        ("RandomShear((0.1, 0.2))", "", ""),
        (
            "Identity()",
            "multi_label=True, num_labels=1, label_weights=[0.5]",
            "`label_weights` of `AUC` is saved as a tensor",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded_is_not_written_without_a_word(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    layer: str,
    metric: str,
    refused: str,
) -> None:
    program, file = tmp_path / "m.mtg", tmp_path / "m.keras"
    program.write_text(PROGRAM.format(layer=layer, metric=metric), encoding="utf-8")
    assert main(["compile", str(program), "-o", str(file)]) == 0
    said = capsys.readouterr().err
    if refused:
        assert f"{SAYS} {file}: {refused}" in said
        with pytest.raises((TypeError, ValueError)):  # the second of TensorFlow's tensors
            keras.models.load_model(file)
    else:
        assert SAYS not in said
        load(file)
    # mtg reads it all the same, and the model in memory; and the JSON that mtg writes loads.
    assert not mtg.diff(program, file)
    assert not mtg.diff(program, mtg.decompile(mtg.compile(program)))
    config = tmp_path / "m.json"
    assert main(["compile", str(program), "-o", str(config)]) == 0
    assert SAYS not in capsys.readouterr().err
    keras.models.model_from_json(config.read_text(encoding="utf-8"))


def test_a_lookup_without_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program, file = tmp_path / "m.mtg", tmp_path / "m.keras"
    text = "model M {{\n  input w: string[3]\n  output y = w -> StringLookup({})\n}}"
    program.write_text(text.format(""), encoding="utf-8")
    assert main(["compile", str(program), "-o", str(file)]) == 0
    assert f"{SAYS} {file}: `vocabulary` of `StringLookup` is not given" in capsys.readouterr().err
    program.write_text(text.format('vocabulary=["a", "b"]'), encoding="utf-8")
    assert main(["compile", str(program), "-o", str(file)]) == 0
    assert SAYS not in capsys.readouterr().err


def test_what_is_of_python_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "its_parts.py").write_text(
        "import keras\nclass Twice(keras.layers.Layer):\n  def call(self, x):\n"
        "    return x * 2\ndef half(x):\n  return x / 2\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    program, file = tmp_path / "m.mtg", tmp_path / "m.keras"
    program.write_text(
        'from python "its_parts" import Twice, half\nmodel M {\n  input x: float32[3]\n'
        '  output y(loss="mse") = x -> Twice() -> Dense(2, activation=half) -> Lambda(half)\n}\n',
        encoding="utf-8",
    )
    assert main(["compile", str(program), "--trust", "-o", str(file)]) == 0
    said = '`custom_objects={"Twice": Twice, "half": half}`'
    assert said in capsys.readouterr().err
    with pytest.raises(TypeError):
        keras.models.load_model(file)
    parts = sys.modules["its_parts"]
    load(file, custom_objects={"Twice": parts.Twice, "half": parts.half})
