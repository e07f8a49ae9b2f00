"""`mtg check --fix`: write what mends a program into its file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mtg.cli.common import compiler_for
from mtg.cli.diagnostics import levelled
from mtg.cli.streams import write_standard_output

if TYPE_CHECKING:
    from mtg.compiler import Compiler
    from mtg.text.diagnostics import Diagnostic


def add_fix_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say whether, and how far, programs are fixed."""
    group = parser.add_argument_group("fixes")
    group.add_argument(
        "--fix",
        action="store_true",
        help="apply the safe fixes to the files; for `-`, print the fixed program",
    )
    group.add_argument(
        "--unsafe-fixes",
        action="store_true",
        help="apply unsafe fixes too, such as removing what is unused",
    )
    group.add_argument(
        "--diff", action="store_true", help="print what --fix would change, and write nothing"
    )


def wants_fixes(options: argparse.Namespace) -> bool:
    """Return whether the command line asks for fixes, to be applied or to be shown."""
    return bool(options.fix or options.unsafe_fixes or options.diff)


@dataclass(slots=True)
class Fixed:
    """A program after its fixes: its compiler, both texts, and how many fixes were applied."""

    compiler: Compiler
    before: str
    after: str
    count: int


def fixed(file: str, options: argparse.Namespace) -> Fixed:
    """Check a program, and mend it for as long as it becomes cleaner."""
    from mtg.cli.mending import Mending, Text

    def check(text: str) -> tuple[Compiler, list[Diagnostic]]:
        again = compiler_for(file, options, text=text)
        return again, levelled(again.check(), options)

    compiler = compiler_for(file, options)
    first = Text(compiler, levelled(compiler.check(), options))
    if compiler.source is None:
        return Fixed(compiler, "", "", 0)
    last = Mending(check, unsafe=options.unsafe_fixes).mend(first)
    return Fixed(last.compiler, first.text, last.text, last.count)


def put_back(file: str, result: Fixed, options: argparse.Namespace) -> int:
    """Write a mended program, or what changed; an exit code, which is 2 where it cannot be."""
    from mtg.results import CannotWrite, write_whole

    if result.compiler.source is None:
        return 0
    name = result.compiler.source.name
    if options.diff:
        import difflib

        lines = difflib.unified_diff(
            result.before.splitlines(keepends=True),
            result.after.splitlines(keepends=True),
            name,
            name,
        )
        print(_with_line_ends(lines), end="")
    elif file == "-":
        write_standard_output(result.after.encode("utf-8", "backslashreplace"))
    elif result.count:
        path = Path(file).resolve()

        def fill(temporary: Path) -> None:
            mark = b"\xef\xbb\xbf" if path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
            temporary.write_bytes(mark + result.after.encode("utf-8"))

        try:
            write_whole(path, fill)
        except CannotWrite as error:
            print(f"mtg: {error}", file=sys.stderr)
            return 2
    would = "would be " * options.diff
    fixes = f"{result.count} fix{'es' * (result.count != 1)}"
    print(f"{name}: {fixes} {would}applied", file=sys.stderr)
    return 0


def _with_line_ends(lines: Iterable[str]) -> str:
    """Return a difference in which a last line without an end is marked, as `diff` does."""
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
