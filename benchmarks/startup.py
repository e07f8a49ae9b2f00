"""Whole processes: `mtg check` beside importing Lark and Keras and beside hand-written scripts.

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
EXAMPLES = ("news_headline", "tiny_resnet")


def twin(name: str) -> list[str]:
    """The hand-written script that builds the same model."""
    build = f"from twins.{name} import build; build()"
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, 'tests'); {build}"]


COMMANDS = {
    **{f"mtg check {n}.mtg": [*MTG, "check", f"examples/{n}.mtg"] for n in EXAMPLES},
    "mtg --help": [*MTG, "--help"],
    "python -c 'import lark'": [sys.executable, "-c", "import lark"],
    "python -c 'import keras'": [sys.executable, "-c", "import keras"],
    **{f"{n} by hand, in Keras": twin(n) for n in EXAMPLES},
}
#: What each command is compared with: a script with the check of its own example.
BASES = {f"{n} by hand, in Keras": f"mtg check {n}.mtg" for n in EXAMPLES}

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
    print(f"median of {runs} rounds, seconds (whole process); ratio to `mtg check` of the example")
    for name in COMMANDS:
        base = BASES.get(name, "mtg check news_headline.mtg")
        times = [each[name] for each in rounds]
        ratio = statistics.median(each[name] / each[base] for each in rounds)
        print(f"{name:34} {statistics.median(times):7.3f}   {ratio:5.1f} x")


if __name__ == "__main__":
    main()
