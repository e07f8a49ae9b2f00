"""How far a program has grown while it is expanded."""

from __future__ import annotations

from mtg.limits import MAX_CALLS, STEPS_OF_A_CALL
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span


class TooLarge(Exception):
    """The program grows past a limit; the diagnostic is reported."""


class Steps:
    """Counts the steps that it takes to compute values, over all models that are looked at."""

    def __init__(self) -> None:
        self.taken = 0


class Budget:
    """The number of calls that a whole program makes, and of steps that its values take.

    Calls come from blocks, loops, shared chains and nested models.

    A list that is written once may be looked at in every use of a block and in every iteration of a
    loop; that makes no layers, and takes its time.
    """

    def __init__(
        self, diagnostics: Diagnostics, limit: int | None = None, steps: Steps | None = None
    ) -> None:
        self.spent = 0
        self.limit = MAX_CALLS if limit is None else limit
        self.steps = steps or Steps()
        self.most_steps = STEPS_OF_A_CALL * self.limit
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
                f"the program has more than {self.limit:,} layer calls and loop iterations",
                span,
                label="while expanding this",
                help="repeat fewer layers, or raise the limit with `--max-layers N`",
            )
            raise TooLarge

    def step(self, span: Span, count: int = 1) -> None:
        """Count what it takes to compute a value.

        Raises:
            TooLarge: The limit is met.
        """
        self.steps.taken += count
        if self.steps.taken > self.most_steps:
            self._diagnostics.report(
                "MTG605",
                f"the values of the program take more than {self.most_steps:,} steps to compute",
                span,
                label="while computing this",
                help="compute long lists once, and outside of what is used or repeated many times",
            )
            raise TooLarge
