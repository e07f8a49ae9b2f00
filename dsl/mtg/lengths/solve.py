"""Which lengths a condition on an expression over one name admits, decided exactly.

Such an expression, sums and floors of one name, is a multiple of the name plus something that
repeats. So its values over one period say all there is to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import lcm

from mtg.lengths.dims import Dim, Length, Name, terms_of
from mtg.records import record

#: The longest period that is looked through.
MAX_PERIOD = 4096
#: The work that comparing two lengths may take, since it is done for every merge.
SOON = 512


@record
class Numbers:
    """A set of lengths, which are whole numbers from 1 on.

    `n` is in it when `n % modulus` is one of the remainders, `n` is at least `minimum`, and `n` is
    one of `values` unless that is None. Made by `numbers`, a set has one form.
    """

    modulus: int = 1
    remainders: frozenset[int] = frozenset({0})
    minimum: int = 1
    values: frozenset[int] | None = None

    def __contains__(self, number: int) -> bool:
        return (
            number >= self.minimum
            and number % self.modulus in self.remainders
            and (self.values is None or number in self.values)
        )

    @property
    def is_empty(self) -> bool:
        return not self.remainders if self.values is None else not self.values

    def both(self, other: Numbers) -> Numbers | None:
        """Return the intersection of two sets, or None where the period is too long."""
        few = self.values if self.values is not None else other.values
        if few is not None:
            return numbers(values=frozenset(n for n in few if n in self and n in other))
        modulus = lcm(self.modulus, other.modulus)
        if modulus > MAX_PERIOD:
            return None
        remainders = frozenset(
            n
            for start in self.remainders
            for n in range(start, modulus, self.modulus)
            if n % other.modulus in other.remainders
        )
        return numbers(modulus, remainders, max(self.minimum, other.minimum))


def numbers(
    modulus: int = 1,
    remainders: frozenset[int] = frozenset({0}),
    minimum: int = 1,
    values: frozenset[int] | None = None,
) -> Numbers:
    """Return the set in its one form: the smallest modulus, and no minimum that says nothing."""
    if values is not None:
        return Numbers(values=values)
    if not remainders:
        return NONE
    for prime in _primes(modulus):
        # The set repeats within a part of the modulus: that part is modulus enough.
        while modulus % prime == 0:
            part = modulus // prime
            smaller = frozenset(n % part for n in remainders)
            if len(smaller) * prime != len(remainders):
                break
            modulus, remainders = part, smaller
    if min((n - 1) % modulus + 1 for n in remainders) >= minimum:
        minimum = 1
    return Numbers(modulus, remainders, minimum)


def _primes(number: int) -> Iterator[int]:
    factor = 2
    while factor * factor <= number:
        if number % factor == 0:
            yield factor
            while number % factor == 0:
                number //= factor
        factor += 1
    if number > 1:
        yield number


ALL = Numbers()
NONE = Numbers(remainders=frozenset())


def work(length: Length) -> int | None:
    """Return the cost of looking through one period, or None where there is no short one."""
    period = _period(length) if len(length.names()) == 1 else None
    return None if period is None else period * length.size


def decided(difference: Dim) -> bool | None:
    """Return whether a difference is always or never 0; None where it depends or is costly."""
    cost = work(difference) if isinstance(difference, Length) else None
    found = zeros(difference) if cost is not None and cost <= SOON else None
    if found is None:
        return None
    return True if found == ALL else False if found.is_empty else None


@lru_cache(1024)
def zeros(length: Length) -> Numbers | None:
    """Return the values of the one name of `length` that make it 0; None without a period."""
    found = _table(length)
    if found is None:
        return None
    table, step = found
    period = len(table)
    if step == 0:
        return numbers(period, frozenset(n % period for n, v in enumerate(table, 1) if v == 0))
    values = {
        n + period * (-v // step)
        for n, v in enumerate(table, 1)
        if v % step == 0 and -v // step >= 0
    }
    return numbers(values=frozenset(values))


@lru_cache(1024)
def positives(length: Length) -> Numbers | None:
    """Return the lengths for the one name of `length` that make it 1 or more.

    None where that has no period, or is neither a minimum nor a matter of remainders.
    """
    found = _table(length)
    if found is None:
        return None
    table, step = found
    period = len(table)
    if step == 0:
        return numbers(period, frozenset(n % period for n, v in enumerate(table, 1) if v > 0))
    if step < 0:
        return None
    # From each number of the period on, the first that fits; with it fit all that follow it.
    firsts = [n + period * max(0, -((v - 1) // step)) for n, v in enumerate(table, 1)]
    minimum = max(first - period for first in firsts) + 1
    if minimum <= 1:
        return ALL
    return numbers(minimum=minimum) if min(firsts) >= minimum else None


def _period(length: Length) -> int | None:
    """Return a number by which the name may grow so that remainders repeat."""
    period = 1
    for product, _ in terms_of(length):
        if len(product) != 1:
            return None
        (atom,) = product
        if isinstance(atom, Name):
            continue
        inner = _period(atom.numerator)
        if inner is None:
            return None
        period = lcm(period, inner * atom.divisor)
        if period > MAX_PERIOD:
            return None
    return period


def _table(length: Length) -> tuple[list[int], int] | None:
    """Return the values of one period, and by how much they grow from period to period."""
    period = _period(length) if len(length.names()) == 1 else None
    if period is None:
        return None
    values = _values(length, range(1, period + 2))
    return values[:-1], values[-1] - values[0]


def _values(length: Length, points: range) -> list[int]:
    total = [length.constant] * len(points)
    for (atom,), factor in terms_of(length):
        if isinstance(atom, Name):
            total = [t + factor * n for t, n in zip(total, points, strict=True)]
        else:
            inner, divisor = _values(atom.numerator, points), atom.divisor
            total = [t + factor * (n // divisor) for t, n in zip(total, inner, strict=True)]
    return total
