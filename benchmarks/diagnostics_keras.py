"""What Keras says of the same faults: when, at which line, in which words; beside what mtg says.

    python benchmarks/diagnostics_keras.py

Each case is a fault in a small model, once as mtg and once as the Keras code that a person would
write. The Python is run step by step: the model is built and compiled, then fitted on one batch of
random data. Printed is a table in Markdown, which stands in `docs/diagnostics.md`.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import NamedTuple

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import mtg

#: The model that each fault is made in; line numbers in the table are those of these texts.
MTG = """\
model Headline {
  input words: int32[20]
  input hour: float32[5]
  text = words -> Embedding(1000, 16) -> LSTM(8)
  both = concat(text, hour) -> Dense(32, activation="relu") -> Dropout(0.2)
  output passed(loss="binary_crossentropy", weight=1.0, metrics=["accuracy"]) =
    both -> Dense(1, activation="sigmoid")
  output topic(loss="sparse_categorical_crossentropy", weight=0.5) =
    text -> Dense(6, activation="softmax")
  train(optimizer="adam")
}
"""
KERAS = """\
words = keras.Input((20,), dtype="int32", name="words")
hour = keras.Input((5,), name="hour")
text = layers.Embedding(1000, 16)(words)
text = layers.LSTM(8)(text)
both = layers.concatenate([text, hour])
both = layers.Dense(32, activation="relu")(both)
both = layers.Dropout(0.2)(both)
passed = layers.Dense(1, activation="sigmoid", name="passed")(both)
topic = layers.Dense(6, activation="softmax", name="topic")(text)
model = keras.Model([words, hour], [passed, topic])
model.compile(
    optimizer="adam",
    loss={"passed": "binary_crossentropy", "topic": "sparse_categorical_crossentropy"},
    loss_weights={"passed": 1.0, "topic": 0.5},
    metrics={"passed": ["accuracy"]},
)
"""
FIT = """\
model.fit(
    {"words": numpy.zeros((4, 20), "int32"), "hour": numpy.zeros((4, 5), "float32")},
    {"passed": numpy.ones((4, 1)), "topic": numpy.ones((4, 1))},
    verbose=0,
)
"""


#: What stands in the table where mtg has no place for the fault.
UNSAYABLE = "cannot be written: a loss stands on its output"


class Case(NamedTuple):
    """A fault, as a replacement in each of the two texts; an empty one where it cannot be made."""

    name: str
    mtg: tuple[str, str]
    keras: tuple[str, str]


CASES = [
    Case("layer misspelt", ("LSTM(8)", "LSMT(8)"), ("LSTM(8)", "LSMT(8)")),
    Case(
        "argument misspelt",
        ('activation="relu"', 'actvation="relu"'),
        ('activation="relu"', 'actvation="relu"'),
    ),
    Case("activation misspelt", ('"relu"', '"rleu"'), ('"relu"', '"rleu"')),
    Case("tensor misspelt", ("concat(text,", "concat(txet,"), ("[text, hour])", "[txet, hour])")),
    Case(
        "bracket not closed",
        ('Dense(32, activation="relu")', 'Dense(32, activation="relu"'),
        ('activation="relu")(both)', 'activation="relu"(both)'),
    ),
    Case(
        "input that nothing uses",
        ("concat(text, hour)", "text"),
        ("layers.concatenate([text, hour])", "text"),
    ),
    Case(
        "merge of shapes that differ",
        ("concat(text, hour)", "add(text, hour)"),
        ("layers.concatenate([text, hour])", "layers.add([text, hour])"),
    ),
    Case(
        "sequence layer on a vector", ("-> Dropout(0.2)", "-> LSTM(4)"), ("Dropout(0.2)", "LSTM(4)")
    ),
    Case("length of 0 units", ("Dense(32,", "Dense(0,"), ("Dense(32,", "Dense(0,")),
    Case("rate out of range", ("Dropout(0.2)", "Dropout(2)"), ("Dropout(0.2)", "Dropout(2)")),
    Case(
        "loss misspelt",
        ('"binary_crossentropy"', '"binary_crossentrop"'),
        ('"binary_crossentropy"', '"binary_crossentrop"'),
    ),
    Case(
        "loss under the name of no output",
        ("", ""),
        ('"topic": "sparse', '"topc": "sparse'),
    ),
    Case(
        "metric misspelt",
        ('["accuracy"]', '["acuracy"]'),
        ('["accuracy"]', '["acuracy"]'),
    ),
    Case("optimizer misspelt", ('"adam"', '"adm"'), ('"adam"', '"adm"')),
    Case(
        "loss missing",
        ('loss="binary_crossentropy", ', ""),
        ('"passed": "binary_crossentropy", ', ""),
    ),
    Case(
        "negative weight of a loss",
        ("weight=0.5", "weight=-0.5"),
        ('"topic": 0.5', '"topic": -0.5'),
    ),
    Case(
        "softmax over one unit",
        ('Dense(1, activation="sigmoid")', 'Dense(1, activation="softmax")'),
        ('Dense(1, activation="sigmoid"', 'Dense(1, activation="softmax"'),
    ),
    Case(
        "categorical loss on one unit",
        ('loss="binary_crossentropy"', 'loss="categorical_crossentropy"'),
        ('"binary_crossentropy"', '"categorical_crossentropy"'),
    ),
    Case("fractions as word numbers", ("words: int32", "words: float32"), (', dtype="int32"', "")),
    Case(
        "layer that nothing uses",
        ("-> Dropout(0.2)\n", "-> Dropout(0.2)\n  side = text -> Dense(3)\n"),
        (
            "both = layers.Dropout(0.2)(both)\n",
            "both = layers.Dropout(0.2)(both)\nside = layers.Dense(3)(text)\n",
        ),
    ),
]


def of_mtg(text: str) -> str:
    """The line and the message of the first thing mtg says."""
    found = mtg.check(text)
    if not found:
        return "nothing"
    first = found[0]
    line, _ = first.span.source.line_column(first.span.start)
    more = f" ({first.help})" if first.help else ""
    return f"{first.severity}, line {line}: {first.message}{more}"


def of_keras(text: str) -> str:
    """When Keras says something, at which line of the model's text, and what."""
    import keras
    import numpy
    from keras import layers

    names = {"keras": keras, "layers": layers, "numpy": numpy}
    for when, source in (("", text), ("fit", FIT)):
        try:
            exec(compile(source, "model.py", "exec"), names)
        except SyntaxError as error:
            return f"import, line {error.lineno}: {_short(str(error.msg))}"
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            line = next(frame.lineno for frame in frames if frame.filename == "model.py")
            code = source.split("\n")[(line or 1) - 1]
            stage = when or ("compile" if "compile" in code else "build")
            where = "" if stage == "fit" else f", line {line}"
            return f"{stage}{where}: {_short(f'{type(error).__name__}: {error}')}"
    return "never"


def _short(text: str) -> str:
    text = " ".join(text.replace("|", "/").split())
    return text if len(text) <= 110 else text[:109] + "…"


def main() -> int:
    print("| fault | Keras: when, where, what | mtg |\n| --- | --- | --- |")
    for case in CASES:
        assert case.mtg[0] in MTG, case.name
        assert case.keras[0] in KERAS, case.name
        ours = of_mtg(MTG.replace(*case.mtg, 1)).replace("|", "/") if case.mtg[0] else UNSAYABLE
        print(f"| {case.name} | {of_keras(KERAS.replace(*case.keras, 1))} | {ours} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
