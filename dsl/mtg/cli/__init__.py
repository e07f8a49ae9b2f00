"""The command `mtg`: one file a command."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code.

    0: done, no errors. 1: the program has errors. 2: wrong usage, a missing file, or a result that
    cannot be written.
    """
    from mtg.cli.parser import build_parser

    try:
        options = build_parser().parse_args(arguments)
        code = options.run(options)
        sys.stdout.flush()
        return int(code)
    except BrokenPipeError:
        # The reader of a pipe went away, as `mtg summary … | head` does. Nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("mtg: stopped", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"mtg: {error.strerror or error}", file=sys.stderr)
        return 2
    except Exception as error:
        if os.environ.get("MTG_DEBUG"):
            raise
        print(
            f"mtg: this is a fault in mtg itself, please report it: {type(error).__name__}: "
            f"{error}\nSet MTG_DEBUG=1 to see where it happened.",
            file=sys.stderr,
        )
        return 70


def run() -> None:
    """The entry point of the installed command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may not know every character
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main())
