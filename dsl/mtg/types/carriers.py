"""Which layers `Identity` pass on a tensor as it is, and the dtype that they need for it.

The compiler adds an `Identity` where nothing else can carry an output's name, and a saved model
has it as a layer like others. A layer of Keras casts every float to its own dtype, float32 unless
it is told; so one that passes on float16 says so. `settle` writes that down once, when a graph has
just been made: passes that come after it change nothing, whatever is asked for first.
"""

from __future__ import annotations

from typing import TypeGuard

from mtg.graph.graph import Graph
from mtg.graph.layers import KerasLayer, Layer
from mtg.graph.values import DataArray, TensorRef
from mtg.graph.walk import graphs_in, parts
from mtg.text.diagnostics import Diagnostics
from mtg.types.infer import infer
from mtg.types.rules.common import FLOATS
from mtg.types.types import Types

_OTHER_FLOATS = tuple(sorted(FLOATS - {"float32"}))


def settle(graph: Graph) -> Graph:
    """Give each `Identity` for an output's name the dtype of its tensor, and return the graph.

    Mark those which a program or a saved model has already. To be called on a new graph only.
    """
    if any(map(_needs_types, graphs_in(graph))):
        types = infer(graph, Diagnostics())
        _settle(types)
    return graph


def dtype_to_keep(dtype: str | None) -> str | None:
    """Return the `dtype` of a layer that passes on tensors of this dtype; None by default."""
    return dtype if dtype in FLOATS and dtype != "float32" else None


def _settle(types: Types) -> None:
    for call in types.graph.calls:
        layer = call.layer
        if not _is_identity(layer) or len(call.args) != 1:
            continue
        if not isinstance(call.args[0], TensorRef):
            continue
        dtype = dtype_to_keep(types.of(call.args[0]).dtype)
        if layer.carries:
            layer.arguments |= {} if dtype is None else {"dtype": dtype}
        elif types.of(call.args[0]).dtype is not None:
            own = layer.arguments.get("dtype")
            layer.carries = own == dtype or (dtype is None and own == "float32")
    for inner in types.nested.values():
        _settle(inner)


def _is_identity(layer: Layer) -> TypeGuard[KerasLayer]:
    return isinstance(layer, KerasLayer) and layer.cls == "Identity"


def _needs_types(graph: Graph) -> bool:
    """Return whether a graph has an `Identity` and perhaps floats other than float32."""
    identities = [call.layer for call in graph.calls if _is_identity(call.layer)]
    if not identities:
        return False
    return any(not layer.carries for layer in identities) or any(
        (isinstance(part, str) and any(dtype in part for dtype in _OTHER_FLOATS))
        or (isinstance(part, DataArray) and part.dtype in _OTHER_FLOATS)
        for part in parts([(call.layer, call.args, call.kwargs) for call in graph.calls])
    )
