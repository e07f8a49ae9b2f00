"""A last activation, a number of units and a loss that train without a word, and wrongly."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.graph import Graph, Output
from mtg.lengths.dims import Dim, is_known
from mtg.text.diagnostics import Diagnostic, Fix
from mtg.types.lints import task_lint
from mtg.types.lints.heads import (
    ABOVE_ONE,
    MADE_OF_SEVERAL,
    NO_PROBABILITY,
    SIGNED,
    Loss,
    OutputActivation,
    head_of,
    loss_of,
    units_of,
)
from mtg.types.types import Types

#: Crossentropies, and the class that takes `from_logits`.
BINARY = {
    "binary_crossentropy": "BinaryCrossentropy",
    "binary_focal_crossentropy": "BinaryFocalCrossentropy",
}
OVER_CLASSES = {
    "categorical_crossentropy": "CategoricalCrossentropy",
    "categorical_focal_crossentropy": "CategoricalFocalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
}
_CUT = "the loss cuts off what is below 0 or above 1, and what is cut off is not trained"
CROSSENTROPIES = {**BINARY, **OVER_CLASSES}


@task_lint
def softmax_of_one(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of a softmax over one unit: whatever the weights, the result is 1."""
    for output in graph.outputs:
        head, units = head_of(graph, types, output.tensor), units_of(types, output)
        loss = loss_of(output, units)
        if loss is not None and loss.name in OVER_CLASSES:
            continue  # an error of its own
        if head is not None and head.activation == "softmax" and units == 1:
            yield Diagnostic(
                "MTG508",
                f"a softmax over one unit is always 1, but `{output.name}` has one unit",
                output.span,
                labels=head.label("this softmax"),
                help='use `activation="sigmoid"`, or more units',
                fix=_activation_fix(head, "sigmoid"),
            )


@task_lint
def head_and_loss(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Yield a last activation whose values are not what the loss takes them for."""
    for output in graph.outputs:
        units = units_of(types, output)
        loss = loss_of(output, units)
        if loss is None or (loss.name in OVER_CLASSES and units in (1, None)):
            continue  # one class, or no axis of them, is an error of its own
        found = types.of(output.tensor)
        if found.dtype is not None and found.dtype.startswith(("int", "uint")):
            yield Diagnostic(
                "MTG510",
                f"`{output.name}` gives whole numbers, through which no loss trains anything",
                loss.span,
                notes=(f"{output.name}: {found}", "what rounds or counts has no gradient"),
                help="give the loss what the whole numbers are made from",
            )
            continue
        if loss.name == "cosine_similarity" and units == 1 and "axis" not in _arguments(output):
            yield Diagnostic(
                "MTG510",
                f"the cosine over one unit is always 1 or -1, but `{output.name}` has one unit",
                loss.span,
                help='use `loss="mse"`, or more units',
            )
            continue
        head = head_of(graph, types, output.tensor)
        if head is not None and not (head.activation == "softmax" and units == 1):
            yield from _pair(output, head, loss, units)


def _arguments(output: Output) -> dict[str, object]:
    return dict(getattr(output.loss, "arguments", {}))


def _pair(
    output: Output, head: OutputActivation, loss: Loss, units: Dim | None
) -> Iterator[Diagnostic]:
    many = units is not None and is_known(units) and units > 1
    name, shown = output.name, f"`{loss.name}`"
    if loss.name in CROSSENTROPIES and loss.logits:
        if head.activation in ("softmax", "sigmoid"):
            yield _warn(
                f"the loss of `{name}` applies {head.words} itself, but the output already has one",
                loss,
                head,
                note="with `from_logits=True` a loss takes raw numbers, not probabilities",
                help="leave out the activation, or `from_logits=True`",
            )
    elif loss.name in CROSSENTROPIES and loss.logits is False:
        binary = loss.name in BINARY
        if head.activation in NO_PROBABILITY or (binary and head.activation in ABOVE_ONE):
            fitting = "sigmoid" if binary else "softmax"
            unit = units if many else 1
            layer = f'Dense({unit}, activation="{fitting}")'
            yield _warn(
                f"{shown} takes probabilities, but `{name}` ends with {head.words}",
                loss,
                head,
                note=_CUT,
                help=f'end with `activation="{fitting}"`, or write '
                f"`loss={CROSSENTROPIES[loss.name]}(from_logits=True)`"
                if head.activation == "linear"
                else f"pass it through `{layer}`"
                if head.activation in MADE_OF_SEVERAL
                else f'end with `activation="{fitting}"`',
                fix=_logits_fix(output, loss) if head.activation == "linear" else None,
            )
        elif head.activation == "sigmoid" and loss.name in OVER_CLASSES and many:
            yield _warn(
                f"{shown} takes one distribution over the {units} units of `{name}`, but a sigmoid "
                "decides each by itself",
                loss,
                head,
                help='for one class of several end with `activation="softmax"`; for several at '
                'once use `loss="binary_crossentropy"`',
                fix=_activation_fix(head, "softmax"),
            )
        elif head.activation == "softmax" and loss.name in BINARY and many:
            yield _warn(
                f"{shown} scores each of the {units} units of `{name}` by itself, but a softmax "
                "makes them one distribution",
                loss,
                head,
                help='for one class of several use `loss="categorical_crossentropy"`; for several '
                'at once end with `activation="sigmoid"`',
            )
    elif loss.name == "poisson" and head.activation in SIGNED:
        yield _warn(
            f"`poisson` takes positive numbers, but `{name}` ends with {head.words}",
            loss,
            head,
            note="the logarithm of a negative number is nan, and then so are all weights",
            help='end with `activation="exponential"` or `activation="softplus"`',
        )
    elif loss.name in ("hinge", "squared_hinge") and head.activation in ("sigmoid", "softmax"):
        yield _warn(
            f"`{loss.name}` takes numbers from -1 to 1, but `{name}` ends with {head.words}",
            loss,
            head,
            note="its targets are -1 and 1, and what is never below 0 cannot come near -1",
            help='end with `activation="tanh"`, or with none',
            fix=_activation_fix(head, "tanh"),
        )
    elif loss.name in ("dice", "tversky") and head.activation in SIGNED:
        yield _warn(
            f"`{loss.name}` takes probabilities, but `{name}` ends with {head.words}",
            loss,
            head,
            note="it divides by the sum of the values, which may be 0 or negative",
            help='end with `activation="sigmoid"` or `activation="softmax"`',
        )
    elif loss.name == "kl_divergence" and head.activation in SIGNED:
        yield _warn(
            f"`kl_divergence` takes probabilities, but `{name}` ends with {head.words}",
            loss,
            head,
            note=_CUT,
            help='end with `activation="softmax"`',
        )


def _warn(
    message: str,
    loss: Loss,
    head: OutputActivation,
    *,
    note: str = "",
    help: str = "",
    fix: Fix | None = None,
) -> Diagnostic:
    return Diagnostic(
        "MTG510",
        message,
        loss.span,
        labels=head.label(),
        notes=(note,) if note else (),
        help=help,
        fix=fix,
    )


def _activation_fix(head: OutputActivation, name: str) -> Fix | None:
    """Another activation, where the program writes one as a string."""
    if head.span != head.layer.spans.get("activation") or head.span.text[:1] not in ("'", '"'):
        return None
    return Fix.replace(head.span, f'"{name}"', safe=False)


def _logits_fix(output: Output, loss: Loss) -> Fix | None:
    if not isinstance(output.loss, str) or loss.span.text[:1] not in ("'", '"'):
        return None
    return Fix.replace(loss.span, f"{CROSSENTROPIES[loss.name]}(from_logits=True)", safe=False)
