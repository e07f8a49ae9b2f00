"""Which tasks each thing in a picture serves, and the letters that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from mtg.graph.layers import Layer

if TYPE_CHECKING:
    from mtg.backends.families import Families
    from mtg.graph.graph import Call, Graph


class Service(NamedTuple):
    """The tasks that something serves.

    Attributes:
        tasks: Their numbers as bits: 5 is the first and the third.
        of: How many tasks there are; 0 where a graph has no outputs.
    """

    tasks: int
    of: int

    @property
    def unused(self) -> bool:
        """Whether no output depends on it, though there are outputs."""
        return self.of > 0 and not self.tasks

    @property
    def numbers(self) -> list[int]:
        """The numbers of the tasks to be told: none where it serves all of them."""
        if self.tasks == (1 << self.of) - 1:
            return []
        return list(_bits(self.tasks))

    @property
    def own(self) -> int | None:
        """The number of the only task that it serves; None where it serves all or several."""
        numbers = self.numbers
        return numbers[0] if len(numbers) == 1 else None


class Services:
    """The tasks that calls and layers serve."""

    def __init__(self, graph: Graph, families: Families) -> None:
        outputs = families.outputs()
        self._of = len(outputs)
        self._calls: dict[int, int] = {}
        waiting: list[int] = []  # calls whose tasks those that they take from must still hear of

        def serve(call: int, tasks: int) -> None:
            known = self._calls.get(call, 0)
            if known | tasks != known:
                self._calls[call] = known | tasks
                heappush(waiting, -call)

        for number, group in enumerate(outputs):
            serve(families.first(group[0].tensor).call, 1 << number)
        while waiting:  # the last call first, so that each is met once, but in odd graphs
            call = -heappop(waiting)
            for ref in dict.fromkeys(map(families.first, graph.calls[call].tensors())):
                serve(ref.call, self._calls[call])

    def of(self, calls: Iterable[Call]) -> Service:
        """Return the tasks that any of these calls, which are shown, serves."""
        tasks = 0
        for call in calls:
            tasks |= self._calls.get(call.id, 0)
        return Service(tasks, self._of)

    def of_fold(
        self, layers: list[Layer], ends: set[Layer], calls: dict[Layer, list[Call]]
    ) -> Service:
        """Return the tasks that what leaves a box of many layers serves."""
        needed = [layer for layer in layers if self.of(calls[layer]).tasks]
        leaving = [layer for layer in needed if layer in ends] or needed[-1:]
        return self.of(call for layer in leaving for call in calls[layer])


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def letters(number: int) -> str:
    """Return the letters of a task, by its number: `A` to `Z`, then `AA`."""
    text = ""
    number += 1
    while number:
        number, last = divmod(number - 1, 26)
        text = chr(ord("A") + last) + text
    return text


def listed(numbers: list[int]) -> str:
    """Return the letters of tasks in one text, runs of three or more by their ends: `A–D F`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " ".join(
        f"{letters(run[0])}–{letters(run[-1])}" if len(run) > 2 else " ".join(map(letters, run))
        for run in runs
    )
