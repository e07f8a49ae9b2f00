"""Calls that say whether they are training, which Keras overrides."""

from __future__ import annotations

from collections.abc import Iterator

from mtg.graph.frozen import is_frozen
from mtg.graph.graph import Graph
from mtg.graph.layers import Op
from mtg.text.diagnostics import Diagnostic
from mtg.types.lints import graph_lint
from mtg.types.types import Types


@graph_lint
def overridden_training(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of `training` in a call: `fit`, `evaluate` and `predict` hand on their own.

    Of a frozen layer that is called with `training=False` nothing is said: its statistics stay as
    they are, which is what is meant.

    Source: `operation_fn` of `keras.src.models.functional`.
    """
    for call in graph.calls:
        given = call.kwargs.get("training")
        if not isinstance(given, bool) or isinstance(call.layer, Op):
            continue
        if given is False and is_frozen(call.layer):
            continue
        if given:
            help = "leave it out; `model(x, training=True)` in Python runs the whole model so"
        else:
            help = "leave it out; `trainable=False` keeps the statistics of `BatchNormalization`"
        yield Diagnostic(
            "MTG525",
            f"`training={given}` has no effect in `fit`, `evaluate` and `predict`",
            call.span,
            notes=("Keras tells each layer of a model whether the model is training",),
            help=help,
        )
