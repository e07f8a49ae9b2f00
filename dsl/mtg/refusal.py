"""What a program may not have, or what is not there: a diagnostic without a place."""

from __future__ import annotations


class Refusal(Exception):
    """Why something that a program names is not handed over.

    Attributes:
        code: The code of the diagnostic that it becomes where the program names the thing.
        message: What is wrong, in a line.
        help: What to do, if that is known.
    """

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help
