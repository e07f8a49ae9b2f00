"""Outputs that nothing trains, weights of losses, and a `train` that has nothing to train."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.graph import Graph
from mtg.graph.layers import Application, Layer, PythonLayer
from mtg.graph.walk import all_layers
from mtg.text.diagnostics import Diagnostic, Label
from mtg.types.gradients import GradientReach
from mtg.types.lints import task_lint
from mtg.types.lints.heads import loss_of, units_of
from mtg.types.lints.losses import CROSSENTROPIES
from mtg.types.types import Types

#: How many times less than another loss one may count before it is said to vanish.
VANISHING = 1000


@task_lint
def without_loss(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Yield an output without a loss, whose layers no loss of another reaches.

    Where another output is made from it, or from all of its layers, that one trains it.
    """
    with_loss = [output for output in graph.outputs if output.loss is not None]
    if not with_loss or not graph.complete:
        return
    reach = None
    for output in graph.outputs:
        if output.loss is not None or not output.complete:
            continue
        reach = reach or GradientReach(types)
        if reach.leaves_out(output.tensor):
            yield Diagnostic(
                "MTG505",
                f"the output `{output.name}` has no loss, so nothing trains it",
                output.span,
                labels=(Label(with_loss[0].span, "this output has one"),),
                help=f'write `output {output.name}(loss="…")`',
            )


@task_lint
def weights(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of a loss weight of zero, or one beside which the other losses vanish.

    Of two losses of unlike kinds nothing is said: that of an income in dollars is a million times
    that of a yes or no, and its weight may well be a millionth. Crossentropies are all measured in
    one unit, and start near the logarithm of the number of classes.
    """
    trained = [output for output in graph.outputs if output.loss is not None]
    if not trained:
        return
    weights = {output.name: 1.0 if output.weight is None else output.weight for output in trained}
    for output in trained:
        if weights[output.name] == 0:
            others = [other for other in trained if weights[other.name]]
            yield Diagnostic(
                "MTG512",
                f"the loss of `{output.name}` has weight 0, so it trains nothing",
                output.spans.get("weight", output.span),
                notes=("Keras still computes and prints it",),
                help=""
                if others
                else "no output of this model has a loss that counts: give one a weight",
            )
    alike = []
    for output in trained:
        loss = loss_of(output, units_of(types, output))
        if loss is not None and loss.name in CROSSENTROPIES and weights[output.name]:
            alike.append(output)
    if len(alike) < 2:
        return
    most = max(alike, key=lambda output: weights[output.name])
    for output in alike:
        ratio = weights[most.name] / weights[output.name]
        if ratio >= VANISHING:
            span = output.spans.get("weight", output.span)
            at = most.spans.get("weight", most.span)
            yield Diagnostic(
                "MTG512",
                f"the loss of `{output.name}` has a weight {ratio:,.0f} times smaller than that of "
                f"`{most.name}`, and almost no effect",
                span,
                labels=(Label(at, "this one decides"),),
                notes=("both are crossentropies, whose values are of the same size",),
                help="choose weights that are closer to each other",
            )


@task_lint
def train_without_loss(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of `train` in a model where nothing has a loss: `fit` would fail."""
    if graph.train is None or not graph.complete or not graph.outputs:
        return
    if any(output.loss is not None or not output.complete for output in graph.outputs):
        return
    if any(_adds_loss(layer) for layer in all_layers(graph)):
        return
    yield Diagnostic(
        "MTG513",
        "no output has a loss, so there is nothing to train",
        graph.train.span,
        labels=tuple(
            Label(output.span, "an output without a loss") for output in graph.outputs[:3]
        ),
        notes=("`fit` stops with `No loss to compute`; on JAX it runs and changes nothing",),
        help=f'write `output {graph.outputs[0].name}(loss="…")`, or leave out `train`',
    )


def _adds_loss(layer: Layer) -> bool:
    """Return whether a layer may bring a loss of its own, as those written in Python may."""
    if isinstance(layer, (PythonLayer, Application)) or layer.cls == "ActivityRegularization":
        return True
    for name, value in layer.arguments.items():
        if name.endswith("regularizer") and value is not None:
            return True
        if isinstance(value, Layer) and _adds_loss(value):
            return True
    return False
