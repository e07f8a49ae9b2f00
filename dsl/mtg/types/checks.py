"""What can be said of a graph once its types are known."""

from __future__ import annotations

from mtg.graph.graph import Call, Graph, Output
from mtg.graph.values import KerasObject
from mtg.semantics.naming import snake_case
from mtg.text.diagnostics import Diagnostics
from mtg.types.infer import Types


def check_types(graph: Graph, types: Types, diagnostics: Diagnostics) -> None:
    """Report results without a name, and outputs that their loss cannot fit."""
    names = {binding.tensor: binding.name for binding in reversed(graph.bindings)}
    for call in graph.calls:
        outputs = types.outputs.get(call.id)
        if outputs is not None and len(outputs) != call.results:
            name = next((n for ref, n in names.items() if ref.call == call.id), "")
            _results(call, len(outputs), name, diagnostics)
    for output in graph.outputs:
        _loss(graph, output, types, diagnostics)


def _results(call: Call, found: int, name: str, diagnostics: Diagnostics) -> None:
    cls = call.layer.cls
    results = f"{found} result{'s' * (found != 1)}"
    given = "one is taken" if call.results == 1 else f"{call.results} names are given"
    base = name or snake_case(cls)
    names = ", ".join([base, *(f"{base}_{number}" for number in range(2, found + 1))])
    diagnostics.report(
        "MTG208",
        f"`{cls}` has {results} here, and {given}",
        call.span,
        help=f"give each a name: `{names} = …`; `_` for one that is not wanted"
        if found > 1
        else "give one name",
    )


#: Losses that compare with a distribution over classes, on the last axis.
_OVER_CLASSES = {"categorical_crossentropy", "sparse_categorical_crossentropy"}


def _loss(graph: Graph, output: Output, types: Types, diagnostics: Diagnostics) -> None:
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
            return
    layer = graph.calls[output.tensor.call].layer
    if layer.arguments.get("activation") == "softmax" and found.shape and found.shape[-1] == 1:
        diagnostics.report(
            "MTG508",
            f"a softmax over one unit is always 1, and `{output.name}` has one unit",
            output.span,
            help='use `activation="sigmoid"`, or more units',
        )
