"""The command line: commands, options and help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from mtg.text.suggest import did_you_mean

#: The commands in the order of the help, each the name of a file of this folder.
COMMANDS = (
    "compile",
    "check",
    "decompile",
    "diff",
    "explain",
    "render",
    "summary",
    "tasks",
    "layers",
)

_EPILOG = """\
examples:
  mtg check *.mtg                        report errors, in milliseconds
  mtg check --fix news.mtg               apply the safe fixes to the file
  mtg explain MTG301                     what the code of an error means
  mtg compile news.mtg                   write news.keras and news.svg
  mtg compile news.mtg -o news.keras     the model alone
  mtg compile news.mtg --set width=128   with another value for a parameter
  mtg render news.mtg -o news.pdf        the picture
  mtg summary news.mtg                   layers, shapes, parameters
  mtg tasks news.mtg                     which tasks share what
  mtg decompile model.keras              the .mtg text of a Keras model
  mtg diff trained.keras news.mtg        what differs, and whether the weights load
  mtg layers Conv2D                      what Keras offers, and what its arguments may be
  cat news.mtg | mtg check -             read from standard input

exit codes: 0 no errors, 1 errors in the source, 2 wrong usage or a file that cannot be read or
written
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where to read more."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\nSee `{self.prog} --help`.\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if isinstance(action, argparse._SubParsersAction) and value not in action.choices:
            self.error(f"unknown command `{value}`; {_meant_command(value, action.choices)}")
        super()._check_value(action, value)

    def _print_message(self, message: str, file: Any = None) -> None:
        """As `argparse` does, which passes over in silence what cannot be written."""
        if message:
            (file or sys.stderr).write(message)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As `argparse` does; what is left over is an error of the command it was given to."""
        options, rest = super().parse_known_args(args, namespace)
        if rest and self.prog != "mtg":
            known = [name for action in self._actions for name in action.option_strings]
            name = rest[0].partition("=")[0]
            help = did_you_mean(name, [one for one in known if one.startswith("--")])
            if name.startswith("-"):
                self.error(f"unknown option `{name}`{'; ' + help if help else ''}")
            self.error(f"unexpected argument `{rest[0]}`")
        return options, rest


def _meant_command(word: str, commands: Iterable[str]) -> str:
    """Return what somebody may mean by a word that is no command."""
    if word.endswith(".mtg") or word == "-":
        return f"did you mean `mtg check {word}`, or `mtg compile {word}`?"
    return did_you_mean(word, commands) or f"there are {', '.join(commands)}"


def build_parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return the parser of the command line; each command sets `run`.

    Where the arguments begin with a command it knows that one alone: the others are not imported.
    """
    parser = _Parser(
        prog="mtg",
        description="Compile multi-task networks, described as graphs in .mtg files, to Keras "
        "models and pictures.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in arguments[:1] if set(arguments[:1]) & set(COMMANDS) else COMMANDS:
        import_module(f"mtg.cli.{command}").add_parser(commands)
    return parser


class _Version(argparse.Action):
    def __init__(self, option_strings: list[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from mtg import __version__
        from mtg.catalog import catalog

        # `exit` would write it to standard error.
        print(f"mtg {__version__} (describes Keras {catalog().keras_version})")
        parser.exit()
