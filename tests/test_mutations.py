"""The measurements of `benchmarks/`, small: mutations, fuzzing, hostile sizes, former crashers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from goldens import CASES
from steps import steps

ROOT = Path(__file__).parents[1]
LONG = os.environ.get("MTG_LONG_TESTS") == "1"
#: Programs of `tests/test_bad_input.py` as well, which grow until mtg stops whatever their size.
GROWING = {
    *("models that double", "blocks that double", "a list in a block", "a list in a loop"),
    *("results of a block, again and again", "long lists compared"),
}
CRASHERS = sorted((CASES / "crashers").iterdir())


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.chdir(ROOT)
    yield
    monkeypatch.chdir(ROOT)


def test_single_faults() -> None:
    """`python benchmarks/diagnostics.py` is the whole of it."""
    import diagnostics

    total = diagnostics.Score()
    scores = diagnostics.measure(8, seed=5)
    assert len(scores) >= 55
    for score in scores.values():
        total += score
    assert total.made > 350
    caught, placed, spelt, errors = total.figures()
    assert caught >= 99, [each.text for score in scores.values() for each in score.missed]
    assert placed >= 97
    assert spelt >= 95
    assert errors <= 1.1


def test_two_faults_are_both_reported() -> None:
    """One run reports every independent fault, and no echo: pairs of faults far from each other."""
    import diagnostics

    pairs = diagnostics.pairs(60, seed=3)
    assert pairs.made == 60
    assert pairs.caught >= 57
    assert pairs.errors / pairs.made <= 2.2


def test_there_are_no_false_alarms() -> None:
    import diagnostics

    assert diagnostics.false_alarms() == []


def test_fuzzing() -> None:
    """`python benchmarks/fuzz.py` is the whole of it."""
    import fuzz

    run = fuzz.Fuzz(seed=2)
    run.run(1_200)
    assert [where for where, _ in run.crashes.values()] == []
    assert len(run.said) > 100


@pytest.mark.parametrize("path", CRASHERS, ids=lambda path: path.stem)
def test_former_crashers(path: Path) -> None:
    import fuzz

    fuzz.examine(path.read_bytes(), formats=True)


def test_hostile_inputs() -> None:
    """`python benchmarks/hostile.py` is the whole of it: a megabyte of each, by the clock."""
    import hostile

    hostile.measure(hostile.model(""))
    for name, make in hostile.INPUTS.items():
        if name in GROWING and not LONG:
            continue

        def work(size: int, make: Callable[[int], str] = make) -> Callable[[], object]:
            text = make(size)
            return lambda: hostile.measure(text)

        size = 6_000 if LONG else 2_000
        assert steps(work(size)) < 2_000 * size, name


def test_a_megabyte_is_refused_or_read_in_time() -> None:
    import hostile

    for name in ("layers in one chain", "comments", "unclosed docstring", "words in a model"):
        text = hostile.INPUTS[name](1_000_000)
        assert steps(lambda text=text: hostile.measure(text)) < 12_000_000, name
