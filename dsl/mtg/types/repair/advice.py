"""What to say, besides the rule's own words, of tensors that do not fit together."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.catalog.names import ELEMENTWISE
from mtg.graph.graph import Call
from mtg.graph.layers import InputLayer, Op
from mtg.graph.places import where_called
from mtg.lengths.dims import Dim
from mtg.text.diagnostics import Diagnostic, Label
from mtg.text.source import NOWHERE
from mtg.types.formula import formula
from mtg.types.repair.trace import Trace, lengths
from mtg.types.rules.call import TypeMismatch
from mtg.types.types import Types

#: The merges whose tensors are to have one shape, but for the axis they are joined along.
MERGES = ELEMENTWISE | {"Concatenate"}

#: How many producers of a merge are pointed at.
_PRODUCERS = 4


def explained(
    call: Call, misfit: TypeMismatch, types: Types, labels: tuple[Label, ...] = ()
) -> Diagnostic:
    """One diagnostic: at the instance if its arguments are at fault, else at the call.

    Of tensors that do not fit it shows the shapes, axis by axis, the way each came, and the places
    that make them.
    """
    at_fault = misfit.layer or call.layer
    span = misfit.span or call.span
    if misfit.argument and not isinstance(at_fault, Op):
        span = at_fault.spans.get(misfit.argument, at_fault.span)
    facts: list[str] = []
    # An argument is at fault whatever the tensors are; else they, and their ways, are shown.
    if not misfit.argument:
        odd = odd_axes(call, types)
        facts = [*compared(call, types), *Trace(types, odd).of_inputs(call)]
        if misfit.code == "MTG304":
            facts += _nothing_left(call, types)
        labels += _producers(call, types, dtypes=misfit.code == "MTG303")
    return Diagnostic(
        misfit.code,
        misfit.message,
        span,
        labels=(*labels, *where_called(call)),
        notes=(*misfit.notes, *facts),
        help=misfit.help,
    )


def _nothing_left(call: Call, types: Types) -> list[str]:
    """Return the arithmetic of a window that is longer than what it moves over."""
    shapes = _shapes(call, types)
    said = [
        found
        for axis, length in enumerate(shapes[0][:-1] if shapes else ())
        if (found := formula(call.layer, axis, length)) is not None and found[1] < 1
    ]
    return list(dict.fromkeys(text for text, _ in said))


def _producers(call: Call, types: Types, *, dtypes: bool) -> tuple[Label, ...]:
    """Return the places that make the tensors of a merge, each with its shape, or its type."""
    refs = list(dict.fromkeys(call.tensors()))
    if call.layer.cls not in MERGES or len(refs) < 2:
        return ()
    found = []
    for ref in refs[:_PRODUCERS]:
        made = types.graph.calls[ref.call]
        span = made.layer.span if isinstance(made.layer, InputLayer) else made.span
        inside = span.source is call.span.source and (
            call.span.start <= span.start and span.end <= call.span.end
        )
        shape = types.of(ref)
        if span.source is not NOWHERE.source and not inside and shape.shape is not None:
            found.append(Label(span, str(shape) if dtypes else lengths(shape)))
    return tuple(found)


def compared(call: Call, types: Types) -> list[str]:
    """Format the shapes of a merge one below the other, with the axes that differ marked."""
    odd = odd_axes(call, types)
    if not odd:
        return []
    trace = Trace(types)
    refs = list(dict.fromkeys(call.tensors()))
    known = _shapes(call, types)
    titles = [trace.name(ref) for ref in refs]
    width = max(map(len, titles))
    most = max(map(len, known))
    # Shapes are lined up at their last axes, as the merge does.
    rows = [[""] * (most - len(shape)) + [str(n) for n in shape] for shape in known]
    columns = [max(len(row[axis]) for row in rows) for axis in range(most)]
    lines = []
    for title, row, shape in zip(titles, rows, known, strict=True):
        lead = most - len(shape)
        before = " " * sum(w + 2 for w in columns[:lead])
        cells = [f"{n:>{w}}" for n, w in zip(row[lead:], columns[lead:], strict=True)]
        lines.append(f"{title:<{width}}  {before}[{', '.join(cells)}]")
    marks = "  ".join(("^" if axis in odd else " ") * w for axis, w in enumerate(columns))
    return ["\n".join(["these lengths differ:", *lines, f"{'':<{width}}   {marks.rstrip()}"])]


def _shapes(call: Call, types: Types) -> list[tuple[Dim, ...]]:
    """Return the known shapes of what a call takes, each once, without the batch axis."""
    shapes = [types.of(ref).shape for ref in dict.fromkeys(call.tensors())]
    return [shape[1:] for shape in shapes if shape]


def odd_axes(call: Call, types: Types) -> set[int]:
    """Return the axes of a sample, from 0, in which tensors of a merge must agree and do not.

    Of tensors with unlike numbers of axes it counts those of the one with most.
    """
    shapes = _shapes(call, types)
    refs = set(call.tensors())
    if call.layer.cls not in MERGES or len(refs) < 2 or len(shapes) < len(refs):
        return set()
    most = max(map(len, shapes))
    ranks = {len(shape) for shape in shapes}
    if not most or (len(ranks) > 1 and call.layer.cls not in ELEMENTWISE):
        return set()
    free = _free_axis(call, most)
    odd = set()
    for axis in range(most):
        found = {shape[axis - most + len(shape)] for shape in shapes if axis >= most - len(shape)}
        if call.layer.cls in ELEMENTWISE:
            found -= {1}  # which is broadcast
        if axis != free and len(found) > 1:
            odd.add(axis)
    return odd


def _free_axis(call: Call, rank: int) -> int | None:
    """Return the axis along which tensors are joined, which need not agree in it."""
    if call.layer.cls != "Concatenate":
        return None
    axis = call.layer.arguments.get("axis", -1)
    if not isinstance(axis, int):
        return rank - 1
    return axis - 1 if axis > 0 else rank + axis


def names_of(words: Sequence[str]) -> str:
    """Join names, each in backquotes: `a`, `a` and `b`, `a`, `b` and `c`."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
