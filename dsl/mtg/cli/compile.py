"""`mtg compile`: a program as a Keras model, and its picture."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mtg.cli.common import (
    Subparsers,
    add_program_options,
    checked,
    keeps_inputs,
    show,
    stem,
    usage,
    write,
)
from mtg.cli.quiet import before_saving, import_keras

if TYPE_CHECKING:
    from mtg.graph.graph import Graph
    from mtg.types.types import Types

_PICTURES = ("svg", "png", "pdf", "dot")
_UNSAVED = "the model was built, and nothing is written"
_FORMATS = ("keras", "json", "py", *_PICTURES)


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "compile",
        help="build the Keras model of a program, and its picture",
        description="Build and save the Keras model of a program. Without -o, FILE.keras and "
        "FILE.svg are written in the current folder, and a summary is shown.",
        epilog="examples: mtg compile news.mtg\n"
        "          mtg compile news.mtg -o build/news.keras --set vocab=20_000",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="a program; `-` is standard input")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="one target: a path that ends in .keras, .json (the config, written without Keras), "
        ".py (Keras source that needs no mtg), .svg, .png, .pdf or .dot; with --format any path, "
        "or `-` for standard output",
    )
    parser.add_argument(
        "--format", choices=_FORMATS, help="what to write to OUT, instead of what its suffix says"
    )
    parser.add_argument(
        "--weights",
        metavar="WEIGHTS",
        help="take the weights of a .keras or .weights.h5 file, which must be those of such a "
        "model",
    )
    parser.add_argument(
        "--outputs",
        choices=("list", "dict"),
        default="list",
        help="what the model gives: a list of its outputs in the declared order (default), or a "
        "dict by their names, which takes targets and sample weights by name, loaded too",
    )
    add_program_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.format and not options.output:
        return usage("--format says what to write to OUT: give it with -o")
    format = options.format or _format(options.output or "")
    if options.output and format not in _FORMATS:
        return usage(
            f"cannot tell what `{options.output}` is to be: end it in .keras, .json, .py, "
            f".{', .'.join(_PICTURES)}, or give --format"
        )
    if options.weights and format not in ("", "keras"):
        return usage(f"`{options.output}` holds no weights: give --weights with a .keras file")
    targets = (
        {options.output: format}
        if options.output
        else {f"{stem(options.file)}.keras": "keras", f"{stem(options.file)}.svg": "svg"}
    )
    if options.weights and (code := keeps_inputs(targets, [Path(options.weights)])):
        return code
    # What a lookup layer was not given comes out of the archive.
    untold = ["MTG216"] if str(options.weights).endswith(".keras") else []
    result = checked(options.file, options, targets, untold)
    if isinstance(result, int):
        return result
    from mtg.results import CannotWrite, check_writable

    try:
        # All of them before the seconds that Keras takes, so that none is written alone.
        for target in targets:
            if target != "-":
                check_writable(Path(target))
    except CannotWrite as error:
        return usage(str(error))
    for target, format in targets.items():
        options.format = format
        write_target = {"keras": _save, "json": _config, "py": _python}.get(format, _draw)
        code = write_target(target, *result, options)
        if code:
            return code
    if not options.output:
        from mtg.backends.summary.table import summary

        print(summary(*result))
    if options.output != "-":
        print(f"wrote {' and '.join(targets)}", file=sys.stderr)
    return 0


def _format(output: str) -> str:
    """What a path is to hold; of what is thrown away all is built."""
    return "keras" if output == os.devnull else Path(output).suffix[1:]


def _draw(target: str, graph: Graph, types: Types, options: argparse.Namespace) -> int:
    from mtg.backends.picture.draw import draw
    from mtg.backends.picture.layout import LayoutError

    try:
        picture = draw(graph, types, options.format)
    except LayoutError as error:
        return usage(f"Graphviz cannot draw this: {error}")
    return write(target, picture)


def _python(target: str, graph: Graph, types: Types, options: argparse.Namespace) -> int:
    from mtg.backends.python.source import python_source
    from mtg.trust import of_fit, of_model

    done = write(target, python_source(graph, options.outputs).encode())
    found = [*of_model(graph, False), *of_fit(graph, False)]
    for message in () if done else dict.fromkeys(refusal.message for refusal, _ in found):
        print(
            f"note: what mtg does only with --trust, {target} does when it runs: {message}",
            file=sys.stderr,
        )
    return done


def _config(target: str, graph: Graph, types: Types, options: argparse.Namespace) -> int:
    from mtg.config.write import to_json
    from mtg.text.diagnostics import Diagnostics

    diagnostics = Diagnostics()
    text = to_json(graph, types, diagnostics, options.outputs)
    show(diagnostics.sorted(), options)
    if text is None:
        return 1
    done = write(target, text.encode())
    python = (call.layer.cls for call in graph.calls if call.layer.kind == "python")
    for cls in () if done else dict.fromkeys(python):
        print(
            f"note: what Keras registers `{cls}` under is known to its module alone, which is not "
            f'imported here: load the JSON with `custom_objects={{"{cls}": {cls}}}`',
            file=sys.stderr,
        )
    return done


def _save(target: str, graph: Graph, types: Types, options: argparse.Namespace) -> int:
    from mtg.stopping import own_temporary_files

    with own_temporary_files():
        return _build_and_save(target, graph, types, options)


def _build_and_save(target: str, graph: Graph, types: Types, options: argparse.Namespace) -> int:
    from mtg.errors import MtgError
    from mtg.files import CannotRead
    from mtg.results import CannotWrite, write_whole
    from mtg.text.diagnostics import Diagnostics
    from mtg.trust import admit

    refused = Diagnostics()
    if not admit(graph, refused, trust=options.trust):  # before the seconds that Keras takes
        show(refused.sorted(), options)
        return 1
    try:
        import_keras()
    except ImportError as error:
        return usage(str(error))
    from mtg.backends.keras.build import build

    diagnostics = Diagnostics()
    model = build(graph, diagnostics, options.outputs)
    if model is not None and options.weights:
        from mtg.backends.keras.weights import load_weights

        try:
            if not load_weights(model, Path(options.weights), graph, diagnostics):
                model = None
        except CannotRead as error:
            return usage(f"cannot read {options.weights}: {error}")
    show(diagnostics.sorted(), options)
    if model is None:
        return 1

    from mtg.backends.keras.lost_sharing import saved_as_two

    apart: list[str] = []

    def save(temporary: Path) -> None:
        try:
            model.save(temporary)
            apart.extend(saved_as_two(temporary, model))
        except OSError:
            raise
        except Exception as error:  # Keras and h5py raise whatever they meet
            said = Diagnostics()
            message = f"Keras cannot save the model: {error}"
            said.report("MTG309", message, graph.span, notes=(_UNSAVED,))
            raise MtgError(said.sorted()) from None

    before_saving()
    try:
        write_whole(Path("/dev/stdout" if target == "-" else target), save, suffix=".keras")
    except CannotWrite as error:
        return usage(str(error))
    except MtgError as error:
        show(error.diagnostics, options)
        return 1
    from mtg.graph.unsaved import python_names, unread, unsaved

    for cls, name, reason in unread(graph):
        if name == "vocabulary" and str(options.weights).endswith(".keras"):
            continue  # it came with the weights
        print(
            f"warning: Keras itself cannot load {target}: `{name}` of `{cls}` {reason}",
            file=sys.stderr,
        )
    for name in apart:
        print(
            f"warning: Keras itself cannot load {target}: `{name}` is in a wrapper and elsewhere, "
            "and Keras saves it as two layers with the weights of one; mtg reads it as one "
            "(`mtg compile --weights`, `mtg decompile`)",
            file=sys.stderr,
        )
    if names := python_names(graph):
        given = ", ".join(f'"{name}": {name}' for name in names)
        print(
            f"note: Keras loads {target} with `custom_objects={{{given}}}`, or where what is "
            "Python in it is registered and imported",
            file=sys.stderr,
        )
    for cls, name in unsaved(graph):
        print(
            f"note: Keras does not save `{name}` of `{cls}`: a model that is loaded has the "
            "default",
            file=sys.stderr,
        )
    return 0
