"""Several threads use mtg at once, as a server or a notebook does."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import mtg
import pytest
from mtg.process import deep_recursion, own_warning_filters

T = TypeVar("T")

TEXT = """
model M(width=8) {
  input x: float32[4]
  output y(loss="mse") = x -> Dense(width, name="a\\x62") -> Dense(1)
}
"""


def in_threads(work: Callable[[int], T], count: int = 8) -> list[T]:
    """What the threads give; all of them begin together."""
    ready = threading.Barrier(count)

    def one(number: int) -> T:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture(autouse=True)
def switching() -> object:
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.keras
def test_compile_in_threads() -> None:
    mtg.compile(TEXT)  # imports
    limit, filters = sys.getrecursionlimit(), list(warnings.filters)
    models = in_threads(lambda number: mtg.compile(TEXT, width=number + 1))
    assert [model.get_layer("ab").units for model in models] == list(range(1, 9))
    assert sys.getrecursionlimit() == limit
    assert list(warnings.filters) == filters


def test_check_in_threads() -> None:
    limit, filters = sys.getrecursionlimit(), list(warnings.filters)
    texts = [TEXT, TEXT.replace("Dense(1)", "Dens(1)"), TEXT.replace("\\x62", "\\q"), TEXT] * 2
    found = in_threads(lambda number: [each.code for each in mtg.check(texts[number])])
    assert found == [[each.code for each in mtg.check(text)] for text in texts]
    assert sys.getrecursionlimit() == limit
    assert list(warnings.filters) == filters


def test_whoever_ends_last_restores_the_limit() -> None:
    """The first to enter leaves first: the others still have what they asked for."""
    limit = sys.getrecursionlimit()
    first, second = deep_recursion(limit + 1000), deep_recursion(limit + 500)
    first.__enter__()
    second.__enter__()
    assert sys.getrecursionlimit() == limit + 1000
    first.__exit__(None, None, None)
    assert sys.getrecursionlimit() == limit + 500
    second.__exit__(None, None, None)
    assert sys.getrecursionlimit() == limit


def test_filters_are_changed_by_one_thread_at_a_time() -> None:
    before = list(warnings.filters)

    def change(number: int) -> None:
        for _ in range(200):
            with own_warning_filters():
                warnings.simplefilter("error" if number % 2 else "ignore")
                assert warnings.filters[0][0] == ("error" if number % 2 else "ignore")

    in_threads(change)
    assert list(warnings.filters) == before
