"""The parts that tensors play in a call: `query` and `value`, `initial_state h`, the order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from mtg.backends.labels import wrapped
from mtg.graph.graph import Call
from mtg.graph.layers import KerasLayer, Layer, NestedModel, Op
from mtg.graph.values import TensorRef, Value, tensors_in

#: A part: a name, a sign, or the number of a place; None where every place is as good.
Role: TypeAlias = str | int | None

#: What is the same whatever the order of its tensors.
_MERGES = frozenset({"Add", "Multiply", "Average", "Maximum", "Minimum"})
_OPS = frozenset({"add", "multiply", "maximum", "minimum", "equal", "not_equal", "isclose"})
_LOGIC = frozenset(
    f"{kind}_{name}" for kind in ("logical", "bitwise") for name in ("and", "or", "xor")
)
_SYMMETRIC = _MERGES | _OPS | _LOGIC
_SIGNED = frozenset({"Subtract", "subtract"})
SIGNS = ("+", "−")
#: What the list is that these layers take.
_LISTS = dict.fromkeys(("Attention", "AdditiveAttention"), ("query", "value", "key"))
#: Names of parameters that say no more than their place does.
_PLACES = frozenset({"x", "x1", "x2", "xs", "inputs", "a", "b", "arrays", "operands", "args"})


def tensors_with_roles(call: Call) -> list[tuple[TensorRef, Role]]:
    """Return the tensors that a call takes, each with its part, in the order of the arguments."""
    found = [*_by_position(call), *_by_name(call)]
    numbered = [number for number, (_, role) in enumerate(found) if isinstance(role, int)]
    if len(numbered) == 1:  # the first of one
        (at,) = numbered
        found[at] = (found[at][0], None)
    return found


def in_words(roles: Sequence[Role]) -> str:
    """Return the parts that one tensor plays, or those of one family: `query, value`, `1–8`."""
    runs: list[list[int]] = []
    for number in sorted(role for role in roles if isinstance(role, int)):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    numbers = [f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    return ", ".join([*numbers, *dict.fromkeys(role for role in roles if isinstance(role, str))])


def _by_position(call: Call) -> Iterator[tuple[TensorRef, Role]]:
    layer = call.layer
    every = list(tensors_in(call.args))
    if isinstance(layer, NestedModel):
        yield from _inputs(layer, call.args)
    elif layer.cls in _SYMMETRIC:
        yield from ((ref, None) for ref in every)
    elif layer.cls in _SIGNED and len(every) == 2:
        yield from zip(every, SIGNS, strict=True)
    elif layer.cls in _LISTS:
        yield from zip(every, _LISTS[layer.cls], strict=False)
    else:
        yield from _by_parameter(layer, call.args)


def _by_parameter(layer: Layer, args: tuple[Value, ...]) -> Iterator[tuple[TensorRef, Role]]:
    """Yield tensors with the names of their parameters; where these say nothing, their places."""
    names: list[str] = []
    main = 0  # so many arguments at the beginning are what the layer is for, and need no name
    if isinstance(layer, KerasLayer):
        names = [parameter.name for parameter in layer.entry.call]
        main = int(layer.entry.tensors != "several")
    elif isinstance(layer, Op) and layer.entry is not None:
        names = [parameter.name for parameter in layer.entry.parameters]
    place = 0
    for number, value in enumerate(args):
        refs = list(tensors_in(value))
        name = names[number] if number < len(names) else ""
        if number >= main and name not in _PLACES and name:
            yield from _of_argument(layer, name, refs)
            continue
        for ref in refs:
            place += 1
            yield ref, place


def _by_name(call: Call) -> Iterator[tuple[TensorRef, Role]]:
    for name, value in call.kwargs.items():
        yield from _of_argument(call.layer, name, list(tensors_in(value)))


def _of_argument(
    layer: Layer, name: str, refs: list[TensorRef]
) -> Iterator[tuple[TensorRef, Role]]:
    """Yield the tensors of one argument; of several, with which of them each is."""
    parts = _states(layer, len(refs)) if name == "initial_state" else []
    for number, ref in enumerate(refs, 1):
        part = parts[number - 1] if parts else str(number)
        yield ref, f"{name} {part}" if len(refs) > 1 else name


def _states(layer: Layer, count: int) -> list[str]:
    """Return what the states of a recurrent layer are called."""
    inner = wrapped(layer)
    if layer.cls == "Bidirectional" and inner is not None and count % 2 == 0:
        one = _states(inner, count // 2) or [""]
        return [f"{part} {way}".strip() for way in ("forward", "backward") for part in one]
    return ["h", "c"] if "LSTM" in layer.cls and count == 2 else []


def _inputs(layer: NestedModel, args: tuple[Value, ...]) -> Iterator[tuple[TensorRef, Role]]:
    """Yield the tensors that a model takes, each with the name of its input."""
    names = [call.layer.name for call in layer.graph.inputs]
    given = args[0] if len(args) == 1 else list(args)
    if len(names) == 1:
        yield from ((ref, None) for ref in tensors_in(given))
    elif isinstance(given, dict):
        yield from ((ref, str(name)) for name, value in given.items() for ref in tensors_in(value))
    else:
        yield from zip(tensors_in(given), names, strict=False)
