"""The command `mtg`: one file a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code.

    0: done, no errors. 1: the program has errors. 2: wrong usage, a missing file, or a result that
    cannot be written.
    """
    from mtg.cli.parser import build_parser
    from mtg.cli.streams import StreamError, output_failed

    try:
        try:
            arguments = sys.argv[1:] if arguments is None else arguments
            options = build_parser(arguments).parse_args(arguments)
        except SystemExit:
            sys.stdout.flush()  # a version or a help that cannot be written is said below
            raise
        code = options.run(options)
        sys.stdout.flush()
        return int(code)
    except BrokenPipeError as error:
        # The reader of a pipe went away, as `mtg summary … | head` does. Nothing is wrong.
        output_failed(error)
        return 0
    except KeyboardInterrupt:
        print("mtg: interrupted", file=sys.stderr)
        return 130
    except StreamError as error:
        print(f"mtg: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        said = output_failed(error) or error.strerror or error
        if not os.path.exists(os.curdir):
            said = "the current folder does not exist any more; give absolute paths"
        print(f"mtg: {said}", file=sys.stderr)
        return 2
    except Exception as error:
        if os.environ.get("MTG_DEBUG"):
            raise
        print(
            f"mtg: internal error, please report it: {type(error).__name__}: "
            f"{error}\nSet MTG_DEBUG=1 to see where it happened.",
            file=sys.stderr,
        )
        return 70


def run() -> None:
    """Run the installed command."""
    from mtg.stopping import stop_cleanly

    stop_cleanly()
    from mtg.cli.streams import open_streams

    open_streams()
    sys.exit(main())
