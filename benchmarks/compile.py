"""Compiling beside building by hand: the time from a program's text to a compiled model.

    python benchmarks/compile.py [ROUNDS]

Prints the seconds of both, their ratio, and what is to be reached. By hand is
`keras.applications.X(weights=None)`, or the model that `tests/twins` has beside an example, also
compiled. Everything is imported; each round runs both sides in turn, after Keras and TensorFlow
have forgotten what they built, and the fastest round of each side counts. The text of an
application is what `mtg decompile` makes of it.
"""

from __future__ import annotations

import gc
import importlib
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

APPLICATIONS = ("ResNet50", "NASNetLarge", "EfficientNetB7")
REACH = 0.7


def seconds(work: Callable[[], Any]) -> float:
    """The time of one run, as if it were the first."""
    import keras

    keras.backend.clear_session()
    gc.collect()
    start = time.perf_counter()
    made = work()
    end = time.perf_counter()
    del made
    return end - start


def fastest(rounds: int, hand: Callable[[], Any], ours: Callable[[], Any]) -> tuple[float, float]:
    seconds(hand)
    seconds(ours)
    times = [(seconds(hand), seconds(ours)) for _ in range(rounds)]
    first, second = zip(*times, strict=True)
    return min(first), min(second)


def by_hand(name: str) -> Callable[[], Any]:
    import keras

    return lambda: getattr(keras.applications, name)(weights=None)


def text_of(build: Callable[[], Any]) -> str:
    import keras
    import mtg

    with keras.StatelessScope(initialize_variables=False):
        text = mtg.decompile(build())
    keras.backend.clear_session()
    return text


def main() -> None:
    import mtg

    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'':24}{'by hand s':>12}{'mtg s':>9}{'ratio':>9}{'reach':>9}")
    rows: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = []
    for name in APPLICATIONS:
        hand = by_hand(name)
        rows.append((name, hand, partial(mtg.compile, text_of(hand))))
    twin = importlib.import_module("twins.news_headline").build
    path = ROOT / "examples" / "news_headline.mtg"
    rows.append((path.name, twin, partial(mtg.compile, path)))
    for title, hand, ours in rows:
        first, second = fastest(rounds, hand, ours)
        print(f"{title:24}{first:12.3f}{second:9.3f}{second / first:9.2f}{f'≤ {REACH}':>9}")


if __name__ == "__main__":
    main()
