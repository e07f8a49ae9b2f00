"""`mtg decompile`: a Keras model as `.mtg` text."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mtg.cli.common import Subparsers, given, keeps_inputs, show, usage, write
from mtg.cli.diagnostics import add_diagnostic_options
from mtg.cli.streams import read_standard_input


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "decompile",
        help="write the .mtg text of a Keras model",
        description="Write the .mtg text of a Keras model: of its architecture, and of how it is "
        "compiled. Weights are not looked at. Imports neither Keras nor TensorFlow.",
        epilog="examples: mtg decompile model.keras -o model.mtg\n"
        "          python make_model.py | mtg decompile -        (the text of Model.to_json())",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", metavar="MODEL", help="a .keras or .json file; `-` is JSON on standard input"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="where to write; standard output"
    )
    parser.add_argument(
        "--keep-names",
        action="store_true",
        help="give every layer the name it has in Keras (and so look for no blocks)",
    )
    parser.add_argument(
        "--flat", action="store_true", help="look for no blocks and loops; layers in pipelines"
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="write what Keras's safe mode would not load: vocabularies from anywhere, and layers "
        "that load the code of a saved model",
    )
    add_diagnostic_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from mtg.decompiler.decompile import decompile_config
    from mtg.errors import MtgError
    from mtg.files import CannotRead
    from mtg.model_files import MAX_CONFIG, parse_config, read_model_file
    from mtg.text.diagnostics import Diagnostics

    try:
        if options.file == "-":
            config = parse_config(read_standard_input(MAX_CONFIG + 1))
        else:
            config = read_model_file(Path(options.file))
    except CannotRead as error:
        return usage(f"cannot read {options.file}: {error}")
    if code := keeps_inputs([options.output], [given(options.file)]):
        return code
    warned = Diagnostics()
    origin = "<stdin>" if options.file == "-" else options.file
    try:
        text = decompile_config(
            config,
            origin,
            keep_names=options.keep_names,
            structure=not options.flat,
            trust=options.trust,
            warned=warned,
        )
    except MtgError as error:
        show(error.diagnostics, options)
        return 1
    if any(each.is_error for each in show(warned.sorted(), options)):
        return 1
    code = write(options.output, text.encode())
    inner = config.get("config", config)
    if not code and isinstance(inner, dict) and isinstance(inner.get("output_layers"), dict):
        print(
            "note: the model gives a dict of its outputs, which a program does not say: "
            "`mtg compile --outputs dict` makes one of it",
            file=sys.stderr,
        )
    if not code and options.output != "-":
        print(f"wrote {options.output}", file=sys.stderr)
    return code
