"""Layers in a row that take different axes for the channels of an image, or of a sequence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mtg.catalog import catalog
from mtg.catalog.names import ELEMENTWISE
from mtg.graph.graph import Call, Graph
from mtg.graph.layers import KerasLayer, Layer, Op
from mtg.graph.values import TensorRef
from mtg.records import record
from mtg.text.diagnostics import Diagnostic, Label
from mtg.types.lints import graph_lint
from mtg.types.lints.heads import use_labels
from mtg.types.types import Types

#: Layers that leave the axes as they are.
_PASS = frozenset(
    [
        *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Identity", "Rescaling"),
        *("Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout", "ActivityRegularization"),
        *("BatchNormalization", "GroupNormalization", "LayerNormalization", "UnitNormalization"),
        *ELEMENTWISE,
        "Concatenate",
    ]
)
#: Normalizations of each channel, whose axis is that of the channels.
_NORMALIZATIONS = ("BatchNormalization", "GroupNormalization")


@record
class _Channels:
    """The axis of the channels, and the call that took it for that."""

    axis: int
    call: Call


@graph_lint
def axes_of_channels(graph: Graph, types: Types) -> Iterator[Diagnostic]:
    """Warn of a layer with another `data_format`, or another axis, than the one before it.

    Nothing is known of the channels of an input: the first layer that takes an axis for them says
    which it is. What moves axes, or is not known, ends that.
    """
    known: dict[TensorRef, _Channels] = {}
    for call in graph.calls:
        layer, tensors = call.layer, call.tensors()
        before = [known[ref] for ref in tensors if ref in known]
        one = before[0] if before and len({each.axis for each in before}) == 1 else None
        taken = _axis(call, types)
        if one is not None and len(tensors) == 1:
            wanted = taken if taken is not None else _normalized(call, types)
            if wanted is not None and wanted != one.axis:
                yield _said(call, one, wanted, types)
        made = types.of(TensorRef(call.id))
        if taken is not None and made.rank is not None:
            first = one is None or layer.arguments.get("data_format") is not None
            axis = taken if first or one is None else one.axis
            after = _moved(axis, types.of(tensors[0]).rank, made.rank)
            if after is not None:
                known[TensorRef(call.id)] = _Channels(
                    after, call if first or one is None else one.call
                )
        elif one is not None and _passes(layer) and len(before) == len(tensors):
            known[TensorRef(call.id)] = one


def _passes(layer: Layer) -> bool:
    if isinstance(layer, Op):
        return layer.cls.rpartition(".")[2] in catalog().identifiers("activation")
    return isinstance(layer, KerasLayer) and layer.cls in _PASS


def _axis(call: Call, types: Types) -> int | None:
    """Return the axis that a layer with a `data_format` takes for the channels."""
    layer, tensors = call.layer, call.tensors()
    entry = layer.entry if isinstance(layer, KerasLayer) else None
    spatial = re.search(r"([123])D(Transpose)?$", layer.cls)
    if entry is None or entry.parameter("data_format") is None or spatial is None:
        return None
    rank = types.of(tensors[0]).rank if tensors else None
    if rank is None or rank < int(spatial[1]) + 2:
        return None
    first = layer.arguments.get("data_format") == "channels_first"
    return rank - 1 - (int(spatial[1]) if first else 0)


def _moved(axis: int, before: int | None, after: int) -> int | None:
    """Return that axis of a result, which has lost the steps, or all but the channels."""
    if before is None or after < 3:
        return None
    return axis - (before - after) if axis - (before - after) > 0 else None


def _normalized(call: Call, types: Types) -> int | None:
    """Return the axis along which a normalization takes each channel by itself."""
    layer = call.layer
    axis = layer.arguments.get("axis", -1)
    rank = types.of(call.tensors()[0]).rank
    if not isinstance(layer, KerasLayer) or layer.cls not in _NORMALIZATIONS or rank is None:
        return None
    if not isinstance(axis, int) or isinstance(axis, bool):
        return None
    return axis + rank if axis < 0 else axis


def _said(call: Call, before: _Channels, wanted: int, types: Types) -> Diagnostic:
    layer, ref = call.layer, call.tensors()[0]
    found = types.of(ref)
    last = (found.rank or 0) - 1
    normal = layer.cls in _NORMALIZATIONS
    name = "axis" if normal else "data_format"
    help = f"write `{name}={_written(before.axis, last, normal)}`"
    other = before.call.layer
    if layer.arguments.get(name) is not None and "data_format" not in other.arguments:
        help += f", or `data_format={_written(wanted, last, False)}` at `{other.shown}`"
    return Diagnostic(
        "MTG214",
        f"`{layer.shown}` expects the channels at axis {wanted}, but `{before.call.layer.shown}` "
        f"before it has them at axis {before.axis}",
        layer.spans.get(name, call.span),
        labels=(
            Label(before.call.layer.spans.get("data_format", before.call.span), "the one before"),
            *use_labels(call),
        ),
        notes=(f"given: {found}; axis 0 is the batch axis",),
        help=help,
    )


def _written(axis: int, last: int, normal: bool) -> str:
    if normal:
        return "-1" if axis == last else str(axis)
    return '"channels_last"' if axis == last else '"channels_first"'
