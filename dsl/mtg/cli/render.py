"""`mtg render`: the picture of a program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mtg.backends.picture.options import (
    DETAILS,
    DIRECTIONS,
    THEME_NAMES,
    WIDTHS,
    PictureOptions,
    is_width,
    unknown_names,
)
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
        "  mtg render resnet.mtg --levels 0 --open stage_2    but one of its blocks\n"
        "  mtg render net.mtg --detail paper --width 84 -o net.pdf\n"
        "  mtg render mmoe.mtg --unfold          every expert, instead of `expert × 8`\n"
        "  mtg render trained.keras              a file of Keras, from its config alone\n\n"
        "environment:\n"
        "  GRAPHVIZ_DOT=PROGRAM      a `dot` to draw with, instead of pygraphviz's Graphviz",
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
        "and 0 folds every block; `all` opens all (default: as many as a page holds)",
    )
    parser.add_argument(
        "--unfold",
        action="store_true",
        help="draw every round of a comprehension or loop; else four or more that are alike are "
        "drawn as one, `expert × 8`",
    )
    parser.add_argument(
        "--open",
        action="append",
        default=[],
        metavar="NAME",
        help="draw this block, or this use of one, open, and what it stands in; without --levels, "
        "every other is one box. May be given several times",
    )
    parser.add_argument(
        "--detail",
        choices=DETAILS,
        default="normal",
        help="what boxes say: class and size alone, what fits, or every argument (default: normal)",
    )
    parser.add_argument(
        "--direction",
        choices=DIRECTIONS,
        default="TB",
        help="which way tensors go: top to bottom, left to right, and back (default: TB)",
    )
    parser.add_argument(
        "--theme",
        choices=THEME_NAMES,
        default="light",
        help="the colours; `print` has none, and tells tasks by their letters (default: light)",
    )
    parser.add_argument(
        "--width",
        metavar="MM",
        type=_millimetres,
        help="the most that the picture may be wide, such as 84 for the column of a paper",
    )
    parser.add_argument(
        "--legend", action="store_true", help="explain in the picture what occurs in it"
    )
    add_program_options(parser)
    parser.set_defaults(run=run)


def _millimetres(text: str) -> float:
    """Return a width, as the command line gives it."""
    try:
        width = float(text)
    except ValueError:
        width = 0.0
    if not is_width(width):
        raise argparse.ArgumentTypeError(f"expected {WIDTHS} millimetres, not `{text}`")
    return width


#: What `--levels` says for every level.
ALL = "all"


def _levels(text: str) -> int | str:
    """Return a number of levels, or `ALL`, as the command line gives it."""
    if text == ALL:
        return ALL
    if not text.isdecimal() or not text.isascii():
        raise argparse.ArgumentTypeError(
            f"expected a number of levels, zero or more, or `{ALL}`, not `{text}`"
        )
    return int(text[:9])


def run(options: argparse.Namespace) -> int:
    from mtg.backends.picture.draw import draw
    from mtg.backends.picture.pages import folded_to_fit, is_large
    from mtg.program_input import in_blocks

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

    how = PictureOptions(
        levels=None if options.open_levels == ALL else options.open_levels,
        unfold=options.unfold,
        open=tuple(options.open),
        legend=options.legend,
        direction=options.direction,
        detail=options.detail,
        theme=options.theme,
        width=options.width,
    )
    if options.open_levels is None and is_large(result[0], how):
        result = in_blocks(options.file, options.trust) or result
        how, note = folded_to_fit(result[0], how)
        if note:
            print(f"note: {note}", file=sys.stderr)
    if problem := unknown_names(how.open, result[0]):
        return usage(problem)
    try:
        picture = draw(*result, format, how)
    except LayoutError as error:
        return usage(f"Graphviz cannot draw this: {error}")
    code = write(output, picture)
    if code == 0 and output != "-":
        print(f"wrote {output}", file=sys.stderr)
    return code
