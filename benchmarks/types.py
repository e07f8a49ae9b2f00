"""Types without Keras beside Keras: two ratios, and how time and memory grow with the program.

    python benchmarks/types.py [ROUNDS]

Prints what was measured beside what is to be reached. Times are of one process that has everything
imported and every file read; each round runs both sides in turn, and the ratio is the median of
those of the rounds. Keras builds its graphs without values (`StatelessScope`) in the first row; in
the second it builds what a person gets who writes the model by hand, values included.

The growth is measured in a process for each size, in seconds of its one thread, past the limits
that keep programs from anywhere in bounds (`mtg.limits`).
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

#: Layers of the program that is written out flat, and of those whose growth is measured.
FLAT, SMALL, LARGE = 1_000, 10_000, 100_000


def seconds(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    """The time of one run, without what earlier ones left behind."""
    gc.collect()
    start = clock()
    work()
    return clock() - start


def program(layers: int) -> str:
    """A chain of layers, a statement each."""
    lines = ["model Chain {", "  input x: float32[16]", '  d0 = x -> Dense(16, activation="relu")']
    lines += [f'  d{n} = d{n - 1} -> Dense(16, activation="relu")' for n in range(1, layers - 1)]
    lines.append(f'  output y(loss="mse") = d{layers - 2} -> Dense(1)')
    return "\n".join([*lines, "}", ""])


def types_of(text: str) -> Any:
    """From text to types, as `mtg check` and `mtg summary` go."""
    from mtg.compiler import Compiler

    compiler = Compiler(text)
    types = compiler.types
    compiler.raise_errors()
    return types


# ---- ratios --------------------------------------------------------------------------------------


def ratio(rounds: int, ours: Callable[[], Any], theirs: Callable[[], Any]) -> tuple[float, ...]:
    """Median seconds of both, and the median of the ratios round by round."""
    ours()
    theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    medians = [statistics.median(times) for times in zip(*pairs, strict=True)]
    return (*medians, statistics.median(b / a for a, b in pairs))


def nasnet(rounds: int) -> tuple[float, ...]:
    import keras
    from mtg.config.read import read_config
    from mtg.text.diagnostics import Diagnostics
    from mtg.types.infer import infer

    def build() -> Any:
        with keras.StatelessScope(initialize_variables=False):
            model = keras.applications.NASNetLarge(weights=None)
        keras.backend.clear_session()  # which lists the variables without values
        return model

    graph = read_config(build().get_config()).graph
    return ratio(rounds, lambda: infer(graph, Diagnostics()), build)


def flat(rounds: int) -> tuple[float, ...]:
    import keras

    text = program(FLAT)

    def build() -> Any:
        keras.backend.clear_session()
        x = tensor = keras.Input((16,), name="x")
        for number in range(FLAT - 1):
            tensor = keras.layers.Dense(16, activation="relu", name=f"d{number}")(tensor)
        return keras.Model(x, keras.layers.Dense(1, name="y")(tensor))

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)  # without it Keras takes 989 layers
    try:
        return ratio(rounds, lambda: types_of(text), build)
    finally:
        sys.setrecursionlimit(before)


# ---- growth --------------------------------------------------------------------------------------


def grown(layers: int) -> None:
    """Print the seconds from text to types, and the peak of memory in MB."""
    types_of(program(10))
    for name, module in list(sys.modules.items()):
        if name.startswith("mtg"):
            for limit in {"MAX_CHARACTERS", "MAX_CALLS", "MAX_TOKENS"} & vars(module).keys():
                setattr(module, limit, 10**9)
    text = program(layers)
    print(seconds(lambda: types_of(text), time.process_time), peak())


def peak() -> float:
    """The most memory this process has held, in MB, without what its parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(
            line for line in status.read_text(encoding="utf-8").splitlines() if "VmHWM" in line
        )
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS gives bytes


def measured(layers: int) -> tuple[float, float]:
    command = [sys.executable, __file__, "--grown", str(layers)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(found[0]), float(found[1])


def main() -> None:
    if sys.argv[1:2] == ["--grown"]:
        grown(int(sys.argv[2]))
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'':46}{'mtg s':>9}{'Keras s':>9}{'ratio':>9}{'reach':>9}")
    for title, (ours, theirs, times) in (
        ("types of the 1,041 calls of NASNetLarge", nasnet(rounds)),
        (f"text to types, {FLAT:,} layers written out", flat(rounds)),
    ):
        print(f"{title:46}{ours:9.3f}{theirs:9.3f}{times:8.1f}x{'≥ 15x':>9}")
    small, large = measured(SMALL), measured(LARGE)
    print(f"\n{'':46}{'s':>9}{'peak MB':>9}{'growth':>9}{'reach':>9}")
    print(f"{f'text to types, {SMALL:,} layers':46}{small[0]:9.2f}{small[1]:9.0f}")
    print(
        f"{f'text to types, {LARGE:,} layers':46}{large[0]:9.2f}{large[1]:9.0f}"
        f"{large[0] / small[0]:8.1f}x{'≤ 12x':>9}   (peak < 2,000 MB)"
    )


if __name__ == "__main__":
    main()
