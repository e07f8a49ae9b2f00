"""What the scripts share that write the files of this room."""

from __future__ import annotations

from pathlib import Path

import mtg.catalog

#: Where the files stand that the scripts write.
DATA = Path(mtg.catalog.__file__).parent


def write(target: Path, new: str, arguments: list[str]) -> int:
    """Write a file, or with ``--check`` compare it; the exit status is 1 where they differ."""
    if "--check" in arguments:
        return int(target.read_text(encoding="utf-8") != new)
    target.write_text(new, encoding="utf-8", newline="\n")
    return 0
