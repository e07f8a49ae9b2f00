"""The words of pictures and tables: values, arguments, shapes and counts, as short as can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from mtg.catalog.names import MERGES
from mtg.graph.graph import Call
from mtg.graph.layers import InputLayer, KerasLayer, Layer, NestedModel, Op, PythonLayer
from mtg.graph.values import DataArray, KerasObject, PythonObject, Value, Words, tensors_in

if TYPE_CHECKING:
    from mtg.graph.graph import Graph
    from mtg.types.tensor import TensorType
    from mtg.types.types import Types

#: Keras's merging layers under the names the language has for them.
_MERGES = {cls: merge for merge, cls in MERGES.items()}

#: Arguments that need no name, or a word of their own, in the order they are shown.
_FORMS = {
    "kernel_size": "{}",
    "pool_size": "{}",
    "size": "{}",
    "units": "{}",
    "filters": "{}",
    "output_dim": "{}",
    "num_heads": "{} heads",
    "key_dim": "key {}",
    "value_dim": "value {}",
    "n": "× {}",
    "rate": "{}",
    "target_shape": "{}",
    "equation": "{}",
    "activation": "{}",
    "strides": "stride {}",
    "dilation_rate": "dilation {}",
    "groups": "{} groups",
    "padding": "{}",
}
#: Sizes over the axes of a picture, and their words where there is one axis: a lone number would
#: read like the filters.
_GRIDS = {"kernel_size": "kernel ", "pool_size": "pool ", "size": "size "}


def is_merge(layer: Layer) -> bool:
    """Return whether a layer is one of the merges that a program writes in their function form."""
    return isinstance(layer, KerasLayer) and layer.cls in _MERGES


def value_text(value: Value, limit: int = 40) -> str:
    """Return a value in a few characters: strings without quotes, objects as short calls."""
    text = _value_text(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def number_text(number: float) -> str:
    """Return a number as people write it: `1,234,567.9`, `0.2`, `1e-07`."""
    return f"{number:,.12g}"


def _value_text(value: Value) -> str:
    if isinstance(value, Layer):
        return f"{layer_title(value)} {', '.join(argument_texts(value))}".strip()
    if isinstance(value, KerasObject):
        return _call_text(value.name, (), value.arguments)
    if isinstance(value, PythonObject):
        return _call_text(value.name, *(value.arguments or ((), {})))
    if isinstance(value, slice):
        ends = [value.start, value.stop, *([] if value.step is None else [value.step])]
        return ":".join("" if end is None else _value_text(end) for end in ends)
    if value is Ellipsis:
        return "..."
    if isinstance(value, Words):
        return value.path if value.array is None else value.array.name
    if isinstance(value, DataArray):
        return value.name
    if isinstance(value, (list, tuple)):
        items = ", ".join(_some(map(_value_text, value)))
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(_some(f"{k}: {_value_text(v)}" for k, v in value.items())) + "}"
    if isinstance(value, int) and value.bit_length() > 128:
        return f"{value.bit_length()} bits"  # Python itself refuses to print the largest
    return str(value)


def _some(texts: Iterable[str], most: int = 12) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number == most:
            yield "…"
            return
        yield text


def _call_text(name: str, args: Iterable[Value], kwargs: Mapping[str, Value]) -> str:
    args = tuple(args)
    if not args and len(kwargs) == 1:
        (only,) = kwargs.values()
        if not isinstance(only, bool):
            return f"{name}({_value_text(only)})"
    written = [*map(_value_text, args), *(f"{k}={_value_text(v)}" for k, v in kwargs.items())]
    return f"{name}({', '.join(written)})" if written else name


def wrapped(layer: Layer) -> Layer | None:
    """Return the layer that a wrapper such as `Bidirectional` wraps, or None."""
    inner = layer.arguments.get("layer")
    return inner if isinstance(inner, Layer) else None


def is_frozen(layer: Layer) -> bool:
    """Return whether the layer, or the one it wraps, has `trainable=False`."""
    inner = wrapped(layer)
    return layer.trainable is False or (inner is not None and is_frozen(inner))


def layer_title(layer: Layer) -> str:
    """Return what kind of thing a layer is: `Dense`, `concat`, `Bidirectional(LSTM)`."""
    if is_merge(layer):
        return _MERGES[layer.cls]
    inner = wrapped(layer)
    if inner is None:
        return layer.cls
    return f"{layer.cls}({inner.name if _is_named(inner) else layer_title(inner)})"


def _is_named(layer: Layer) -> bool:
    return layer.shared or isinstance(layer, NestedModel)


def argument_texts(layer: Layer) -> list[str]:
    """Return the written arguments, as papers do: `3×3, 128, stride 2, same`."""
    inner = wrapped(layer)
    texts = argument_texts(inner) if inner and not _is_named(inner) else []
    left = {k: v for k, v in layer.arguments.items() if not (k == "layer" and inner)}
    if isinstance(layer, InputLayer):
        left = {k: v for k, v in left.items() if k not in ("shape", "dtype", "batch_size")}
    if isinstance(layer, PythonLayer):
        texts += map(value_text, layer.positional)
    if "input_dim" in left and "output_dim" in left:
        texts.append(f"{left.pop('input_dim')} → {left.pop('output_dim')}")
    for name, form in _FORMS.items():
        if name in left and left[name] is None:
            del left[name]  # as if it were not written
        if name in left and not (name == "padding" and not isinstance(left[name], str)):
            texts.append(form.format(_size(layer.cls, name, left.pop(name))))
    return texts + [_setting(name, value) for name, value in left.items()]


def call_texts(calls: list[Call]) -> list[str]:
    """Return the settings of a call, such as `axis=1` of `ops.mean(x, axis=1)`.

    Of several calls, return those that all have in common.
    """
    texts = [_call_settings(call) for call in calls]
    return [text for text in texts[0] if all(text in others for others in texts[1:])]


def _call_settings(call: Call) -> list[str]:
    plain = [value for value in call.args if not _holds_tensor(value)]
    if isinstance(call.layer, Op) and call.layer.cls.replace("_", "").lower() == "getitem":
        return [f"[{_value_text(value).strip('()').rstrip(',')}]" for value in plain]
    named = {k: v for k, v in call.kwargs.items() if not _holds_tensor(v)}
    return [*map(value_text, plain), *(_setting(k, v) for k, v in named.items())]


def _holds_tensor(value: object) -> bool:
    return next(tensors_in(value), None) is not None


def _setting(name: str, value: Value) -> str:
    return name if value is True else f"{name}={value_text(value)}"


def _size(cls: str, name: str, value: Value) -> str:
    """`3×3` for the kernel of a `Conv2D`; one number for equal strides."""
    axes = next((rank for rank in (1, 2, 3) if f"{rank}D" in cls), 1)
    if name in _GRIDS and axes == 1 and "1D" in cls:
        (only,) = value if isinstance(value, (list, tuple)) and len(value) == 1 else [value]
        return _GRIDS[name] + value_text(only)
    if name in _GRIDS and isinstance(value, int):
        return "×".join([str(value)] * axes)
    if name in (*_GRIDS, "strides", "dilation_rate") and isinstance(value, (list, tuple)) and value:
        if name not in _GRIDS and len(set(map(str, value))) == 1:
            return str(value[0])
        return "×".join(map(str, value))
    return value_text(value)


def shape_text(tensor: TensorType | None) -> str:
    """Format a type as the language does, `[100, 64]`, with its dtype if not float32."""
    if tensor is None or tensor.shape is None:
        return "?"
    text = str(tensor)
    return text.removeprefix("float32").removeprefix("?") if text[0] != "(" else text


def input_text(layer: Layer) -> str:
    """Return the type of an input from its arguments alone: `int32[100]`."""
    shape = layer.arguments.get("shape")
    dtype = layer.arguments.get("dtype") or "float32"
    if not isinstance(shape, (list, tuple)):
        return f"{dtype}[...]"
    return f"{dtype}[{', '.join('?' if dim is None else str(dim) for dim in shape)}]"


def model_layers(graph: Graph) -> list[Layer]:
    """Return the layers of the Keras model, in Keras's order.

    They are those that the outputs depend on, and the inputs; of a graph without outputs, all.
    """
    from mtg.types.order import keras_order

    return keras_order(graph) if graph.outputs else graph.layers


def weight_owners(graph: Graph) -> list[Layer]:
    """Return the layers whose weights together are all weights of the model, each once."""
    return owners_of(model_layers(graph))


def owners_of(layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers whose weights together are all weights of these, each once.

    A layer that is called itself and wrapped in a `TimeDistributed` as well counts once.
    """
    owners: dict[Layer, Layer] = {}
    for layer in layers:
        owners.setdefault(weights_owner(layer), layer)
    return list(owners.values())


def weights_owner(layer: Layer) -> Layer:
    """Return the layer whose weights a layer has: that in a `TimeDistributed`, else itself."""
    while layer.cls == "TimeDistributed" and (inner := wrapped(layer)) is not None:
        layer = inner
    return layer


def parameter_total(graph: Graph, types: Types) -> tuple[int, bool]:
    """Return the number of known parameters, and whether that is all of them."""
    counts = [types.parameters(layer) for layer in weight_owners(graph)]
    return sum(count or 0 for count in counts), None not in counts
