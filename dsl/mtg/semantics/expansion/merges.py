"""Merges: `concat(a, b)`, the layers of Keras that join tensors."""

from __future__ import annotations

from typing import Any

from mtg.catalog import catalog
from mtg.catalog.names import MERGES, snake_case
from mtg.graph.layers import KerasLayer, Layer
from mtg.graph.values import TensorRef
from mtg.semantics.arguments import match_entry
from mtg.semantics.expansion.calls import call_new
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate
from mtg.semantics.expansion.layers import configure_layer
from mtg.semantics.expansion.parameters import (
    SETTINGS,
    argument_spans,
    take_arguments,
    take_settings,
)
from mtg.semantics.expansion.tensors import results_of, take_tensor
from mtg.semantics.expansion.unpacking import unpack
from mtg.semantics.values import ERROR, Frame, Results, Value
from mtg.syntax import ast

#: Arguments that Keras's function form of a merge gives where the class demands them.
#: Source: `keras.layers.dot(inputs, axes=-1)`.
_MERGE_DEFAULTS: dict[str, dict[str, Any]] = {"dot": {"axes": -1}}


#: Merges that take no fewer than two tensors: of one, the others give the same.
_OF_TWO = ("subtract", "dot")


def evaluate_merge(node: ast.CallExpr, merge: str, context: Context, frame: Frame) -> Value:
    """Return the tensor that a merge makes of tensors, and of lists of them."""
    entry = catalog().find("layer", MERGES[merge])
    assert entry is not None
    tensors: list[TensorRef] = []
    correct = True
    given = 0
    written = unpack(node.arguments, context, frame)
    if written is None:
        return ERROR
    for argument in written:
        if argument.name is not None:
            continue
        value = evaluate(argument.value, context, frame)
        if isinstance(value, Results) and (several := results_of(value, context)) is not None:
            value = several
        items = value if isinstance(value, (list, tuple)) else [value]
        given += len(items)
        for item in items:
            ref = take_tensor(item, argument.span, context, frame)
            correct = correct and ref is not None
            if ref is not None:
                tensors.append(ref)
    what = f"`{merge}`"
    matched = match_entry(
        what,
        [p for p in entry.parameters if p.name not in _MERGE_DEFAULTS.get(merge, {})],
        [argument for argument in written if argument.name is not None],
        node.brackets,
        context.reporter(frame),
        positional=0,
        also=(*SETTINGS, *_MERGE_DEFAULTS.get(merge, {})),
    )
    if matched is None:
        return ERROR
    settings = take_settings(matched, context, frame)
    arguments = take_arguments(what, entry, matched, context, frame)
    if arguments is None or settings is None or not correct:
        return ERROR
    fewest = 2 if merge in _OF_TWO else 1
    if given < fewest:
        wanted = "two tensors" if fewest == 2 else "one tensor or more"
        context.reporter(frame)(
            "MTG307",
            f"{what} joins {wanted}, and {given or 'none'} is given",
            node.brackets,
            help=f"write `{merge}(a, b)`",
        )
        return ERROR
    layer = KerasLayer(
        snake_case(entry.name),
        entry.name,
        {**_MERGE_DEFAULTS.get(merge, {}), **arguments},
        node.span,
        spans=argument_spans(matched),
        shown=merge,
    )

    def create() -> Layer:
        return configure_layer(layer, context, frame, settings)

    return call_new(create, (tensors,), {}, node.span, context, frame)
