"""What can be said of a graph once its types are known."""

from __future__ import annotations

from collections.abc import Mapping

from mtg.graph.graph import Call, Graph
from mtg.graph.layers import NestedModel, Op
from mtg.graph.places import where_called
from mtg.graph.values import TensorRef
from mtg.text.diagnostics import Diagnostics
from mtg.types.repair.trace import Trace
from mtg.types.tasks import check_task
from mtg.types.training import check_train
from mtg.types.types import Types


def check_types(graph: Graph, types: Types, diagnostics: Diagnostics) -> None:
    """Report results without a name, and losses, metrics and settings that outputs cannot fit."""
    names = {binding.tensor: binding.name for binding in reversed(graph.bindings)}
    for call in graph.calls:
        outputs = types.outputs.get(call.id)
        # What a model gives is not known where something of it is wrong, which is reported.
        known = not isinstance(call.layer, NestedModel) or call.layer.graph.complete
        if outputs is not None and len(outputs) != call.results and known:
            _results(call, len(outputs), names, diagnostics)
        if outputs is not None and call.layer.cls == "Concatenate":
            _strings(call, types, diagnostics)
    for output in graph.outputs:
        check_task(output, types, diagnostics)
    check_train(graph, types, diagnostics)


def _results(
    call: Call, found: int, names: Mapping[TensorRef, str], diagnostics: Diagnostics
) -> None:
    shown = call.layer.shown
    results = f"{found} result{'s' * (found != 1)}"
    if call.results == 1:
        given = "one is used"
        some = ", ".join("abcdefgh"[:found])
        made = f"{some} = {shown}(…)" if isinstance(call.layer, Op) else f"{some} = … -> {shown}(…)"
        help = f"end the flow here and name the results: `{made}`; `_` for one that is not used"
    else:
        given = f"{call.results} names are given"
        kept = min(found, call.results)
        bound = [names.get(TensorRef(call.id, index), "_") for index in range(kept)]
        help = f"write `{', '.join([*bound, *'_' * (found - kept)])} = …`"
    diagnostics.report(
        "MTG208",
        f"`{shown}` has {results} here, but {given}",
        call.span,
        labels=where_called(call),
        help=help,
    )


def _strings(call: Call, types: Types, diagnostics: Diagnostics) -> None:
    """Strings joined with numbers: Keras builds it, and fails when the model runs."""
    found = {ref: types.of(ref) for ref in call.tensors()}
    kinds = {each.dtype == "string" for each in found.values() if each.dtype is not None}
    if len(kinds) < 2:
        return
    shown = [Trace(types).of(ref) for ref in found]
    diagnostics.report(
        "MTG303",
        f"`{call.layer.shown}` joins strings with numbers",
        call.span,
        labels=where_called(call),
        notes=(*shown, "Keras builds this, and fails when the model runs"),
        help="turn the strings into numbers first, with `StringLookup` or `TextVectorization`",
    )
