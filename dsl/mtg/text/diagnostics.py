"""Diagnostics as values: what is wrong, where, and what may mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mtg.text.codes import CODES
from mtg.text.source import Span


@dataclass(frozen=True, slots=True)
class Label:
    """A further place a diagnostic points at, with a word on why."""

    span: Span
    text: str


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
    """

    code: str
    message: str
    span: Span
    label: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""

    @property
    def severity(self) -> str:
        """`error` or `warning`."""
        return CODES[self.code].severity

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
        from mtg.report.text import render  # the report room is above this one; only for printing

        return render(self)


class Diagnostics:
    """Where passes report to. It keeps each diagnostic once, in the order reported."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span, str], Diagnostic] = {}

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str = "",
    ) -> None:
        """Add a diagnostic. One about the same place with the same words is added once only."""
        found = Diagnostic(code, message, span, label, labels, notes, help)
        self._found.setdefault((code, span, message), found)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    @property
    def has_errors(self) -> bool:
        return any(found.is_error for found in self)

    def sorted(self) -> list[Diagnostic]:
        """All of them: by file, then by place."""
        return sorted(self, key=lambda d: (d.span.source.name, d.span.start, d.code))
