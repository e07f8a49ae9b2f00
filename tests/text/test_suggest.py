"""The nearest known name, in bounded time."""

from __future__ import annotations

import random

from mtg.text.suggest import did_you_mean, nearest
from steps import steps


def test_misspellings() -> None:
    assert nearest("Dens", ["Dense", "Dropout"]) == "Dense"
    assert nearest("batchnormalization", ["BatchNormalization"]) == "BatchNormalization"
    assert nearest("xyz", ["Dense"]) is None
    assert did_you_mean("widht", ["width"]) == "did you mean `width`?"
    assert did_you_mean("q", []) == ""


def test_many_and_long_names() -> None:
    names = [f"name{i}" for i in range(100_000)]
    assert steps(lambda: nearest("name7x", names)) < 1_000_000
    assert steps(lambda: nearest("a" * 100_000, ["a" * 99_999])) < 100_000


def test_names_of_the_same_letters() -> None:
    """Names that share their letters, and of which none is near, cost no more for being many."""
    chance = random.Random(1)
    names = ["a" + "".join(chance.choices("ab", k=90)) for _ in range(1_001)]
    assert steps(lambda: nearest(names[0], names[1:])) < 100_000


def test_of_thousands_of_names_the_first_are_compared() -> None:
    names = [f"name_of_many_{i:05}" for i in range(50_000)]
    assert nearest("name_of_many_0007x", names) in names[:1_000]
    assert nearest("name_of_many_0007x", set(names)) in names[:1_000]
    assert steps(lambda: nearest("name_of_many_0007x", names)) < 80_000
