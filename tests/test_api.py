"""The functions that Python programs use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mtg
import pytest
from mtg.graph.graph import Graph

TEXT = """\
model Small(width=4) {
  input x: float32[8]
  h = x -> Dense(width, activation="relu")
  output y(loss="mse", weight=0.5, metrics=["mae"]) = h -> Dense(1)
  train(optimizer="sgd", batch_size=7, epochs=3)
}
"""
WRONG = TEXT.replace("h -> Dense(1)", "hh -> Dens(1)")
WARNED = TEXT.replace("  output", "  let unused = 1\n  output")
TWO = TEXT + TEXT.replace("Small", "Other")


@pytest.fixture(params=["text", "string", "path"])
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    path = tmp_path / "small.mtg"
    path.write_text(TEXT, encoding="utf-8")
    return {"text": TEXT, "string": str(path), "path": path}[request.param]


def test_load(program: Any) -> None:
    graph = mtg.load(program, width=6)
    assert isinstance(graph, Graph)
    assert [call.layer.name for call in graph.inputs] == ["x"]
    assert [output.name for output in graph.outputs] == ["y"]
    assert [call.layer.arguments.get("units") for call in graph.calls][1] == 6


def test_check(program: Any) -> None:
    assert mtg.check(program) == []
    found = mtg.check(program, widht=3)
    assert [each.code for each in found] == ["MTG401"]
    assert "width" in found[0].help


def test_summary(program: Any) -> None:
    assert "Dense" in mtg.summary(program)
    assert mtg.summary(program) == mtg.summary(mtg.load(program))


@pytest.mark.keras
def test_compile_and_fit(program: Any) -> None:
    model = mtg.compile(program, width=5)
    assert model.input_names == ["x"]
    assert model.output_names == ["y"]
    assert model.layers[1].units == 5
    assert mtg.fit_arguments(program) == {"batch_size": 7, "epochs": 3}
    assert mtg.compile(mtg.load(program, width=5)).count_params() == model.count_params()


@pytest.mark.parametrize("format", ["svg", "png", "pdf", "dot"])
def test_render_to_a_file(format: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{format}"
    picture = mtg.render(TEXT, path)
    assert path.read_bytes() == picture == mtg.render(TEXT, format=format)
    assert mtg.render(mtg.load(TEXT), str(path)) == picture
    other = tmp_path / "picture"
    assert mtg.render(TEXT, other, format=format) == other.read_bytes() == picture
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.name, "picture"]


@pytest.mark.parametrize("name", ["a", "a.jpg", "a.keras", "a.svg.gz"])
def test_formats_that_are_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unsupported picture format"):
        mtg.render(TEXT, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("run", [mtg.load, mtg.compile, mtg.render, mtg.summary, mtg.fit_arguments])
def test_errors_are_raised_and_nothing_is_written(run: Any, tmp_path: Path) -> None:
    with pytest.raises(mtg.MtgError) as caught:
        run(WRONG, *([tmp_path / "a.svg"] if run is mtg.render else []))
    error = caught.value
    assert [each.code for each in error.errors] == ["MTG101", "MTG102"]
    assert list(map(str, error.diagnostics)) == list(map(str, mtg.check(WRONG)))
    assert "<text>:4:" in str(error)
    assert "did you mean `Dense`?" in str(error)
    assert str(error).rstrip().endswith("2 errors")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.keras
def test_warnings_are_no_errors() -> None:
    found = mtg.check(WARNED)
    assert [(each.code, each.is_error) for each in found] == [("MTG105", False)]
    assert found[0].location == "<text>:4:7"
    assert mtg.load(WARNED).outputs
    assert mtg.compile(WARNED).output_names == ["y"]


def test_the_model_that_is_meant() -> None:
    with pytest.raises(mtg.MtgError, match=r"choose one with .*model=\"NAME\""):
        mtg.load(TWO)
    assert mtg.load(TWO, model="Other").name == "Other"
    with pytest.raises(mtg.MtgError, match="did you mean `Other`"):
        mtg.load(TWO, model="Othr")
    assert mtg.check(TWO) == []


def test_parameters_named_like_arguments_of_the_functions() -> None:
    text = TEXT.replace("width", "program")
    assert mtg.load(text, program=9).calls[1].layer.arguments["units"] == 9


def test_an_error_can_be_pickled_and_shown() -> None:
    error = mtg.MtgError(mtg.check(WRONG))
    assert repr(error).startswith("MtgError(")
    assert mtg.MtgError([]).errors == ()
    assert str(mtg.MtgError([])).strip() == ""


def test_an_empty_text_is_a_path() -> None:
    with pytest.raises(mtg.MtgError, match="cannot read"):
        mtg.load("")


@pytest.mark.parametrize("program", [None, 3, b"model M {}", ["a"]])
def test_programs_that_are_none(program: Any) -> None:
    with pytest.raises(TypeError, match="a program is a path or its text"):
        mtg.load(program)


@pytest.mark.keras
def test_unicode_names_reach_keras(tmp_path: Path) -> None:
    model = mtg.compile(TEXT.replace(" y(", " größe_模型("))
    assert model.output_names == ["größe_模型"]
    model.save(tmp_path / "a.keras")
