"""Metrics that measure something else than their name says of this output."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.graph import Graph, Output
from mtg.graph.values import KerasObject, Value
from mtg.lengths.dims import Dim, is_known
from mtg.text.diagnostics import Diagnostic
from mtg.text.source import Span
from mtg.types.lints import task_lint
from mtg.types.lints.heads import (
    REGRESSION,
    SIGNED,
    Loss,
    OutputActivation,
    head_of,
    loss_of,
    name_of,
    units_of,
)
from mtg.types.lints.losses import BINARY, CROSSENTROPIES
from mtg.types.types import Types

#: Metrics whose targets are one-hot, and the same for whole numbers.
_ONE_HOT = {
    "categorical_accuracy": "sparse_categorical_accuracy",
    "categorical_crossentropy": "sparse_categorical_crossentropy",
    "top_k_categorical_accuracy": "sparse_top_k_categorical_accuracy",
}
_NUMBERS = {number: hot for hot, number in _ONE_HOT.items()}


@task_lint
def metrics(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of a metric that means nothing beside the loss or activation of its output."""
    for output in graph.outputs:
        if not output.metrics:
            continue
        units = units_of(types, output)
        loss, head = loss_of(output, units), head_of(graph, types, output.tensor)
        if loss is None:
            continue
        for metric in output.metrics:
            name = name_of(metric, "metric")
            said = _misfit(output, metric, name, loss, head, units)
            if said is not None:
                message, help = said
                yield Diagnostic(
                    "MTG511",
                    message,
                    _place(output, metric),
                    labels=head.label() if head is not None else (),
                    help=help,
                )


def _misfit(
    output: Output,
    metric: Value,
    name: str,
    loss: Loss,
    head: OutputActivation | None,
    units: Dim | None,
) -> tuple[str, str] | None:
    """Return what is wrong with a metric, and what to use; None where nothing certainly is."""
    activation = "" if head is None else head.activation
    if name in _ONE_HOT and loss.name == "sparse_categorical_crossentropy":
        return (
            f"`{name}` takes one-hot targets, but the loss of `{output.name}` takes whole numbers",
            f'use "{_ONE_HOT[name]}"',
        )
    if name in _NUMBERS and loss.name == "categorical_crossentropy":
        if isinstance(output.loss, str) and output.loss.lower() in ("crossentropy", "ce"):
            return None  # Keras chooses by the targets
        return (
            f"`{name}` takes whole numbers as targets, but the loss of `{output.name}` takes "
            "one-hot ones",
            f'use "{_NUMBERS[name]}"',
        )
    if units == 1 and name in ("categorical_accuracy", "sparse_categorical_accuracy"):
        return (
            f"`{name}` compares classes, but `{output.name}` has one unit",
            'for a binary output use "binary_accuracy"',
        )
    if name == "accuracy" and isinstance(metric, KerasObject) and loss.name in CROSSENTROPIES:
        return (
            "`Accuracy()` compares for equality, but probabilities do not equal targets",
            'write "accuracy", and Keras takes the one that fits',
        )
    many = units is not None and is_known(units) and units > 1
    if name == "binary_accuracy" and activation == "softmax" and many:
        return (
            f"`binary_accuracy` counts each of the {units} units of `{output.name}` by itself, "
            "but a softmax chooses one class",
            'write "accuracy", and Keras takes the one that fits',
        )
    logits = isinstance(metric, KerasObject) and metric.arguments.get("from_logits", False)
    if name == "auc" and activation in SIGNED and logits is False:
        return (
            f"the thresholds of `AUC` are between 0 and 1, but `{output.name}` ends with "
            f"{head.words if head is not None else activation}",
            "write `AUC(from_logits=True)`"
            if loss.name in BINARY and loss.logits
            else 'use a distance, such as "mae"'
            if loss.name in REGRESSION
            else 'end with `activation="sigmoid"`',
        )
    if name in ("accuracy", "binary_accuracy") and units == 1 and activation == "linear":
        if loss.name in REGRESSION:
            return (
                f"accuracy counts correct classes, but `{output.name}` with the loss `{loss.name}` "
                "is a number",
                'use a distance, such as "mae"',
            )
        usual = not isinstance(metric, KerasObject) or "threshold" not in metric.arguments
        if loss.name in BINARY and loss.logits and usual:
            return (
                "accuracy has a threshold of 0.5, but raw scores are positive above 0",
                "write `BinaryAccuracy(threshold=0.0)`",
            )
    return None


def _place(output: Output, metric: Value) -> Span:
    """Return where a metric stands, as far as that is known."""
    if isinstance(metric, KerasObject):
        return metric.span
    return output.spans.get("metrics", output.span)
