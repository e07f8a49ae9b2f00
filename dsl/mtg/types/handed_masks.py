"""A mask that is given to a model: the layers in it that take its input take the mask as well.

Keras sets the mask on the input and looks at it no more; a layer that it does not fit fails when
the model runs, and one that takes no mask does without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mtg.catalog import Entry
from mtg.graph.graph import Call, Graph
from mtg.graph.layers import KerasLayer, Layer
from mtg.graph.values import TensorRef, Value
from mtg.types.rules.call import LayerCall, TypeMismatch
from mtg.types.rules.masks import check_masks
from mtg.types.tensor import TensorType

#: A call as its rule wants it, of these arguments; None where there is no rule.
Make = Callable[[Layer, tuple[Any, ...], Mapping[str, Any]], LayerCall | None]


def check_handed_masks(
    layer: Layer, graph: Graph, given: list[TensorType], mask: Value, make: Make
) -> None:
    """Return whether the mask of a model fits the layers that are called on its inputs alone.

    Raises:
        TypeMismatch: It does not.
    """
    masks = [mask] if isinstance(mask, TensorType) else mask
    if not isinstance(masks, (list, tuple)) or len(masks) != len(graph.inputs):
        return
    refs = [TensorRef(call.id) for call in graph.inputs]
    known = dict(zip(refs, zip(given, masks, strict=True), strict=True))
    for call in graph.calls:
        if not isinstance(call.layer, KerasLayer) or not call.args:
            continue
        found = [known.get(each) for each in call.args if isinstance(each, TensorRef)]
        pairs = [each for each in found if each is not None]
        if len(pairs) != len(call.args):
            continue
        handed = _handed(call, call.layer.entry, [each for _, each in pairs])
        made = make(call.layer, tuple(tensor for tensor, _ in pairs), handed) if handed else None
        if made is None:
            continue
        try:
            check_masks(made)
        except TypeMismatch as misfit:
            raise TypeMismatch(
                f"`{layer.cls}` does not take this mask: {misfit}",
                *misfit.notes,
                code=misfit.code,
            ) from None


def _handed(call: Call, entry: Entry, masks: list[Any]) -> dict[str, TensorType]:
    """Return the masks that Keras passes implicitly: `mask`, or `query_mask` and others."""
    names = [parameter.name for parameter in entry.call]
    takes = ["mask"] if len(masks) == 1 and not call.tensors()[1:] else []
    takes = takes if "mask" in names else [f"{name}_mask" for name in names]
    return {
        name: mask
        for name, mask in zip(takes, masks, strict=False)
        if name in names and name not in call.kwargs and isinstance(mask, TensorType)
    }
