"""`mtg check`: check programs and report errors."""

from __future__ import annotations

import argparse
import sys

from mtg.cli.common import (
    Subparsers,
    add_keras_option,
    add_program_options,
    compiler_for,
    show,
    usage,
)
from mtg.cli.diagnostics import FORMATS, levelled
from mtg.cli.fixing import Fixed, add_fix_options, fixed, put_back, wants_fixes


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "check",
        help="check programs and report errors",
        description="Check programs: text, names, graph, shapes, values and tasks. Imports "
        "neither Keras nor TensorFlow, except with --with-keras.",
        epilog="examples: mtg check models/*.mtg\n"
        "          mtg check --format json news.mtg\n"
        "          mtg check -W error --allow unused news.mtg\n"
        "          mtg check --fix news.mtg",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", metavar="FILE", nargs="+", help="a program; `-` is standard input")
    add_program_options(parser, FORMATS)
    add_keras_option(parser)
    add_fix_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit code 2 where a file cannot be read, 1 where one has errors, else 0."""
    code = unknown = 0
    found = []
    results: list[tuple[str, Fixed]] = []
    mending = wants_fixes(options)
    if mending and options.message_format != "text" and (options.diff or "-" in options.files):
        return usage("--diff, and --fix of standard input, print; they need --format text")
    for file in options.files:
        if mending:
            results.append((file, fixed(file, options)))
            compiler = results[-1][1].compiler
        else:
            compiler = compiler_for(file, options)
        found += compiler.check()
        unknown += len(compiler.unknown)
        if compiler.unreadable:
            code = 2
        elif any(each.is_error for each in levelled(compiler.diagnostics, options)):
            code = max(code, 1)
    kept = 0
    for file, result in results:
        kept = max(kept, put_back(file, result, options))
    code = max(code, kept)
    if not show(found, options) and not kept and options.message_format == "text":
        count = len(options.files)
        line = f"{count} file{'s' * (count != 1)} checked, no problems"
        if unknown:
            one = unknown == 1
            line += f"; {unknown} {'layer is' if one else 'layers are'} unknown to mtg"
            line += "" if options.with_keras else " (`--with-keras` asks Keras)"
        print(line, file=sys.stderr)
    return code
