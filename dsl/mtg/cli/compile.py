"""`mtg compile`: a program as a Keras model, and its picture."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mtg.backends.targets import TARGETS, CannotEmit, Request
from mtg.cli.common import (
    Subparsers,
    add_program_options,
    checked,
    keeps_inputs,
    show,
    stem,
    usage,
    write,
)
from mtg.stopping import own_temporary_files

if TYPE_CHECKING:
    from mtg.graph.graph import Graph
    from mtg.types.types import Types


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "compile",
        help="build the Keras model of a program, and its picture",
        description="Build and save the Keras model of a program. Without -o, FILE.keras and "
        "FILE.svg are written in the current folder, and a summary is shown.",
        epilog="examples: mtg compile news.mtg\n"
        "          mtg compile news.mtg -o build/news.keras --set vocab=20_000",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="a program; `-` is standard input")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="one target: a path that ends in .keras, .json (the config, written without Keras), "
        ".py (Keras source that needs no mtg), .svg, .png, .pdf or .dot; with --format any path, "
        "or `-` for standard output",
    )
    parser.add_argument(
        "--format", choices=TARGETS, help="what to write to OUT, instead of what its suffix says"
    )
    parser.add_argument(
        "--weights",
        metavar="WEIGHTS",
        help="take the weights of a .keras or .weights.h5 file, which must be those of such a "
        "model",
    )
    parser.add_argument(
        "--by-name",
        action="store_true",
        help="with --weights of a .keras file: each layer takes the weights of the one that has "
        "its name there; what has no namesake is named, and stays as it is initialized, or is left",
    )
    parser.add_argument(
        "--outputs",
        choices=("list", "dict"),
        default="list",
        help="what the model gives: a list of its outputs in the declared order (default), or a "
        "dict by their names, which takes targets and sample weights by name, loaded too",
    )
    add_program_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.format and not options.output:
        return usage("--format says what to write to OUT: give it with -o")
    format = options.format or _format(options.output or "")
    if options.output and format not in TARGETS:
        return usage(
            f"cannot tell what `{options.output}` is to be: end it in "
            f".{', .'.join(TARGETS)}, or give --format"
        )
    if options.weights and format and not TARGETS[format].holds_weights:
        return usage(f"`{options.output}` holds no weights: give --weights with a .keras file")
    if options.by_name and not str(options.weights).endswith(".keras"):
        return usage("--by-name goes with --weights of a .keras file")
    targets = (
        {options.output: format}
        if options.output
        else {f"{stem(options.file)}.keras": "keras", f"{stem(options.file)}.svg": "svg"}
    )
    if options.weights and (code := keeps_inputs(targets, [Path(options.weights)])):
        return code
    # What a lookup layer was not given comes out of the archive.
    untold = ["MTG216"] if str(options.weights).endswith(".keras") else []
    result = checked(options.file, options, targets, untold)
    if isinstance(result, int):
        return result
    from mtg.results import CannotWrite, check_writable

    try:
        # All of them before the seconds that Keras takes, so that none is written alone.
        for target in targets:
            if target != "-":
                check_writable(Path(target))
    except CannotWrite as error:
        return usage(str(error))
    for target, format in targets.items():
        weights = Path(options.weights) if options.weights else None
        request = Request(target, format, options.outputs, weights, options.by_name, options.trust)
        with own_temporary_files():
            code = _write(request, *result, options)
        if code:
            return code
    if not options.output:
        from mtg.backends.summary.table import summary

        print(summary(*result))
    if options.output != "-":
        print(f"wrote {' and '.join(targets)}", file=sys.stderr)
    return 0


def _format(output: str) -> str:
    """Return what a path is to hold; for a discarded output everything is built."""
    return "keras" if output == os.devnull else Path(output).suffix[1:]


def _write(request: Request, graph: Graph, types: Types, options: argparse.Namespace) -> int:
    """Make one target and write it; the exit code."""
    from mtg.errors import MtgError
    from mtg.results import CannotWrite, write_whole
    from mtg.text.diagnostics import Diagnostics

    diagnostics = Diagnostics()
    try:
        made = TARGETS[request.format].emit(graph, types, request, diagnostics)
    except CannotEmit as error:
        return usage(str(error))
    show(diagnostics.sorted(), options)
    if made is None:
        return 1
    if isinstance(made.content, bytes):
        code = write(request.path, made.content)
        if code:
            return code
    else:
        place = Path("/dev/stdout" if request.path == "-" else request.path)
        try:
            write_whole(place, made.content, suffix=f".{request.format}")
        except CannotWrite as error:
            return usage(str(error))
        except MtgError as error:
            show(error.diagnostics, options)
            return 1
    for remark in made.remarks():
        print(remark, file=sys.stderr)
    return 0
