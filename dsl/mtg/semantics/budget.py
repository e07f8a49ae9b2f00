"""How far a program has grown while it is expanded."""

from __future__ import annotations

from mtg.limits import MAX_CALLS
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span


class TooLarge(Exception):
    """The program grows past a limit; the diagnostic is reported."""


class Budget:
    """Counts what blocks, loops, shared chains and nested models make, over a whole program."""

    def __init__(self, diagnostics: Diagnostics, limit: int | None = None) -> None:
        self.spent = 0
        self.limit = MAX_CALLS if limit is None else limit
        self._diagnostics = diagnostics

    def spend(self, span: Span, count: int = 1) -> None:
        """Count something that takes time.

        Raises:
            TooLarge: The limit is met.
        """
        self.spent += count
        if self.spent > self.limit:
            self._diagnostics.report(
                "MTG605",
                f"the program grows past {self.limit:,} layer calls and rounds of loops",
                span,
                label="while expanding this",
                help="repeat fewer layers, or raise the limit with `--max-layers N`",
            )
            raise TooLarge
