"""Functions of fixed numbers: a file of Keras has what they give, and is the same model still."""

from __future__ import annotations

import sys
from pathlib import Path

import mtg
import numpy as np
import pytest
from mtg.cli import main

# Keras computes the numbers, and that without it something else is said is shown beside it.
pytestmark = pytest.mark.keras

PROGRAMS = {
    "a slice of an array": "x + positions[:3]",
    "arithmetic": "x + (ops.ones([3, 4]) * 2 - 1)",
    "functions": 'x * ops.sin(ops.arange(4, dtype="float32") / 10)',
    "a reduction of an array": "x * prior + ops.sum(positions, axis=0)",
    "whole numbers": 'x + ops.cast(ops.arange(4) // 2, "float32")',
    "in a nested model": "x -> inner() -> Dense(4)",
}
INNER = """
model inner {
  input x: float32[3, 4]
  output y = x * ops.exp(ops.arange(4, dtype="float32")) -> Dense(4)
}
"""


def program(flow: str) -> str:
    model = f"model M {{\n input x: float32[3, 4]\n output y = {flow}\n}}\n"
    names = [name for name in ("positions", "prior") if name in flow]
    data = f'from data "t.npz" import {", ".join(names)}\n' if names else ""
    return data + (INNER if "inner" in flow else "") + model


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    numbers = np.random.default_rng(7).normal(size=(5, 4)).astype("float32")
    np.savez(tmp_path / "t.npz", positions=numbers, prior=numbers[0])
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_file_of_a_program_is_the_same_model(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow = PROGRAMS[name]
    (folder / "m.mtg").write_text(program(flow), encoding="utf-8")
    model = mtg.compile("m.mtg", model="M")
    model.save("m.keras")
    assert main(["diff", "m.mtg", "m.keras", "--model", "M"]) == 0, capsys.readouterr().out
    assert mtg.diff("m.keras", model).equal


def test_the_first_number_that_differs_is_told(folder: Path) -> None:
    text = program("x + ops.arange(4) * 2.0")
    mtg.compile(text).save("m.keras")
    (folder / "m.mtg").write_text(text.replace("* 2.0", "* 3.0"), encoding="utf-8")
    assert "(constant): numbers [0.0, 3.0, 6.0, 9.0] → [0.0, 2.0, 4.0, 6.0]" in str(
        mtg.diff("m.mtg", "m.keras")
    )

    text = program("x + ops.eye(40)[:3, :4] * 2")
    mtg.compile(text).save("m.keras")
    (folder / "m.mtg").write_text(text.replace("* 2", "* 2.0000005"), encoding="utf-8")
    assert "(constant): numbers [[2.0000004" in str(mtg.diff("m.mtg", "m.keras"))


def test_a_long_list_is_cut_where_it_is_told() -> None:
    one, other = (
        f"model M {{ input x: float32[40]\n output y = x + {[*range(39), n]} }}" for n in (1, 2)
    )
    assert "x2 [39]: 1 → 2" in str(mtg.diff(one, other))
    other = other.replace("+ [0", "+ [7")
    assert "x2 [0]: 0 → 7" in str(mtg.diff(one, other))
    gone = mtg.diff(one, one.replace("x + ", "x * "))
    assert "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 29 more, 1]" in str(gone)


def test_no_python_is_run_and_what_stays_a_function_is_said(folder: Path) -> None:
    (folder / "ran.py").write_text("open('proof', 'w')\ndef f(x): return x", encoding="utf-8")
    call = "ops.vectorized_map(f, ops.ones([4]) * 2)"
    text = 'from python "ran" import f\n' + program(f"x + {call}")
    (folder / "m.mtg").write_text(text, encoding="utf-8")
    (folder / "other.json").write_text(mtg.to_json(program("x * 2")), encoding="utf-8")
    found = mtg.diff("m.mtg", "other.json")
    assert not (folder / "proof").exists()
    assert any("compared as they are written" in note for note in found.notes)


def test_without_keras_functions_are_compared_as_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = program("x + ops.ones([3, 4]) * 2")
    (folder / "m.mtg").write_text(text, encoding="utf-8")
    (folder / "same.json").write_text(mtg.to_json(program("x + ops.full([3, 4], 2.0)")), "utf-8")
    assert mtg.diff("m.mtg", "same.json").equal
    monkeypatch.setitem(sys.modules, "keras", None)
    found = mtg.diff("m.mtg", "same.json")
    assert not found.equal
    assert any("compared as they are written" in note for note in found.notes)
