"""What the commands share: their options, reading programs, and showing diagnostics."""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtg.cli.diagnostics import LINE_FORMATS, add_diagnostic_options
from mtg.cli.streams import read_standard_input, write_standard_output

if TYPE_CHECKING:
    from mtg.compare.difference import Side
    from mtg.compiler import Compiler
    from mtg.graph.graph import Graph
    from mtg.text.diagnostics import Diagnostic
    from mtg.types.types import Types

Subparsers = Any


def add_program_options(
    parser: argparse.ArgumentParser, formats: Sequence[str] = LINE_FORMATS
) -> None:
    """Add the options that choose the model of a program, its parameters and its diagnostics."""
    parser.add_argument(
        "--model", metavar="NAME", help="the model that is meant, where a file has several"
    )
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=_setting,
        help="a value for a parameter of the model; may be given several times",
    )
    parser.add_argument(
        "--include",
        metavar="DIR",
        action="append",
        default=[],
        help="a folder that imports may reach, besides that of the file",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="trust the program: its `from python` imports may run, and the files that it names "
        "may be anywhere",
    )
    parser.add_argument(
        "--max-layers",
        metavar="N",
        type=_count,
        help="layers that a model may grow to (default: 30,000)",
    )
    add_diagnostic_options(parser, formats)


def add_keras_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that asks Keras where mtg has no rule."""
    parser.add_argument(
        "--with-keras",
        action="store_true",
        help="ask Keras, where it is installed, what the layers give that mtg cannot know: "
        "`Lambda`, layers from Python, and the like",
    )


def _count(text: str) -> int:
    digits = text.replace("_", "").replace(",", "")
    if not digits.isascii() or not digits.isdigit() or not 0 < int(digits[:12]) <= 10**9:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number of layers")
    return int(digits)


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"`{text}` is not NAME=VALUE")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        pass
    meant = {"true": "True", "false": "False", "none": "None", "null": "None"}.get(value.lower())
    if meant is not None:
        raise argparse.ArgumentTypeError(f"`{value}` is written `{meant}`")
    if value[:1] in tuple("[](){}'\"+-.0123456789"):  # somebody means a number, or a list
        shown = value if len(value) <= 40 else value[:39] + "…"
        raise argparse.ArgumentTypeError(
            f"`{shown}` is not a value"
            if len(value) > 40 or "'" in value or '"' in value
            else f"`{value}` is not a value; to pass a string, write `--set {name}='\"{value}\"'`"
        )
    return name, value


def compiler_for(program: str, options: argparse.Namespace, *, text: str | None = None) -> Compiler:
    """Return the compiler of a file, or of standard input where the file is `-`.

    With `text` it is that of another text in the place of the program's own.
    """
    from mtg.compiler import Compiler
    from mtg.limits import MAX_CHARACTERS

    ask = None
    if getattr(options, "with_keras", False):
        from mtg.backends.keras.oracle import Asker
        from mtg.backends.keras.quiet import import_keras

        ask = Asker(import_keras)
    data = None if text is None else text.encode("utf-8")
    if program == "-" and data is None:
        data = read_standard_input(4 * MAX_CHARACTERS + 1)
    return Compiler(
        "<stdin>" if program == "-" else Path(program),
        model=options.model,
        parameters=dict(options.set),
        include=options.include,
        trust=options.trust,
        max_layers=options.max_layers,
        data=data,
        ask=ask,
    )


def show(diagnostics: Iterable[Diagnostic], options: argparse.Namespace) -> list[Diagnostic]:
    """Print diagnostics in the format, colours and severities of the options.

    Return what is shown.
    """
    from mtg.cli.diagnostics import levelled, show_as_asked

    found = levelled(diagnostics, options)
    show_as_asked(found, options)
    return found


def checked(
    program: str,
    options: argparse.Namespace,
    targets: Iterable[str] = (),
    untold: Collection[str] = (),
) -> tuple[Graph, Types] | int:
    """Return the graph and types of a program, or an exit code where it has errors.

    Args:
        targets: Where results of it will be written; none may be a file of the program.
        untold: Codes of what is not so here, whatever the program alone says.
    """
    compiler = compiler_for(program, options)
    graph, types = compiler.graph, compiler.types
    found = show([d for d in compiler.told() if d.code not in untold], options)
    if compiler.unreadable:
        return 2
    if any(each.is_error for each in found) or graph is None or types is None:
        return 1
    read = [given(program), *compiler.files]
    return keeps_inputs(targets, read) or (graph, types)


#: What is read as the config of a Keras model; all else is a program.
CONFIGS = (".keras", ".json")


def add_shown_file(parser: argparse.ArgumentParser) -> None:
    """Add the file of a command that shows what `shown` returns."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a program, or a .keras or .json file; `-` is a program on standard input",
    )


def model_side(file: str) -> Side | int:
    """Return what the config of a Keras model says, or an exit code where it cannot be read."""
    from mtg.compare.operand import ConfigError, config_side
    from mtg.files import CannotRead
    from mtg.model_files import read_model_file

    try:
        return config_side(file, read_model_file(Path(file)))
    except (CannotRead, ConfigError) as error:
        return usage(f"cannot read {file}: {error}")


def shown(
    file: str, options: argparse.Namespace, targets: Iterable[str] = ()
) -> tuple[Graph, Types] | int:
    """Return the graph and types of a program or of a file of Keras, or an exit code.

    Args:
        targets: As for `checked`.
    """
    if not file.endswith(CONFIGS):
        return checked(file, options, targets)
    if options.model is not None or options.set:
        return usage("`--model` and `--set` are for programs, and this is a model of Keras")
    side = model_side(file)
    if isinstance(side, int):
        return side
    for note in side.notes:
        print(f"note: {note.replace('is not compared', 'is not shown')}", file=sys.stderr)
    return keeps_inputs(targets, [given(file)]) or (side.graph, side.types)


def given(file: str) -> Path:
    """Return the path of a file that a command line names; `-` is whatever standard input is."""
    return Path("/dev/stdin" if file == "-" else file)


def keeps_inputs(targets: Iterable[str], read: Sequence[Path]) -> int:
    """Check that results do not overwrite what was read for them: 0, or an exit code."""
    from mtg.results import CannotWrite, check_not_read

    try:
        for target in targets:
            if target != "-":
                check_not_read(Path(target), read)
    except CannotWrite as error:
        return usage(str(error))
    return 0


def stem(program: str) -> str:
    """Return the default name of results: that of the file, without its suffix."""
    return "model" if program == "-" else Path(program).stem


def write(path: str, data: bytes) -> int:
    """Write a result to a file, or to standard output where the path is `-`."""
    from mtg.results import CannotWrite, write_whole

    if path == "-":
        write_standard_output(data)
        return 0

    def fill(temporary: Path) -> None:
        temporary.write_bytes(data)

    try:
        write_whole(Path(path), fill)
    except CannotWrite as error:
        print(f"mtg: {error}", file=sys.stderr)
        return 2
    return 0


def usage(message: str) -> int:
    """Say what is wrong with the command line."""
    print(f"mtg: {message}", file=sys.stderr)
    return 2
