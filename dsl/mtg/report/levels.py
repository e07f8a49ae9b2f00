"""What severity a warning has for this run: the user may deny, warn of or allow its code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mtg.text.codes import ALIASES, CODES
from mtg.text.diagnostics import Diagnostic


def code_of(text: str) -> str | None:
    """Return the code that a word names: a code, its slug or an alias, in upper or lower case."""
    if text.upper() in CODES:
        return text.upper()
    word = text.casefold()
    slugs = {about.slug: code for code, about in CODES.items()}
    return slugs.get(word) or ALIASES.get(word)


@dataclass(slots=True)
class Levels:
    """Severities for a run.

    Attributes:
        all: What every warning becomes, if not `warning`. A note stays a note.
        codes: `error`, `warning` or `allow` for single codes, which goes before `all`.
    """

    all: str = "warning"
    codes: dict[str, str] = field(default_factory=dict)

    def apply(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return the diagnostics as this run sees them. Errors stay as they are."""
        seen = []
        for diagnostic in diagnostics:
            if diagnostic.is_error:
                seen.append(diagnostic)
                continue
            usual = self.all if diagnostic.severity == "warning" else diagnostic.severity
            level = self.codes.get(diagnostic.code, usual)
            if level != "allow":
                seen.append(
                    replace(diagnostic, level=level) if level != diagnostic.severity else diagnostic
                )
        return seen
