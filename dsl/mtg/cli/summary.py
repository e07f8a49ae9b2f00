"""`mtg summary`: layers, shapes, parameters and what they cost."""

from __future__ import annotations

import argparse

from mtg.cli.common import Subparsers, add_keras_option, add_program_options, add_shown_file, shown
from mtg.cli.streams import print_json


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "summary",
        help="show layers, shapes and parameters",
        description="Show a table of layers, output shapes, parameters and multiply-accumulates, "
        "what lengths must be, and the tasks, from the static types. Imports neither Keras nor "
        "TensorFlow, except with --with-keras.",
        epilog="examples:\n  mtg summary news.mtg --set width=128\n"
        "  mtg summary trained.keras            a file of Keras, from its config alone",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_shown_file(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--format", choices=("text", "json"), default="text", help="text (default), or JSON"
    )
    how.add_argument(
        "--cost",
        action="store_true",
        help="show the memory of each layer's results too, instead of its connections",
    )
    parser.add_argument(
        "--unfold",
        action="store_true",
        help="list every round of a comprehension or loop; else the table lists four or more that "
        "are alike as one, `(Dense) × 8`",
    )
    add_program_options(parser)
    add_keras_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    result = shown(options.file, options)
    if isinstance(result, int):
        return result
    if options.format == "json":
        from mtg.backends.summary.as_json import summary_json

        print_json(summary_json(*result))
        return 0
    from mtg.backends.summary.table import summary

    print(summary(*result, cost=options.cost, unfold=options.unfold))
    return 0
