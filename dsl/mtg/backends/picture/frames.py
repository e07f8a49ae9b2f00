"""The frames of a picture: uses of blocks, and families."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mtg.backends.families import Family, UseIdentity
from mtg.backends.picture.badges import shared_badge
from mtg.backends.picture.chains import SharedChain
from mtg.backends.picture.themes import Theme
from mtg.backends.picture.words import SMALL, column, escape, small
from mtg.backends.spreads import title_times
from mtg.graph.layers import Layer


@dataclass(slots=True)
class PictureFrame:
    """A use of a block, or a family: the boxes, and the frames, inside it.

    Attributes:
        block: The block that is used, or an empty string.
        name: What the use is called, or those of all rounds of a family are.
        times: How many rounds it stands for.
        alone: Whether it is one use, and not those of many rounds.
        tooltip: What the rounds are called, and where their loop stands.
        chain: The shared chain that it is, or None.
    """

    block: str = ""
    name: str = ""
    times: int = 1
    alone: bool = True
    tooltip: str = " "
    chain: SharedChain | None = None
    layers: list[Layer] = field(default_factory=list)
    frames: dict[UseIdentity | Family | SharedChain, PictureFrame] = field(default_factory=dict)

    def merged(self) -> PictureFrame:
        """Return the frame with one for a family whose rounds are a use of a block each."""
        frames = {at: frame.merged() for at, frame in self.frames.items()}
        if self.times > 1 and not self.layers and len(frames) == 1:
            (inner,) = frames.values()
            if inner.times == 1:
                return replace(inner, times=self.times, tooltip=self.tooltip)
        if self.block and not self.layers and len(frames) == 1:
            (inner,) = frames.values()
            if inner.chain is not None and not inner.block:  # a block that is shared as it is
                return replace(self, chain=inner.chain, layers=inner.layers, frames=inner.frames)
        return replace(self, frames=frames)

    def label(self, outer: str, theme: Theme) -> str:
        """Return the words above the frame, as HTML: narrow, since edges come in beside them.

        Args:
            outer: The name of the frame around it, which names inside need not repeat.
            theme: The colours.
        """
        heading = f"{self.block}{title_times(self.times)}".strip()
        label = f'<FONT POINT-SIZE="{SMALL}"><B>{escape(heading)}</B></FONT>' if heading else ""
        name = self.name.removeprefix(f"{outer}_") if outer else self.name
        lines = [label, small(name, theme.grey)] if self.alone and name != self.block else [label]
        words = '<BR ALIGN="LEFT"/>'.join(filter(None, lines))
        if self.chain is not None:
            return column(
                [shared_badge(self.chain.times, theme), f'<TD BALIGN="LEFT">{words}</TD>']
            )
        return f'{words}<BR ALIGN="LEFT"/>' if len(lines) > 1 else words
