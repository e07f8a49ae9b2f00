"""`mtg summary`: layers, shapes and parameters."""

from __future__ import annotations

import argparse

from mtg.cli.common import Subparsers, add_program_options, checked


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "summary",
        help="show layers, shapes and parameters",
        description="Show a table of layers, output shapes and parameters, and the tasks, from "
        "the static types. Imports neither Keras nor TensorFlow.",
        epilog="example: mtg summary news.mtg --set width=128",
    )
    parser.add_argument("file", metavar="FILE", help="a program; `-` is standard input")
    add_program_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    result = checked(options.file, options)
    if isinstance(result, int):
        return result
    from mtg.backends.summary import summary

    print(summary(*result))
    return 0
