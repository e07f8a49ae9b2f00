"""Imports of blocks, models and values, and what is refused."""

from __future__ import annotations

from pathlib import Path

import mtg
import pytest
from programs import codes, model, names

MAIN = model("output y = x -> wide() -> Inner() -> Dense(size)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "parts.mtg").write_text(
        'from "more.mtg" import factor\nlet size = 3\ndim T\n'
        "block x -> wide() { return x -> Dense(4 * factor) }\n"
        + model("output u = x -> Dense(8)", name="Inner"),
        encoding="utf-8",
    )
    (tmp_path / "lib" / "more.mtg").write_text("let factor = 2\n", encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str, name: str = "main.mtg") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_blocks_models_and_lets_are_imported(folder: Path) -> None:
    path = write(folder, 'from "lib/parts.mtg" import wide, Inner, size\n' + MAIN)
    assert mtg.check(path) == []
    graph = mtg.load(path)
    assert [item.name for item in graph.layers] == ["x", "y_wide", "y_inner", "y"]
    assert graph.layers[1].arguments["units"] == 8
    assert graph.layers[3].arguments["units"] == 3


def test_a_block_sees_the_names_of_its_own_file(folder: Path) -> None:
    text = 'from "lib/parts.mtg" import wide\nlet factor = 100\n'
    path = write(folder, text + model("output y = x -> wide() -> Dense(factor)"))
    assert mtg.load(path).layers[1].arguments["units"] == 8


def test_the_library_that_ships_with_mtg() -> None:
    text = 'from "std/vision" import residual\n'
    text += model(
        "output y = x -> residual(4) -> Flatten() -> Dense(1)", "input x: float32[8, 8, 4]"
    )
    assert codes(text) == []
    assert names(text)[-1] == "y"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ('from "lib/nothing.mtg" import wide', "MTG601"),
        ('from "lib/parts.mtg" import wode', "MTG601"),
        ('from "../secret.mtg" import wide', "MTG602"),
        ('from "/etc/passwd" import wide', "MTG602"),
        ('from "std/nothing" import wide', "MTG601"),
    ],
)
def test_imports_that_are_refused(folder: Path, statement: str, code: str) -> None:
    write(folder.parent, "let wide = 1", "secret.mtg")
    path = write(folder, f"{statement}\n" + model("output y = x -> Dense(1)"))
    found = [error.code for error in mtg.check(path) if error.is_error]
    assert found == [code]


def test_files_that_import_each_other(folder: Path) -> None:
    write(folder, 'from "b.mtg" import g\nblock x -> f() { return x -> g() }', "a.mtg")
    write(folder, 'from "a.mtg" import f\nblock x -> g() { return x -> f() }', "b.mtg")
    path = write(folder, 'from "a.mtg" import f\n' + model("output y = x -> f()"))
    (error,) = [error for error in mtg.check(path) if error.is_error]
    assert error.code == "MTG603"
    assert "a.mtg -> " in error.notes[0]


def test_errors_in_an_imported_block_show_both_files(folder: Path) -> None:
    write(folder, "block x -> bad() { return x -> Conv2D(3, 3) }", "bad.mtg")
    path = write(folder, 'from "bad.mtg" import bad\n' + model("output y = x -> bad()"))
    (error,) = mtg.check(path)
    assert error.location.endswith("bad.mtg:1:32")
    assert [label.text for label in error.labels] == ["in this use of `bad`"]
    assert error.labels[0].span.source.name.endswith("main.mtg")
