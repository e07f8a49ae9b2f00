"""Lines of a source with marks under the places that a diagnostic speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from mtg.report.columns import Cells
from mtg.text.source import Source, Span
from mtg.text.visible import visible, width

#: Columns of source that are shown at most; a longer line is cut around its marks.
MAX_WIDTH = 100
#: Columns that are kept before the first mark of a line that is cut.
LEAD = 24

Paint = Callable[[str, str], str]
Piece = tuple[int, str, str]  # column, text, style


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to underline: lines count from 1, and characters in a line from 0."""

    source: Source
    start: int
    first: int
    begin: int
    last: int
    end: int
    text: str
    primary: bool

    @classmethod
    def of(cls, span: Span, text: str, *, primary: bool = False) -> Mark:
        """Return the mark for a span.

        A span that ends with a newline ends before it; an empty one is a caret wide.
        """
        source, size = span.source, len(span.source.text)
        start = max(0, min(span.start, size))
        end = max(start, min(span.end, size))
        first, column = source.line_column(start)
        while end > start + 1 and source.text[end - 1] in "\r\n":
            end -= 1
        last, end_column = source.line_column(max(start, end - 1))
        text = visible(" ".join(text.split()))
        return cls(source, start, first, column - 1, last, end_column, text, primary)

    @property
    def multiline(self) -> bool:
        return self.last > self.first


class SourceLine:
    """One line of source as it is shown: cut where it is long, with terminal columns."""

    def __init__(self, text: str, places: list[tuple[int, int]]) -> None:
        """`places` are the marked places, the most important first."""
        self.text = text
        self._base = 0
        if len(text) > 8 * MAX_WIDTH:  # no need to measure all of a line of a megabyte
            self._base = max(0, (places[0][0] if places else 0) - 2 * MAX_WIDTH)
            text = text[self._base : self._base + 6 * MAX_WIDTH]
        self._cells = Cells(text)
        self._left, self._right = 0, self._cells.width
        over = self._base > 0 or self._base + len(text) < len(self.text)
        if over or self._cells.width > MAX_WIDTH:
            self._cut(places)
        self._cut_left = self._left > 0 or self._base > 0
        self._cut_right = self._right < self._cells.width or self._base + len(text) < len(self.text)

    def _cut(self, places: list[tuple[int, int]]) -> None:
        columns = [(self._raw(begin), self._raw(end)) for begin, end in places] or [(0, 0)]
        low = min(begin for begin, _ in columns)
        high = max(end for _, end in columns)
        if high - low > MAX_WIDTH - LEAD:
            low = columns[0][0]
        self._left = max(0, min(low - LEAD, self._cells.width - MAX_WIDTH))
        self._right = min(self._left + MAX_WIDTH, self._cells.width)

    def _raw(self, index: int) -> int:
        return self._cells.column(max(0, index - self._base))

    def __str__(self) -> str:
        left, right = self._left + self._cut_left, self._right - self._cut_right
        shown = self._cells.cut(left, right)
        return "…" * self._cut_left + shown + "…" * self._cut_right

    def columns(self, begin: int, end: int) -> tuple[int, int]:
        """Return the terminal columns of the characters `begin` up to `end`.

        There is at least one column, inside what is shown.
        """
        low = min(
            max(self._raw(begin), self._left), max(self._right - 1, 0) + (not self._cut_right)
        )
        high = min(self._raw(end), self._right)
        return low - self._left, max(high, low + 1) - self._left


class Excerpt:
    """Places of one source that are shown together."""

    def __init__(self, marks: list[Mark]) -> None:
        self.marks = marks

    @property
    def source(self) -> Source:
        return self.marks[0].source

    @property
    def first(self) -> int:
        return min(mark.first for mark in self.marks)

    @property
    def last(self) -> int:
        """The number of the last line that is shown."""
        return max(mark.last for mark in self.marks)

    @property
    def location(self) -> str:
        mark = self.marks[0]
        return f"{mark.source.name}:{mark.first}:{mark.begin + 1}"

    def is_near(self, mark: Mark, lines: int) -> bool:
        """Return whether the mark is of the same source and at most so many lines away."""
        return (
            mark.source is self.source
            and mark.first - self.last <= lines
            and self.first - mark.last <= lines
        )

    def render(self, gutter: int, severity: str, paint: Paint) -> Iterator[str]:
        """Yield the lines of the excerpt, with `gutter` columns for the numbers of lines."""
        long = [mark for mark in self.marks if mark.multiline]
        shift = len(long) + 1 if long else 0  # the rails of long places stand left of the text
        under = f"{' ' * gutter} {paint('|', 'gutter')}"

        def style(mark: Mark) -> str:
            return severity if mark.primary else "second"

        def rails(number: int, done: int, *, top: bool = False) -> list[Piece]:
            """Return what passes left of the text; `done` arms of this line are drawn already."""
            signs = [
                (depth, _rail(mark, number, top=top, done=depth < done), style(mark))
                for depth, mark in enumerate(long)
            ]
            return [sign for sign in signs if sign[1]]

        def row(head: str, pieces: list[Piece]) -> str:
            return f"{head} {_compose(pieces, paint)}".rstrip()

        before = 0
        for number in self._shown_lines():
            if before and number > before + 1:
                passing = rails(before, len(long))
                moved = [(at + gutter + 3, sign, kind) for at, sign, kind in passing]
                yield _compose([(0, "...", "gutter"), *moved], paint)
            before = number
            here = [mark for mark in self.marks if number in (mark.first, mark.last)]
            line = SourceLine(self.source.line(number), [_place(mark, number) for mark in here])
            head = paint(f"{number:>{gutter}} |", "gutter")
            yield row(head, [*rails(number, 0, top=True), (shift, str(line), "")])

            short = [
                Stroke(*line.columns(mark.begin, mark.end), mark.text, style(mark), mark.primary)
                for mark in here
                if not mark.multiline
            ]
            for pieces in _underlines(short):
                moved = [(at + shift, text, kind) for at, text, kind in pieces]
                yield row(under, [*rails(number, 0), *moved])
            for depth, mark in enumerate(long):
                sign = "^" if mark.primary else "-"
                others = [rail for rail in rails(number, depth) if rail[0] != depth]
                if number == mark.first and not _opens_line(mark):
                    at = line.columns(mark.begin, mark.begin + 1)[0] + shift
                    arm = (depth + 1, "_" * (at - depth - 1) + sign, style(mark))
                    yield row(under, [*(rail for rail in others if rail[0] < depth), arm])
                elif number == mark.last:
                    at = line.columns(mark.end - 1, mark.end)[1] - 1 + shift
                    arm = (depth, "|" + "_" * (at - depth - 1) + sign, style(mark))
                    pieces = [*(rail for rail in others if rail[0] < depth), arm]
                    yield row(under, [*pieces, (at + 2, mark.text, style(mark))])

    def _shown_lines(self) -> list[int]:
        """Return the lines to show.

        They are those with marks, the beginnings of long places, and single lines between two of
        them.
        """
        wanted: set[int] = set()
        for mark in self.marks:
            wanted |= {mark.first, mark.last, *range(mark.first, mark.last + 1)[:3]}
        ordered = sorted(wanted)
        pairs = pairwise(ordered)
        return sorted(wanted | {low + 1 for low, high in pairs if high == low + 2})


def _rail(mark: Mark, number: int, *, top: bool, done: bool) -> str:
    """Return the sign left of line `number` for a place of several lines."""
    if number == mark.first:
        if _opens_line(mark):
            return "/" if top else "|"
        return "|" if done else ""
    if number == mark.last:
        return "" if done else "|"
    return "|" if mark.first < number < mark.last else ""


def _opens_line(mark: Mark) -> bool:
    """Return whether only white space stands before the place in its first line."""
    return not mark.source.line(mark.first)[: mark.begin].strip()


def _place(mark: Mark, number: int) -> tuple[int, int]:
    """Return the characters of line `number` that the mark's own signs must reach."""
    if not mark.multiline:
        return mark.begin, mark.end
    return (mark.begin, mark.begin + 1) if number == mark.first else (mark.end - 1, mark.end)


class Stroke(NamedTuple):
    """A place inside one line, in columns of the terminal."""

    low: int
    high: int
    text: str
    style: str
    primary: bool


def _underlines(strokes: list[Stroke]) -> Iterator[list[Piece]]:
    """Yield the rows under a line: the strokes and the labels.

    A label that does not fit behind the last stroke hangs below its own.
    """
    if not strokes:
        return
    strokes = sorted(strokes, key=lambda stroke: (stroke.low, stroke.high))
    end = max(stroke.high for stroke in strokes)
    columns: dict[int, Piece] = {}
    for stroke in sorted(strokes, key=lambda stroke: (stroke.low - stroke.high, stroke.primary)):
        for at in range(stroke.low, stroke.high):
            columns[at] = (at, "^" if stroke.primary else "-", stroke.style)
    first = list(columns.values())
    hanging = [stroke for stroke in strokes if stroke.text]
    if hanging and hanging[-1].high == end and hanging[-1].low == strokes[-1].low:
        last = hanging.pop()
        first.append((end + 1, last.text, last.style))
    yield first
    if hanging:
        yield _threads(hanging)
    while hanging:
        last = hanging.pop()
        others = [stroke for stroke in hanging if stroke.low < last.low]
        yield [*_threads(others), (last.low, last.text, last.style)]


def _threads(strokes: list[Stroke]) -> list[Piece]:
    return list({stroke.low: (stroke.low, "|", stroke.style) for stroke in strokes}.values())


def _compose(pieces: list[Piece], paint: Paint) -> str:
    """Return the pieces at their columns, neighbours of one style painted at one go."""
    parts: list[str] = []
    column, run, kind = 0, "", ""
    for at, text, style in sorted(piece for piece in pieces if piece[1]):
        gap = " " * (at - column)
        if gap or style != kind:
            parts += [paint(run, kind), gap]
            run, kind = "", style
        run += text
        column = at + width(text)
    return "".join([*parts, paint(run, kind)])
