"""Layers of a shared chain: made by its first use, taken again by every other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mtg.graph.layers import Layer
from mtg.semantics.values import ERROR, Error


class Replay:
    """The layers that one use of a shared chain makes, or makes again.

    Attributes:
        known: What the first use made, in order; None where this is the first use.
        level: How many other uses were being expanded where the chain was declared: a chain that
            a block declares is itself made again where another chain makes the block again.
        layers: What this use made, where it is the first.
    """

    def __init__(self, known: list[Layer | Error] | None, level: int) -> None:
        self.known = known
        self.level = level
        self.layers: list[Layer | Error] = []
        self._position = 0

    def next(self) -> Layer | Error:
        """Return the next layer that the first use made."""
        assert self.known is not None
        if self._position >= len(self.known):
            return ERROR  # the first use ended early, in an error that is reported
        self._position += 1
        return self.known[self._position - 1]


def make_or_replay(
    create: Callable[[], Layer | Error], replays: Sequence[Replay], level: int
) -> Layer | Error:
    """Return a new instance, or the one that the first use of a shared chain made in its place.

    Args:
        create: Makes the instance.
        replays: The uses of shared chains that are being expanded, innermost last.
        level: How many of them count.
    """
    if not level:
        return create()
    replay = replays[level - 1]
    if replay.known is not None:
        return replay.next()
    layer = make_or_replay(create, replays, replay.level)
    replay.layers.append(layer)
    return layer
