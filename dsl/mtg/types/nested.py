"""What a model takes as a layer of another: its inputs, and whether tensors fit them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtg.graph.graph import Graph
from mtg.graph.layers import Application, Layer
from mtg.lengths.dims import BATCH, UNKNOWN, Dim, Length
from mtg.lengths.equality import same
from mtg.types.rules.call import TypeMismatch
from mtg.types.tensor import UNKNOWN_TENSOR, TensorType


def input_type(layer: Layer) -> TensorType:
    """Return the type an `input` statement declares: its shape follows the batch axis."""
    arguments = layer.arguments
    batch = arguments.get("batch_size")
    shape = arguments.get("shape")
    dtype = arguments.get("dtype")
    dtype = dtype if dtype and isinstance(dtype, str) else "float32"
    if not isinstance(shape, (list, tuple)):
        return TensorType(dtype, None)
    return TensorType(dtype, (batch if isinstance(batch, int) else BATCH, *shape))


def model_inputs(
    layer: Layer, graph: Graph, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> list[TensorType]:
    """Return the tensors given to a model, by position or by name, in the order of its inputs."""
    names = [call.layer.name for call in graph.inputs]
    named = dict(kwargs)
    placed: list[Any] = []
    for value in args:
        if isinstance(value, dict):
            named |= value
        elif isinstance(value, (list, tuple)) and not isinstance(value, TensorType):
            placed += value
        else:
            placed.append(value)
    found = {**dict(zip(names, placed, strict=False)), **named}
    missing = [name for name in names if name not in found]
    if missing or len(placed) > len(names):
        raise TypeMismatch(
            f"`{layer.cls}` takes {len(names)} tensors, and is given {len(names) - len(missing)}"
            if missing
            else f"`{layer.cls}` takes {len(names)} tensors, and is given {len(placed)}",
            f"its inputs: {', '.join(names)}",
            code="MTG307",
        )
    return [
        found[name] if isinstance(found[name], TensorType) else UNKNOWN_TENSOR for name in names
    ]


def check_input(
    layer: Layer, name: str, want: TensorType, have: TensorType, bound: dict[Length, Dim]
) -> list[tuple[Dim, Dim]]:
    """Return whether a tensor fits an input of a model; `bound` has the lengths of its names.

    Gives the pairs of lengths that must be equal, where that depends on names.
    """
    assert want.shape is not None
    assert have.shape is not None
    if isinstance(layer, Application):
        # Nobody wrote the name of its input: the shape is what counts.
        facts: tuple[str, ...] = (f"it is built for {want}", f"given: {have}")
        where = ""
    else:
        facts = (f"`{name}` is declared {want}", f"given: {have}")
        where = f" in `{name}`"
    if len(want.shape) != len(have.shape):
        raise TypeMismatch(
            f"`{layer.cls}` takes a tensor with {len(want.shape) - 1} axes"
            f"{where and f' as `{name}`'}, and this one has {len(have.shape) - 1}",
            *facts,
            code="MTG302",
        )
    pairs = []
    for axis, (a, b) in enumerate(zip(want.shape[1:], have.shape[1:], strict=True)):
        if a is UNKNOWN or b is UNKNOWN:
            continue
        expected = bound.setdefault(a, b) if isinstance(a, Length) else a
        fits = same(expected, b)
        if fits is None:
            pairs.append((expected, b))
        if fits is False:
            raise TypeMismatch(
                f"`{layer.cls}` takes {expected} where `{name}` has {a}, and finds {b}"
                if isinstance(a, Length)
                else f"`{layer.cls}` takes {_image(axis, a)}, and finds {b}"
                if not where
                else f"`{layer.cls}` takes a length of {a}{where}, and finds {b}",
                *facts,
            )
    return pairs


def _image(axis: int, length: Dim) -> str:
    """Return a length of an image, by the axis: applications take height, width and channels."""
    if axis == 2:
        return f"images of {length} channel{'s' * (length != 1)}"
    return f"a {('height', 'width')[axis]} of {length}"
