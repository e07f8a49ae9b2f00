"""What `mtg.catalog.dropped` says that Keras does not save."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from mtg.catalog import catalog
from mtg.catalog.dropped import DROPPED, dropped
from mtg.cli import main

#: A value of each parameter that is not the default.
OTHER: dict[str, Any] = {
    "autocast": False,
    "axis": 0,
    "delta": 2.0,
    "dtype": "float16",
    "fill_value": 3,
    "flash_attention": False,
    "gain": 0.5,
    "seed": 7,
    "sparse": True,
    "use_cudnn": False,
}
#: What the classes cannot be made without.
NEEDED: dict[str, tuple[Any, ...]] = {
    "CategoryEncoding": (4,),
    "Dense": (2,),
    "GRU": (2,),
    "GroupQueryAttention": (2, 2, 1),
    "LSTM": (2,),
    "MaxNumBoundingBoxes": (2,),
    "MultiHeadAttention": (2, 2),
    "RandomGrayscale": (0.5,),
    "SimpleRNN": (2,),
}
HOMES = {
    "initializer": keras.initializers,
    "layer": keras.layers,
    "loss": keras.losses,
    "metric": keras.metrics,
}


def test_keras_leaves_them_out() -> None:
    seen = set()
    for kind in HOMES:
        for name in catalog().names(kind):
            made = getattr(HOMES[kind], name, None)
            listed = dropped(kind, name)
            if made is None or not (kind != "layer" or name in NEEDED):
                continue
            for parameter in listed:
                given = {parameter: OTHER[parameter]}
                config = made(*NEEDED.get(name, ()), **given).get_config()
                assert parameter not in config, (kind, name, parameter)
                seen.add((kind, parameter))
    assert seen == {(kind, each) for kind, _, parameters in DROPPED for each in parameters}


@pytest.mark.parametrize("kind", ["loss", "initializer"])
def test_keras_leaves_out_nothing_else(kind: str) -> None:
    for name in catalog().names(kind):
        entry = catalog().find(kind, name)
        assert entry is not None
        made = getattr(HOMES[kind], entry.name, None)
        if made is None or any(p.required for p in entry.parameters):
            continue
        left_out = {p.name for p in entry.parameters} - set(made().get_config())
        assert left_out == set(dropped(kind, entry.name)), name


def test_a_model_in_memory_keeps_them() -> None:
    given = keras.Input((4,), name="x")
    encoded = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(4, kernel_initializer=keras.initializers.Identity(0.5)),
        ]
    )(given)
    steps = keras.layers.Reshape((4, 1))(encoded)
    one = keras.layers.SimpleRNN(3, seed=7, name="one")(steps)
    two = keras.layers.Bidirectional(keras.layers.GRU(2, use_cudnn=False), name="two")(steps)
    model = keras.Model(given, [one, two])
    model.compile(
        "adam",
        {"one": keras.losses.Huber(delta=2.0), "two": keras.losses.CosineSimilarity(axis=1)},
        metrics={"one": [keras.metrics.CosineSimilarity(axis=1)]},
    )
    text = mtg.decompile(model)
    for said in (
        "loss=Huber(delta=2.0)",
        "loss=CosineSimilarity(axis=1)",
        "metrics=[CosineSimilarity(axis=1)]",
        "Identity(gain=0.5)",
        "SimpleRNN(3, seed=7)",
        "use_cudnn=False",
    ):
        assert said in text
    assert not mtg.diff(model, text, names=False).weights.reordered
    assert "Huber" in str(mtg.diff(model, text.replace("delta=2.0", "delta=3.0")))


def test_a_default_is_not_told() -> None:
    """What a layer decides itself is no argument that somebody gave."""
    words = keras.Input((2,), dtype="int32", name="words")
    hashed = keras.layers.CategoryEncoding(4)(words)
    model = keras.Model(words, keras.layers.Dense(1, name="y")(hashed))
    model.compile("adam", keras.losses.Huber())
    text = mtg.decompile(model)
    assert "loss=Huber())" in text or 'loss="huber"' in text
    assert "autocast" not in text
    assert "sparse" not in text


def test_compile_says_what_the_file_loses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "m.mtg"
    program.write_text(
        "model M {\n  input x: float32[4]\n"
        '  output y(loss=Huber(delta=2.0)) = x -> Dense(1)\n  train(optimizer="adam")\n}\n',
        encoding="utf-8",
    )
    assert main(["compile", str(program), "-o", str(tmp_path / "m.keras")]) == 0
    said = "note: Keras does not save `delta` of `Huber`: a model that is loaded has the default"
    assert capsys.readouterr().err.count(said) == 1
    # The config that mtg writes has it, and Keras reads it.
    assert main(["compile", str(program), "-o", str(tmp_path / "m.json")]) == 0
    assert said not in capsys.readouterr().err
    assert "Huber(delta=2.0)" in mtg.decompile(tmp_path / "m.json")
    assert "delta" not in mtg.decompile(tmp_path / "m.keras")


def test_compile_says_what_becomes_of_a_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "m.mtg"
    drop = 'SpatialDropout1D(0.5, dtype="mixed_float16")'
    program.write_text(
        f"model M {{ input x: float32[4, 2]\n output y = x -> {drop} }}", encoding="utf-8"
    )
    assert mtg.compile(program).outputs[0].dtype == "float16"
    assert main(["compile", str(program), "-o", str(tmp_path / "m.keras")]) == 0
    said = "note: Keras does not save `dtype` of `SpatialDropout1D`: a model that is loaded has"
    assert said in capsys.readouterr().err
    assert keras.models.load_model(tmp_path / "m.keras").outputs[0].dtype == "float32"
