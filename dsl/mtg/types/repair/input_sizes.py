"""Inputs of a size that does not go through the network: 40 rows, where it takes a multiple of 16.

A network that halves an image and doubles it again takes some sizes only. The lengths of the input
are given names, and what the types then say of the names is what the numbers should have been.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mtg.graph.layers import Layer
from mtg.lengths.dims import Dim, Symbol, is_known
from mtg.text.diagnostics import Diagnostics, TooMany
from mtg.types.constraints import Constraint
from mtg.types.infer import infer
from mtg.types.repair.change import Repair, changed
from mtg.types.repair.sources import Tensors

#: Calls of a graph that is inferred with names for lengths.
_MOST_CALLS = 5_000
#: Lengths that are tried, below the one that is given and above.
_REACH = 4_096


def input_sizes(tensors: Tensors, odd: set[int]) -> Iterator[Repair]:
    """Other lengths of an input, for a merge whose tensors differ in the axes `odd`."""
    graph = tensors.types.graph
    if len(graph.calls) > _MOST_CALLS:
        return
    for call in graph.inputs:
        layer = call.layer
        shape = layer.arguments.get("shape")
        if not isinstance(shape, (list, tuple)):
            continue
        names = {
            axis: f"{layer.name}.{axis}"
            for axis, length in enumerate(shape[:-1])
            if is_known(length) and length > 1
        }
        if not odd & set(names):
            continue
        wide = {axis: Symbol(name) for axis, name in names.items()}
        change = Repair("", settings=((layer, {"shape": _put(shape, wide)}),))
        try:
            found = infer(changed(graph, tensors.call, change), Diagnostics())
        except TooMany:
            continue
        needed = {
            axis: [each for each in found.constraints if each.form.get("name") == name]
            for axis, name in names.items()
        }
        yield from _change(layer, shape, needed)


def _change(layer: Layer, shape: Any, needed: Mapping[int, list[Constraint]]) -> Iterator[Repair]:
    new: dict[int, Dim] = {}
    axes: dict[str, list[int]] = {}
    for axis, constraints in needed.items():
        if any(len(each.form.get("values", ())) == 1 for each in constraints):
            return  # it is another input's length that this one should have
        near = _nearest(shape[axis], constraints)
        if not near or shape[axis] in near:
            continue
        new[axis] = near[-1]
        needs = " and ".join(each.needs for each in constraints)
        axes.setdefault(f"be {' or '.join(map(str, near))} ({needs})", []).append(axis + 1)
    if not new:
        return
    parts = [
        f"{'axis' if len(every) == 1 else 'axes'} {' and '.join(map(str, every))} "
        f"of `{layer.name}` {words}"
        for words, every in axes.items()
    ]
    resized = ", there or by a `Resizing` after it" if len(shape) == 3 else ""
    yield Repair(
        f"let {' and '.join(parts)}{resized}",
        settings=((layer, {"shape": _put(shape, new)}),),
    )


def _nearest(length: int, constraints: list[Constraint]) -> list[int]:
    """Return the lengths nearest to one, below and above, of which all constraints are true."""
    below = range(length, max(0, length - _REACH), -1)
    above = range(length, length + _REACH)
    found = [
        next((n for n in numbers if all(_holds(each.form, n) for each in constraints)), 0)
        for numbers in (below, above)
    ]
    return sorted({n for n in found if n})


def _holds(form: Mapping[str, Any], number: int) -> bool:
    """Return whether a length is as a constraint on one name says."""
    if "values" in form:
        return number in form["values"]
    remainders = form.get("remainders", [form.get("remainder", 0)])
    least, most = form.get("minimum", 1), form.get("maximum", number)
    return number % form.get("modulus", 1) in remainders and least <= number <= most


def _put(shape: Any, lengths: Mapping[int, Dim]) -> tuple[Any, ...]:
    return tuple(lengths.get(axis, length) for axis, length in enumerate(shape))
