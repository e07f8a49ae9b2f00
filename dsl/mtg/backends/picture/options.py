"""What is asked of a picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """How a graph is drawn.

    Attributes:
        levels: How many levels of blocks are drawn open; what is deeper is one box for each use.
            None opens all.
        unfold: Whether every round of a family is drawn.
        title: Whether the model's name and its number of parameters stand above the picture.
    """

    levels: int | None = None
    unfold: bool = False
    title: bool = True


DEFAULT = PictureOptions()
