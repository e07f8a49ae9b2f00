"""The one exception that mtg's functions raise."""

from __future__ import annotations

from collections.abc import Iterable

from mtg.text.diagnostics import Diagnostic


class MtgError(Exception):
    """A program has errors, or what it needs is not there.

    Attributes:
        diagnostics: Everything mtg has to say, warnings included, in the order of the source.

    Printed, it shows each diagnostic with its place in the source.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        from mtg.report.text import render_all

        return "\n" + render_all(self.diagnostics)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are errors."""
        return tuple(found for found in self.diagnostics if found.is_error)
