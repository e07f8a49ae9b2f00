"""Colours of pictures: hue means task and nothing else; all the rest is ink on paper.

The hues are those of Okabe and Ito, which the colour-blind can tell apart, without the yellowish
ones, which are no lines on white, and darker where white letters on them need it. A task is
told by its letter as well, so that no meaning is lost in grey. `tests/backends/test_themes.py`
holds the contrasts of WCAG 2.2: 4.5:1 for text (1.4.3), 3:1 for lines that mean something (1.4.11).
"""

from __future__ import annotations

from dataclasses import dataclass

#: The least contrast of text, and of lines that mean something.
TEXT, LINES = 4.5, 3.0


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a picture.

    Attributes:
        paper: What is behind everything.
        ink: Words, and the calls of shared layers.
        grey: Words of less weight.
        line: Outlines and edges.
        fill: Boxes.
        frames: Frames, and frames in frames, in turn.
        frame_line: Their outlines.
        source: Inputs.
        source_ink: Words on inputs.
        hues: Those of tasks, in turn; without any, letters alone tell tasks.
    """

    paper: str
    ink: str
    grey: str
    line: str
    fill: str
    frames: tuple[str, str]
    frame_line: str
    source: str
    source_ink: str
    hues: tuple[str, ...]

    def hue(self, task: int) -> str:
        """Return the colour of a task, by its number."""
        return self.hues[task % len(self.hues)] if self.hues else self.ink

    def tint(self, color: str, share: float) -> str:
        """Return a colour with so much of it replaced by paper."""
        pairs = zip(_parts(color), _parts(self.paper), strict=True)
        return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)

    def own(self, task: int) -> str:
        """Return the fill of what serves one task alone."""
        return self.tint(self.hue(task), 0.92) if self.hues else self.fill

    def end(self, task: int) -> str:
        """Return the fill of the output of a task."""
        return self.tint(self.hue(task), 0.8)


LIGHT = Theme(
    paper="#FFFFFF",
    ink="#222222",
    grey="#595959",
    line="#555555",
    fill="#FFFFFF",
    frames=("#F6F6F3", "#ECECE7"),
    frame_line="#B8B8AE",
    source="#333333",
    source_ink="#FFFFFF",
    hues=("#0072B2", "#C85000", "#00875F", "#B04A86", "#7D5A00", "#7A4FA3"),
)

DARK = Theme(
    paper="#1B1B1D",
    ink="#ECECEC",
    grey="#BDBDBD",
    line="#A6A6A6",
    fill="#242427",
    frames=("#2A2A2D", "#343438"),
    frame_line="#6A6A70",
    source="#D8D8D8",
    source_ink="#111111",
    hues=("#56B4E9", "#F08A4B", "#2DB98D", "#DE8FBE", "#D9C45A", "#9C8CF0"),
)
PRINT = Theme(
    paper="#FFFFFF",
    ink="#000000",
    grey="#404040",
    line="#000000",
    fill="#FFFFFF",
    frames=("#F4F4F4", "#E8E8E8"),
    frame_line="#808080",
    source="#000000",
    source_ink="#FFFFFF",
    hues=(),
)
THEMES = {"light": LIGHT, "dark": DARK, "print": PRINT}


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def words_on(color: str) -> str:
    """Return white where it can be read on a colour, else black."""
    return "#FFFFFF" if contrast("#FFFFFF", color) >= TEXT else "#000000"


def _luminance(color: str) -> float:
    shares = [part / 255 for part in _parts(color)]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(color: str) -> tuple[int, int, int]:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue
