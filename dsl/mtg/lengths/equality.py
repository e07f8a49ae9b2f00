"""Whether lengths are equal, or less than a number, as far as that can be known."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd

from mtg.lengths.dims import BATCH, UNKNOWN, Dim, Name, Product, as_sum
from mtg.lengths.solve import decided


def same(a: Dim, b: Dim) -> bool | None:
    """Return whether two lengths of axes are equal; None where it cannot be known.

    Two lengths are different when no lengths of 1 or more for their names make them equal, and
    when they are two different names: that is what giving two names says.
    """
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    if a is UNKNOWN or b is UNKNOWN:
        return None
    if a == b:
        return True
    terms, constant = as_sum(a - b)
    factors = [factor for _, factor in terms]
    if not factors:
        return constant == 0
    if constant % gcd(*factors):
        return False
    verdict = decided(a - b)
    if verdict is not None:
        return verdict
    if _only_positive(terms, constant) or _only_positive([(p, -f) for p, f in terms], -constant):
        return False
    return False if _is_name(a) and _is_name(b) else None


def _only_positive(terms: Iterable[tuple[Product, int]], constant: int) -> bool:
    """Return whether a sum is more than 0 for all lengths of 1 or more. Floors are 0 or more."""
    named = 0
    for product, factor in terms:
        if factor < 0:
            return False
        if all(isinstance(atom, Name) for atom in product):
            named += factor
    return named + constant > 0


def _is_name(dim: Dim) -> bool:
    """Return whether a length is nothing but a name that a program declared."""
    terms, constant = as_sum(dim)
    if constant or len(terms) != 1:
        return False
    ((product, factor),) = terms
    return factor == 1 and len(product) == 1 and isinstance(product[0], Name) and dim != BATCH


def may_be_below(dim: Dim, least: int) -> bool | None:
    """Return whether a length is less than `least`; None where that is not known."""
    if isinstance(dim, int):
        return dim < least
    return False if dim is not UNKNOWN and _only_positive(*as_sum(dim - least + 1)) else None
