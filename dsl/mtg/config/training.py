"""What a graph says of training, as Keras's `compile` takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mtg.graph.graph import Output


def compile_arguments(settings: Mapping[str, Any], outputs: Sequence[Output]) -> dict[str, Any]:
    """Return the arguments of `Model.compile`, their values as the graph has them.

    Args:
        settings: What `train` says for `compile`; it comes first.
        outputs: The outputs, whose losses, weights and metrics become dicts by their names.
    """
    found = dict(settings)
    if any(output.loss is not None for output in outputs):
        found["loss"] = {output.name: output.loss for output in outputs}
    if any(output.weight is not None for output in outputs):
        # Keras wants a weight for every output as soon as it is given one.
        found["loss_weights"] = {o.name: 1.0 if o.weight is None else o.weight for o in outputs}
    if any(output.metrics for output in outputs):
        found["metrics"] = {o.name: list(o.metrics) for o in outputs if o.metrics}
    return found
