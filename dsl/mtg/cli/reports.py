"""What a command has found, as text, as JSON or as a picture, to standard output or to a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from mtg.backends.report_formats import REPORT_FORMATS, report_format
from mtg.backends.targets import PICTURES
from mtg.cli.common import usage, write
from mtg.cli.streams import print_json


class Finding(NamedTuple):
    """What was found.

    Attributes:
        text: Returns the text, which ends with a line break.
        json: Returns the JSON, likewise.
        picture: Returns the picture in a format.
    """

    text: Callable[[], str]
    json: Callable[[], str]
    picture: Callable[[str], bytes]


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add `-o` and `--format`."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        default="-",
        help="where to: a path that ends in .txt, .json, .svg, .png, .pdf or .dot, or `-` for "
        "standard output (default)",
    )
    parser.add_argument(
        "--format",
        choices=REPORT_FORMATS,
        help="the format, instead of OUT's suffix (default: text)",
    )


def asked_format(options: argparse.Namespace) -> str | int:
    """Return the format that is asked for, or an exit code where it cannot be told."""
    if options.format is not None:
        return str(options.format)
    if options.output == "-":
        return "text"
    format = report_format(Path(options.output).suffix)
    if format in REPORT_FORMATS:
        return format
    return usage(
        f"cannot tell the format of `{options.output}`: end it in .txt, .json, "
        f".{', .'.join(PICTURES)}, or give --format"
    )


def write_report(report: Finding, output: str, format: str) -> int:
    """Write a report where it is asked for; return an exit code."""
    from mtg.backends.picture.layout import LayoutError

    if output == "-" and format == "text":
        print(report.text(), end="")
        return 0
    if output == "-" and format == "json":
        print_json(report.json())
        return 0
    try:
        if format in PICTURES:
            data = report.picture(format)
        else:
            data = (report.text() if format == "text" else report.json()).encode()
    except LayoutError as error:
        return usage(f"Graphviz cannot draw this: {error}")
    code = write(output, data)
    if code == 0 and output != "-":
        print(f"wrote {output}", file=sys.stderr)
    return code
