"""`mtg diff`: what differs between two models, and whether weights load."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mtg.cli.common import (
    CONFIGS,
    Subparsers,
    add_program_options,
    checked,
    given,
    keeps_inputs,
    model_side,
    usage,
)
from mtg.cli.reports import Finding, add_report_options, asked_format, write_report

if TYPE_CHECKING:
    from mtg.compare.difference import Side

_EPILOG = """\
examples: mtg diff old.mtg new.mtg
          mtg diff trained.keras model.mtg      do the trained weights still load?
          mtg diff old.mtg new.mtg -o diff.svg  both in one picture

exit codes: 0 the models are equal, 1 they differ, 2 wrong usage, a file that cannot be read, or a
program with errors
"""


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "diff",
        help="show what differs between two models, and whether weights load",
        description="Show what was added, removed, renamed, changed and rewired between two "
        "models, and whether the weights of the first load into the second, layer by layer. "
        "Keras is imported only for a program beside a file of Keras, and only where functions of "
        "the program compute with nothing but fixed numbers: the file has the results.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, which in (("a", "the first"), ("b", "the second")):
        parser.add_argument(
            name,
            metavar=name.upper(),
            help=f"{which}: a program, or a .keras or .json file; `-` is a program on standard "
            "input",
        )
    add_report_options(parser)
    parser.add_argument(
        "--ignore-names",
        action="store_true",
        help="ignore the names of models and layers",
    )
    add_program_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from mtg.backends.keras.computed import side_in_numbers
    from mtg.backends.keras.quiet import import_keras
    from mtg.backends.picture.draw import difference_picture
    from mtg.compare.difference import difference

    format = asked_format(options)
    if isinstance(format, int):
        return format
    if options.a == options.b == "-":
        return usage("only one of the two models can come from standard input")
    sides = []
    for file in (options.a, options.b):
        side = _side(file, options)
        if isinstance(side, int):
            return side
        sides.append(side)
    first, second = sides
    a = side_in_numbers(first, second, import_keras)
    b = side_in_numbers(second, first, import_keras)
    names = not options.ignore_names
    found = difference(a, b, names=names)
    report = Finding(
        lambda: f"{found}\n",
        lambda: f"{found.to_json()}\n",
        lambda format: difference_picture(a, b, format, names=names),
    )
    code = keeps_inputs([options.output], [given(options.a), given(options.b)])
    return code or write_report(report, options.output, format) or int(bool(found))


def _side(file: str, options: argparse.Namespace) -> Side | int:
    from mtg.compare.difference import Side

    if file.endswith(CONFIGS):
        return model_side(file)
    result = checked(file, options)
    # Other than for `check`, 1 says that the models differ.
    return 2 if isinstance(result, int) else Side("<stdin>" if file == "-" else file, *result)
