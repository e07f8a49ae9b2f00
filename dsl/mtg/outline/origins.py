"""Values that the program writes with a parameter, and that are said so again.

A value is replaced by a formula only where the formula has that value, so that an outline is exact
whatever is found here.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from mtg.graph.graph import Use
from mtg.graph.layers import Layer
from mtg.graph.written import DeclaredParameter, Formula, WrittenValues
from mtg.outline.draft import Path, Values
from mtg.outline.ir import BlockParameter, Param, Value
from mtg.outline.names import PYTHON_PARAMETERS_RESERVED, Names
from mtg.outline.tidy import value_key
from mtg.text.source import Span

#: What each value of a node is written as.
Origins = dict[Path, Formula]


def origins_of(layer: Layer, values: Values, written: WrittenValues) -> Origins:
    """Return what the values of a layer are written as, where it is a formula of a parameter."""
    found: Origins = {}
    for path in values:
        span = _place(layer, path[1:]) if path[:1] == ("a",) else None
        if span is not None and span in written.formulas:
            found[path] = written.formulas[span]
    return found


def _place(layer: Layer, names: Sequence[object]) -> Span | None:
    """Return where an argument stands of a layer, or of one inside it."""
    for name in names[:-1]:
        inner = layer.arguments.get(str(name))
        if not isinstance(inner, Layer):
            return None
        layer = inner
    return layer.spans.get(str(names[-1]))


class Unsaid(Exception):
    """A value depends on a parameter of a block or model, and no formula here says how."""

    def __init__(self, owner: Span, name: str) -> None:
        super().__init__(name)
        self.parameter = owner, name


def in_model(
    formula: Formula, uses: Sequence[Use], model: Span, written: WrittenValues
) -> tuple[str, int, int] | None:
    """Return a formula in a block, or in blocks of blocks, as one of the model's parameter.

    None where a block is given a value that no parameter of the model has a part in.

    Raises:
        Unsaid: It may depend on one otherwise.
    """
    name, times, over = formula.name, formula.times, formula.over
    owner = formula.owner
    for use in reversed(uses):
        if owner == model:
            break
        made = written.uses.get(use.span)
        if made is None:
            return None  # what it is given is no formula, so that no parameter in it is kept
        if made.owner != owner:
            raise Unsaid(owner, name)
        outer = written.formulas.get(made.given.get(name, use.span))
        if outer is None:
            return None
        if outer.over != 1 and times != 1:
            raise Unsaid(outer.owner, outer.name)
        owner, name = outer.owner, outer.name
        times, over = times * outer.times, over * outer.over
    if owner != model:
        raise Unsaid(owner, name)
    return name, times, over


def _sources(parameter: tuple[Span, str], model: Span, written: WrittenValues) -> set[str]:
    """Return the parameters of a model that some use hands on to a parameter."""
    found = {parameter}
    waiting = list(found)
    while waiting:
        owner, name = waiting.pop()
        for use in written.uses.values():
            outer = written.formulas.get(use.given[name]) if name in use.given else None
            if use.owner == owner and outer is not None:
                one = outer.owner, outer.name
                if one not in found:
                    found.add(one)
                    waiting.append(one)
    return {name for owner, name in found if owner == model}


def scaled(value: Value, times: int, over: int) -> Value | None:
    """Return what a formula of a value is: a value, or a formula; None where nothing says it."""
    if times == over == 1:
        return value
    if isinstance(value, Param):
        if value.item is not None or (value.over != 1 and times != 1):
            return None
        return Param(value.name, value.times * times, value.over * over)
    return value * times // over if type(value) is int else None


def unscaled(value: Value, times: int, over: int) -> Value | None:
    """Return the value of which a formula has this value, where that is certain."""
    if times == over == 1:
        return value
    return value // times if type(value) is int and over == 1 and value % times == 0 else None


def values_of(found: Mapping[str, list[tuple[Value, int, int]]]) -> dict[str, Value]:
    """Return the values of parameters, from the values of their formulas.

    A parameter is left out where that is not certain, or where a formula of it has another value.
    """
    values: dict[str, Value] = {}
    for name, made in found.items():
        plain = [each for each in made if each[1:] == (1, 1)]
        value = unscaled(*(plain or made)[0])
        if value is not None and all(
            value_key(scaled(value, times, over)) == value_key(one) for one, times, over in made
        ):
            values[name] = value
    return values


class ModelValues:
    """Which values in a model are formulas of its parameters.

    First every value is noted, then the parameters are settled: those of which every formula has
    the value that it has in the graph, and that have a part in no other value.
    """

    def __init__(self, model: Span, written: WrittenValues | None) -> None:
        self.model = model
        self.written = written
        self.noted: dict[str, list[tuple[Value, int, int]]] = {}
        self.unsaid: set[str] = set()
        self.kept: dict[str, BlockParameter] = {}

    def origins(self, layer: Layer, values: Values) -> Origins:
        """Return what the values of a layer are written as."""
        return {} if self.written is None else origins_of(layer, values, self.written)

    def note(self, layer: Layer, uses: Sequence[Use], values: Values) -> None:
        """Note the values of a layer that are formulas of a parameter of the model."""
        for path, (name, times, over) in self._formulas(layer, uses, values):
            self.noted.setdefault(name, []).append((values[path], times, over))
        for formula in self.origins(layer, values).values():
            assert self.written is not None
            try:
                in_model(formula, uses, self.model, self.written)
            except Unsaid as unsaid:
                self.unsaid |= _sources(unsaid.parameter, self.model, self.written)

    def settle(self, names: Names, called: frozenset[str]) -> None:
        """Give the parameters that are kept their names; the model calls what is `called` so."""
        if self.written is not None:
            values = values_of({n: v for n, v in self.noted.items() if n not in self.unsaid})
            reserved = PYTHON_PARAMETERS_RESERVED | called
            for declared in declared_by(self.written, self.model, values):
                own = names.take(declared.name, reserved)
                self.kept[declared.name] = BlockParameter(own, values[declared.name], True)

    def said(self, layer: Layer, uses: Sequence[Use], values: Values) -> Values:
        """Return those values of a layer that are said by a parameter."""
        return {
            path: Param(self.kept[name].name, times, over)
            for path, (name, times, over) in self._formulas(layer, uses, values)
            if name in self.kept
        }

    def parameters(self) -> tuple[BlockParameter, ...]:
        return tuple(self.kept.values())

    def _formulas(
        self, layer: Layer, uses: Sequence[Use], values: Values
    ) -> Iterator[tuple[Path, tuple[str, int, int]]]:
        for path, formula in self.origins(layer, values).items():
            assert self.written is not None
            try:
                found = in_model(formula, uses, self.model, self.written)
            except Unsaid:
                continue
            if found is not None:
                yield path, found


def declared_by(
    written: WrittenValues, owner: Span, names: Container[str]
) -> list[DeclaredParameter]:
    """Return the parameters of a block or model that are among some names, in order."""
    return [each for each in written.declared.get(owner, ()) if each.name in names]
