"""Diagnostics as values: what is wrong, where, and what may mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from mtg.limits import MAX_DIAGNOSTICS, MAX_LINE
from mtg.text.codes import CODES
from mtg.text.source import NOWHERE, Span
from mtg.text.visible import visible


@dataclass(frozen=True, slots=True)
class Label:
    """A further place a diagnostic points at, with a word on why."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a text: `text` takes the place of what stands at `span`, which may be empty."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What would mend a program, as edits of its text.

    Attributes:
        title: What it does, as an instruction: "write `->`".
        edits: The changes; they do not overlap, and belong together.
        safe: Whether this is certain to be what was meant, so that a machine may apply it. One
            that is not may change the model, or is one of several that would do.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True

    @classmethod
    def replace(cls, span: Span, text: str, title: str = "", *, safe: bool = True) -> Fix:
        """One edit: `text` for what stands at `span`."""
        title = title or f"write `{text}`"
        before = span.source.text[max(0, span.start - 1) : span.start]
        if _is_of_words(before) and _is_of_words(text[:1]):
            text = f" {text}"  # `return(x)`: what is replaced begins with a parenthesis
        return cls(title, (Edit(span, text),), safe)


def _is_of_words(char: str) -> bool:
    return char.isalnum() or char == "_"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing mtg says about a program.

    Attributes:
        code: The stable code, such as `MTG104`; `mtg.text.codes` holds the list.
        message: One line that says what is wrong.
        span: The place it is about.
        label: A few words to stand under the underlined place.
        labels: Further places, such as the first declaration of a name declared twice.
        notes: Facts that led to the verdict, such as the shapes that do not fit.
        help: What to change, where mtg knows.
        fix: The same as edits of the text, where they are certain enough to be written down.
        level: The severity in this run, where the user asked for another than the code's own.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    fix: Fix | None = None
    level: str = ""

    @property
    def severity(self) -> str:
        """`error`, `warning` or `note`."""
        return self.level or CODES[self.code].severity

    @property
    def slug(self) -> str:
        """The code's readable name, such as `unknown-name`."""
        return CODES[self.code].slug

    @property
    def is_error(self) -> bool:
        return self.severity == "error"

    @property
    def location(self) -> str:
        """`file:line:column` of the place it is about."""
        return self.span.location

    def __str__(self) -> str:
        """One line, as compilers print them: `FILE:LINE:COLUMN: error[CODE]: message`.

        `mtg.report` shows the source and what may help.
        """
        where = "" if self.span.source is NOWHERE.source else f"{self.location}: "
        line = f"{where}{self.severity}[{self.code}]: {' '.join(self.message.split())}"
        return visible(line)


class TooMany(Exception):
    """More is wrong with a program than anybody would read; passes let this through."""


def _short(text: str) -> str:
    """Return a line of a message, without the middle of a name that fills pages."""
    return text if len(text) <= MAX_LINE else f"{text[: MAX_LINE - 101]}…{text[-100:]}"


class Report:
    """How a pass reports.

    Args:
        add: Takes what is reported: `Diagnostics.add`.
        more: Gives labels that follow those of every diagnostic; called where there is one.
    """

    __slots__ = ("_add", "_more")

    def __init__(
        self, add: Callable[[Diagnostic], None], more: Callable[[], tuple[Label, ...]] = tuple
    ) -> None:
        self._add = add
        self._more = more

    def __call__(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str = "",
        fix: Fix | None = None,
    ) -> None:
        """Add a diagnostic. One about the same place with the same words is added once only.

        Raises:
            TooMany: There are too many to go on.
        """
        every = (*labels, *self._more())
        self._add(Diagnostic(code, message, span, label, every, notes, help, fix))


class Diagnostics:
    """Where passes report to. It keeps each diagnostic once, in the order reported."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span, str], Diagnostic] = {}
        #: Where something was added once for all rounds of a loop, and the code of it.
        self._places: set[tuple[str, Span]] = set()

    @property
    def report(self) -> Report:
        """What adds a diagnostic."""
        return Report(self.add)

    def add(self, found: Diagnostic) -> None:
        """Add a diagnostic that is made already, as `report` does.

        Raises:
            TooMany: There are too many to go on.
        """
        found = replace(
            found,
            message=_short(found.message),
            label=_short(found.label),
            notes=tuple(map(_short, found.notes)),
            help=_short(found.help),
        )
        self._found.setdefault((found.code, found.span, found.message), found)
        if len(self._found) >= MAX_DIAGNOSTICS:
            message = f"too many diagnostics; mtg stops after {MAX_DIAGNOSTICS}"
            self._found["MTG605", found.span, message] = Diagnostic("MTG605", message, found.span)
            raise TooMany

    def add_once(self, found: Diagnostic) -> None:
        """Add a diagnostic, unless one of its code is there for its place: of another round.

        Raises:
            TooMany: There are too many to go on.
        """
        if (found.code, found.span) not in self._places:
            self._places.add((found.code, found.span))
            self.add(found)

    def improve(self, found: Diagnostic) -> None:
        """Put a diagnostic into the place of that with the same words, which knows less."""
        if self._found.pop((found.code, found.span, _short(found.message)), None) is not None:
            self.add(found)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    @property
    def has_errors(self) -> bool:
        return any(found.is_error for found in self)

    def sorted(self) -> list[Diagnostic]:
        """Return all of them, by file, then by place; one fault of several uses is one."""
        by_place = sorted(self, key=lambda d: (d.span.source.name, d.span.start, d.code))
        return together(by_place)


#: What a label of a use of a block begins with.
IN_A_USE = "in this use of "
#: How many further uses are pointed at.
_USES = 3


def together(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return diagnostics; what a block's body does wrong in several uses of it is said once.

    The shapes are those of the first use; the others are marked, up to three of them.
    """
    groups: dict[object, list[Diagnostic]] = {}
    for each in found:
        used = any(label.text.startswith(IN_A_USE) for label in each.labels)
        groups.setdefault((each.code, each.span) if used else id(each), []).append(each)
    return [_together(group) if len(group) > 1 else group[0] for group in groups.values()]


def _together(group: list[Diagnostic]) -> Diagnostic:
    """Return the first of a group, which marks the uses of the others."""
    first, *others = group
    marked = {label.span for label in first.labels}
    uses = [
        next((label.span for label in each.labels if label.span not in marked), None)
        for each in others
    ]
    places = list(dict.fromkeys(use for use in uses if use is not None))
    labels = tuple(Label(place, "and in this one") for place in places[:_USES])
    rest = len(places) - _USES
    notes = (f"and in {rest} more use{'s' * (rest > 1)}",) if rest > 0 else ()
    return replace(first, labels=(*first.labels, *labels), notes=(*first.notes, *notes))
