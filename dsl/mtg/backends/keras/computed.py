"""What functions make of fixed numbers, as the numbers that Keras finds when it builds the model.

A file of Keras holds such numbers, and nothing of the functions. A program beside it is compared in
numbers too; Keras is imported only where a program has such functions.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any

from mtg.compare.difference import Side
from mtg.graph.constants import MOST_NUMBERS, fixed_numbers
from mtg.graph.graph import Call, Graph
from mtg.graph.layers import Layer, NestedModel, Op
from mtg.graph.values import TensorRef
from mtg.refusal import Refusal
from mtg.text.diagnostics import Diagnostics
from mtg.trust import objections
from mtg.types.infer import infer
from mtg.types.types import Types

if TYPE_CHECKING:
    from mtg.backends.keras.build import Builder


def side_in_numbers(side: Side, other: Side, before: Callable[[], None] | None = None) -> Side:
    """Return a program's side as it is beside a file of Keras: with numbers for functions of them.

    Args:
        side: The side, which stays as it is where it is of a file itself.
        other: The other side.
        before: Called once, before Keras is imported: it may import it in its own way.
    """
    if side.form is not None or other.form is None or not has_computed(side.graph):
        return side
    from mtg.backends.keras.build import Builder
    from mtg.backends.keras.factory import factory_settings
    from mtg.backends.keras.refusals import first_line

    try:
        if before is not None:
            before()
        builder = Builder(Diagnostics())
    except Exception as error:  # whatever a broken installation raises
        return replace(side, notes=(*side.notes, f"{_AS_WRITTEN}: {first_line(error)}"))
    with factory_settings():
        graph = _in_numbers(side.graph, side.types, builder)
    notes = side.notes
    if has_computed(graph):
        notes = (*notes, f"{_AS_WRITTEN}: Keras cannot be asked, or refuses one")
    return Side(side.title, graph, infer(graph, Diagnostics()), notes)


#: What is said where a function stands beside its numbers, which then are a difference.
_AS_WRITTEN = "functions of fixed numbers are compared as they are written"


def _computed(graph: Graph) -> list[Call]:
    """Return the calls that depend on no input, in order, if Keras alone knows one's numbers."""
    reached = graph.reached_from_inputs()
    fixed = [call for call in graph.order() if call.id not in reached]
    known = all(isinstance(call.layer, Op) for call in fixed)
    return fixed if known and any(map(_is_unknown, fixed)) else []


def _is_unknown(call: Call) -> bool:
    try:
        return fixed_numbers(call) is None
    except Refusal:
        return True


def has_computed(graph: Graph) -> bool:
    models = {call.layer for call in graph.calls if isinstance(call.layer, NestedModel)}
    return bool(_computed(graph)) or any(has_computed(model.graph) for model in models)


def _in_numbers(graph: Graph, types: Types, builder: Builder) -> Graph:
    found = copy(graph)
    found.calls = list(graph.calls)
    for call, numbers, dtype in _numbers(_computed(graph), types, builder):
        array = Op(call.layer.name, "array", {}, call.layer.span)
        found.calls[call.id] = Call(
            call.id, array, (numbers,), {"dtype": dtype}, call.span, call.uses, 1, call.rounds
        )
    models: dict[Layer, NestedModel] = {}
    for at, call in enumerate(found.calls):
        layer = call.layer
        if isinstance(layer, NestedModel) and layer in types.nested and has_computed(layer.graph):
            if layer not in models:
                models[layer] = changed = copy(layer)
                changed.graph = _in_numbers(layer.graph, types.nested[layer], builder)
            found.calls[at] = copy(call)
            found.calls[at].layer = models[layer]
    return found


def _numbers(calls: list[Call], types: Types, builder: Builder) -> list[tuple[Call, Any, str]]:
    """Return the numbers and dtypes of calls with one result; nothing where Keras refuses one."""
    for call in calls:
        if any(objections((call.layer, call.args, call.kwargs), call.span, trust=False)):
            return []  # it would run Python
        for output in types.outputs.get(call.id) or (None,):
            lengths = output and output.shape
            if lengths is None or not all(isinstance(length, int) for length in lengths):
                return []
            if prod(int(str(length)) for length in lengths) > MOST_NUMBERS:
                return []
    from mtg.backends.keras.refusals import KerasRefused

    try:
        made = builder.results(calls)
    except KerasRefused:
        return []
    found = []
    for call in calls:
        if call.results == 1:
            array = builder.keras.ops.convert_to_numpy(made[TensorRef(call.id)])
            dtype = builder.keras.backend.standardize_dtype(array.dtype)
            found.append((call, array.tolist(), dtype))
    return found
