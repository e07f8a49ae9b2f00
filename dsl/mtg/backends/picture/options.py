"""What is asked of a picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from mtg.graph.graph import Graph

#: Which way tensors go: down, to the right, up, to the left.
DIRECTIONS = ("TB", "LR", "BT", "RL")
#: How much boxes say.
DETAILS = ("paper", "normal", "full")
#: The names of the themes of `themes.py`.
THEME_NAMES = ("light", "dark", "print")


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """How a graph is drawn.

    Attributes:
        levels: How many levels of blocks are drawn open; what is deeper is one box for each use.
            None opens all.
        unfold: Whether every round of a family is drawn.
        open: Names of blocks, or of uses of them, that are drawn open whatever `levels` says, with
            what stands around them; without `levels`, alone.
        runs: Whether equal layers that follow each other are one box, from four on.
        legend: Whether what occurs in the picture is explained in it.
        direction: One of `DIRECTIONS`.
        detail: One of `DETAILS`: class and size alone, what fits, or every argument.
        theme: One of `THEME_NAMES`.
        width: The most that the picture may be wide, in millimetres.
        title: Whether the model's name and its number of parameters stand above the picture.

    Raises:
        ValueError: One of them is none that there is; the message says which there are.
    """

    levels: int | None = None
    unfold: bool = False
    open: tuple[str, ...] = ()
    runs: bool = False
    legend: bool = False
    direction: str = "TB"
    detail: str = "normal"
    theme: str = "light"
    width: float | None = None
    title: bool = True

    def __post_init__(self) -> None:
        for what, value, all_of_them in (
            ("direction", self.direction, DIRECTIONS),
            ("detail", self.detail, DETAILS),
            ("theme", self.theme, THEME_NAMES),
        ):
            if value not in all_of_them:
                raise ValueError(f"unknown {what} {value!r}; choose {', '.join(all_of_them)}")
        if self.levels is not None and (type(self.levels) is not int or self.levels < 0):
            raise ValueError(
                f'levels must be a whole number, zero or more, or "all", not {self.levels!r}'
            )
        if self.width is not None and not is_width(self.width):
            raise ValueError(f"the width must be {WIDTHS} millimetres, not {self.width!r}")


#: What a picture may be wide, in words.
WIDTHS = "10 to 10,000"


def is_width(value: object) -> bool:
    """Return whether a value is a width in millimetres that a picture may have."""
    return type(value) in (int, float) and 10 <= cast("float", value) <= 10_000


def unknown_names(names: Iterable[str], graph: Graph) -> str:
    """Return what to say of names to open that neither blocks nor uses have; empty for none."""
    uses = {use for call in graph.calls for use in call.uses}
    blocks = {use.block for use in uses}
    known = blocks | {use.name for use in uses}
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(blocks)) or "none"
            return f"`{graph.name}` has no block that is called `{name}`; its blocks: {listed}"
    return ""


DEFAULT = PictureOptions()
