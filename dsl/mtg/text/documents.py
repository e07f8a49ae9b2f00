"""JSON for other programs: what any reader of JSON takes, and any encoding of Unicode holds."""

from __future__ import annotations

import re

from mtg.text.numbers import dumps


def document(value: object) -> str:
    """Return the text of a JSON document, with a newline at its end.

    A half of a surrogate pair, as in the name of a file that is no text, is written out in it as
    by `whole`: strict readers refuse one also where JSON escapes it.
    """
    text = dumps(value, indent=2, ensure_ascii=False, default=str)
    return _HALF.sub(lambda half: "\\" + _written_out(half), text) + "\n"


def whole(text: str) -> str:
    r"""Write out the lone surrogates of a text, in six letters such as `\udcff`."""
    return _HALF.sub(_written_out, text)


_HALF = re.compile(r"[\ud800-\udfff]")


def _written_out(half: re.Match[str]) -> str:
    return f"\\u{ord(half[0]):04x}"
