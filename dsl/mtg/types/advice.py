"""What to say, besides the rule's own words, of tensors that do not fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtg.graph.graph import Call
from mtg.graph.values import TensorRef
from mtg.types.dims import Dim

if TYPE_CHECKING:
    from mtg.types.infer import Types

_MERGES = {"Concatenate", "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"}

#: Layers with windows, to which `padding="same"` may be given.
_WINDOWS = ("Conv", "DepthwiseConv", "SeparableConv", "MaxPooling", "AveragePooling")

#: How far the way back from a tensor is looked at.
_SEARCHED = 64


def compared(call: Call, types: Types) -> list[str]:
    """The shapes of the tensors of a merge one below the other, the axes that differ marked."""
    refs = list(dict.fromkeys(call.tensors()))
    shapes = [types.of(ref).shape for ref in refs]
    known = [shape[1:] for shape in shapes if shape]
    if call.layer.cls not in _MERGES or len(refs) < 2 or len(known) < len(refs):
        return []
    if len({len(shape) for shape in known}) > 1 or not known[0]:
        return []
    odd = odd_axes(call, known)
    if not odd:
        return []
    names = {binding.tensor: binding.name for binding in reversed(types.graph.bindings)}
    titles = [names.get(ref) or types.graph.calls[ref.call].layer.name for ref in refs]
    width = max(map(len, titles))
    columns = [max(len(str(shape[axis])) for shape in known) for axis in range(len(known[0]))]
    lines = []
    for title, shape in zip(titles, known, strict=True):
        lengths = [f"{n!s:>{w}}" for n, w in zip(shape, columns, strict=True)]
        lines.append(f"{title:<{width}}  [{', '.join(lengths)}]")
    marks = "  ".join(("^" if axis in odd else " ") * w for axis, w in enumerate(columns))
    return ["\n".join(["these lengths differ:", *lines, f"{'':<{width}}   {marks.rstrip()}"])]


def odd_axes(call: Call, shapes: list[tuple[Dim, ...]]) -> set[int]:
    """The axes, the batch axis left out, in which tensors of a merge must agree and do not."""
    free: int | None = None
    if call.layer.cls == "Concatenate":
        axis = call.layer.arguments.get("axis", -1)
        free = axis - 1 if isinstance(axis, int) and axis > 0 else len(shapes[0]) - 1
        if isinstance(axis, int) and axis < 0:
            free = len(shapes[0]) + axis
    odd = set()
    for axis in range(len(shapes[0])):
        lengths = {shape[axis] for shape in shapes}
        if call.layer.cls != "Concatenate":
            lengths -= {1}  # which stretches
        if axis != free and len(lengths) > 1:
            odd.add(axis)
    return odd


def padding_help(call: Call, types: Types) -> str:
    """Advice where convolutions and poolings without padding made lengths differ."""
    if call.layer.cls not in _MERGES:
        return ""
    classes = {
        types.graph.calls[step.call].layer.cls
        for ref in call.tensors()
        for step in _way(ref, types)
    }
    if any("UpSampling" in cls or "Transpose" in cls for cls in classes):
        return ""  # what was halved with a remainder is not whole again, with padding or without
    for ref in call.tensors():
        for step in _way(ref, types):
            layer = types.graph.calls[step.call].layer
            if layer.cls.startswith(_WINDOWS) and layer.arguments.get("padding") in (None, "valid"):
                return (
                    'give the convolutions and poolings before it `padding="same"`: without it '
                    "each loses rows and columns at the border"
                )
    return ""


_RECURRENT = {"LSTM", "GRU", "SimpleRNN", "Bidirectional", "RNN"}


def sequence_help(call: Call, types: Types) -> str:
    """Advice where a recurrent layer gave its last step to a layer that wants all of them."""
    for ref in call.tensors()[:1]:
        layer = types.graph.calls[ref.call].layer
        inner = layer.arguments.get("layer") if layer.cls == "Bidirectional" else layer
        if layer.cls in _RECURRENT and not getattr(inner, "arguments", {}).get("return_sequences"):
            name = getattr(inner, "cls", layer.cls)
            return (
                f"give the `{name}` before it `return_sequences=True`: it passes on its last step"
            )
    return ""


def _way(ref: TensorRef, types: Types) -> list[TensorRef]:
    way = [ref]
    for _ in range(_SEARCHED):
        before = types.graph.calls[way[-1].call].tensors()
        if not before:
            break
        way.append(before[0])
    return way
