"""Structure found: lines of decompiled text beside layers, and the time that it takes.

    python benchmarks/structure.py [NAME ...]

Builds applications of Keras without values, writes each as `.mtg` text and as Python, and prints
the lines of both, those that are not blank, their share of the layers, and the processor's seconds
of finding blocks and loops (`mtg.outline`) and of the whole way from the config to the text.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import keras
import mtg
from expander import expand, same
from mtg.backends.python.source import python_source
from mtg.config.read import read_config
from mtg.outline.outline import outline

NAMES = ["ResNet152", "DenseNet201", "EfficientNetB7", "InceptionV3", "NASNetLarge"]


def lines(text: str) -> tuple[int, int]:
    """The lines of a text: all, and those that are not blank."""
    every = text.splitlines()
    return len(every), sum(bool(line.strip()) for line in every)


def main() -> None:
    print(
        f"{'':16}{'layers':>7}{'.mtg':>7}{'filled':>8}{'share':>8}"
        f"{'.py':>6}{'find s':>8}{'text s':>8}"
    )
    for name in sys.argv[1:] or NAMES:
        with keras.StatelessScope(initialize_variables=False):
            model = getattr(keras.applications, name)(weights=None)
        layers = len(model.layers)
        begun = time.process_time()
        text = mtg.decompile(model)
        whole = time.process_time() - begun
        graph = read_config(model.get_config()).graph
        begun = time.process_time()
        found = outline(graph)
        find = time.process_time() - begun
        assert same(graph, expand(found)), name
        every, filled = lines(text)
        python, _ = lines(python_source(graph))
        print(
            f"{name:16}{layers:7}{every:7}{filled:8}{every / layers:8.3f}"
            f"{python:6}{find:8.2f}{whole:8.2f}"
        )


if __name__ == "__main__":
    main()
