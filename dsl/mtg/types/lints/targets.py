"""Ends of outputs that make training mean something else: axes of one, and dropout."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.graph import Graph
from mtg.graph.layers import KerasLayer
from mtg.text.diagnostics import Diagnostic, Label
from mtg.types.lints import task_lint
from mtg.types.lints.heads import REGRESSION, loss_of, units_of
from mtg.types.types import Types

#: Losses that compare number by number, and broadcast axes of one.
_NUMBER_BY_NUMBER = REGRESSION | {"poisson", "hinge", "squared_hinge"}

_NOISE = ("Dropout", "SpatialDropout", "AlphaDropout", "GaussianDropout", "GaussianNoise")
_PASSES_ON = {"Identity", "Reshape", "Flatten", "Activation", "Softmax"}


@task_lint
def axes_of_one(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of outputs such as `[1, 1, 10]`: a target without these axes would be broadcast.

    The difference of tensors of the shapes `(n, 1, 10)` and `(n, 10)` is one of `(n, n, 10)`: every
    sample is compared with the target of every other, and no error is raised.
    """
    for output in graph.outputs:
        loss = loss_of(output, units_of(types, output))
        shape = types.of(output.tensor).shape
        if loss is None or loss.name not in _NUMBER_BY_NUMBER or shape is None or len(shape) < 3:
            continue
        lengths = shape[1:]
        if lengths[0] != 1 or any(length != 1 for length in lengths[:-1]):
            continue
        # Of a prediction with one axis too many Keras drops the last, if that is of one.
        without = "(n,)" if lengths == (1, 1) else f"(n, {lengths[-1]})"
        full = f"(n, {', '.join(map(str, lengths))})"
        yield Diagnostic(
            "MTG514",
            f"the values of `{output.name}` have axes of length 1: {types.of(output.tensor)}",
            output.span,
            labels=(Label(loss.span, "this loss broadcasts them"),),
            notes=(
                f"targets of the shape {without} would be broadcast against {full}, so that each "
                "sample is compared with the targets of all others",
            ),
            help="end with `Flatten()`, or reduce without `keepdims=True`",
        )


@task_lint
def noise_at_the_end(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Dropout after the last layer: it strikes out predictions, which nothing can make up for."""
    for output in graph.outputs:
        if output.loss is None:
            continue
        call = graph.calls[output.tensor.call]
        for _ in range(8):
            if not isinstance(call.layer, KerasLayer) or call.layer.cls not in _PASSES_ON:
                break
            if len(call.tensors()) != 1:
                break
            call = graph.calls[call.tensors()[0].call]
        is_noise = isinstance(call.layer, KerasLayer) and call.layer.cls.startswith(_NOISE)
        strength = call.layer.arguments.get("rate", call.layer.arguments.get("stddev"))
        if is_noise and strength != 0:
            yield Diagnostic(
                "MTG212",
                f"`{call.layer.cls}` is applied to the output `{output.name}`",
                call.span,
                notes=("in training it changes predictions at random, just before the loss",),
                help=f"put it before the layer that makes `{output.name}`, or leave it out",
            )
