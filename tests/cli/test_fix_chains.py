"""Fixes that follow from each other: a program is mended where it checks cleaner, or left alone."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from mtg.cli import main
from mtg.cli.mending import MAX_CHECKS, Mending, Text
from mtg.compiler import Compiler
from mtg.text.diagnostics import Diagnostic

ROOT = Path(__file__).parents[2]


def checked(text: str) -> tuple[Compiler, list[Diagnostic]]:
    compiler = Compiler("m.mtg", data=text.encode())
    return compiler, compiler.check()


def mended(text: str, *, unsafe: bool = False) -> tuple[Text, Text]:
    first = Text(*checked(text))
    return first, Mending(checked, unsafe=unsafe).mend(first)


def is_cleaner(before: Text, after: Text) -> bool:
    """Whether less is wrong: fewer errors, or as many of a text of which more can be read."""
    if after.faults != before.faults:
        return after.faults < before.faults and after.errors <= before.errors
    return after.errors < before.errors


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        # Annotations, as Python has them.
        ("h: float32[16] = x -> Dense(16)", "h = x -> Dense(16)"),
        ("h : Tensor = x -> Dense(16)", "h = x -> Dense(16)"),
        ("h: tf.Tensor | None = x -> Dense(16)", "h = x -> Dense(16)"),
        ('h: "a tensor" = x -> Dense(16)', "h = x -> Dense(16)"),
        ("let n: int = 3\n  h = x -> Dense(n)", "let n = 3\n  h = x -> Dense(n)"),
        ("shared s: LSTM = Dense(16)\n  h = x -> s", "shared s = Dense(16)\n  h = x -> s"),
        ("h = x -> Dense(units: int = 16)", "h = x -> Dense(units = 16)"),
        ("h: x -> Dense(16)", "h = x -> Dense(16)"),
        # A second equals sign compares in an `if` only.
        ("h = q = x -> Dense(16)", None),
        ("let n = m = 3\n  h = x -> Dense(n)", None),
        ("h = x -> Dense(units=n=3)", None),
        ("h = x -> if 1 = 2 { Dense(2) }", "h = x -> if 1 == 2 { Dense(2) }"),
        # Several faults in one declaration, of which one is known at a time.
        ("h = x → Dense(16) → Dense(2)", "h = x -> Dense(16) -> Dense(2)"),
        ("h: x → Dense(16)", "h = x -> Dense(16)"),
        (
            'h = x -> Dnese(16, activaton="rleu")',
            'h = x -> Dense(16, activation="relu")',
        ),
        ("h = x > Dense(3) > Dense(4)", "h = x -> Dense(3) -> Dense(4)"),
        ("h = x -> Dense(3) > Dense(4)", "h = x -> Dense(3) -> Dense(4)"),
        ("h = x\n  ; of another language\n", "h = x\n  # of another language\n"),
        # What is guessed wrong is not built on.
        ("h = x -> Dense(16 activation 'relu')", None),
        ("h = x -> Dense(16, activation=rleu)", None),
        ("h = x -> (Dnese)(3)", "h = x -> Dense(3)"),
    ],
)
def test_chains(wrong: str, right: str | None) -> None:
    text = "model M {\n  input x: float32[8]\n  @\n  output y = h -> Dense(1)\n}\n"
    before, after = mended(text.replace("@", wrong))
    assert before.errors
    assert after.text == text.replace("@", wrong if right is None else right)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("model M(n: int = 3) {", "model M(n = 3) {"),
        ("model M(n: int = 3, k: float = 2.) {", "model M(n = 3, k = 2.) {"),
        ("model M(n: int) {", "model M(n) {"),
        ("model M(n: int = 3) -> Model {", "model M(n = 3) {"),
    ],
)
def test_annotations_of_parameters(wrong: str, right: str) -> None:
    text = "@\n  input x: float32[8]\n  output y = x -> Dense(4)\n}\n"
    assert mended(text.replace("@", wrong))[1].text == text.replace("@", right)


def test_annotations_of_blocks() -> None:
    text = "block @ {\n  return concat(a, b) -> Dense(n)\n}\nmodel M {\n  input x: float32[8]\n"
    text += "  output y = (x, x) -> f()\n}\n"
    wrong = text.replace("@", "(a: float32[8], b: Tensor) -> f(n: int = 3) -> Tensor")
    assert mended(wrong)[1].text == text.replace("@", "(a, b) -> f(n = 3)")


def test_what_is_not_applied_is_still_said(tmp_path: Path) -> None:
    path = tmp_path / "m.mtg"
    text = "model M {\n  input x: float32[8]\n  output y = x -> Dense(16 activation 'relu')\n}\n"
    path.write_text(text, encoding="utf-8")
    assert main(["check", "--fix", str(path)]) == 1
    assert path.read_text(encoding="utf-8") == text


# ---- programs broken at random -------------------------------------------------------------------


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.chdir(ROOT)
    yield
    monkeypatch.chdir(ROOT)


@pytest.mark.usefixtures("benchmarks")
@pytest.mark.parametrize("unsafe", [False, True])
def test_programs_with_several_faults_become_cleaner_or_stay(unsafe: bool) -> None:
    """Up to three faults of any kind in one program: what is written checks cleaner, and nothing
    beside the places of the fixes changes."""
    import diagnostics
    from mutations import KINDS, Program, mutant

    chance = random.Random(11)
    sources = diagnostics.programs()
    count, changed = int(os.environ.get("MTG_EXAMPLES", "120")), 0
    for _ in range(count):
        program = chance.choices(sources, [len(each.text) for each in sources])[0]
        text = program.text
        for _ in range(chance.randrange(1, 4)):
            try:
                broken = Program(program.name, text, program.folder)
                made = mutant(chance.choice(list(KINDS)), broken, chance)
            except (IndexError, KeyError, ValueError):
                break  # no places can be told in what is broken already
            text = text if made is None else made.text

        def check(text: str, program: Program = program) -> tuple[Compiler, list[Diagnostic]]:
            compiler = diagnostics.compiled(program, text)
            return compiler, compiler.diagnostics.sorted()

        before = Text(*check(text))
        checks = Mending(check, unsafe=unsafe)
        after = checks.mend(before)
        if after.text == text:
            continue
        changed += 1
        if unsafe and after.errors == before.errors == 0:
            assert len(after.found) <= len(before.found)
        else:
            assert is_cleaner(before, after), (text, after.text)
    assert changed > count / 4


def test_the_work_is_bounded() -> None:
    """However many fixes are of no use, so many texts are checked and no more."""
    line = "  a{0} = x -> Dense(16 activation 'relu')\n"
    body = "".join(line.format(number) for number in range(90))
    calls = 0

    def check(text: str) -> tuple[Compiler, list[Diagnostic]]:
        nonlocal calls
        calls += 1
        return checked(text)

    first = Text(*check(f"model M {{\n  input x: float32[8]\n{body}  output y = x\n}}\n"))
    assert Mending(check, unsafe=False).mend(first).errors <= first.errors
    assert calls <= MAX_CHECKS + 1
