"""`mtg tasks`: which tasks share what."""

from __future__ import annotations

import argparse

from mtg.cli.common import Subparsers, add_keras_option, add_program_options, add_shown_file, shown
from mtg.cli.reports import Finding, add_report_options, asked_format, write_report


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
    add_report_options(parser)
    add_program_options(parser)
    add_keras_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    format = asked_format(options)
    if isinstance(format, int):
        return format
    result = shown(options.file, options, [options.output])
    if isinstance(result, int):
        return result
    from mtg.backends.tasks.report import task_report

    found = task_report(*result)
    report = Finding(found.__str__, found.to_json, found.picture)
    return write_report(report, options.output, format)
