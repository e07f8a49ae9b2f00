"""The nearest known name, in bounded time."""

from __future__ import annotations

import time

from mtg.text.suggest import did_you_mean, nearest


def test_misspellings() -> None:
    assert nearest("Dens", ["Dense", "Dropout"]) == "Dense"
    assert nearest("batchnormalization", ["BatchNormalization"]) == "BatchNormalization"
    assert nearest("xyz", ["Dense"]) is None
    assert did_you_mean("widht", ["width"]) == "did you mean `width`?"
    assert did_you_mean("q", []) == ""


def test_many_and_long_names() -> None:
    started = time.process_time()
    for number in range(20):
        nearest(f"name{number}x", [f"name{i}" for i in range(100_000)])
    nearest("a" * 100_000, ["a" * 99_999])
    assert time.process_time() - started < 10
