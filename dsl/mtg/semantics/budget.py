"""How far a program has grown while it is expanded."""

from __future__ import annotations

from mtg.limits import MAX_CALLS
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span


class TooLarge(Exception):
    """The program grows past a limit; the diagnostic is reported."""


class Budget:
    """Counts what blocks, loops, shared chains and nested models make, over a whole program."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.spent = 0
        self._diagnostics = diagnostics

    def spend(self, span: Span, count: int = 1) -> None:
        """Count something that takes time.

        Raises:
            TooLarge: The limit is met.
        """
        self.spent += count
        if self.spent > MAX_CALLS:
            self._diagnostics.report(
                "MTG605",
                f"the program grows past {MAX_CALLS:,} layer calls and rounds of loops",
                span,
                label="while expanding this",
                help="repeat fewer layers",
            )
            raise TooLarge
