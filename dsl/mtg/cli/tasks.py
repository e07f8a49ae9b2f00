"""`mtg tasks`: which tasks share what."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mtg.backends.targets import PICTURES
from mtg.cli.common import (
    Subparsers,
    add_keras_option,
    add_program_options,
    add_shown_file,
    shown,
    usage,
    write,
)
from mtg.cli.streams import print_json

_FORMATS = ("text", "json", *PICTURES)


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "tasks",
        help="show which tasks share what",
        description="Show of each output its inputs, its own layers and those that it shares, with "
        "their parameters and its multiply-accumulates; how many parameters each two tasks have in "
        "common; and in words what is computed once, and where the weights alone are shared. "
        "With -o OUT.svg a picture of it. "
        "Imports neither Keras nor TensorFlow, except with --with-keras.",
        epilog="examples:\n  mtg tasks mmoe.mtg\n"
        "  mtg tasks trained.keras              a file of Keras, from its config alone\n"
        "  mtg tasks mmoe.mtg -o tasks.svg      the picture\n"
        "  mtg tasks mmoe.mtg --format json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_shown_file(parser)
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
        choices=_FORMATS,
        help="the format, instead of OUT's suffix (default: text)",
    )
    add_program_options(parser)
    add_keras_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from mtg.backends.tasks.report import format_of, task_report

    output: str = options.output
    format = options.format or ("text" if output == "-" else format_of(Path(output).suffix))
    if format not in _FORMATS:
        return usage(
            f"cannot tell the format of `{output}`: end it in .txt, .json, "
            f".{', .'.join(PICTURES)}, or give --format"
        )
    result = shown(options.file, options, [] if output == "-" else [output])
    if isinstance(result, int):
        return result
    from mtg.backends.picture.layout import LayoutError

    try:
        report = task_report(*result)
        if output == "-" and format == "text":
            print(report, end="")
            return 0
        if output == "-" and format == "json":
            print_json(report.to_json())
            return 0
        code = write(output, report.written(format))
    except LayoutError as error:
        return usage(f"Graphviz cannot draw this: {error}")
    if code == 0 and output != "-":
        print(f"wrote {output}", file=sys.stderr)
    return code
