"""Lengths of axes: integers, and expressions over lengths that are not known.

A `Length` is a polynomial with integer coefficients whose variables are *atoms*: a name (`dim T`)
or the floor of a polynomial over a positive integer (`T//2`). It is kept in one canonical form, so
that two lengths that are equal by arithmetic are equal in Python: `(T - 4) // 2 == T // 2 - 2`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import gcd
from typing import Any, TypeGuard


@dataclass(frozen=True, slots=True)
class Name:
    """A length with a name. A reserved one is not to be had by `Symbol`."""

    name: str
    reserved: bool = False
    size = 1

    def __hash__(self) -> int:
        return hash(self.name)  # lengths are looked up by it all the time

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Quotient:
    """`numerator // divisor`, where nothing can be taken out of the floor.

    Every coefficient of the numerator, the constant included, is at least 0 and less than the
    divisor, they have no common factor with it, and the numerator is not a quotient itself.
    """

    numerator: Length
    divisor: int

    @property
    def size(self) -> int:
        return 1 + self.numerator.size

    def __str__(self) -> str:
        return f"{_grouped(self.numerator)}//{self.divisor}"


Atom = Name | Quotient
#: A product of atoms, in the order of their text; an atom to a power stands several times.
Product = tuple[Atom, ...]

#: Atoms in one length, those inside floors included. What arithmetic makes larger is `UNKNOWN`:
#: `3*((3*(T//2))//2)` and so on doubles with each layer, and nobody could read it.
MAX_SIZE = 100

#: The longest axis that a tensor of any backend can have. Of larger numbers in a length, too,
#: nothing is kept: a divisor that doubles with each layer would fill the memory.
MAX_LENGTH = 2**63 - 1


class Length:
    """A length that is no plain integer. Immutable; equal by value, and hashable.

    Arithmetic with integers and lengths gives a length, or an integer where the names cancel.
    Make one with `Symbol`, or by arithmetic; `UNKNOWN` absorbs everything.
    """

    __slots__ = ("_constant", "_hash", "_terms", "_text", "size")

    _terms: tuple[tuple[Product, int], ...]
    _constant: int
    _hash: int
    _text: str
    #: How many atoms stand in it: a measure of what arithmetic with it costs.
    size: int

    def __init__(self, terms: Mapping[Product, int], constant: int = 0) -> None:
        ordered = sorted(terms.items(), key=_print_order) if len(terms) > 1 else terms.items()
        self._terms = tuple(ordered)
        self._constant = constant
        self._hash = hash((self._terms, constant))
        self._text = ""
        self.size = sum([atom.size for product, _ in self._terms for atom in product])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Length):
            return NotImplemented
        return self is other or (
            self._hash == other._hash
            and self._constant == other._constant
            and self._terms == other._terms
        )

    def __hash__(self) -> int:
        return self._hash

    def __copy__(self) -> Length:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Length:
        return self

    def __reduce__(self) -> str | tuple[Any, ...]:
        return "UNKNOWN" if self is UNKNOWN else (Length, (dict(self._terms), self._constant))

    # ---- arithmetic ------------------------------------------------------------------------------

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            if self is UNKNOWN or not other:
                return self
            return Length(dict(self._terms), self._constant + other)
        if not isinstance(other, Length):
            return NotImplemented
        if self is UNKNOWN or other is UNKNOWN:
            return UNKNOWN
        terms = dict(self._terms)
        for product, factor in other._terms:
            terms[product] = terms.get(product, 0) + factor
        return _length(terms, self._constant + other._constant)

    __radd__ = __add__

    def __neg__(self) -> Dim:
        return self * -1

    def __sub__(self, other: Dim) -> Dim:
        if not isinstance(other, (int, Length)):
            return NotImplemented
        return self + (-other)

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        if not isinstance(other, (int, Length)):
            return NotImplemented
        if self is UNKNOWN or other is UNKNOWN:
            return UNKNOWN
        if other == 1:
            return self
        factors, constant = as_sum(other)
        terms: dict[Product, int] = {}
        for left, a in (*self._terms, ((), self._constant)):
            for right, b in (*factors, ((), constant)):
                product = tuple(sorted(left + right, key=str))
                terms[product] = terms.get(product, 0) + a * b
        return _length(terms, terms.pop((), 0))

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        """Return the floor of the quotient; `UNKNOWN` where a length does not divide it exactly.

        A divisor that is a length stands for the length of an axis, and is taken not to be 0.
        """
        if isinstance(other, int):
            return _floor(self, other)
        if not isinstance(other, Length):
            return NotImplemented
        return _exact_quotient(self, other)

    def __rfloordiv__(self, other: int) -> Dim:
        return 0 if other == 0 and self is not UNKNOWN else UNKNOWN

    # ---- reading ---------------------------------------------------------------------------------

    @property
    def constant(self) -> int:
        return self._constant

    @property
    def is_reserved(self) -> bool:
        """Whether it depends on a length that no program names: the batch, or the unknown."""
        return any(name.reserved for name in self.names())

    def names(self) -> frozenset[Name]:
        """Return the names it depends on."""
        found: set[Name] = set()
        for product, _ in self._terms:
            for atom in product:
                found |= {atom} if isinstance(atom, Name) else atom.numerator.names()
        return frozenset(found)

    def substitute(self, values: Mapping[Length, Dim]) -> Dim:
        """Return the same expression with other lengths, or integers, for some of its names.

        The keys of `values` are lengths that are nothing but a name, as `Symbol` gives them.
        """
        if self is UNKNOWN:
            return self
        if self in values:
            return values[self]
        total: Dim = self._constant
        for product, factor in self._terms:
            term: Dim = factor
            for atom in product:
                if isinstance(atom, Name):
                    name = Length({(atom,): 1})
                    term = term * values.get(name, name)
                else:
                    term = term * (atom.numerator.substitute(values) // atom.divisor)
            total = total + term
        return total

    def __str__(self) -> str:
        if not self._text:
            self._text = "?" if self is UNKNOWN else min(self._spellings(), key=len)
        return self._text

    __repr__ = __str__

    def _spellings(self) -> Iterable[str]:
        """As it is kept, and with the constant drawn into a floor: `T//2-1` and `(T-2)//2`."""
        yield self._spell(self._terms, self._constant)
        for index, (product, factor) in enumerate(self._terms):
            if self._constant and factor == 1 and len(product) == 1:
                (atom,) = product
                if isinstance(atom, Quotient):
                    inner = atom.numerator + self._constant * atom.divisor
                    floor = f"{_grouped(inner)}//{atom.divisor}"
                    yield self._spell((*self._terms[:index], *self._terms[index + 1 :]), 0, floor)

    @staticmethod
    def _spell(terms: Iterable[tuple[Product, int]], constant: int, first: str = "") -> str:
        parts = [first] if first else []
        for product, factor in terms:
            body = "*".join(
                f"({atom})" if isinstance(atom, Quotient) else str(atom) for atom in product
            )
            if factor == 1 and len(product) == 1:
                body = str(product[0])
            size = "" if abs(factor) == 1 else f"{abs(factor)}*"
            parts.append(f"{'-' if factor < 0 else '+'}{size}{body}")
        # A sum reads better when it does not begin with a minus.
        parts.sort(key=lambda part: part.startswith("-"))
        if constant:
            parts.append(f"{constant:+d}")
            if parts[0].startswith("-") and constant > 0:
                parts.insert(0, parts.pop())
        return "".join(parts).removeprefix("+")


#: The length of an axis: a number, or an expression over lengths that are not known.
Dim = int | Length


def Symbol(name: str) -> Length:
    """Return the length that a `dim` statement names. Equal names are equal lengths."""
    return Length({(Name(name),): 1})


def _print_order(term: tuple[Product, int]) -> tuple[int, list[str]]:
    product, _ = term
    return -len(product), [str(atom) for atom in product]


def _grouped(dim: Dim) -> str:
    text = str(dim)
    return text if text.isidentifier() or text.isdigit() else f"({text})"


def terms_of(length: Length) -> tuple[tuple[Product, int], ...]:
    """Return the products that a sum consists of, each with its factor, without the constant."""
    return length._terms


def as_sum(dim: Dim) -> tuple[tuple[tuple[Product, int], ...], int]:
    """Return the terms and the constant of a length that is not `UNKNOWN`, or of an integer."""
    return ((), dim) if isinstance(dim, int) else (dim._terms, dim._constant)


def _length(terms: dict[Product, int], constant: int) -> Dim:
    """Return the sum of `terms` and `constant`: an integer where nothing else is left."""
    left = {product: factor for product, factor in terms.items() if factor and product}
    return _bounded(Length(left, constant)) if left else constant


def _bounded(length: Length) -> Length:
    if length.size > MAX_SIZE or abs(length._constant) > MAX_LENGTH:
        return UNKNOWN
    return UNKNOWN if any(abs(each) > MAX_LENGTH for _, each in length._terms) else length


def _floor(length: Length, divisor: int) -> Dim:
    """`length // divisor` in canonical form."""
    if divisor == 0:
        raise ZeroDivisionError("a length divided by zero")
    if length is UNKNOWN or divisor == 1:
        return length
    if divisor < 0:
        return _floor_of(-length, -divisor)
    # What is a multiple of the divisor leaves the floor; the rest has factors below the divisor.
    whole: dict[Product, int] = {}
    rest: dict[Product, int] = {}
    for product, factor in length._terms:
        whole[product], rest[product] = divmod(factor, divisor)
    outside, inside = divmod(length._constant, divisor)
    rest = {product: factor for product, factor in rest.items() if factor}
    if not rest:
        return _length(whole, outside)
    # A common factor cancels; the constant may be floored first, since the rest is a multiple.
    common = gcd(divisor, *rest.values())
    rest = {product: factor // common for product, factor in rest.items()}
    inside //= common
    divisor //= common
    if divisor == 1:
        return _length(whole, outside) + _length(rest, inside)
    if divisor > MAX_LENGTH:
        return UNKNOWN
    # (x//m + c) // n is (x + c*m) // (m*n).
    if len(rest) == 1:
        ((product, factor),) = rest.items()
        if factor == 1 and len(product) == 1 and isinstance(product[0], Quotient):
            inner = product[0]
            merged = inner.numerator + inside * inner.divisor
            return _length(whole, outside) + _floor_of(merged, inner.divisor * divisor)
    floor = Length({(Quotient(Length(rest, inside), divisor),): 1})
    return _length(whole, outside) + _bounded(floor)


def _floor_of(dim: Dim, divisor: int) -> Dim:
    return dim // divisor


def _exact_quotient(length: Length, divisor: Length) -> Dim:
    """`length / divisor` where the divisor is one product that divides every term."""
    if length is UNKNOWN or divisor is UNKNOWN:
        return UNKNOWN
    if length == divisor:
        return 1
    if divisor._constant or len(divisor._terms) != 1 or length._constant:
        return UNKNOWN
    ((below, by),) = divisor._terms
    terms: dict[Product, int] = {}
    for product, factor in length._terms:
        left = list(product)
        for atom in below:
            if atom not in left:
                return UNKNOWN
            left.remove(atom)
        if factor % by:
            return UNKNOWN
        terms[tuple(left)] = factor // by
    return _length(terms, terms.pop((), 0))


#: The length of the batch axis: a name of its own, the same in every tensor of a model.
BATCH = Length({(Name("batch", reserved=True),): 1})

#: A length of which nothing is known. Arithmetic with it gives it back.
UNKNOWN = Length({(Name("?", reserved=True),): 1})


def is_known(dim: object) -> TypeGuard[int]:
    """Return whether a length is a number."""
    return isinstance(dim, int)
