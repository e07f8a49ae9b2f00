"""What lengths with a name must be for a model to fit: "h must be a multiple of 16".

Rules find places where two lengths must be equal and it depends on a name whether they are, and
`infer` finds results that are only there when a name is large enough. Each such demand is decided
exactly where it is about one name; all of one name are merged, and what others imply is left out.
An equation over several names is stated as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mtg.graph.graph import Call
from mtg.lengths.dims import Dim, Length, Name, Symbol, terms_of
from mtg.lengths.solve import ALL, Numbers, positives, work, zeros
from mtg.records import record

#: The work one model may cost: values looked at. What is beyond it is stated, not solved.
MAX_WORK = 2_000_000
#: Demands on one name that are compared with each other, to leave out what others imply.
MAX_COMPARED = 16
#: Values, or remainders, that are listed in a sentence.
MAX_LISTED = 6


class Demand(NamedTuple):
    """Two lengths that must be equal; with None, one that must be 1 or more."""

    left: Dim
    right: Dim | None

    @property
    def difference(self) -> Dim:
        return self.left if self.right is None else self.left - self.right


@record
class Constraint:
    """One thing that lengths must be.

    Attributes:
        subject: What must be so: `h`, or a longer expression.
        needs: What it must be: `a multiple of 16`, `at least 7`, `2*h`.
        names: The names it is about.
        form: The same for machines: `name` with `modulus` and `remainder` (or `remainders`), with
            `minimum` and `maximum`, or with `values`; or `equal`, two expressions.
        calls: The calls that demand it.
    """

    subject: str
    needs: str
    names: tuple[str, ...]
    form: Mapping[str, Any]
    calls: tuple[Call, ...]

    @property
    def text(self) -> str:
        return f"{self.subject} must be {self.needs}"


@record
class Conflict:
    """A call whose demand cannot be met, given those of the calls before it."""

    call: Call
    message: str
    others: tuple[Call, ...]


@dataclass(slots=True)
class _Name:
    """What is found out about one name."""

    name: str
    numbers: Numbers = ALL
    #: The demands that make it so, those for a minimum and nothing else aside.
    demands: list[tuple[Numbers, Call]] = field(default_factory=list)
    least: tuple[Numbers, Call] | None = None
    #: Sets whose period does not go with that of the others.
    apart: list[tuple[Numbers, Call]] = field(default_factory=list)
    broken: bool = False

    def add(self, new: Numbers, call: Call) -> Conflict | None:
        if self.broken or new == ALL:
            return None
        both = self.numbers.both(new)
        if both is None:
            if all(new != old for old, _ in self.apart):
                self.apart.append((new, call))
            return None
        if both.is_empty:
            self.broken = True
            every = self.every()
            at_odds = [item for item in every if (m := item[0].both(new)) and m.is_empty]
            others = tuple(dict.fromkeys(call for _, call in at_odds or every))
            if not others:
                return Conflict(call, f"no length `{self.name}` makes these lengths equal", ())
            return Conflict(
                call,
                f"no length `{self.name}` fits: here it must be {_needs(new)}, "
                f"and elsewhere {_needs(self.numbers)}",
                others,
            )
        if both != self.numbers:
            if new == Numbers(minimum=new.minimum):
                self.least = (new, call)
            else:
                self.demands.append((new, call))
            self.numbers = both
        return None

    def every(self) -> list[tuple[Numbers, Call]]:
        return [*self.demands, *([self.least] if self.least else [])]

    def constraints(self) -> Iterable[Constraint]:
        if self.broken:
            return
        left = self.needed()
        for numbers in _single(self.numbers):
            calls = [call for new, call in left if _says(new, numbers)]
            yield self.constraint(numbers, calls or [call for _, call in left])
        for numbers, call in self.apart:
            yield self.constraint(numbers, [call])

    def constraint(self, numbers: Numbers, calls: Iterable[Call]) -> Constraint:
        form = {"name": self.name, **_form(numbers)}
        return Constraint(
            self.name, _needs(numbers), (self.name,), form, tuple(dict.fromkeys(calls))
        )

    def needed(self) -> list[tuple[Numbers, Call]]:
        """Remove the constraints that others imply."""
        left = self.every()
        if len(left) > MAX_COMPARED:
            return left
        for each in list(left):
            rest = ALL
            for other, _ in (item for item in left if item is not each):
                both = rest.both(other)
                if both is None:
                    return left
                rest = both
            if rest == self.numbers:
                left.remove(each)
        return left


def solve(demands: Mapping[Demand, Call]) -> tuple[list[Constraint], list[Conflict]]:
    """Combine the constraints of calls, name by name, and find those that cannot be met."""
    names: dict[str, _Name] = {}
    equations: dict[Length, Constraint] = {}
    conflicts: list[Conflict] = []
    spent = 0
    for demand, call in demands.items():
        condition = demand.difference
        if isinstance(condition, int) or condition.is_reserved:
            continue
        cost = work(condition)
        found = None
        if cost is not None and spent + cost <= MAX_WORK:
            spent += cost
            found = positives(condition) if demand.right is None else zeros(condition)
        if found is not None:
            (name,) = (name.name for name in condition.names())
            conflict = names.setdefault(name, _Name(name)).add(found, call)
            conflicts += [conflict] if conflict else []
        elif demand.right is not None and -condition not in equations:
            equations.setdefault(condition, _equation(demand, condition, call))
    solved = [each for name in names.values() for each in name.constraints()]
    return [*solved, *equations.values()], conflicts


def simplified(dim: Dim, constraints: Iterable[Constraint]) -> Dim:
    """Return the same amount without the floors that constraints make needless.

    Where h must be a multiple of 16, `64*(h//4)` is `16*h`: put 16 times a name in the place of h,
    and divide the factors again.
    """
    if isinstance(dim, int):
        return dim
    steps = {
        Symbol(each.form["name"]): int(each.form["modulus"])
        for each in constraints
        if each.form.get("remainder") == 0
    }
    if not steps:
        return dim
    large = dim.substitute({name: name * step for name, step in steps.items()})
    if isinstance(large, int) or large.is_reserved:
        return dim
    total: Dim = large.constant
    for product, factor in terms_of(large):
        term: Dim = 1
        divisor = 1
        for atom in product:
            if not isinstance(atom, Name):
                return dim
            term = Symbol(atom.name) * term
            divisor *= steps.get(Symbol(atom.name), 1)
        if factor % divisor:
            return dim
        total = total + term * (factor // divisor)
    return total


# ---- equations -----------------------------------------------------------------------------------


def _equation(demand: Demand, condition: Length, call: Call) -> Constraint:
    """`2*h` and `w`: w must be 2*h. Solved for a name where that is possible."""
    assert demand.right is not None
    names = tuple(sorted(name.name for name in condition.names()))
    solutions = sorted(
        _solved(condition), key=lambda pair: (len(str(pair[1])), "-" in str(pair[1]))
    )
    plain = [pair for pair in solutions if str(pair[0]) in (str(demand.left), str(demand.right))]
    left, right = str(demand.left), str(demand.right)
    if plain or solutions:
        left, right = map(str, (plain or solutions)[0])
    elif len(left) < len(right):
        left, right = right, left
    return Constraint(left, right, names, {"equal": [left, right]}, (call,))


def _solved(condition: Length) -> Iterable[tuple[Length, Dim]]:
    """Each name that stands by itself, once, and what it must be for `condition` to be 0."""
    terms = terms_of(condition)
    for product, factor in terms:
        if len(product) == 1 and isinstance(product[0], Name) and abs(factor) == 1:
            name = Symbol(product[0].name)
            rest = condition - name * factor
            if isinstance(rest, int) or product[0] not in rest.names():
                yield name, rest * -factor


# ---- words ---------------------------------------------------------------------------------------


def _single(numbers: Numbers) -> list[Numbers]:
    """Split a set into sets that each say one thing; none where it says nothing."""
    if numbers.values is not None:
        return [numbers]
    found = [Numbers(numbers.modulus, numbers.remainders)] if numbers.modulus > 1 else []
    return [*found, Numbers(minimum=numbers.minimum)] if numbers.minimum > 1 else found


def _says(new: Numbers, one: Numbers) -> bool:
    """Return whether a constraint contributes to `one`."""
    if one.values is not None:
        return True
    return new.minimum == one.minimum if one.minimum > 1 else new.modulus > 1


def _range(numbers: Numbers) -> tuple[int, int] | None:
    """Return the first and the last of several values that follow each other."""
    if numbers.values is None or len(numbers.values) < 2:
        return None
    first, last = min(numbers.values), max(numbers.values)
    return (first, last) if last - first + 1 == len(numbers.values) else None


def _form(numbers: Numbers) -> dict[str, Any]:
    between = _range(numbers)
    if between:
        return {"minimum": between[0], "maximum": between[1]}
    if numbers.values is not None:
        return {"values": sorted(numbers.values)}
    form: dict[str, Any] = {}
    if numbers.modulus > 1:
        remainders = sorted(numbers.remainders)
        form["modulus"] = numbers.modulus
        form |= {"remainder": remainders[0]} if len(remainders) == 1 else {"remainders": remainders}
    if numbers.minimum > 1:
        form["minimum"] = numbers.minimum
    return form


def _needs(numbers: Numbers) -> str:
    between = _range(numbers)
    if between and len(numbers.values or ()) > 2:
        return f"from {between[0]} to {between[1]}"
    if numbers.values is not None:
        return _listed(numbers.values)
    modulus, remainders = numbers.modulus, numbers.remainders
    parts = []
    if modulus == 2:
        parts.append("odd" if 1 in remainders else "even")
    elif remainders == {0}:
        parts += [f"a multiple of {modulus}"] if modulus > 1 else []
    else:
        parts.append(f"{_listed(remainders)} more than a multiple of {modulus}")
    if numbers.minimum > 1:
        parts.append(f"at least {numbers.minimum}")
    return " and ".join(parts)


def _listed(numbers: frozenset[int]) -> str:
    """`2`, `2 or 3`, `0 to 7`, `1, 4 or 6`, and of many the first few."""
    found = sorted(numbers)
    if len(found) > 2 and found[-1] - found[0] + 1 == len(found):
        return f"{found[0]} to {found[-1]}"
    texts = [str(number) for number in found[:MAX_LISTED]]
    if len(found) > MAX_LISTED:
        return f"{', '.join(texts)} or one of {len(found) - MAX_LISTED} others"
    return f"{', '.join(texts[:-1])} or {texts[-1]}" if texts[1:] else texts[0]
