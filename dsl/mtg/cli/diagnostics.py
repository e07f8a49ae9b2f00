"""How commands show diagnostics: in which format, in which colours, and at which severity."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

from mtg.cli.streams import print_json

if TYPE_CHECKING:
    from mtg.text.diagnostics import Diagnostic

#: The formats of `mtg check`; those of a line a diagnostic suit the other commands too.
FORMATS = ("text", "json", "sarif", "github", "concise")
LINE_FORMATS = ("text", "github", "concise")


def add_diagnostic_options(
    parser: argparse.ArgumentParser, formats: Sequence[str] = LINE_FORMATS
) -> None:
    """Add the options that say how diagnostics are shown."""
    group = parser.add_argument_group("diagnostics")
    names = ["--message-format"] if formats is LINE_FORMATS else ["--format", "--message-format"]
    group.add_argument(
        *names,
        choices=formats,
        default="text",
        dest="message_format",
        metavar="FORMAT",
        help=f"{', '.join(formats[:-1])} or {formats[-1]} (default: text)",
    )
    group.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        metavar="WHEN",
        help="auto, always or never (default: auto, which is where a terminal is)",
    )
    for level, what in (
        ("deny", "make a warning or a note an error"),
        ("warn", "keep a warning or a note a warning, in spite of -W"),
        ("allow", "do not show a warning or a note"),
    ):
        group.add_argument(
            f"--{level}", metavar="CODE", action=_Level, help=f"{what}: a code or its name"
        )
    group.add_argument(
        "-W", dest="warnings", choices=("error",), metavar="error", help="all warnings are errors"
    )
    parser.set_defaults(levels={})


class _Level(argparse.Action):
    """Collects the severities of codes; of several for one code the last counts."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        options: argparse.Namespace,
        value: Any,
        option: str | None = None,
    ) -> None:
        from mtg.report.levels import code_of
        from mtg.text.codes import CODES
        from mtg.text.suggest import did_you_mean

        code = code_of(value)
        if code is None:
            known = [*CODES, *(about.slug for about in CODES.values())]
            raise argparse.ArgumentError(
                self, f"unknown code `{value}`; {did_you_mean(value, known) or 'see `mtg explain`'}"
            )
        if CODES[code].severity == "error":
            raise argparse.ArgumentError(self, f"{code} is an error, and stays one")
        level = {"deny": "error", "warn": "warning", "allow": "allow"}[str(option).lstrip("-")]
        options.levels = {**options.levels, code: level}


def levelled(diagnostics: Iterable[Diagnostic], options: argparse.Namespace) -> list[Diagnostic]:
    """Return the diagnostics with the severities that the options ask for."""
    from mtg.report.levels import Levels

    return Levels(options.warnings or "warning", options.levels).apply(diagnostics)


def show_as_asked(diagnostics: Sequence[Diagnostic], options: argparse.Namespace) -> None:
    """Print diagnostics in the requested format.

    JSON and SARIF go to standard output, text to standard error, and those of a line each to
    standard output where the command gives nothing else.
    """
    format = options.message_format
    if format in ("json", "sarif"):
        print_json(_document(diagnostics, format))
        return
    stream = sys.stdout if options.command == "check" and format != "text" else sys.stderr
    colored = use_color(stream, options.color)
    if format == "github":
        from mtg.report.github import github

        print(github(diagnostics), end="", file=stream)
    elif format == "concise":
        from mtg.report.concise import concise

        print(concise(diagnostics, color=colored), end="", file=stream)
    elif diagnostics:
        from mtg.report.text import more, render_all

        text = render_all(diagnostics, color=colored) + _mends(diagnostics, options)
        print(text + more(diagnostics, color=colored), file=stream)


def _mends(diagnostics: Sequence[Diagnostic], options: argparse.Namespace) -> str:
    """Return a line that says how many of the diagnostics `mtg check --fix` would mend."""
    if options.command != "check" or options.fix or options.diff or options.unsafe_fixes:
        return ""
    count = sum(diagnostic.fix is not None and diagnostic.fix.safe for diagnostic in diagnostics)
    return f"fix: mtg check --fix ({count} of these)\n" if count else ""


def _document(diagnostics: Sequence[Diagnostic], format: str) -> str:
    if format == "json":
        from mtg.report.json import json

        return json(diagnostics)
    from mtg import __version__
    from mtg.report.sarif import sarif

    return sarif(diagnostics, version=__version__)


def use_color(stream: IO[str], when: str) -> bool:
    """Return whether to print colours.

    `--color` decides, then `NO_COLOR`, then `FORCE_COLOR` and `CLICOLOR_FORCE`, then `CLICOLOR=0`,
    and last whether the stream is a terminal that knows colours. A variable that is empty is not
    set. Sources: no-color.org, force-color.org, bixense.com/clicolors.
    """
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if os.environ.get(name, "0") not in ("", "0"):
            return True
    if os.environ.get("CLICOLOR") == "0" or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()
