"""A PDF that says what it shows: its title, and in words what is in it.

What is added to a file stands at its end, as an update of the format (ISO 32000-1, 7.5.6), so that
nothing of what Graphviz wrote moves.
"""

from __future__ import annotations

import re

_END = re.compile(
    rb"trailer\s*<<(?P<entries>[^<>]*)>>\s*startxref\s+(?P<table>\d+)\s+%%EOF\s*$", re.DOTALL
)
_SIZE, _ROOT = re.compile(rb"/Size\s+(\d+)"), re.compile(rb"/Root\s+\d+\s+\d+\s+R")


def titled(pdf: bytes, name: str, words: str) -> bytes:
    """Return a PDF with the name of what it is of as its title, and a description as its subject.

    One whose table of objects is not plain text, as other programs than ours may write, stays.
    """
    end = _END.search(pdf)
    size, root = (each.search(end["entries"]) if end else None for each in (_SIZE, _ROOT))
    if end is None or size is None or root is None:
        return pdf
    number, place = int(size[1]), len(pdf) + 1
    entries = {"Title": name, "Subject": words, "Creator": "mtg"}
    info = "\n".join(f"/{entry} {_text(value)}" for entry, value in entries.items())
    added = f"{number} 0 obj\n<<\n{info}\n>>\nendobj\n"
    kept = f"{root[0].decode()} /Prev {end['table'].decode()}"
    table = (
        f"xref\n{number} 1\n{place:010} 00000 n \n"
        f"trailer\n<< /Size {number + 1} {kept} /Info {number} 0 R >>\n"
        f"startxref\n{place + len(added)}\n%%EOF\n"
    )
    return b"%b\n%b" % (pdf, f"{added}{table}".encode("ascii"))


def _text(value: str) -> str:
    """Return any text as a string of PDF, in UTF-16 with its mark."""
    return f"<{(chr(0xFEFF) + value).encode('utf-16-be', 'replace').hex().upper()}>"
