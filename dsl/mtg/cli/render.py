"""`mtg render`: the picture of a program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mtg.backends.targets import PICTURES
from mtg.cli.common import (
    Subparsers,
    add_program_options,
    add_shown_file,
    shown,
    stem,
    usage,
    write,
)


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "render",
        help="draw the picture of a program, or of a model of Keras",
        description="Draw a program's graph: inputs, layers, merges, shared instances, tasks. "
        "Imports neither Keras nor TensorFlow.",
        epilog="examples:\n  mtg render news.mtg -o news.pdf\n"
        "  mtg render resnet.mtg --levels 0      a deep network on one page\n"
        "  mtg render mmoe.mtg --unfold          every expert, instead of `expert × 8`\n"
        "  mtg render trained.keras              a file of Keras, from its config alone",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_shown_file(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="where to: a path that ends in .svg, .png, .pdf or .dot, or `-` for standard output "
        "(default: FILE.svg in the current folder)",
    )
    parser.add_argument("--format", choices=PICTURES, help="the format, instead of OUT's suffix")
    parser.add_argument(
        "--levels",
        dest="open_levels",
        metavar="N",
        type=_levels,
        help="how many levels of blocks are drawn open; a use that is nested deeper is one box, "
        "and 0 folds every block (default: all are open)",
    )
    parser.add_argument(
        "--unfold",
        action="store_true",
        help="draw every round of a comprehension or loop; else four or more that are alike are "
        "drawn as one, `expert × 8`",
    )
    add_program_options(parser)
    parser.set_defaults(run=run)


def _levels(text: str) -> int:
    """Return a number of levels, as the command line gives it."""
    if not text.isdecimal() or not text.isascii():
        raise argparse.ArgumentTypeError(f"expected a number of levels, zero or more, not `{text}`")
    return int(text[:9])


def run(options: argparse.Namespace) -> int:
    from mtg.backends.picture.draw import draw
    from mtg.backends.picture.options import PictureOptions

    output = options.output or f"{stem(options.file)}.{options.format or 'svg'}"
    format = options.format or ("svg" if output == "-" else Path(output).suffix[1:])
    if format not in PICTURES:
        return usage(
            f"cannot tell the format of `{output}`: end it in .{', .'.join(PICTURES)}, "
            "or give --format"
        )
    result = shown(options.file, options, [output])
    if isinstance(result, int):
        return result
    from mtg.backends.picture.layout import LayoutError

    try:
        how = PictureOptions(levels=options.open_levels, unfold=options.unfold)
        picture = draw(*result, format, how)
    except LayoutError as error:
        return usage(f"Graphviz cannot draw this: {error}")
    code = write(output, picture)
    if code == 0 and output != "-":
        print(f"wrote {output}", file=sys.stderr)
    return code
