"""The target `.json`: a config that `keras.models.model_from_json` takes."""

from __future__ import annotations

from mtg.backends.targets import Artifact, Request
from mtg.config.write import to_json
from mtg.graph.graph import Graph
from mtg.graph.layers import PythonLayer
from mtg.text.diagnostics import Diagnostics
from mtg.types.types import Types


def emit(graph: Graph, types: Types, request: Request, diagnostics: Diagnostics) -> Artifact | None:
    """Return the config of a graph; None where something of it has none, which is reported."""
    text = to_json(graph, types, diagnostics, request.outputs)
    if text is None:
        return None
    classes = dict.fromkeys(
        call.layer.cls for call in graph.calls if isinstance(call.layer, PythonLayer)
    )
    remarks = [
        f"note: what Keras registers `{cls}` under is known to its module alone, which is not "
        f'imported here: load the JSON with `custom_objects={{"{cls}": {cls}}}`'
        for cls in classes
    ]
    return Artifact(text.encode(), lambda: remarks)
