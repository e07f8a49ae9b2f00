"""Expected texts in `tests/cases/`. `MTG_UPDATE_GOLDENS=1` writes what comes out instead: read the
difference before you commit it."""

from __future__ import annotations

import os
from pathlib import Path

CASES = Path(__file__).parent / "cases"


def updating() -> bool:
    """Return whether this run writes what comes out instead of comparing it."""
    return os.environ.get("MTG_UPDATE_GOLDENS") == "1"


def expect(actual: str, name: str) -> None:
    """Compare a text with the file `tests/cases/NAME`."""
    path = CASES / name
    if updating():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8", newline="\n")
    assert path.exists(), f"{path} is missing: run once with MTG_UPDATE_GOLDENS=1 and read it"
    assert actual == path.read_text(encoding="utf-8")
