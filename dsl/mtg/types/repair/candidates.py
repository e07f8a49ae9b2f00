"""Changes that may fix tensors that do not fit, the likeliest first. `remedies` tries them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mtg.catalog.arguments import WIDTHS
from mtg.catalog.names import ELEMENTWISE
from mtg.graph.graph import Call
from mtg.graph.layers import Application, KerasLayer, Layer, NestedModel, Op
from mtg.lengths.dims import is_known
from mtg.types.formula import argument, has_window, window_of
from mtg.types.repair.advice import MERGES, odd_axes
from mtg.types.repair.change import Repair
from mtg.types.repair.input_sizes import input_sizes
from mtg.types.repair.sources import Tensors
from mtg.types.tensor import Shape
from mtg.types.types import Types

#: Tensors of a call that are compared with each other.
_MOST = 40

_RECURRENT = {"LSTM", "GRU", "SimpleRNN", "RNN"}
_REDUCING = {"mean", "sum", "max", "min", "prod", "any", "all", "std", "var", "amax", "amin"}


def candidates(types: Types, call: Call, code: str) -> Iterator[Repair]:
    """Yield changes that may make a call fit; most will not."""
    if len(set(call.tensors())) > _MOST:
        return
    tensors = Tensors(types, call)
    if call.layer.cls in MERGES:
        yield from _merge(tensors)
    elif code == "MTG302":
        yield from _rank(tensors)
    elif code == "MTG304":
        yield from _empty(tensors)
    elif code == "MTG305":
        yield from _unknown(tensors)
    elif isinstance(call.layer, (NestedModel, Application)):
        yield from _model(tensors)
    elif len(tensors.refs) > 1:
        yield from _sizes(tensors)


# ---------------------------------------------------------------------------------------- merges


def _merge(tensors: Tensors) -> Iterator[Repair]:
    shapes = [tensors.shape(ref) for ref in tensors.refs]
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes):
        return
    odd = odd_axes(tensors.call, tensors.types)
    most = max(map(len, known))
    if len({len(shape) for shape in known}) > 1:
        yield from _ranks(tensors, known)
    if tensors.call.layer.cls == "Concatenate" and len(odd) == 1:
        (axis,) = odd
        # Images side by side are an image of another size, which is seldom meant.
        if most < 3 and all(len(shape) == most for shape in known) and _agree(known, axis):
            yield Repair(
                f"join along the axis that differs: `axis={axis + 1}`",
                settings=((tensors.call.layer, {"axis": axis + 1}),),
            )
    if tensors.call.layer.cls in ELEMENTWISE and len({len(shape) for shape in known}) == 1:
        yield from _projection(tensors, known)
    if odd - {most - 1}:
        yield from _space(tensors)
    if most - 1 in odd:
        yield from _sizes(tensors)
    yield from _keepdims(tensors)
    yield from input_sizes(tensors, odd)


def _projection(tensors: Tensors, shapes: list[Shape]) -> Iterator[Repair]:
    """Yield changes of a shortcut, which has to be brought to the shape of its block."""
    for at, ref in enumerate(tensors.refs):
        if any(_size(call.layer) is not None for call in tensors.own[at]):
            continue  # one of its own layers may change
        name = tensors.types.graph.calls[ref.call].layer.name
        for other in shapes[:at] + shapes[at + 1 :]:
            if not all(map(is_known, other)) or not all(map(is_known, shapes[at])):
                continue
            filters, here = other[-1], shapes[at]
            strides = {-(-a // b) for a, b in zip(here[:-1], other[:-1], strict=True) if b}
            if filters == here[-1] and strides in ({1}, set()):
                continue
            if len(here) == 3 and len(strides) == 1:
                (stride,) = strides
                arguments = {"filters": filters, "kernel_size": 1, "strides": stride}
                shown = f"Conv2D({filters}, 1{f', strides={stride}' if stride != 1 else ''})"
                yield Repair(
                    f"pass `{name}` through `{shown}` first", inserted=("Conv2D", arguments, ref)
                )
            elif strides <= {1}:
                yield Repair(
                    f"pass `{name}` through `Dense({filters})` first",
                    inserted=("Dense", {"units": filters}, ref),
                )


def _size(layer: Layer) -> str | None:
    """Return the argument that sets the last axis of a layer, where the program gives it."""
    layer = _innermost(layer)
    return next((name for name in WIDTHS if name in layer.arguments), None)


def _is_literal(layer: Layer, name: str) -> bool:
    """Return whether an argument is written as a number, and not as a name that others use too."""
    span = layer.spans.get(name)
    return span is None or not any(char.isalpha() or char == "_" for char in span.text)


def _agree(shapes: list[Shape], axis: int) -> bool:
    return len({shape[:axis] + shape[axis + 1 :] for shape in shapes}) == 1


def _space(tensors: Tensors) -> Iterator[Repair]:
    """Yield changes of the padding and strides of windows over rows and columns."""
    every = [tensors.windows(at) for at in range(len(tensors.refs))]
    unpadded = [
        [one for one in layers if argument(one, "padding") == "valid" and window_of(one) > 1]
        for layers in every
    ]
    strides = {_stride(layer) for layers in every for layer in layers} - {None}
    for layers in unpadded:
        for layer in layers:
            yield Repair.give([layer], padding="same")
    for layers in unpadded:
        if len(layers) > 1:
            yield Repair.give(layers, padding="same")
    together = [layer for layers in unpadded for layer in layers]
    if len(together) > 1 and sum(map(bool, unpadded)) > 1:
        yield Repair.give(together, padding="same")
    # A projection beside what makes an image smaller has to do so too.
    for layer in [layer for layers in every for layer in layers if window_of(layer) == 1]:
        for stride in sorted(strides - {_stride(layer)}, key=str):
            yield Repair.give([layer], strides=stride)
    for layers in every:
        for layer in layers:
            for stride in sorted({1, *strides}, key=str):
                if stride != _stride(layer) and _is_literal(layer, "strides"):
                    yield Repair.give([layer], strides=stride)
                    if argument(layer, "padding") == "valid":
                        yield Repair.give([layer], strides=stride, padding="same")


def _stride(layer: Layer) -> int | None:
    """Return the stride of a layer, where it is the same along all axes."""
    stride = argument(layer, "strides")
    if stride is None and "Pool" in layer.cls:
        stride = argument(layer, "pool_size")
    if isinstance(stride, (list, tuple)) and len(set(stride)) == 1:
        stride = stride[0]
    return stride if isinstance(stride, int) else None


def _sizes(tensors: Tensors) -> Iterator[Repair]:
    """As many units or filters for one tensor as another has."""
    lengths = [shape[-1] if (shape := tensors.shape(ref)) else None for ref in tensors.refs]
    for at, calls in enumerate(tensors.own):
        wanted = {n for i, n in enumerate(lengths) if i != at and n is not None and is_known(n)}
        for call in calls:
            layer = _innermost(call.layer)
            name = _size(layer)
            if not isinstance(layer, KerasLayer) or name is None:
                continue
            if not _is_literal(layer, name):
                break
            for length in sorted(wanted - {layer.arguments[name]}, key=str):
                yield Repair.give([layer], **{name: length})
            break


def _innermost(layer: Layer) -> Layer:
    while isinstance(inner := layer.arguments.get("layer"), Layer):
        layer = inner
    return layer


def _ranks(tensors: Tensors, shapes: list[Shape]) -> Iterator[Repair]:
    """Tensors with unlike numbers of axes: all of a sequence, or one thing of it."""
    least, most = min(map(len, shapes)), max(map(len, shapes))
    for at, calls in enumerate(tensors.own):
        if len(shapes[at]) == least:
            yield from _sequences(calls, True)
            yield from _kept(calls)
        if len(shapes[at]) == most:
            yield from _sequences(calls, False)
    for at, ref in enumerate(tensors.refs):
        if len(shapes[at]) != most or least > 1:
            continue
        name = tensors.types.graph.calls[ref.call].layer.name
        spaces = most - 1
        if 1 <= spaces <= 3 and tensors.call.layer.cls == "Concatenate":
            cls = f"GlobalAveragePooling{spaces}D"
            yield Repair(f"pass `{name}` through `{cls}()` first", inserted=(cls, {}, ref))
        yield Repair(f"pass `{name}` through `Flatten()` first", inserted=("Flatten", {}, ref))


def _sequences(calls: list[Call], all_steps: bool) -> Iterator[Repair]:
    for call in calls:
        layer = _innermost(call.layer)
        if layer.cls in _RECURRENT:
            if bool(layer.arguments.get("return_sequences", False)) != all_steps:
                yield Repair.give([layer], return_sequences=all_steps)
            return


def _keepdims(tensors: Tensors) -> Iterator[Repair]:
    for calls in tensors.own:
        yield from _kept(calls)


def _kept(calls: list[Call]) -> Iterator[Repair]:
    """Reductions that keep the axes they reduce, with a length of 1."""
    for call in calls[:4]:
        layer = call.layer
        if isinstance(layer, Op) and layer.cls in _REDUCING and not call.kwargs.get("keepdims"):
            yield Repair(
                f"give `{layer.shown}` `keepdims=True`", keywords=((call, {"keepdims": True}),)
            )
        elif layer.cls.startswith("Global") and not layer.arguments.get("keepdims"):
            yield Repair.give([layer], keepdims=True)


# ------------------------------------------------------------------------------------ other calls


def _rank(tensors: Tensors) -> Iterator[Repair]:
    """Yield changes for a tensor with too many axes, or too few, for a layer."""
    for at, ref in enumerate(tensors.refs):
        yield from _sequences(tensors.own[at][:6], True)
        yield from _sequences(tensors.own[at][:6], False)
        shape = tensors.shape(ref)
        if not shape or not all(map(is_known, shape)) or shape[-1] in _COLOURS:
            continue  # it has channels, and another axis is missing
        if tensors.call.layer.cls.startswith(_IMAGES):
            target = (*shape, 1)
            yield Repair(
                f"add an axis for the channels: `Reshape({source_of(target)})` before it",
                inserted=("Reshape", {"target_shape": target}, ref),
            )


#: Lengths that look like channels of an image.
_COLOURS = (1, 3, 4)
_IMAGES = ("Conv", "MaxPooling", "AveragePooling", "DepthwiseConv", "SeparableConv")


def source_of(shape: tuple[Any, ...]) -> str:
    """Lengths as an argument of a layer: `(28, 28)`."""
    return f"({', '.join(map(str, shape))})"


def _empty(tensors: Tensors) -> Iterator[Repair]:
    layer = _innermost(tensors.call.layer)
    if has_window(layer) and argument(layer, "padding") == "valid":
        yield Repair.give([layer], padding="same")


def _unknown(tensors: Tensors) -> Iterator[Repair]:
    """Yield changes for a layer with weights over an axis of unknown length."""
    for ref in tensors.refs:
        before = tensors.types.graph.calls[ref.call]
        if before.layer.cls != "Flatten" or not before.tensors():
            continue
        shape = tensors.shape(before.tensors()[0])
        if shape is not None and 2 <= len(shape) <= 4:
            cls = f"GlobalAveragePooling{len(shape) - 1}D"
            yield Repair(
                f"write `{cls}()` for the `Flatten()` before it: of unknown lengths it takes the "
                "mean",
                swapped=(before.layer, cls),
            )


def _built_for(tensors: Tensors) -> Iterator[Repair]:
    """Yield changes for an application: built for its images, or given three channels."""
    layer = tensors.call.layer
    for ref in tensors.refs[:1]:
        found = tensors.shape(ref)
        if found is None or len(found) != 3 or not all(map(is_known, found)):
            continue
        yield Repair.give([layer], input_shape=found)
        if found[2] != 3:
            name = tensors.types.graph.calls[ref.call].layer.name
            yield Repair(
                f"pass `{name}` through `Conv2D(3, 1)` first",
                inserted=("Conv2D", {"filters": 3, "kernel_size": 1}, ref),
            )


def _model(tensors: Tensors) -> Iterator[Repair]:
    """Yield changes for an image of another size than a nested model was built for."""
    layer = tensors.call.layer
    if isinstance(layer, Application):
        yield from _built_for(tensors)
        inner = tensors.types.nested.get(layer)
        graph = None if inner is None else inner.graph
    else:
        graph = layer.graph if isinstance(layer, NestedModel) else None
    if graph is None:
        return
    for call, ref in zip(graph.inputs, tensors.call.tensors(), strict=False):
        wanted = call.layer.arguments.get("shape")
        found = tensors.shape(ref)
        if found is None or len(found) != 3 or not isinstance(wanted, (list, tuple)):
            continue
        if len(wanted) == 3 and all(map(is_known, wanted)) and wanted[2] == found[2]:
            height, width = wanted[:2]
            yield Repair(
                f"resize it first: `Resizing({height}, {width})`",
                inserted=("Resizing", {"height": height, "width": width}, ref),
            )
