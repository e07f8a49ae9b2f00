"""The command line: commands, options and help."""

from __future__ import annotations

import argparse
from typing import NoReturn

from mtg.cli import check, compile, decompile, explain, layers, render, summary

_EPILOG = """\
examples:
  mtg check *.mtg                        say what is wrong, in milliseconds
  mtg explain MTG301                     what the code of an error means
  mtg compile news.mtg                   write news.keras and news.svg
  mtg compile news.mtg -o news.keras     the model alone
  mtg compile news.mtg --set width=128   with another value for a parameter
  mtg render news.mtg -o news.pdf        the picture
  mtg summary news.mtg                   layers, shapes, parameters
  mtg decompile model.keras              the .mtg text of a Keras model
  mtg layers Conv2D                      what Keras offers, and what its arguments may be
  cat news.mtg | mtg check -             read from standard input

exit codes: 0 no errors, 1 errors in the source, 2 wrong usage or a file that cannot be read or
written
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where to read more."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\nSee `{self.prog} --help`.\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line; each command sets `run`."""
    parser = _Parser(
        prog="mtg",
        description="Compile multi-task networks, described as graphs in .mtg files, to Keras "
        "models and pictures.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in (compile, check, decompile, explain, render, summary, layers):
        command.add_parser(commands)
    return parser


class _Version(argparse.Action):
    def __init__(self, option_strings: list[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from mtg import __version__
        from mtg.catalog import catalog

        parser.exit(message=f"mtg {__version__} (describes Keras {catalog().keras_version})\n")
