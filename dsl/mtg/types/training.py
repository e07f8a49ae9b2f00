"""Settings of `train` that must fit the outputs of the model, or each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from mtg.graph.graph import Graph, Output, Train
from mtg.graph.values import KerasObject, Value, items, leaves
from mtg.lengths.dims import is_known
from mtg.text.diagnostics import Diagnostic, Diagnostics, Label
from mtg.text.suggest import did_you_mean
from mtg.types.callbacks import check_callbacks
from mtg.types.history import history_of
from mtg.types.lints.heads import loss_of, units_of
from mtg.types.lints.losses import BINARY, OVER_CLASSES
from mtg.types.types import Types


def check_train(graph: Graph, types: Types, diagnostics: Diagnostics) -> None:
    """Report what `train` says and the outputs, or Keras in `fit`, do not bear."""
    train = graph.train
    if train is None or not graph.outputs or not graph.complete:
        return
    for found in (
        *_weighted_metrics(graph.outputs, train),
        *_class_weight(graph.outputs, types, train),
        *_epochs(train),
        *check_callbacks(train, history_of(graph)),
    ):
        diagnostics.add(found)


def _weighted_metrics(outputs: list[Output], train: Train) -> Iterator[Diagnostic]:
    """Metrics for each output: in a list one entry for each, in a dict by their names."""
    given = train.compile.get("weighted_metrics")
    span = train.spans.get("weighted_metrics", train.span)
    names = [output.name for output in outputs]
    if not given or not isinstance(given, (list, tuple, dict)):
        return
    if isinstance(given, dict):
        for name in given:
            if name in names:
                continue
            message = f"`weighted_metrics` names `{name}`, and the model has no such output"
            help = did_you_mean(str(name), names)
            if len(names) == 1:
                note = "of a model with one output Keras takes all metrics, whatever their names"
                yield Diagnostic("MTG524", message, span, notes=(note,), help=help)
            else:
                note = f"its outputs are {', '.join(names)}"
                yield Diagnostic("MTG520", message, span, notes=(note,), help=help)
    elif len(names) > 1 and len(given) != len(names):
        shown = ", ".join(f'"{name}": […]' for name in names[:2])
        yield Diagnostic(
            "MTG520",
            f"`weighted_metrics` has {len(given)} item{'s' * (len(given) != 1)}, and the model "
            f"{len(names)} outputs",
            span,
            notes=("in a list each output has an item: a metric, a list of them, or `None`",),
            help=f"write `weighted_metrics={{{shown}}}`",
        )
    per_output = given.values() if isinstance(given, dict) else given
    lists = [given] if len(names) == 1 and not isinstance(given, dict) else [*per_output]
    if any(map(_has_none, lists)) or (len(names) == 1 and None in lists):
        yield Diagnostic(
            "MTG520",
            "`None` is among the `weighted_metrics` of an output",
            span,
            notes=("Keras takes `None` in the place of an output's metrics only",),
            help="leave it out",
        )


def _has_none(value: Value) -> bool:
    return value is not None and any(leaf is None for leaf in leaves(value))


def _class_weight(outputs: list[Output], types: Types, train: Train) -> Iterator[Diagnostic]:
    """Weights of classes: of the only output, whose targets they are looked up by."""
    given = train.fit.get("class_weight")
    span = train.spans.get("class_weight", train.span)
    if not isinstance(given, dict):
        return
    if len(outputs) > 1:
        yield Diagnostic(
            "MTG520",
            f"`class_weight` is for models of one output, and this one has {len(outputs)}",
            span,
            labels=tuple(Label(output.span, "an output") for output in outputs[:3]),
            notes=("`fit` refuses it: the weights would be those of which output?",),
            help="give `fit` a `sample_weight` for each output instead",
        )
        return
    wrong = [each for each in given.values() if not _is_number(each)]
    if wrong:
        message = f"`class_weight` gives each class a number, not `{wrong[0]!r}`"
        yield Diagnostic("MTG520", message, span)
        return
    (output,) = outputs
    classes = _classes(output, types)
    shape = types.of(output.tensor).shape
    if classes is not None and shape is not None and len(shape) > 2:
        yield Diagnostic(
            "MTG524",
            f"`class_weight` weighs samples, and each sample of `{output.name}` has many classes",
            span,
            notes=(f"{output.name}: {types.of(output.tensor)}",),
            help="give `fit` a `sample_weight` instead",
        )
        return
    for key in given:
        number = _is_number(key) and float(key).is_integer()
        if number and (classes is None or key in classes):
            continue
        has = f"`{output.name}` has {_words(classes)}" if classes else "classes are whole numbers"
        yield Diagnostic(
            "MTG524",
            f"`class_weight` names `{key!r}`, which is not a class",
            span,
            notes=(has, "Keras looks classes up by their numbers, and never finds this one"),
        )


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _classes(output: Output, types: Types) -> set[int] | range | None:
    """Return the classes of an output's targets; None where they are not known."""
    units = units_of(types, output)
    loss = loss_of(output, units)
    if units is None or loss is None or not is_known(units):
        return None
    if units == 1:
        return range(2) if loss.name in BINARY else None
    if loss.name not in OVER_CLASSES and loss.name not in BINARY:
        return None
    given = output.loss.arguments if isinstance(output.loss, KerasObject) else {}
    ignored = given.get("ignore_class")
    return {*range(min(units, 10_000)), ignored} if isinstance(ignored, int) else range(units)


def _words(classes: set[int] | range) -> str:
    most = max(classes) if isinstance(classes, set) else classes.stop - 1
    return f"the classes 0 to {most}"


def _epochs(train: Train) -> Iterator[Diagnostic]:
    """Epochs that never come."""
    epochs, first = train.fit.get("epochs", 1), train.fit.get("initial_epoch", 0)
    if not _is_number(epochs) or not _is_number(first):
        return
    if first >= epochs:
        yield Diagnostic(
            "MTG524",
            f"training begins at epoch {first} and ends before epoch {epochs}: nothing is trained",
            train.spans.get("initial_epoch", train.span),
            notes=("`epochs` is the number of the last epoch, not how many there are from there",),
            help=f"write `epochs={first + max(epochs, 1)}`",
        )
        return
    freq = train.fit.get("validation_freq", 1)
    last = min(int(epochs), int(first) + 10_000)
    validated = [each for each in items(freq) if _is_number(each)]
    if isinstance(freq, (list, tuple)) and len(validated) == len(freq):
        never = not any(first < each <= epochs for each in validated)
    else:
        never = (
            isinstance(freq, int)
            and not isinstance(freq, bool)
            and 0 < freq < 10_000
            and all((epoch + 1) % freq for epoch in range(int(first), last))
        )
    if never:
        yield Diagnostic(
            "MTG524",
            "no epoch is validated: `validation_freq` names none of those that are trained",
            train.spans.get("validation_freq", train.span),
            notes=(f"the epochs are {first + 1} to {epochs}",),
        )
