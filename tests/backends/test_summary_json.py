"""The summary for machines: against its schema, and against Keras for every example."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import keras
import mtg
import pytest
import sample_graphs as samples
from mtg.backends.summary.as_json import summary_json
from mtg.cli import main
from mtg.compiler import Compiler
from steps import growth

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "summary.schema.json").read_text(encoding="utf-8"))
EXAMPLES = sorted((ROOT / "examples").glob("*.mtg"))

FROZEN = """model Frozen {
  input image: float32[16, 16, 3]
  x = image -> Conv2D(8, 3, trainable=False) -> BatchNormalization() -> Flatten()
  y = x -> BatchNormalization(trainable=False) -> Dense(4, dtype="mixed_float16")
  output label = y -> Dense(3, dtype="float16")
}"""
UNET = """model UNet {
  dim h dim w
  input image: float32[h, w, 3]
  a = image -> Conv2D(8, 7, padding="same")
  b = a -> MaxPooling2D() -> Conv2D(8, 3)
  output mask = concat(a, b -> Conv2DTranspose(8, 3) -> UpSampling2D())
}"""
SHARED = """model Shared {
  input a: float32[10, 4] input b: float32[12, 4]
  shared encoder = LSTM(3, return_state=True)
  x, _, _ = a -> encoder
  y, h, c = b -> encoder
  output z = ops.add(x, y)
  output s(loss="mse", weight=0.5, metrics=["mae"]) = concat(h, c)
}"""


def machine(program: str | Path) -> dict[str, Any]:
    """The object, which must be what the schema says."""
    compiler = Compiler(program)
    graph, types = compiler.graph, compiler.types
    assert not compiler.diagnostics.has_errors, [d.message for d in compiler.diagnostics]
    assert graph is not None
    assert types is not None
    return _read(summary_json(graph, types))


def _read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    return found


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate({})


@pytest.mark.parametrize(
    "sample",
    [samples.news, samples.same_author, samples.residual, samples.everything, samples.hostile],
)
def test_graphs_of_all_kinds(sample: Callable[[], samples.Sample]) -> None:
    s = sample()
    _read(summary_json(s.graph, s.types))


# ---- Keras as oracle -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "program", [*EXAMPLES, FROZEN, SHARED], ids=lambda p: p.stem if isinstance(p, Path) else None
)
def test_it_says_what_keras_says(program: str | Path) -> None:
    found = machine(program)
    model = mtg.compile(program)
    if found["total_params"] is None:
        assert any(layer["params"] is None for layer in found["layers"])
        pytest.skip("the weights of some layer are not known")
    from keras.src.utils.summary_utils import count_params, weight_memory_size

    assert found["total_params"] == count_params(model.weights)
    assert found["trainable_params"] == count_params(model.trainable_weights)
    assert found["non_trainable_params"] == count_params(model.non_trainable_weights)
    assert found["bytes"] == weight_memory_size(model.weights)
    assert [_named(each) for each in found["inputs"]] == [
        _tensor(t, name) for t, name in zip(model.inputs, model.input_names, strict=True)
    ]
    outputs = [{key: each[key] for key in ("name", "shape", "dtype")} for each in found["outputs"]]
    assert [_named(each) for each in outputs] == [
        _tensor(t, name) for t, name in zip(model.outputs, model.output_names, strict=True)
    ]
    layers = {layer["name"]: layer for layer in found["layers"] if layer["kind"] != "op"}
    for layer in model.layers:
        if layer.__class__.__module__.startswith("keras.src.ops"):
            continue
        ours = layers.pop(layer.name)
        trained = {id(weight) for weight in layer.trainable_weights}
        assert ours["weights"] == [
            {
                "name": weight.name,
                "shape": list(weight.shape),
                "dtype": keras.backend.standardize_dtype(weight.dtype),
                "trainable": id(weight) in trained,
            }
            for weight in layer.weights
        ]
        assert ours["params"] == layer.count_params()
        assert ours["trainable"] == layer.trainable
        if ours["kind"] not in ("model", "application"):
            assert ours["class"] == layer.__class__.__name__
        for call, node in zip(ours["calls"], layer._inbound_nodes, strict=False):
            tensors = keras.tree.flatten(node.output_tensors)
            assert [_numbers(shape) for shape in call["output_shapes"]] == [
                list(tensor.shape) for tensor in tensors
            ]
            dtypes = [keras.backend.standardize_dtype(tensor.dtype) for tensor in tensors]
            # Of lookup layers that encode, Keras says another dtype than they give, and mtg none.
            assert call["dtypes"] in (dtypes, [None] * (ours["class"] == "StringLookup"))
    assert not layers


def _tensor(tensor: Any, name: str) -> dict[str, Any]:
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    return {"name": name, "shape": list(tensor.shape), "dtype": dtype}


def _numbers(shape: list[int | str | None]) -> list[int | None]:
    return [length if isinstance(length, int) else None for length in shape]


def _named(tensor: dict[str, Any]) -> dict[str, Any]:
    return {**tensor, "shape": _numbers(tensor["shape"])}


# ---- by hand -------------------------------------------------------------------------------------


def test_what_stands_in_it() -> None:
    found = machine(SHARED)
    (encoder,) = (layer for layer in found["layers"] if layer["name"] == "encoder")
    assert encoder["class"] == "LSTM"
    assert encoder["output_shapes"] == [[None, 3]] * 3
    assert encoder["dtypes"] == ["float32"] * 3
    assert encoder["macs"] == (10 + 12) * 4 * 3 * (4 + 3)
    assert encoder["activation_bytes"] == 2 * 3 * 3 * 4
    assert [call["inputs"] for call in encoder["calls"]] == [
        [{"layer": "a", "call": 0, "result": 0}],
        [{"layer": "b", "call": 0, "result": 0}],
    ]
    (add,) = (layer for layer in found["layers"] if layer["kind"] == "op")
    assert add["class"] == "ops.add"
    assert [source["call"] for source in add["calls"][0]["inputs"]] == [0, 1]
    assert found["keras_version"] == mtg.catalog.catalog().keras_version  # type: ignore[attr-defined]
    assert found["outputs"][1] == {
        "name": "s",
        "shape": [None, 6],
        "dtype": "float32",
        "loss": "mse",
        "weight": 0.5,
        "metrics": ["mae"],
    }


def test_lengths_with_names() -> None:
    found = machine(UNET)
    assert found["inputs"] == [{"name": "image", "shape": [None, "h", "w", 3], "dtype": "float32"}]
    assert found["outputs"][0]["shape"] == [None, "h", "w", 16]
    assert isinstance(found["macs"], str)
    assert [each["text"] for each in found["constraints"]] == [
        "h must be even",
        "h must be at least 6",
        "w must be even",
        "w must be at least 6",
    ]
    first = found["constraints"][0]
    assert {key: first[key] for key in ("name", "modulus", "remainder")} == {
        "name": "h",
        "modulus": 2,
        "remainder": 0,
    }
    assert [(place["what"], place["line"]) for place in first["places"]] == [("concat", 6)]


def test_what_is_not_known_is_null() -> None:
    found = machine("model M { input x: float32[?, 4] output y = x -> LSTM(3) -> Dense(2) }")
    assert found["inputs"][0]["shape"] == [None, None, 4]
    assert found["macs"] is None
    assert found["activation_bytes"] is None
    assert found["total_params"] == 3 * 4 * (4 + 3 + 1) + 8
    assert found["constraints"] == []


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "u.mtg"
    path.write_text(UNET, encoding="utf-8")
    assert main(["summary", str(path), "--format", "json"]) == 0
    found = _read(capsys.readouterr().out)
    assert found["constraints"][0]["places"][0]["path"].endswith("u.mtg")
    path.write_text("model M {", encoding="utf-8")
    assert main(["summary", str(path), "--format", "json"]) == 1
    assert capsys.readouterr().out == ""


def test_many_layers_take_little_time() -> None:
    def work(length: int) -> Callable[[], object]:
        s = samples.chain(length)
        return lambda: summary_json(s.graph, s.types)

    assert growth(work, 500, 5_000) < 1.5
