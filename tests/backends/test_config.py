"""The JSON back end: Keras loads what it writes, and the model is the one `compile` builds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import mtg
import pytest
from mtg.cli import main
from mtg.compare.canonical import canonical
from mtg.config.read import read_config
from mtg.errors import MtgError

FOLDER = Path(__file__).parents[2] / "examples"
EXAMPLES = [FOLDER / f"{name}.mtg" for name in ("model_as_layer", "news_headline", "video_frames")]


def form(text: str) -> dict[str, Any]:
    reading = read_config(json.loads(text))
    assert not reading.problems
    return canonical(reading.graph, names=True)


def assert_same(program: Any, **settings: Any) -> Any:
    """The config says what `compile` builds, and Keras makes the same model of it."""
    text = mtg.to_json(program, **settings)
    built = mtg.compile(program, **settings)
    wanted = form(built.to_json())
    assert form(text) == wanted
    assert canonical(mtg.load(program, **settings), names=True) == wanted
    loaded = keras.models.model_from_json(text)
    assert form(loaded.to_json()) == wanted
    assert [tuple(w.shape) for w in loaded.weights] == [tuple(w.shape) for w in built.weights]
    return loaded


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    assert_same(path)


PROGRAMS = {
    "objects": """
model M {
  input x(batch_size=4): float32[6, 4]
  encoded = x
    -> Bidirectional(LSTM(3, return_sequences=True, kernel_regularizer=L2(0.5)), name="both")
    -> TimeDistributed(Dense(3, kernel_initializer=HeNormal(seed=1), trainable=False))
    -> RNN([LSTMCell(2), GRUCell(3)])
  output y(
    loss=BinaryCrossentropy(label_smoothing=0.5), weight=2.0, metrics=[AUC(name="a"), "mae"],
  ) = encoded -> Dense(1, activation="sigmoid", dtype="mixed_float16")
  output z(loss="mse") = encoded -> Dense(2, bias_constraint=MaxNorm(1))
  train(optimizer=Adam(learning_rate=CosineDecay(1e-3, 100)), steps_per_execution=2, epochs=3)
}
""",
    "ops": """
model M {
  input x: float32[6, 4]
  input y: float32[4]
  a = ops.add(x[:, 0], ops.multiply(1.5, ops.mean(x, axis=1)))
  b = ops.where(ops.greater(x, 0), x, ops.negative(x))
  c = ops.einsum("btc,bc->bt", x, y)
  d = ops.concatenate([ops.subtract(a, y), ops.expand_dims(c, -1)[:, :, 0]], axis=-1)
  e = ops.pad(b[..., 1:3], [[0, 0], [1, 1], [0, 0]])
  f = ops.add(x, ops.arange(4, dtype="float32"))
  g, h = ops.split(f, 2, axis=-1)
  output p = d -> Dense(2)
  output q = concat(e, g, h, axis=1)
}
""",
    "masks": """
model M {
  input ids: int32[7]
  seq = ids -> Embedding(9, 4, mask_zero=True) -> LSTM(3, return_sequences=True) -> Dense(4)
  output y(loss="mse") = seq -> GRU(3)
  output z(loss="mse") = ids -> Embedding(9, 4) -> Masking(1.0) -> LSTM(3)
}
""",
    "results": """
model Inner { input a: float32[4]  input b: float32[4]
  output sum = add(a, b)
  output one = a -> Dense(3) }
model M {
  input x: float32[7, 4]
  input y: float32[5, 4]
  _, h, c = x -> LSTM(4, return_state=True)
  s, t = (h, c) -> Inner(trainable=False)
  shared inner = Inner()
  u, _ = (a=t -> Dense(4), b=s) -> inner
  v, w = (b=u, a=h) -> inner
  out = (y, initial_state=[v, c]) -> LSTM(4)
  attended = (query=x, value=y) -> MultiHeadAttention(2, 3)
  output z = out
  output k = add(w -> Dense(4), attended[:, 0])
}
""",
    "shared": """
model M {
  input x: float32[3, 4]
  shared each = Dense(4)
  shared chain = Dense(4) -> ReLU()
  a = x -> TimeDistributed(each)
  output y = concat(a -> chain, x -> chain, (x, training=True) -> Dropout(0.5))
}
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name: str) -> None:
    assert_same(PROGRAMS[name])


def test_an_instance_in_a_wrapper_and_beside_it() -> None:
    """As Keras writes it within a file: both places have one number."""
    text = mtg.to_json(
        "model M { input x: float32[3, 4]\n shared d = Dense(4)\n"
        "output y = concat(x -> TimeDistributed(d), x -> d) }"
    )
    (layer,) = {
        c.layer for c in read_config(json.loads(text)).graph.calls if c.layer.cls == "Dense"
    }
    assert layer.arguments == {"units": 4}


def test_what_has_no_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = "model M { input x: float32[4]\n output y = ops.add(x, ops.sqrt(ops.ones(4))) }"
    with pytest.raises(MtgError) as caught:
        mtg.to_json(program)
    assert [each.code for each in caught.value.diagnostics] == ["MTG611"]
    path = tmp_path / "m.mtg"
    path.write_text(program, encoding="utf-8")
    assert main(["compile", str(path), "-o", str(tmp_path / "m.json")]) == 1
    assert "computed by Keras" in capsys.readouterr().err
    assert not (tmp_path / "m.json").exists()


def test_the_command(tmp_path: Path) -> None:
    target = tmp_path / "m.json"
    assert main(["compile", str(EXAMPLES[1]), "-o", str(target)]) == 0
    assert form(target.read_text(encoding="utf-8")) == form(mtg.compile(EXAMPLES[1]).to_json())


SCALED = """
from python "decompile.custom" import Scale
model M { input x: float32[4]
 output y = x -> Scale(factor=2.0) -> Dense(1) }
"""


def test_a_registered_class_has_the_name_that_keras_knows() -> None:
    import decompile.custom

    text = mtg.to_json(SCALED, trust=True)
    assert '"registered_name": "tests>Scale"' in text
    loaded = keras.models.model_from_json(text)
    assert isinstance(loaded.layers[1], decompile.custom.Scale)


def test_a_class_that_is_not_imported_is_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.mtg"
    path.write_text(SCALED.replace("decompile.custom", "not_imported"), encoding="utf-8")
    assert main(["compile", str(path), "--trust", "-o", str(tmp_path / "m.json")]) == 0
    assert 'custom_objects={"Scale": Scale}' in capsys.readouterr().err
