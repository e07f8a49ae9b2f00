"""The command line: exit codes, options, what goes where, and what is not imported."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mtg.cli import main

GOOD = """\
model Small(width=4, rate=0.5, sizes=[1, 2], act="relu", deep=True) {
  input x: float32[8]
  h = x -> Dense(width, activation=act) -> Dropout(rate) -> for s in sizes { Dense(s) }
  output y(loss="mse") = h -> if deep { Dense(2) } -> Dense(1)
}
"""
WARNED = GOOD.replace("  output", "  let unused = 1\n  output")
WRONG = GOOD.replace("h ->", "hh ->")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "")
    for name, text in {"good": GOOD, "warned": WARNED, "wrong": WRONG}.items():
        (tmp_path / f"{name}.mtg").write_text(text, encoding="utf-8")
    two = GOOD + GOOD.replace("Small", "Other").replace("width=4", "width=5")
    (tmp_path / "two.mtg").write_text(two, encoding="utf-8")
    return tmp_path


def mtg(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "mtg", *arguments], capture_output=True, text=True, **options
    )


Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "good.mtg"], 0),
        (["check", "warned.mtg"], 0),
        (["check", "wrong.mtg"], 1),
        (["check", "none.mtg"], 2),
        (["check", "good.mtg", "wrong.mtg"], 1),
        (["check", "wrong.mtg", "none.mtg", "good.mtg"], 2),
        (["summary", "good.mtg"], 0),
        (["summary", "wrong.mtg"], 1),
        (["summary", "none.mtg"], 2),
        (["render", "wrong.mtg"], 1),
        (["compile", "wrong.mtg"], 1),
        (["compile", "none.mtg"], 2),
        (["compile", "good.mtg", "-o", "good.txt"], 2),
        (["compile", "good.mtg", "-o", "good"], 2),
        (["render", "good.mtg", "-o", "good.jpg"], 2),
        (["render", "good.mtg", "--format", "bmp"], 2),
        (["check"], 2),
        (["chekc", "good.mtg"], 2),
        ([], 2),
        (["check", "good.mtg", "--set", "width"], 2),
        (["check", "good.mtg", "--set", "3=4"], 2),
        (["check", "good.mtg", "--sett", "a=4"], 2),
        (["check", "good.mtg", "--model", "Big"], 1),
        (["summary", "two.mtg"], 1),
        (["summary", "two.mtg", "--model", "Other"], 0),
        (["check", "two.mtg"], 0),
    ],
)
def test_exit_codes(arguments: list[str], code: int, capsys: Capture, folder: Path) -> None:
    before = sorted(folder.iterdir())
    try:
        found = main(arguments)
    except SystemExit as stopped:
        found = int(stopped.code or 0)
    assert found == code
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    if code:
        assert said.out == ""
        assert said.err.strip()
    assert sorted(folder.iterdir()) == before


def test_no_problems_is_said_on_stderr(capsys: Capture) -> None:
    assert main(["check", "good.mtg", "good.mtg"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "2 files checked, no problems\n")
    text = "model M {\n  input x: float32[5, 4, 3]\n  output y = x -> RNN(LSTMCell(3))\n}\n"
    Path("cells.mtg").write_text(text, encoding="utf-8")
    assert main(["check", "cells.mtg"]) == 0
    assert capsys.readouterr().err == (
        "1 file checked, no problems; 1 layer is unknown to mtg (`--with-keras` asks Keras)\n"
    )


def test_warnings_do_not_stop(capsys: Capture, folder: Path) -> None:
    assert main(["summary", "warned.mtg"]) == 0
    said = capsys.readouterr()
    assert "warning[MTG105]" in said.err
    assert "Dense" in said.out
    assert "warning" not in said.out


@pytest.mark.parametrize(
    "settings", [["width=1_0"], ["act=tanh"], ["act='tanh'"], ["rate=0.25", "sizes=[3, 4, 5]"]]
)
def test_settings(settings: list[str]) -> None:
    arguments = [part for each in settings for part in ("--set", each)]
    assert main(["check", "good.mtg", *arguments]) == 0


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("widht=7", "MTG401", "did you mean `width`?"),
        ("width=many", "MTG40", "units"),
        ("rate=2", "MTG40", "rate"),
        ("sizes=3", "MTG404", "iterates over a list"),
        ("width=", "MTG40", ""),
        ("width={1: [2]}", "MTG40", ""),
        ("width=b'a'", "MTG40", ""),
        ("width=1j", "MTG40", ""),
        ("deep=off", "MTG404", '`deep` is `True` or `False`, not the string `"off"`'),
    ],
)
def test_settings_that_are_wrong(setting: str, code: str, words: str, capsys: Capture) -> None:
    assert main(["check", "good.mtg", "--set", setting]) == 1
    said = capsys.readouterr().err
    assert f"error[{code}" in said
    assert words in said


@pytest.mark.parametrize(
    ("setting", "note"),
    [
        ("width=many", '`width` is given from outside: "many"'),
        ("rate=2", "`rate` is given from outside: 2"),
        ("sizes=3", "`sizes` is given from outside: 3"),
    ],
)
def test_errors_say_which_values_are_settings(setting: str, note: str, capsys: Capture) -> None:
    """They stand nowhere in the text; what is wrong for another reason has no such note."""
    assert main(["check", "good.mtg", "--set", setting]) == 1
    said = capsys.readouterr().err
    assert f"= note: {note}\n" in said
    assert main(["check", "wrong.mtg", "--set", "width=4"]) == 1
    assert "given from outside" not in capsys.readouterr().err


def test_values_of_settings_reach_the_model(capsys: Capture) -> None:
    assert main(["summary", "good.mtg", "--set", "width=77", "--set", "sizes=[123]"]) == 0
    said = capsys.readouterr().out
    assert "77" in said
    assert "123" in said


def test_an_unknown_model(capsys: Capture) -> None:
    assert main(["check", "two.mtg", "--model", "Othr"]) == 1
    assert "did you mean `Other`?" in capsys.readouterr().err


def test_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, code in ((GOOD, 0), (WRONG, 1), ("", 1), ("\ufeff" + GOOD, 0)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert main(["check", "-"]) == code
    assert "--> <stdin>:4:" in capsys.readouterr().err


@pytest.mark.parametrize("format", ["svg", "png", "pdf", "dot"])
def test_pictures(format: str, capsys: Capture, folder: Path) -> None:
    begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"digraph"}[format]
    assert main(["render", "good.mtg", "-o", f"out.{format}"]) == 0
    assert capsys.readouterr().err == f"wrote out.{format}\n"
    assert (folder / f"out.{format}").read_bytes().lstrip().startswith(begins)
    assert main(["compile", "good.mtg", "-o", f"two.{format}"]) == 0
    assert (folder / f"two.{format}").read_bytes() == (folder / f"out.{format}").read_bytes()
    assert (folder / f"out.{format}").stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_picture_on_standard_output(folder: Path) -> None:
    done = mtg("render", "good.mtg", "-o", "-", "--format", "dot")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith("digraph")
    assert mtg("render", "good.mtg", "-o", "-").stdout.startswith("<?xml")


def test_default_names(capsys: Capture, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "b.c.mtg").write_text(GOOD, encoding="utf-8")
    assert main(["render", "sub/b.c.mtg"]) == 0
    assert (folder / "b.c.svg").exists()


def test_help_has_examples(capsys: Capture) -> None:
    for command in ("compile", "check", "render", "summary"):
        with pytest.raises(SystemExit, match="0"):
            main([command, "--help"])
        said = capsys.readouterr().out
        assert f"mtg {command} " in said.split("example")[1]
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "exit codes" in capsys.readouterr().out


def test_the_version_is_told_on_standard_output(capsys: Capture) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    said = capsys.readouterr()
    assert re.fullmatch(r"mtg \S+ \(describes Keras 3\.\d+\.\d+\)\n", said.out)
    assert said.err == ""


def test_neither_keras_nor_tensorflow_is_imported(folder: Path) -> None:
    for arguments in (
        ["check", "good.mtg"],
        ["check", "wrong.mtg"],
        ["summary", "good.mtg"],
        ["render", "good.mtg"],
        ["compile", "good.mtg", "-o", "a.svg"],
        ["--version"],
        ["--help"],
    ):
        code = (
            "import sys\nfrom mtg.cli import main\n"
            f"try:\n    main({arguments!r})\nexcept SystemExit: pass\n"
            "heavy = {'keras', 'tensorflow', 'numpy', 'jax', 'torch'} & set(sys.modules)\n"
            "assert heavy <= {'numpy'}, heavy\n"
            "font = 'mtg.backends.picture.font' in sys.modules\n"
            f"assert font is {bool({'render', 'a.svg'} & set(arguments))}\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert done.returncode == 0, (arguments, done.stderr)


@pytest.mark.keras
def test_compile(folder: Path) -> None:
    done = mtg("compile", "good.mtg")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "wrote good.keras and good.svg\n"
    assert "Dense" in done.stdout
    assert (folder / "good.keras").read_bytes().startswith(b"PK")
    assert [p.name for p in folder.iterdir() if p.name.startswith(".")] == []


@pytest.mark.keras
def test_what_keras_refuses_leaves_nothing(
    capsys: Capture, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(graph: object, diagnostics: object, form: str) -> None:
        from mtg.text.source import NOWHERE

        diagnostics.report("MTG309", "Keras refuses this", NOWHERE)  # type: ignore[attr-defined]

    import mtg.backends.keras.target

    monkeypatch.setattr(mtg.backends.keras.target, "build", refuse)
    before = sorted(folder.iterdir())
    assert main(["compile", "good.mtg"]) == 1
    assert "Keras refuses this" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


def test_a_picture_that_fails_leaves_no_model(capsys: Capture, folder: Path) -> None:
    (folder / "good.svg").mkdir()
    before = sorted(folder.iterdir())
    assert main(["compile", "good.mtg"]) == 2
    assert "cannot write good.svg: it is a folder" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_a_reader_that_goes_away(folder: Path) -> None:
    many = GOOD.replace("for s in sizes", "for s in range(len(sizes), 3000)")
    (folder / "many.mtg").write_text(many, encoding="utf-8")
    command = f"{sys.executable} -m mtg summary many.mtg | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True)
    assert done.stderr == b""
    assert done.returncode == 0


def test_colors(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.delenv("TERM", raising=False)
    for no_color, colored in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        main(["check", "wrong.mtg"])
        assert ("\x1b[" in capsys.readouterr().err) is colored


def test_characters_that_standard_output_does_not_know(folder: Path) -> None:
    (folder / "a.mtg").write_text(GOOD.replace("output y", "output größe"), encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = mtg("summary", "a.mtg", env=environment)
    assert done.returncode == 0, done.stderr
    assert "gr\\xf6\\xdfe" in done.stdout
