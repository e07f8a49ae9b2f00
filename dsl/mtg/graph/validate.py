"""What a graph must be, whatever made it: no cycles, nothing that leads nowhere."""

from __future__ import annotations

from mtg.graph.graph import Call, Graph
from mtg.graph.layers import InputLayer, Op
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Span


def validate(graph: Graph, diagnostics: Diagnostics) -> None:
    """Report everything about a graph that needs no types to be seen."""
    if not graph.inputs or not graph.outputs:
        missing = "input" if not graph.inputs else "output"
        if graph.complete:
            diagnostics.report(
                "MTG209",
                f"the model `{graph.name}` has no {missing}",
                graph.span,
                help="declare one: `input x: float32[10]`"
                if missing == "input"
                else 'declare one: `output y(loss="mse") = …`',
            )
        return
    if _cycle(graph, diagnostics):
        return
    _names(graph, diagnostics)
    needed = graph.reaching_outputs()
    reached = graph.reached_from_inputs()
    if graph.complete:
        _inputs(graph, needed, diagnostics)
        _bindings(graph, needed, diagnostics)
        _shared(graph, diagnostics)
    _constants(graph, needed, reached, diagnostics)


def _cycle(graph: Graph, diagnostics: Diagnostics) -> bool:
    if graph.forwards:
        return False
    import networkx as nx

    try:
        edges = nx.find_cycle(graph.edges)
    except nx.NetworkXNoCycle:
        return False
    calls = [graph.calls[edge[0]] for edge in edges]
    names = [call.layer.name for call in calls]
    diagnostics.report(
        "MTG201",
        f"`{names[0]}` depends on itself",
        calls[0].span,
        labels=tuple(Label(call.span, "part of the cycle") for call in calls[1:]),
        notes=(f"the cycle: {' -> '.join([*names, names[0]])}",),
    )
    return True


def _names(graph: Graph, diagnostics: Diagnostics) -> None:
    seen: dict[str, Call] = {}
    for call in graph.calls:
        first = seen.setdefault(call.layer.name, call)
        if first.layer is not call.layer and not diagnostics.has_errors:
            diagnostics.report(
                "MTG107",
                f"two layers are named `{call.layer.name}`",
                call.layer.span,
                labels=(Label(first.layer.span, "the first"),),
            )


def _inputs(graph: Graph, needed: set[int], diagnostics: Diagnostics) -> None:
    consumers = graph.consumers()
    for call in graph.inputs:
        if call.id in needed:
            continue
        users = [graph.calls[node] for node in consumers[call.id]]
        name = call.layer.name
        labels: tuple[Label, ...] = ()
        if users:
            help = f"connect what is made from `{name}` to an output"
            labels = (Label(users[0].span, "used here, which leads to no output"),)
        else:
            help = f"use `{name}` in a flow, or remove the declaration"
        diagnostics.report(
            "MTG202",
            f"no output depends on the input `{name}`",
            call.layer.span,
            label="leads to no output" if users else "never used",
            labels=labels,
            notes=("Keras would build this model and ignore the input",),
            help=help,
        )


def _bindings(graph: Graph, needed: set[int], diagnostics: Diagnostics) -> None:
    reported: set[Span] = set()
    used = {ref.call for call in graph.calls for ref in call.tensors()}
    for binding in graph.bindings:
        node = binding.tensor.call
        if node in needed or isinstance(graph.calls[node].layer, InputLayer):
            continue
        if any(other.call in needed for other in binding.beside):
            continue  # a result that is left unused beside one that is used is no fault
        # Only where the flow ends: what led there would be used if the end were.
        if node in used or graph.calls[node].span in reported:
            continue
        reported.add(graph.calls[node].span)
        diagnostics.report(
            "MTG204",
            f"unused tensor `{binding.name}`",
            binding.span,
            help="use it, or remove it; its layers are left out of the model",
        )


def _shared(graph: Graph, diagnostics: Diagnostics) -> None:
    # A block that is used twice declares what it shares twice: the use that uses it most counts.
    uses: dict[Span, int] = {}
    for shared in graph.shared:
        uses[shared.span] = max(shared.uses, uses.get(shared.span, 0))
    for shared in {shared.span: shared for shared in graph.shared}.values():
        if uses[shared.span] == 0:
            diagnostics.report(
                "MTG205",
                f"unused shared instance `{shared.name}`",
                shared.span,
                help="use it, or remove it",
            )
        elif uses[shared.span] == 1:
            diagnostics.report(
                "MTG205",
                f"the shared instance `{shared.name}` is used only once",
                shared.span,
                help="write its layers where it is used, or use it a second time",
            )


def _constants(graph: Graph, needed: set[int], reached: set[int], diagnostics: Diagnostics) -> None:
    loose = [call for call in graph.calls if call.id in needed and call.id not in reached]
    # The `Identity` that an output needs is none of the program's layers.
    ends = {output.tensor.call: output.span for output in graph.outputs}
    for call in loose:
        if isinstance(call.layer, Op) or ends.get(call.id) == call.span:
            continue
        if any(not isinstance(graph.calls[node].layer, Op) for node in graph.producers(call.id)):
            continue  # reported where it begins
        diagnostics.report(
            "MTG206",
            f"`{call.layer.shown}` is applied to a tensor that depends on no input",
            call.span,
            notes=("Keras would compute it once and lose its weights",),
            help="start the flow at an input; for a weight that is the same for every sample there "
            "are blocks of `std/learned` and `std/sequence`, such as `x -> learned_vector(64)`",
        )
    fixed = {call.id for call in loose}
    for output in graph.outputs:
        node = output.tensor.call
        before = graph.before([node]) if node in fixed else set()
        if graph.calls[node].span == output.span:
            before.discard(node)
        if node in fixed and all(isinstance(graph.calls[n].layer, Op) for n in before):
            diagnostics.report(
                "MTG203",
                f"the output `{output.name}` depends on no input",
                output.span,
                help="start its flow at an input",
            )
