"""What Keras, or Python code of a program, refuses: as diagnostics."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mtg.catalog.installed import Lacking
from mtg.text.diagnostics import Diagnostics
from mtg.text.source import Span

#: Keras writes the lines that matter most in bold.
_ANSI = re.compile("\x1b\\[[0-9;]*m")
#: What Keras says of a package that it does not depend on.
_PACKAGE = re.compile(r"requires the (\w+) module")


class KerasRefused(Exception):
    """Keras, or Python code of the program, would not; the diagnostic is reported."""


@contextmanager
def refusals(
    what: str,
    span: Span,
    diagnostics: Diagnostics,
    *,
    note: str,
    other: tuple[str, ...] = (),
    spans: Mapping[str, Span] | None = None,
) -> Iterator[None]:
    """Turn what Keras raises into a diagnostic.

    Args:
        what: What Keras is asked to make, in words.
        span: Where the program says so.
        diagnostics: Where it is reported.
        note: What is said of every refusal.
        other: What is said where the installed Keras is not the one that mtg describes.
        spans: The places of arguments, where they are known.

    Raises:
        Refused: Something was raised.
    """
    try:
        yield
    except KerasRefused:
        raise
    except Lacking as lacking:
        place = (spans or {}).get(lacking.argument or "", span)
        diagnostics.report("MTG309", str(lacking), place, notes=other)
        raise KerasRefused from None
    except ImportError as error:
        package = _PACKAGE.search(str(error))
        name = package[1] if package else error.name or str(error)
        diagnostics.report(
            "MTG309",
            f"{what} needs the Python package `{name}`, which cannot be imported",
            span,
            help=f"`pip install {name}`" if package else "",
        )
        raise KerasRefused from None
    except (Exception, SystemExit) as error:  # Keras, and Python, raise whatever they meet
        diagnostics.report(
            "MTG309", f"Keras refused {what}: {first_line(error)}", span, notes=(note, *other)
        )
        raise KerasRefused from None


def first_line(error: BaseException) -> str:
    """Return the line of an exception of Keras that says what is wrong."""
    plain = _ANSI.sub("", str(error)).rpartition("Error encountered:")[2]
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    around = ("Exception encountered", "Arguments received by")
    told = [line for line in lines if not line.startswith(around)]
    return (told or [type(error).__name__])[0]
