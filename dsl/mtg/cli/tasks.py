"""`mtg tasks`: which tasks share what."""

from __future__ import annotations

import argparse

from mtg.cli.common import Subparsers, add_keras_option, add_program_options, add_shown_file, shown
from mtg.cli.streams import print_json


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "tasks",
        help="show which tasks share what",
        description="Show of each output its inputs, its own layers and those that it shares, with "
        "their parameters and its multiply-accumulates; how many parameters each two tasks have in "
        "common; and in words what is computed once, and where the weights alone are shared. "
        "Imports neither Keras nor TensorFlow, except with --with-keras.",
        epilog="examples:\n  mtg tasks mmoe.mtg\n"
        "  mtg tasks trained.keras              a file of Keras, from its config alone\n"
        "  mtg tasks mmoe.mtg --format json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_shown_file(parser)
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="text (default), or JSON"
    )
    add_program_options(parser)
    add_keras_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    result = shown(options.file, options)
    if isinstance(result, int):
        return result
    from mtg.backends.tasks.sharing import sharing

    found = sharing(*result)
    if options.format == "json":
        from mtg.backends.tasks.as_json import tasks_json

        print_json(tasks_json(found))
    else:
        from mtg.backends.tasks.text import tasks_text

        print(tasks_text(found), end="")
    return 0
