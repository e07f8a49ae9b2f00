"""Work in numbers that no clock blurs: a busy or slow machine changes none of them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from cProfile import Profile


def steps(function: Callable[[], object]) -> int:
    """How many functions are called, in Python and in C."""
    profile = Profile(subcalls=False)
    profile.enable()
    try:
        function()
    finally:
        profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


def growth(work: Callable[[int], Callable[[], object]], small: int, large: int) -> float:
    """How many times more steps the large size takes than the small one, by their share of size.

    `work` makes the work of a size; only what it returns is counted. 1.0 is linear; a quadratic
    pass between 100 and 800 gives up to 8.
    """
    return steps(work(large)) / steps(work(small)) / (large / small)


def peak(function: Callable[[], object]) -> int:
    """How many bytes Python had allocated at most, beyond those before."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
