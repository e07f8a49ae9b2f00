"""An order in which everything stands after what it needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush


def order_of(needs: Sequence[Collection[int]]) -> list[int] | None:
    """Return the order of numbers, the smallest first wherever several may stand.

    It answers what most programs ask, without networkx, whose import takes longer than a check.

    Args:
        needs: For each number those that it needs.

    Returns:
        All numbers in order, or None where some need each other.
    """
    sorter = TopologicalSorter(dict(enumerate(needs)))
    try:
        sorter.prepare()
    except CycleError:
        return None
    ready: list[int] = []
    ordered: list[int] = []
    while sorter.is_active():
        for number in sorter.get_ready():
            heappush(ready, number)
        ordered.append(heappop(ready))
        sorter.done(ordered[-1])
    return ordered
