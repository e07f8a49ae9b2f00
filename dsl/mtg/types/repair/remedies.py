"""Changes that would fix a shape, found by trying them.

A remedy is a change of the arguments of one layer, or a layer put before the call. The graph with
the change is inferred again, and the remedy is proposed only if the error is gone, what the call
gives is known, and nothing else is wrong that was not before.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from mtg.graph.graph import Call
from mtg.graph.layers import InputLayer, NestedModel
from mtg.text.diagnostics import Diagnostic, Diagnostics, Edit, Fix, Label, TooMany
from mtg.text.source import NOWHERE, Span
from mtg.types.infer import infer
from mtg.types.repair.candidates import candidates
from mtg.types.repair.change import Repair, changed, source
from mtg.types.types import Types

#: Errors that are looked into, changes tried for each, and calls inferred again for all of them.
MAX_ERRORS, MAX_CHANGES, MAX_CALLS = 5, 24, 20_000

#: The codes of errors that another shape would fix.
_OF_SHAPES = {"MTG301", "MTG302", "MTG304", "MTG305"}


def propose(types: Types, diagnostics: Diagnostics) -> None:
    """Add to errors about shapes what would fix them, where that is found."""
    errors = [
        (each, call, found)
        for each in _inside(types)
        for call, found in each.misfits
        if found.code in _OF_SHAPES
    ]
    calls = 0
    seen: Faults = set()
    for each, call, found in errors:
        if (found.code, found.span) in seen:
            continue  # another use of the same block
        seen.add((found.code, found.span))
        if len(seen) > MAX_ERRORS:
            return
        size = _size(each)
        before = _faults(each)
        for change in islice(candidates(each, call, found.code), MAX_CHANGES):
            calls += size
            if calls > MAX_CALLS:
                return
            if _mends(change, each, call, before - {(found.code, found.span)}):
                diagnostics.improve(_with(found, change))
                break


def _size(types: Types) -> int:
    """Return the calls of a graph and of all graphs in it, each graph once."""
    sizes: dict[int, int] = {}
    stack = [types]
    while stack:
        each = stack.pop()
        if id(each.graph) not in sizes:
            sizes[id(each.graph)] = len(each.graph.calls)
            stack += each.nested.values()
    return sum(sizes.values())


def _inside(types: Types) -> list[Types]:
    """Return the types of a graph and of the models in it, each once."""
    found: list[Types] = []
    seen: set[int] = set()
    stack = [types]
    while stack:
        each = stack.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        found.append(each)
        stack += [inner for layer, inner in each.nested.items() if isinstance(layer, NestedModel)]
    return found


Faults = set[tuple[str, Span]]


def _faults(types: Types) -> Faults:
    return {(found.code, found.span) for _, found in types.misfits}


def _mends(change: Repair, types: Types, call: Call, allowed: Faults) -> bool:
    """Return whether nothing is wrong after a change that is not among what is `allowed` to be."""
    graph = changed(types.graph, call, change)
    diagnostics = Diagnostics()
    try:
        again = infer(graph, diagnostics)
    except TooMany:
        return False
    outputs = again.outputs.get(call.id)
    if outputs is None or any(output.shape is None for output in outputs):
        return False
    return all((each.code, each.span) in allowed for each in diagnostics if each.is_error)


def _with(found: Diagnostic, change: Repair) -> Diagnostic:
    """Return a diagnostic that proposes a change."""
    labels = tuple(
        Label(layer.span, f"here {', '.join(f'`{n}={source(v)}`' for n, v in settings.items())}")
        for layer, settings in change.settings
        if not isinstance(layer, InputLayer)
        and layer.span.source is not NOWHERE.source
        and layer.span != found.span
    )
    places = {label.span for label in labels}
    kept = tuple(label for label in found.labels if label.span not in places)
    own = [layer for layer, _ in change.settings if layer.span == found.span]
    help = change.help
    if own and len(change.settings) == 1:
        help = help.replace(f"`{own[0].name}`", "it", 1)
    return replace(
        found, help=f"{help}; then the shapes fit", labels=(*labels, *kept), fix=_fix(change)
    )


def _fix(change: Repair) -> Fix | None:
    """Return the edits of a change, where it only gives arguments to layers."""
    if not change.settings or change.keywords or change.inserted or change.swapped:
        return None
    edits: list[Edit] = []
    for layer, settings in change.settings:
        text = layer.span.text
        if not text.endswith(")") or "(" not in text or text.startswith("("):
            return None  # a bare name, or parentheses that are not those of the call
        for name, value in settings.items():
            span = layer.spans.get(name)
            if span is not None:
                edits.append(Edit(span, source(value)))
                continue
            inner = text[:-1].rstrip()
            end = layer.span.start + len(inner)
            comma = "" if inner.endswith(("(", ",")) else ", "
            gap = " " if inner.endswith(",") else ""
            place = Span(layer.span.source, end, end)
            edits.append(Edit(place, f"{comma}{gap}{name}={source(value)}"))
    return Fix(change.help, tuple(edits), safe=False)
