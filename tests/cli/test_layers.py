"""`mtg layers`: the lists, the pages, and what is found under which name."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from goldens import expect
from mtg.catalog import catalog
from mtg.cli import main
from mtg.cli.layers import KINDS, entries_of, find
from mtg.cli.manual import example, page, value

Capture = pytest.CaptureFixture[str]


def layers(capsys: Capture, *arguments: str) -> tuple[int, str, str]:
    code = main(["layers", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def data(capsys: Capture, *arguments: str) -> Any:
    code, out, err = layers(capsys, "--format", "json", *arguments)
    assert (code, err) == (0, "")
    return json.loads(out)


@pytest.mark.parametrize(
    "name",
    [
        "Conv2D", "LSTM", "MultiHeadAttention", "Concatenate", "dot", "Attention", "LSTMCell",
        "Reshape", "JaxLayer", "Huber", "AUC", "Adam", "CosineDecay", "HeNormal", "L2", "MaxNorm",
        "EarlyStopping", "ops.mean", "ops.einsum", "applications.Xception", "relu", "fit",
    ],
)  # fmt: skip
def test_pages(name: str, capsys: Capture) -> None:
    code, out, err = layers(capsys, name)
    assert (code, err) == (0, "")
    expect(out, f"layers/{name}.txt")


def test_the_list(capsys: Capture) -> None:
    code, out, err = layers(capsys)
    assert (code, err) == (0, "")
    expect(out, "layers/list.txt")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("losses", ["loss"]), ("loss", ["loss"]), ("metrics", ["metric"]), ("layers", ["layer"]),
        ("optimizers", ["optimizer", "optimizer_map"]), ("schedules", ["schedule"]),
        ("optimizers.schedules", ["schedule"]), ("applications", ["application"]), ("ops", ["op"]),
        ("initializers", ["initializer"]), ("keras.losses", ["loss"]),
        ("tf.keras.callbacks", ["callback"]),
    ],
)  # fmt: skip
def test_the_name_of_a_kind_lists_it(name: str, kinds: list[str], capsys: Capture) -> None:
    listed = [(entry["kind"], entry["name"]) for entry in data(capsys, name)["entries"]]
    assert listed == [(kind, entry.name) for kind in kinds for entry in entries_of(kind)]


def test_names_as_python_writes_them(capsys: Capture) -> None:
    assert layers(capsys, "tf.keras.layers.Dense") == layers(capsys, "Dense")
    assert layers(capsys, "tf.keras.losses.Huber") == layers(capsys, "losses.Huber")


def test_the_list_of_one_kind(capsys: Capture) -> None:
    code, out, _ = layers(capsys, "--kind", "regularizer")
    assert code == 0
    assert out == ("Regularizers\n  L1()\n  L1L2()\n  L2()\n  OrthogonalRegularizer()\n")
    with pytest.raises(SystemExit) as stopped:
        main(["layers", "--kind", "sofa"])
    assert stopped.value.code == 2


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Conv2D", ["layer Conv2D"]),
        ("Convolution2D", ["layer Conv2D"]),
        ("layers.Conv2D", ["layer Conv2D"]),
        ("keras.layers.Conv2D", ["layer Conv2D"]),
        ("mean", ["op mean"]),
        ("ops.mean", ["op mean"]),
        ("nn.relu", ["op relu"]),
        ("ops.image.resize", ["op image.resize"]),
        ("concat", ["layer Concatenate"]),
        ("add", ["layer Add", "op add"]),
        ("Identity", ["layer Identity", "initializer Identity"]),
        ("BinaryCrossentropy", ["loss BinaryCrossentropy", "metric BinaryCrossentropy"]),
        ("losses.BinaryCrossentropy", ["loss BinaryCrossentropy"]),
        ("optimizers.schedules.CosineDecay", ["schedule CosineDecay"]),
        ("losses.Conv2D", []),
        ("Conv4D", []),
        ("", []),
        (".", []),
    ],
)
def test_names(name: str, found: list[str]) -> None:
    assert [f"{entry.kind} {entry.name}" for entry in find(name, list(KINDS))] == found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Cnv2D"], "mtg: Keras has no `Cnv2D`; did you mean `Conv2D`?\n"),
        (["losses.Hubber"], "mtg: Keras has no `losses.Hubber`; did you mean `Huber`?\n"),
        (["Huber", "--kind", "layer"], "mtg: Keras has no `Huber`\n"),
        (["qqqqqqqq"], "mtg: Keras has no `qqqqqqqq`\n"),
        (["mse"], 'mtg: "mse" is the name of an object (loss and metric); '
                  "see `--kind loss`\n"),
    ],
)  # fmt: skip
def test_what_is_not_there(arguments: list[str], said: str, capsys: Capture) -> None:
    assert layers(capsys, *arguments) == (1, "", said)


def test_json(capsys: Capture) -> None:
    found = data(capsys, "Dropout")
    assert found["keras_version"] == catalog().keras_version
    (entry,) = found["entries"]
    assert (entry["kind"], entry["name"], entry["tensors"], entry["results"], entry["rule"]) == (
        "layer", "Dropout", "one", 1, True,
    )  # fmt: skip
    assert entry["parameters"][0] == {
        "name": "rate",
        "required": True,
        "default": None,
        "kinds": [],
        "choices": [],
        "any_case": False,
        "takes": "number>=0<=1",
        "words": "a number from 0 to 1",
    }


def test_json_of_all(capsys: Capture) -> None:
    entries = data(capsys)["entries"]
    assert {entry["kind"] for entry in entries} == set(catalog().kinds())
    places = [(entry["kind"], entry["name"]) for entry in entries]
    assert len(places) == len(set(places)) >= 700
    assert {entry["rule"] for entry in entries if entry["kind"] == "loss"} == {None}


def test_every_kind_is_listed() -> None:
    assert set(KINDS) == set(catalog().kinds())


def test_every_page_fits_the_terminal() -> None:
    for kind in KINDS:
        for entry in entries_of(kind):
            text = page(entry, None)
            assert max(map(len, text.splitlines())) <= 100, entry.name
            assert "\xa0" not in text
            assert text == text.strip()


def test_defaults_are_written_as_python() -> None:
    assert value([1, [2, "a"]]) == '(1, (2, "a"))'
    assert value([1]) == "(1,)"
    assert [value(None), value(True), value(1e-07)] == ["None", "True", "1e-07"]


def test_examples_name_what_must_be_given() -> None:
    for kind in ("layer", "application", "op", "loss", "metric", "optimizer"):
        for entry in entries_of(kind):
            shown = example(entry)
            for parameter in entry.parameters:
                assert not parameter.required or parameter.name in shown, shown


def test_no_keras() -> None:
    script = (
        "import sys; from mtg.cli import main; main(['layers', 'Conv2D']);"
        "print([m for m in ('keras', 'tensorflow', 'jax', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_name_in_another_case_is_found_where_only_one_is_meant() -> None:
    assert [entry.name for entry in find("adam", list(KINDS))] == ["Adam"]
    assert [entry.name for entry in find("early_stopping", list(KINDS))] == ["EarlyStopping"]
    assert not find("adan", list(KINDS))
