"""The target `.py`: source that builds the model and needs no mtg."""

from __future__ import annotations

from mtg.backends.python.source import python_source
from mtg.backends.targets import Artifact, Request
from mtg.graph.graph import Graph
from mtg.text.diagnostics import Diagnostics
from mtg.trust import of_fit, of_model
from mtg.types.types import Types


def emit(graph: Graph, types: Types, request: Request, diagnostics: Diagnostics) -> Artifact:
    """Return the source of a graph. Nothing runs; what it does when it runs is remarked."""

    def remarks() -> list[str]:
        refused = (
            refusal.message for refusal, _ in [*of_model(graph, False), *of_fit(graph, False)]
        )
        return [
            f"note: what mtg does only with --trust, {request.path} does when it runs: {message}"
            for message in dict.fromkeys(refused)
        ]

    return Artifact(python_source(graph, request.outputs).encode(), remarks)
