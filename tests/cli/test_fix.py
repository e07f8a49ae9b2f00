"""`mtg check --fix`: what is certain is written into the file, and nothing else is."""

from __future__ import annotations

import io
import random
import re
import stat
import sys
from pathlib import Path

import mtg
import pytest
from mtg.cli import main
from mtg.compare.canonical import canonical
from mtg.compiler import Compiler
from mtg.text.edits import apply

Capture = pytest.CaptureFixture[str]

WRONG = """\
let spare = 3
model M {
  input x: float32[8]  # eight of them
  a = x -> Dnese(3, activaton="rleu") -> Flatten -> Dropout(raet=0.5)
  b = ops.reduce_mean(x, axis=1, keepdims=true)
  c = cocatenate(a, b) -> Dense(3, activation=relu)
  output y(loss="mse") = c -> Dense(1)
}
"""
RIGHT = """\
let spare = 3
model M {
  input x: float32[8]  # eight of them
  a = x -> Dense(3, activation="relu") -> Flatten() -> Dropout(rate=0.5)
  b = ops.mean(x, axis=1, keepdims=True)
  c = concat(a, b) -> Dense(3, activation="relu")
  output y(loss="mse") = c -> Dense(1)
}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "m.mtg"
    path.write_text(WRONG, encoding="utf-8")
    return path


def test_fixes_are_written(file: Path, capsys: Capture) -> None:
    assert main(["check", "--fix", "m.mtg"]) == 0
    said = capsys.readouterr()
    assert file.read_text(encoding="utf-8") == RIGHT
    assert said.out == ""
    assert said.err.startswith("m.mtg: 9 fixes applied\nwarning[MTG105]")
    assert main(["check", "--fix", "m.mtg"]) == 0
    assert capsys.readouterr().err.startswith("m.mtg: 0 fixes applied\n")


def test_what_may_be_meant_otherwise_is_asked_for(file: Path, capsys: Capture) -> None:
    assert main(["check", "--fix", "--unsafe-fixes", "m.mtg"]) == 0
    assert file.read_text(encoding="utf-8") == RIGHT.partition("\n")[2]
    assert capsys.readouterr().err == "m.mtg: 10 fixes applied\n1 file checked, no problems\n"


def test_a_difference_is_printed_and_nothing_written(file: Path, capsys: Capture) -> None:
    assert main(["check", "--diff", "m.mtg"]) == 0
    said = capsys.readouterr()
    assert file.read_text(encoding="utf-8") == WRONG
    assert said.err.startswith("m.mtg: 9 fixes would be applied\n")
    assert said.out.startswith("--- m.mtg\n+++ m.mtg\n@@ -1,8 +1,8 @@\n")
    assert [line[1:] for line in said.out.splitlines() if line.startswith("+  ")] == [
        line for line in RIGHT.splitlines() if line not in WRONG.splitlines()
    ]


def test_standard_input_is_mended_to_standard_output(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WRONG.encode())))
    assert main(["check", "--fix", "-"]) == 0
    assert capsys.readouterr().out == RIGHT


def test_formats_and_mended_text_do_not_share_standard_output(capsys: Capture) -> None:
    assert main(["check", "--fix", "--format", "json", "-"]) == 2
    assert "--format text" in capsys.readouterr().err


def test_a_check_says_what_could_be_mended(file: Path, capsys: Capture) -> None:
    assert main(["check", "m.mtg"]) == 1
    assert capsys.readouterr().err.count("\nfix: mtg check --fix (7 of these)\n") == 1


def test_bytes_and_mode_of_the_file_stay(file: Path) -> None:
    text = WRONG.replace("\n", "\r\n").rstrip()
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    file.chmod(0o640)
    Path("link.mtg").symlink_to(file)
    assert main(["check", "--fix", "link.mtg"]) == 0
    assert file.read_bytes() == b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").rstrip().encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert Path("link.mtg").is_symlink()


def test_missing_files(capsys: Capture) -> None:
    assert main(["check", "--fix", "nowhere.mtg"]) == 2
    assert "nowhere.mtg" in capsys.readouterr().err


def test_imported_files_stay(file: Path) -> None:
    parts = "block x -> f() {\n  return x -> Dnese(3)\n}\n"
    Path("parts.mtg").write_text(parts, encoding="utf-8")
    file.write_text(
        'from "parts.mtg" import f\nmodel M {\n  input x: float32[8]\n  output y = x -> f()\n}\n',
        encoding="utf-8",
    )
    before = file.read_bytes()
    assert main(["check", "--fix", "m.mtg"]) == 1
    assert Path("parts.mtg").read_text(encoding="utf-8") == parts
    assert file.read_bytes() == before


def test_what_is_allowed_is_not_mended(file: Path) -> None:
    assert main(["check", "--fix", "--unsafe-fixes", "--allow", "unused", "m.mtg"]) == 0
    assert file.read_text(encoding="utf-8") == RIGHT


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        # The declaration may be what is misspelt, where nothing else uses it.
        ("encoedr = x -> Dense(3)\noutput y = encoder -> Dense(1)", None),
        (
            "encoder = x -> Dense(3)\noutput y = concat(encoder, encoedr)",
            "concat(encoder, encoder)",
        ),
        # Names of one pattern, and short ones, are no slips.
        ("a1 = x -> Dense(3)\noutput y = concat(a1, a2)", None),
        ("conv1 = x -> Dense(3)\noutput y = concat(conv1, conv2)", None),
        # Two candidates.
        (
            "cart = x -> Dense(3)\ncare = cart -> Dense(2)\noutput y = concat(cart, care, cark)",
            None,
        ),
        # A word in quotes is meant where a word may stand.
        ("output y = x -> Dense(1, activation=relu)", 'activation="relu"'),
        ("output y = concat(x, relu)", None),
        ("output y(loss=mse) = x -> Dense(1)", 'loss="mse"'),
        ("output y(loss='mes') = x -> Dense(1)", "loss='mse'"),
        ('output y(loss="mse", metrics=[mae]) = x -> Dense(1)', 'metrics=["mae"]'),
        # Arguments have to be given.
        ("output y = x -> Dense -> ReLU()", None),
        ("output y = x -> Dense(1) -> ReLU", "-> ReLU()"),
        ("output y = x -> Dense(1)\ntrain(optimizer=Adam(lr=0.1))", "Adam(learning_rate=0.1)"),
        # What earlier Keras took, and a program says of its inputs.
        ("output y = x -> Dense(1, input_shape=(8,))", "x -> Dense(1)\n"),
        ("output y = x -> Dense(input_dim=8, units=1)", "x -> Dense(units=1)"),
        ("output y = x -> Flatten(input_shape=(8,)) -> Dense(1)", "Flatten() -> Dense(1)"),
        # PyTorch's arguments are others.
        ("output y = ops.unsqueeze(x, 1)", None),
    ],
)
def test_what_is_certain(wrong: str, right: str | None) -> None:
    text = f"model M {{\ninput x: float32[8]\n{wrong}\n}}\n"
    compiler = Compiler(text)
    found = compiler.check()
    assert any(each.is_error for each in found)
    assert compiler.source is not None
    mended, fixes = apply(compiler.source, found)
    assert bool(fixes) == (right is not None)
    if right is not None:
        assert right in mended


#: Words that are no names.
RESERVED = re.compile(
    "(?:model|block|input|output|shared|train|from|import|python|return|repeat|else|True|False)$"
)


@pytest.mark.parametrize("number", range(3))
def test_no_safe_fix_makes_another_program(number: int, root: Path) -> None:
    """Of examples with one misspelt word each is restored, or left: never made into another."""
    random_numbers = random.Random(number)
    restored = 0
    for path in sorted((root / "examples").glob("*.mtg")):
        text = path.read_text(encoding="utf-8")
        bare = re.sub(r'#[^\n]*|"""[\s\S]*?"""', lambda m: " " * len(m[0]), text)
        words = [m for m in re.finditer(r"[A-Za-z_]\w{3,}", bare) if not RESERVED.match(m[0])]
        for word in random_numbers.sample(words, 4):
            at = random_numbers.randrange(len(word[0]) - 1)
            slips = [
                word[0][:at] + word[0][at + 1 :],
                word[0][:at] + word[0][at] + word[0][at:],
                word[0][:at] + word[0][at + 1] + word[0][at] + word[0][at + 2 :],
                word[0][:at] + random_numbers.choice("aeiourst") + word[0][at + 1 :],
            ]
            slip = random_numbers.choice(slips)
            broken = text[: word.start()] + slip + text[word.end() :]
            found = _check(path, broken)
            if not any(each.is_error for each in found.check()):
                continue
            mended = broken
            for _ in range(3):
                assert found.source is not None
                mended, fixes = apply(found.source, found.check())
                if not fixes:
                    break
                found = _check(path, mended)
            if mended == text:
                restored += 1
            elif not any(each.is_error for each in found.check()):
                # A name that is misspelt where it is declared may be so wherever it is used.
                same = Compiler(path).graph
                assert found.graph is not None
                assert same is not None
                assert canonical(found.graph) == canonical(same), (path, word[0], slip)
    assert restored > 25


def _check(path: Path, text: str) -> Compiler:
    return Compiler(path, data=text.encode())


def test_fixes_that_touch_wait_for_the_next_round() -> None:
    (found,) = mtg.check("model M {\ninput x: float32[8]\noutput y = x -> Dnese(1)\n}\n")
    assert found.fix is not None
    text, fixes = apply(found.span.source, [found, found])
    assert "x -> Dense(1)" in text
    assert len(fixes) == 1
