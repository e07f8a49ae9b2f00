"""`mtg explain`: what a code means, with a program that is wrong and one that is right."""

from __future__ import annotations

import argparse
import re
import sys

from mtg.cli.common import Subparsers, usage


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "explain",
        help="explain a code such as MTG301",
        description="Say what the code of an error or warning means and why it matters, with a "
        "program that is wrong and one that is right. Without CODE, list all codes.",
        epilog="examples: mtg explain MTG301\n          mtg explain unknown-name",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("codes", metavar="CODE", nargs="*", help="a code, or its name")
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        metavar="WHEN",
        help="auto, always or never (default: auto, which is where a terminal is)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit code 2 for a code that does not exist."""
    from mtg.cli.diagnostics import use_color
    from mtg.report.explain import explain, listing
    from mtg.report.levels import code_of
    from mtg.text.codes import CODES
    from mtg.text.suggest import did_you_mean

    color = use_color(sys.stdout, options.color)
    if not options.codes:
        print(listing(color=color), end="")
        return 0
    codes = []
    for word in options.codes:
        code = code_of(word)
        if code is None:
            known = [*CODES, *(about.slug for about in CODES.values())]
            # A number that no code has is near many codes, and means none of them.
            numbered = re.fullmatch(r"(?i)(mtg)?[0-9]+", word)
            meant = "" if numbered else did_you_mean(word if "-" in word else word.upper(), known)
            meant = meant or ("" if numbered else did_you_mean(word.casefold(), known))
            return usage(f"unknown code `{word}`; {meant or '`mtg explain` lists them'}")
        if code not in codes:
            codes.append(code)
    print("\n".join(explain(code, color=color) for code in codes), end="")
    return 0
