"""`mtg diff`: its text, its JSON, its exit codes, and what it does not import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import mtg
import pytest
from diff_edits import EDITS, OLD
from goldens import expect
from mtg.cli import main

#: The programs that the project shows, an application of Keras in one of them.
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mtg"))

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.mtg").write_text(OLD, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", EDITS)
def test_text(name: str, folder: Path, capsys: Capture) -> None:
    (folder / "new.mtg").write_text(EDITS[name](OLD), encoding="utf-8")
    code = main(["diff", "old.mtg", "new.mtg"])
    said = capsys.readouterr()
    assert said.err == ""
    assert code == (0 if name == "equal" else 1)
    expect(said.out, f"diff/{name}.txt")


@pytest.mark.parametrize("name", EDITS)
def test_json(name: str, folder: Path, capsys: Capture, root: Path) -> None:
    """The object says what the text says, and is as the documentation has it."""
    (folder / "new.mtg").write_text(EDITS[name](OLD), encoding="utf-8")
    code = main(["diff", "old.mtg", "new.mtg", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(
        found, json.loads((root / "docs" / "diff.schema.json").read_text(encoding="utf-8"))
    )
    assert found["equal"] is (code == 0)
    assert found["a"] == "old.mtg"
    assert bool(found["changes"]) is (code == 1)
    assert json.loads(mtg.diff("old.mtg", "new.mtg").to_json()) == found


def test_another_order_that_means_the_same() -> None:
    """A sum is the same in whatever order, and weights only matter to what has or gets them."""
    text = """model M {
  input a: float32[4]
  input b: float32[4]
  output y = add(a, b) -> Dense(2)
  output z = concat(a, b) -> Softmax()
}"""
    for old, new in (("add(a, b)", "add(b, a)"), ("concat(a, b)", "concat(b, a)")):
        found = mtg.diff(text, text.replace(old, new))
        assert found.weights.verdict == "yes"
        assert found.weights.reordered == ()
    text = text.replace("add(a, b)", "subtract(a, b)")
    found = mtg.diff(text, text.replace("subtract(a, b)", "subtract(b, a)"))
    assert [c.kind for c in found.changes] == ["reordered"]
    assert found.weights.reordered == (("y_subtract",),)


def test_names_may_be_ignored(folder: Path, capsys: Capture) -> None:
    (folder / "new.mtg").write_text(OLD.replace("joined", "both"), encoding="utf-8")
    assert main(["diff", "old.mtg", "new.mtg"]) == 1
    assert main(["diff", "old.mtg", "new.mtg", "--ignore-names"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    "arguments",
    [
        ["old.mtg"],
        ["old.mtg", "none.mtg"],
        ["old.mtg", "none.keras"],
        ["old.mtg", "wrong.mtg"],
        ["old.mtg", "bad.keras"],
        ["old.mtg", "bad.json"],
        ["old.mtg", "list.json"],
        ["-", "-"],
        ["old.mtg", "old.mtg", "--format", "xml"],
    ],
)
def test_wrong_usage_and_files(arguments: list[str], folder: Path, capsys: Capture) -> None:
    (folder / "wrong.mtg").write_text(OLD.replace("joined ->", "joint ->"), encoding="utf-8")
    for name, text in {"bad.keras": "PK", "bad.json": "{}", "list.json": "[1]"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    try:
        code = main(["diff", *arguments])
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err
    assert "Traceback" not in said.err


def test_what_keras_takes_anyway_may_be_said() -> None:
    """`training` and `mask` of None are what a layer's call has without them."""
    text = "model M { input x: float32[4, 3] output y = x -> LSTM(2) }"
    said = text.replace("x -> LSTM", "(x, training=None, mask=None) -> LSTM")
    assert mtg.diff(text, said).equal
    assert not mtg.diff(text, text.replace("x -> LSTM", "(x, training=True) -> LSTM")).equal


def test_config_and_program_without_keras(folder: Path) -> None:
    """A program and the config that is made of it are the same model; neither needs Keras."""
    (folder / "old.json").write_text(mtg.to_json("old.mtg"), encoding="utf-8")
    script = (
        "import sys; from mtg.cli import main; code = main(['diff', 'old.json', 'old.mtg']); "
        "assert not {'keras', 'tensorflow'} & set(sys.modules); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "old.json and old.mtg are the same model\n"


def test_from_python(folder: Path) -> None:
    found = mtg.diff(OLD, OLD.replace("LSTM(4)", "LSTM(5)"))
    assert found
    assert not found.equal
    assert [change.values for change in found.changes] == [{"units": (4, 5)}]
    assert found.weights.verdict == "no"
    assert not mtg.diff(mtg.load(OLD), "old.mtg")
    with pytest.raises(mtg.MtgError):
        mtg.diff(OLD, OLD.replace("joined ->", "joint ->"))
    with pytest.raises(OSError, match="there is no such file"):
        mtg.diff(OLD, folder / "none.keras")
    (folder / "empty.json").write_text("{}", encoding="utf-8")
    with pytest.raises(mtg.MtgError, match="MTG609"):
        mtg.diff(OLD, folder / "empty.json")


@pytest.mark.keras
def test_a_model_of_keras() -> None:
    keras = pytest.importorskip("keras")
    built: Any = mtg.compile(OLD)
    assert mtg.diff(built, OLD).equal
    assert mtg.diff(built, OLD).weights.verdict == "yes"
    lambdas = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x)])
    assert any("not compared" in note for note in mtg.diff(lambdas, lambdas).notes)


@pytest.mark.keras
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_what_keras_saves_of_it(path: Path, folder: Path, capsys: Capture) -> None:
    file = folder / "made.keras"
    assert main(["compile", str(path), "-o", str(file)]) == 0
    capsys.readouterr()
    assert main(["diff", str(path), str(file)]) == 0, capsys.readouterr().out
    found = mtg.diff(path, file)
    assert (found.changes, found.weights.verdict) == ((), "yes")
    file.unlink()  # some have millions of weights
