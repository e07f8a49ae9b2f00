"""What can be said of a graph once its types are known."""

from __future__ import annotations

from collections.abc import Mapping

from mtg.graph.graph import Call, Graph, Output
from mtg.graph.values import KerasObject, TensorRef
from mtg.semantics.naming import snake_case
from mtg.text.diagnostics import Diagnostics, Label
from mtg.types.trace import Trace
from mtg.types.types import Types


def check_types(graph: Graph, types: Types, diagnostics: Diagnostics) -> None:
    """Report results without a name, and outputs that their loss cannot fit."""
    names = {binding.tensor: binding.name for binding in reversed(graph.bindings)}
    for call in graph.calls:
        outputs = types.outputs.get(call.id)
        if outputs is not None and len(outputs) != call.results:
            _results(call, len(outputs), names, diagnostics)
        if outputs is not None and call.layer.cls == "Concatenate":
            _strings(call, types, diagnostics)
    for output in graph.outputs:
        _loss(output, types, diagnostics)


def _results(
    call: Call, found: int, names: Mapping[TensorRef, str], diagnostics: Diagnostics
) -> None:
    shown = call.layer.shown
    results = f"{found} result{'s' * (found != 1)}"
    if call.results == 1:
        given = "one is taken"
        some = ", ".join("abcdefgh"[:found])
        help = (
            f"end the flow here and name the results: `{some} = … -> {shown}(…)`; "
            "`_` for one that is not wanted"
        )
    else:
        given = f"{call.results} names are given"
        kept = min(found, call.results)
        bound = [names.get(TensorRef(call.id, index), "_") for index in range(kept)]
        help = f"write `{', '.join([*bound, *'_' * (found - kept)])} = …`"
    diagnostics.report(
        "MTG208",
        f"`{shown}` has {results} here, and {given}",
        call.span,
        labels=tuple(Label(u.span, f"in this use of `{u.block}`") for u in reversed(call.uses)),
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
        labels=tuple(Label(u.span, f"in this use of `{u.block}`") for u in reversed(call.uses)),
        notes=(*shown, "Keras builds this, and fails when the model runs"),
        help="turn the strings into numbers first, with `StringLookup` or `TextVectorization`",
    )


#: Losses that compare with a distribution over classes, on the last axis.
_OVER_CLASSES = {"categorical_crossentropy", "sparse_categorical_crossentropy"}


def _loss(output: Output, types: Types, diagnostics: Diagnostics) -> None:
    found = types.of(output.tensor)
    span = output.spans.get("loss", output.span)
    loss = ""
    if isinstance(output.loss, str):
        loss = snake_case(output.loss)
    elif isinstance(output.loss, KerasObject):
        loss = snake_case(output.loss.name)
    if loss and found.dtype in ("string", "bool"):
        diagnostics.report(
            "MTG509",
            f"no loss fits an output of {found.dtype}s",
            span,
            notes=(f"{output.name}: {found}",),
        )
        return
    if loss in _OVER_CLASSES and found.shape is not None:
        if found.rank == 1:
            diagnostics.report(
                "MTG509",
                f"`{loss}` needs an axis of classes, and `{output.name}` has none",
                span,
                notes=(f"{output.name}: {found}",),
            )
            return
        if found.shape[-1] == 1:
            diagnostics.report(
                "MTG509",
                f"`{loss}` compares classes, and `{output.name}` has one unit",
                span,
                notes=(f"{output.name}: {found}", "over one class this loss is always 0"),
                help='for a yes or no use `"binary_crossentropy"` and a sigmoid',
            )
