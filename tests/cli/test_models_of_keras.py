"""Pictures and summaries of files of Keras, from their config alone."""

from __future__ import annotations

from pathlib import Path

import mtg
import pytest
from mtg.cli import main

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mtg"))
#: A file of Keras says of a nested model that it is one, not which; and weights of 1 where others
#: have one.
LESS = {
    *("model_as_layer", "vae", "xception_siamese"),
    *("multimodal", "retina_heads"),
}
PROGRAM = """
model M(width=4) {
  input x: float32[8]
  h = x -> Dense(width)
  output a(loss="mse") = h -> Dense(1)
  output b(loss="mse") = h -> Dense(2)
}
"""

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("m.mtg").write_text(PROGRAM, encoding="utf-8")
    Path("m.json").write_text(mtg.to_json(PROGRAM), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_summary_is_that_of_the_program(path: Path) -> None:
    Path("e.json").write_text(mtg.to_json(path), encoding="utf-8")
    ours, theirs = mtg.summary(path, unfold=True), mtg.summary("e.json", unfold=True)
    if path.stem not in LESS:
        assert ours == theirs
        return
    differ = [
        (one, other)
        for one, other in zip(ours.splitlines(), theirs.splitlines(), strict=True)
        if one != other
    ]
    assert 1 <= len(differ) <= 2
    assert "Total params" not in str(differ)


def test_the_picture_shows_what_that_of_the_program_does(capsys: Capture) -> None:
    assert main(["render", "m.json", "-o", "keras.svg"]) == 0
    assert capsys.readouterr().err == "wrote keras.svg\n"
    mtg.render("m.mtg", "own.svg")
    own, keras = (Path(name).read_text(encoding="utf-8") for name in ("own.svg", "keras.svg"))
    for name in ("x", "h", "a", "b", "Dense", "mse", "float32[8]"):
        assert own.count(f">{name}<") == keras.count(f">{name}<") > 0, name


def test_the_commands(capsys: Capture) -> None:
    assert main(["summary", "m.json"]) == 0
    assert capsys.readouterr().out == mtg.summary("m.json") + "\n"
    assert main(["render", "m.json", "--format", "dot", "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("digraph {")
    assert mtg.render("m.json", format="dot").startswith(b"digraph {")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["render", "m.json", "--set", "width=3"], "`--model` and `--set` are for programs"),
        (["summary", "m.json", "--model", "M"], "`--model` and `--set` are for programs"),
        (["summary", "none.keras"], "cannot read none.keras: there is no such file"),
        (["render", "bad.json"], "cannot read bad.json"),
        (["render", "m.json", "--format", "svg", "-o", "m.json"], "m.json"),
    ],
)
def test_what_cannot_be(arguments: list[str], words: str, capsys: Capture) -> None:
    Path("bad.json").write_text("{", encoding="utf-8")
    before = Path("m.json").read_bytes()
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
    assert Path("m.json").read_bytes() == before


def test_a_file_of_keras_has_no_parameters() -> None:
    with pytest.raises(TypeError, match="no parameters"):
        mtg.render("m.json", width=3)
    with pytest.raises(OSError, match="no such file"):
        mtg.summary("none.keras")
