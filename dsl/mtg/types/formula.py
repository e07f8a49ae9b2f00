"""How a window makes a length: the arithmetic behind a shape, in a line."""

from __future__ import annotations

from typing import Any

from mtg.graph.layers import Application, KerasLayer, Layer, Op
from mtg.graph.values import Value
from mtg.lengths.dims import Dim, is_known

#: Layers with windows, by the beginning of their names.
WINDOWS = ("Conv", "DepthwiseConv", "SeparableConv", "MaxPool", "AveragePool")


def has_window(layer: Layer) -> bool:
    """Return whether a layer moves a window over axes, and `padding="same"` may be given to it."""
    return (
        isinstance(layer, KerasLayer)
        and layer.cls.startswith(WINDOWS)
        and "Transpose" not in layer.cls
        and "LSTM" not in layer.cls
    )


def argument(layer: Layer, name: str) -> Any:
    """Return an argument of a layer, or its default."""
    if name in layer.arguments:
        return layer.arguments[name]
    entry = layer.entry if isinstance(layer, (KerasLayer, Op, Application)) else None
    parameter = entry.parameter(name) if entry is not None else None
    return None if parameter is None else parameter.default


def formula(layer: Layer, axis: int, before: Dim) -> tuple[str, int] | None:
    """Return how a window changes a length: `floor((224 - 3) / 2) + 1 = 111`, and the 111.

    `axis` counts the axes of a sample from 0. None where the layer has no window, or moves it along
    other axes, or a length is not known.
    """
    if not has_window(layer) or argument(layer, "data_format") == "channels_first":
        return None
    if not is_known(before):
        return None
    pooling = "Pool" in layer.cls
    window = _along(argument(layer, "pool_size" if pooling else "kernel_size"), axis)
    stride = _along(argument(layer, "strides"), axis)
    if stride is None and pooling:
        stride = window
    dilation = 1 if pooling else _along(argument(layer, "dilation_rate"), axis)
    if window is None or stride is None or dilation is None or stride < 1:
        return None
    if argument(layer, "padding") in ("same", "causal"):
        after = -(-before // stride)
        return f"ceil({before} / {stride}) = {after}", after
    reach = (window - 1) * dilation + 1
    after = (before - reach) // stride + 1
    return f"floor(({before} - {reach}) / {stride}) + 1 = {after}", after


def window_of(layer: Layer) -> int:
    """Return the longest side of a layer's window; 1 where it has none."""
    size = argument(layer, "pool_size" if "Pool" in layer.cls else "kernel_size")
    sides = size if isinstance(size, (list, tuple)) else [size]
    return max([side for side in sides if isinstance(side, int)], default=1)


def _along(value: Value, axis: int) -> int | None:
    """Return a setting for one axis: a number is for all of them."""
    if isinstance(value, (list, tuple)):
        value = value[axis] if axis < len(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
