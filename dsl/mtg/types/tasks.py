"""What the losses and metrics of an output need of its shape and dtype, or `fit` fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mtg.catalog.names import snake_case
from mtg.graph.graph import Output
from mtg.graph.values import KerasObject, Value
from mtg.lengths.dims import is_known
from mtg.text.diagnostics import Diagnostics
from mtg.types.tensor import TensorType
from mtg.types.types import Types

#: Losses that compare with a distribution over classes, on the last axis.
_OVER_CLASSES = {"categorical_crossentropy", "sparse_categorical_crossentropy"}


class _Wrong(NamedTuple):
    message: str
    help: str = ""
    note: str = ""


def check_task(output: Output, types: Types, diagnostics: Diagnostics) -> None:
    """Report a loss and metrics that cannot be computed from an output."""
    found = types.of(output.tensor)
    wrong = [
        (output.loss, _loss(output, found)),
        (output.loss, _settings(output.loss, output, found)),
    ]
    wrong += [(metric, _settings(metric, output, found)) for metric in output.metrics or ()]
    for thing, each in wrong:
        if each is None:
            continue
        span = output.spans.get("loss", output.span)
        if thing is not output.loss and isinstance(thing, KerasObject):
            span = thing.span
        diagnostics.report(
            "MTG509",
            each.message,
            span,
            notes=(f"{output.name}: {found}", *([each.note] if each.note else [])),
            help=each.help,
        )
        return


def _loss(output: Output, found: TensorType) -> _Wrong | None:
    loss = ""
    if isinstance(output.loss, str):
        loss = snake_case(output.loss)
    elif isinstance(output.loss, KerasObject):
        loss = snake_case(output.loss.name)
    if loss and found.dtype in ("string", "bool"):
        return _Wrong(f"no loss fits an output of {found.dtype}s")
    if found.shape is None:
        return None
    if loss == "ctc" and found.rank != 3:
        return _Wrong(
            f"`ctc` takes outputs [steps, classes], but `{output.name}` has another shape"
        )
    if loss in _OVER_CLASSES and found.rank == 1:
        return _Wrong(f"`{loss}` needs an axis of classes, but `{output.name}` has none")
    if loss in _OVER_CLASSES and found.shape[-1] == 1:
        return _Wrong(
            f"`{loss}` compares classes, but `{output.name}` has one unit",
            'for a binary output use `"binary_crossentropy"` and a sigmoid',
            "over one class this loss is always 0",
        )
    return None


def _settings(thing: Value, output: Output, found: TensorType) -> _Wrong | None:
    """Report arguments of a loss or metric that name an axis or class that does not exist."""
    if not isinstance(thing, KerasObject) or found.shape is None:
        return None
    given, rank, units = thing.arguments, found.rank or 0, found.shape[-1]
    for axis in _numbers(given.get("axis")):
        if not -rank <= axis < rank:
            has = f"`{output.name}` has {rank} axes, batch included"
            return _Wrong(f"`{thing.name}` uses axis {axis}, but {has}")
    if rank < 2 or not is_known(units):
        return None
    has = f"`{output.name}` has {units}"
    for each in _numbers(given.get("class_id")):
        if each >= units:
            return _Wrong(f"`{thing.name}` uses class {each}, but {has}: 0 to {units - 1}")
    for each in _numbers(given.get("top_k")):
        if each > units:
            return _Wrong(f"`{thing.name}` uses the {each} highest values, but {has}")
    for each in _numbers(given.get("num_labels")):
        if each != units:
            return _Wrong(f"`{thing.name}` has {each} labels, but {has}")
    alpha = given.get("alpha")
    if isinstance(alpha, (list, tuple)) and len(alpha) not in (1, units):
        return _Wrong(f"`{thing.name}` weights {len(alpha)} classes, but {has}")
    return None


def _numbers(value: Value) -> Iterator[int]:
    for each in value if isinstance(value, (list, tuple)) else [value]:
        if isinstance(each, int) and not isinstance(each, bool):
            yield each
