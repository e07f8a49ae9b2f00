"""Arguments of every kind of entry: what is wrong is said, and what Keras refuses mtg refuses."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import warnings
from collections.abc import Iterator
from typing import Any

import keras
import pytest
from goldens import expect
from mtg.catalog import Entry, catalog
from mtg.catalog.kinds import refuse
from mtg.catalog.modules import MODULES
from mtg.cli.manual import example
from mtg.compiler import Compiler

from tools.catalog import sampling

TEXTS = {
    "backup_dir": '"x"',
    "filepath": '"x.keras"',
    "directory": '"x"',
    "mode": '"int8"',
    "cell": "LSTMCell(4)",
    "cells": "[LSTMCell(4)]",
    "default_optimizer": "SGD()",
    "fn": '"mse"',
    "function": "None",
    "inner_optimizer": "SGD()",
    "layer": "Dense(4)",
    "layers": "[Dense(4)]",
    "optimizer_map": "OptimizerMap(SGD())",
}
"""Arguments that are no plain values; the others are those with which the catalogue is made."""

FUNCTIONS = {"fn", "schedule"}
"""Arguments that only functions of Python can be."""

NO_CONSTRUCTOR = {"activation", "input", "model_compile", "model_fit"}
"""What stands in a program as a word, or as settings of an `input` or of `train`."""

OTHERWISE = {"StackedRNNCells", "LambdaCallback", "MeanMetricWrapper", "rearrange", "einsum"}
"""Called on states, or taking any arguments."""


def entries() -> Iterator[Entry]:
    for kind in catalog().kinds():
        for name in catalog().names(kind):
            entry = catalog().find(kind, name)
            assert entry is not None
            # `output` is a word of the language: the few that have it take it by position only.
            left = entry.parameter("output") is not None or (kind == "op" and entry.variadic)
            known = entry.name == name and kind not in NO_CONSTRUCTOR and name not in OTHERWISE
            if known and not left:
                yield entry


def sample(entry: Entry, name: str) -> str:
    needed = sampling.NEEDED.get(entry.name, {})
    return TEXTS.get(name) or repr(needed.get(name, sampling.SAMPLES.get(name, 4)))


def required(entry: Entry) -> dict[str, str]:
    names = [each.name for each in entry.parameters if each.required]
    names += [name for name in sampling.NEEDED.get(entry.name, {}) if name not in names]
    return {name: sample(entry, name) for name in names}


def program(entry: Entry, arguments: list[tuple[str, str]]) -> str:
    """A program around one constructor, as the manual page of the entry writes it."""
    given = ", ".join(f"{name}={value}" if name else value for name, value in arguments)
    made = f"{entry.name}({given})"
    loss = 'output y(loss="mse") = x -> Dense(4)'
    text = {
        "application": f"output y = x -> applications.{made}",
        "callback": f'{loss} train(optimizer="adam", callbacks=[{made}])',
        "constraint": f"output y = x -> Dense(4, kernel_constraint={made})",
        "dtype_policy": f"output y = x -> Dense(4, dtype={made})",
        "initializer": f"output y = x -> Dense(4, kernel_initializer={made})",
        "layer": f"output y = x -> {made}",
        "loss": f"output y(loss={made}) = x -> Dense(4)",
        "metric": f'output y(loss="mse", metrics=[{made}]) = x -> Dense(4)',
        "op": f"output y = ops.{made}",
        "optimizer": f"{loss} train(optimizer={made})",
        "optimizer_map": f"{loss} train(optimizer=MultiOptimizer({made}))",
        "regularizer": f"output y = x -> Dense(4, kernel_regularizer={made})",
        "schedule": f"{loss} train(optimizer=Adam({made}))",
    }[entry.kind]
    return f"model M {{ input x: float32[8] {text} }}"


def said(entry: Entry, arguments: list[tuple[str, str]]) -> dict[str, str]:
    """The codes of what is said about the arguments, and of each the help."""
    compiler = Compiler(program(entry, arguments))
    compiler.check()
    return {each.code: each.help for each in compiler.diagnostics if each.code.startswith("MTG40")}


def without(arguments: dict[str, str], name: str) -> list[tuple[str, str]]:
    return [(other, value) for other, value in arguments.items() if other != name]


def test_arguments_that_are_unknown_misspelt_missing_or_doubled() -> None:
    """Every entry of every kind that is made by a constructor or called as a function."""
    wrong: list[tuple[str, str, str]] = []
    tried = 0
    for entry in entries():
        base = required(entry)
        faults = [("MTG401", "unknown", [*base.items(), ("nonsense", "1")])]
        for each in entry.parameters[:2]:
            value = sample(entry, each.name)
            rest = without(base, each.name)
            faults.append(("MTG403", f"two {each.name}", [*rest, (each.name, value)] * 2))
        for each in entry.parameters[:1]:
            if each.required:
                faults.append(("MTG402", f"no {each.name}", without(base, each.name)))
        for each in entry.parameters[-2:]:
            slip = f"{each.name[:2]}{each.name[3:]}"
            if len(each.name) > 5 and entry.parameter(slip) is None:
                arguments = [*without(base, each.name), (slip, sample(entry, each.name))]
                faults.append((f"MTG401 {each.name}", "misspelt", arguments))
        for expected, what, arguments in faults:
            tried += 1
            code, _, name = expected.partition(" ")
            found = said(entry, arguments)
            if code not in found or name not in found[code]:
                wrong.append((entry.kind, entry.name, what))
        if not entry.variadic:
            tried += 1
            if "MTG401" not in said(entry, [("", "4")] * (entry.positional + 1)):
                wrong.append((entry.kind, entry.name, "too many"))
    assert wrong == []
    assert tried > 2500


def test_examples_of_manual_pages_are_programs() -> None:
    """With values in the place of the names of what must be given; tensors stay to be had."""
    wrong = []
    for kind in sorted(set(catalog().kinds()) - {"application", "layer", "op"}):
        for name in catalog().names(kind):
            entry = catalog().find(kind, name)
            assert entry is not None
            text = example(entry).replace("…", "")
            for each, value in required(entry).items():
                value = "halved" if each in FUNCTIONS else value
                text = re.sub(rf"(?<=[(, ]){each}(?=[,)])", f"{each}={value}", text)
            if text.startswith("x ->"):
                text = f"output y = {text}"
            elif text.startswith("train("):
                text = f'output y(loss="mse") = x -> Dense(1) {text}'
            elif text.startswith("input"):
                text += " output y = x -> Dense(1)"
            shape = "9, 8" if entry.name in ("CTC", "STFT") else "8"  # those of sequences
            inputs = "" if text.startswith("input") else f"input x: float32[{shape}] "
            head = 'from python "mine" import halved\n' if "halved" in text else ""
            compiler = Compiler(f"{head}model M {{ {inputs}{text} }}")
            compiler.check()
            if compiler.diagnostics.has_errors:
                wrong.append((kind, name, text, [each.message for each in compiler.diagnostics]))
    assert wrong == []


# ---- Keras as the judge --------------------------------------------------------------------------

USED = {"constraint", "initializer", "loss", "optimizer", "regularizer", "schedule"}
"""Kinds whose objects can be used at once; `callback` and `dtype_policy` are made and no more."""
POOL: list[Any] = [
    *(None, True, -2, -1, 0, 1, 2, 64, -1.5, -0.5, 0.0, 0.5, 1.0, 2.5, "mtg-nonsense", {"a": 1}),
    *([], [1], [2, 2], [0.25, 0.5], ["a"], [[1, 1], [1, 1]]),
]
NOT_MADE = {"MultiOptimizer", "LossScaleOptimizer", "OrbaxCheckpoint", "STFT", "TensorBoard"}
"""What wraps another, or needs a package, a back end, or shapes of its own."""
PATHS = {"backup_dir": "x", "filepath": "x.keras", "schedule": abs}


def keras_takes(entry: Entry, arguments: dict[str, Any]) -> bool:
    """Whether Keras makes the object, and uses it on a few numbers."""
    thing = getattr(importlib.import_module(f"keras.{MODULES[entry.kind]}"), entry.name)
    probed = {name: sampling._sample(name) for name in required(entry)}
    modes = {"AWQ": "awq/4/8", "GPTQ": "gptq/4/8", "Int4": "int4/8"}
    probed |= {name: PATHS[name] for name in probed if name in PATHS}
    if entry.kind == "dtype_policy" and "mode" in probed:
        probed["mode"] = modes.get(entry.name.removesuffix("DTypePolicy"), "int8")
        probed["source_name"] = "float32"
        if "Float8" in entry.name:
            probed["mode"] = "float8"
    numbers = keras.ops.convert_to_tensor([[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]])
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            made = thing(**(probed | arguments))
            if entry.kind in ("constraint", "regularizer"):
                made(numbers)
            elif entry.kind == "schedule":
                made(3)
            elif entry.kind == "initializer":
                made((4, 4))
            elif entry.kind == "loss" and "Sparse" not in entry.name:
                made(keras.ops.ones((2, 4)), numbers)
            elif entry.kind == "optimizer":
                variable = keras.Variable(numbers)
                made.build([variable])
                made.apply([numbers])
    except Exception:  # Keras raises whatever it meets
        return False
    return True


def test_objects_take_what_keras_takes() -> None:
    """Every kind but layers, which have a test of their own: the golden lists what mtg takes and
    Keras refuses, when the object is made or first used. What mtg refuses beyond it is its own."""
    unknown: dict[tuple[str, str, str, str], list[str]] = {}
    tried = 0
    for kind in sorted(USED | {"callback", "dtype_policy"}):
        for name in catalog().names(kind):
            entry = catalog().find(kind, name)
            assert entry is not None
            if entry.name != name or name in NOT_MADE or not keras_takes(entry, {}):
                continue
            for each in entry.parameters:
                if each.name in ("seed", "dtype") or each.takes in ("bool", "text|none", ""):
                    continue
                strings = bool(each.kinds or each.choices)
                pool = [value for value in POOL if not (strings and isinstance(value, str))]
                if kind == "optimizer":
                    pool = [None, 1, 0.5]  # a step of one takes some time
                taken = [value for value in pool if refuse(each, value) is None]
                tried += len(pool)
                values = [value for value in taken if not keras_takes(entry, {each.name: value})]
                if values:
                    shown = " ".join(str(value).replace(" ", "") for value in values)
                    unknown.setdefault((kind, each.name, each.takes, shown), []).append(name)
    assert tried > 2000
    text = "# What mtg takes and Keras refuses: it depends on other arguments, or on the tensor.\n"
    for (kind, name, takes, shown), names in sorted(unknown.items()):
        text += f"{kind} {name} ({takes}): {shown}\n    {' '.join(names)}\n"
    expect(text, "layers/objects.txt")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ("LossScaleOptimizer('sgd')",
         '`inner_optimizer` of `LossScaleOptimizer` must be an optimizer, not the string `"sgd"`'),
        ("MultiOptimizer(3)",
         "`optimizer_map` of `MultiOptimizer` must be an optimizer map, not the number `3`"),
        ("SGD(1)", "`learning_rate` of `SGD` must be a schedule or a float, not the number `1`"),
    ],
)  # fmt: skip
def test_what_is_said_of_optimizers(made: str, message: str) -> None:
    compiler = Compiler(
        "model M { input x: float32[8] output y(loss='mse') = x -> Dense(1) "
        f"train(optimizer={made}) }}"
    )
    compiler.check()
    assert [each.message for each in compiler.diagnostics] == [message]


def test_a_whole_number_for_a_float_has_a_fix() -> None:
    compiler = Compiler(
        "model M { input x: float32[8] output y(loss='mse') = x -> Dense(1) "
        "train(optimizer=SGD(1)) }"
    )
    compiler.check()
    (found,) = compiler.diagnostics
    assert found.fix is not None
    assert [edit.text for edit in found.fix.edits] == ["1.0"]


# ---- several arguments ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "text", "given", "message"),
    [
        ("optimizer SGD", "SGD(clipnorm=1.0, clipvalue=0.5)", {"clipnorm": 1.0, "clipvalue": 0.5},
         "`SGD`: `clipnorm` and `clipvalue` cannot both be given: an optimizer clips in one way"),
        ("schedule PiecewiseConstantDecay", "PiecewiseConstantDecay([1, 2], [0.1])",
         {"boundaries": [1, 2], "values": [0.1]},
         "`PiecewiseConstantDecay`: 2 boundaries part 3 values, and 1 is given"),
        ("metric IoU", "IoU(2, [0, 2])", {"num_classes": 2, "target_class_ids": [0, 2]},
         "`IoU`: there is no class 2: the last of 2 classes is 1"),
        ("metric BinaryIoU", "BinaryIoU([2])", {"target_class_ids": [2]},
         "`BinaryIoU`: there is no class 2: the last of 2 classes is 1"),
        ("metric AUC", "AUC(num_labels=3)", {"num_labels": 3},
         "`AUC`: `num_labels` is for `multi_label=True` alone"),
        ("callback ModelCheckpoint", "ModelCheckpoint('best.hdf5')", {"filepath": "best.hdf5"},
         "`ModelCheckpoint`: a file of a model must end in `.keras`"),
        ("callback ModelCheckpoint", "ModelCheckpoint('a.keras', save_weights_only=True)",
         {"filepath": "a.keras", "save_weights_only": True},
         "`ModelCheckpoint`: a file of weights must end in `.weights.h5`"),
    ],
)  # fmt: skip
def test_what_cannot_be_given_together(
    entry: str, text: str, given: dict[str, Any], message: str
) -> None:
    kind, name = entry.split()
    found = catalog().find(kind, name)
    assert found is not None
    assert not keras_takes(found, given)
    place = {
        "callback": "callbacks=[{}]",
        "metric": "weighted_metrics=[{}]",
        "optimizer": "optimizer={}",
        "schedule": "optimizer=Adam({})",
    }[kind].format(text)
    loss = 'output y(loss="binary_crossentropy") = x -> Dense(1, activation="sigmoid")'
    compiler = Compiler(f"model M {{ input x: float32[8] {loss} train({place}) }}")
    compiler.check()
    assert [each.message for each in compiler.diagnostics] == [message]


@pytest.mark.parametrize(
    "settings",
    [
        "optimizer=SGD(clipnorm=1.0, clipvalue=None)",
        "optimizer=Adam(PiecewiseConstantDecay([1, 2], [0.1, 0.2, 0.3]))",
        "weighted_metrics=[AUC(num_labels=3, multi_label=True), IoU(3, [2]), 'mse']",
        "weighted_metrics={'y': ['mse', AUC()]}",
        "callbacks=[ModelCheckpoint('a.keras'), ModelCheckpoint('a.h5'), "
        "ModelCheckpoint('a.weights.h5', save_weights_only=True)]",
    ],
)
def test_what_can_be_given_together(settings: str) -> None:
    loss = 'output y(loss="binary_crossentropy") = x -> Dense(1, activation="sigmoid")'
    compiler = Compiler(f"model M {{ input x: float32[8] {loss} train({settings}) }}")
    compiler.check()
    assert [each.message for each in compiler.diagnostics if each.is_error] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("input x(sparse=True, ragged=True): float32[8] output y = x -> Dense(1)",
         "the input `x`: an input cannot be sparse and ragged at once"),
        ("input x: float32[8] output y = x -> Dense(1) train(optimizer=[SGD()])",
         "an optimizer must be a name or an object of Keras, not the list `[SGD(…)]`"),
        ("input x: float32[8] output y = x -> Dense(1) "
         "train(optimizer='sgd', weighted_metrics='acc')",
         "`weighted_metrics` of `train` takes a list, not the string `\"acc\"`"),
        ("input x: float32[8] output y = x -> Dense(1) "
         "train(optimizer='sgd', weighted_metrics=[['accc']])",
         'Keras has no metric "accc"'),
    ],
)  # fmt: skip
def test_settings_of_inputs_and_training(text: str, message: str) -> None:
    compiler = Compiler(f"model M {{ {text} }}")
    compiler.check()
    assert [each.message for each in compiler.diagnostics if each.is_error] == [message]
