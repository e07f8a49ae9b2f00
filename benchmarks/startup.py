"""Whole processes: `mtg check` beside importing Keras and beside the hand-written script.

    python benchmarks/startup.py [RUNS]

Each round runs all commands once, in turn, so that a machine that slows down slows all of them.
Prints the median of each in seconds, and the median of the ratios round by round.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
MTG = [sys.executable, "-m", "mtg"]
PROGRAM = str(ROOT / "examples" / "news_headline.mtg")
TWIN = "import sys; sys.path.insert(0, 'tests'); from twins.news_headline import build; build()"

COMMANDS = {
    "mtg check news_headline.mtg": [*MTG, "check", PROGRAM],
    "mtg --help": [*MTG, "--help"],
    "python -c 'import keras'": [sys.executable, "-c", "import keras"],
    "the hand-written Keras script": [sys.executable, "-c", TWIN],
}

# Bytecode is kept, as `pip install` does; without it Python would compile mtg anew each time.
ENVIRONMENT = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)


def seconds(command: list[str]) -> float:
    """The wall time of one run of a command."""
    start = time.perf_counter()
    subprocess.run(
        command,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
    )
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    for command in COMMANDS.values():
        seconds(command)  # files read, grammar tables cached
    rounds = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(runs)]
    base = "mtg check news_headline.mtg"
    print(f"median of {runs} rounds, seconds (whole process); ratio to `{base}`")
    for name in COMMANDS:
        times = [each[name] for each in rounds]
        ratio = statistics.median(each[name] / each[base] for each in rounds)
        print(f"{name:34} {statistics.median(times):7.3f}   {ratio:5.1f} x")


if __name__ == "__main__":
    main()
