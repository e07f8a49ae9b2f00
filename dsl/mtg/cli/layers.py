"""`mtg layers`: what Keras offers, as the catalogue knows it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mtg.cli.common import Subparsers
from mtg.cli.streams import print_json

if TYPE_CHECKING:
    from mtg.catalog import Entry, Parameter

#: The kinds of entries in the order they are listed: the word for `--kind`, and the heading.
KINDS = {
    "layer": "Layers",
    "application": "Applications",
    "op": "Functions of ops",
    "activation": "Activations",
    "initializer": "Initializers",
    "regularizer": "Regularizers",
    "constraint": "Constraints",
    "loss": "Losses",
    "metric": "Metrics",
    "optimizer": "Optimizers",
    "optimizer_map": "Optimizers of parts",
    "schedule": "Schedules of the learning rate",
    "callback": "Callbacks",
    "dtype_policy": "Policies of dtypes",
    "input": "Settings of an input",
    "model_compile": "What `train` takes, for compiling",
    "model_fit": "What `train` takes, for fitting",
}


def add_parser(commands: Subparsers) -> None:
    parser = commands.add_parser(
        "layers",
        help="list what Keras offers, or show one entry of it",
        description="List the layers, losses, metrics, optimizers and other things that a program "
        "may name, or show one as a manual page. Imports neither Keras nor TensorFlow.",
        epilog="examples: mtg layers Conv2D\n"
        "          mtg layers ops.mean\n"
        "          mtg layers --kind loss",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        help="what to show: Conv2D, mean, ops.mean, losses.Huber; of a kind, such as losses, all",
    )
    parser.add_argument(
        "--kind", metavar="KIND", choices=tuple(KINDS), help=f"one of {', '.join(KINDS)}"
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="how to print it"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exit code 1 where nothing has the name."""
    kinds = [options.kind] if options.kind else list(KINDS)
    if options.name is None:
        entries = [entry for kind in kinds for entry in entries_of(kind)]
        _show(entries, options)
        return 0
    found = find(options.name, kinds)
    if not found and (called := [kind for kind in kinds if is_called(kind, options.name)]):
        entries = [entry for kind in called for entry in entries_of(kind)]
        _show(entries, options)
        return 0
    if not found:
        print(f"mtg: {_unknown(options.name, kinds)}", file=sys.stderr)
        return 1
    if options.format == "json":
        print_json(_json(found))
    else:
        from mtg.cli.manual import page

        print("\n\n".join(page(entry, has_rule(entry)) for entry in found))
    return 0


def _show(entries: list[Entry], options: argparse.Namespace) -> None:
    if options.format == "json":
        print_json(_json(entries))
    else:
        print(_listing(entries))


# ---- finding -------------------------------------------------------------------------------------


def entries_of(kind: str) -> Iterator[Entry]:
    """Return the entries of a kind, each once: by family, then by name."""
    from mtg.catalog import catalog

    found = {id(entry): entry for name in catalog().names(kind) if (entry := _find(kind, name))}
    return iter(sorted(found.values(), key=lambda entry: (entry.family, entry.name)))


def _find(kind: str, name: str) -> Entry | None:
    from mtg.catalog import catalog

    return catalog().find(kind, name)


def find(name: str, kinds: list[str]) -> list[Entry]:
    """Return the entries of this name: `Conv2D`, `concat`, with its part of Keras `ops.mean`."""
    from mtg.catalog.modules import MODULES
    from mtg.catalog.names import MERGES

    merge = _find("layer", MERGES.get(name, "")) if "layer" in kinds else None
    entries = [] if merge is None else [merge]
    for kind in kinds:
        part = MODULES.get(kind, "")
        short = _below_keras(name)
        if part and short.startswith(f"{part}."):
            short = short.removeprefix(f"{part}.")
        elif "." in short and kind != "op":
            continue
        if (entry := _find(kind, short)) is not None:
            entries.append(entry)
    return entries or _alike(name, kinds)


def _below_keras(name: str) -> str:
    """Return a name without the module of Keras before it."""
    return name.removeprefix("tf.").removeprefix("keras.")


def is_called(kind: str, name: str) -> bool:
    """Return whether a name is that of a kind: `loss`, `losses` or `keras.losses`."""
    from mtg.catalog.modules import MODULES

    short = _below_keras(name).casefold()
    module = MODULES.get(kind, "")
    return short in (kind, f"{kind}s", module, module.rpartition(".")[2])


def _alike(name: str, kinds: list[str]) -> list[Entry]:
    """Return the one entry of this name but for case and underscores: `adam`."""
    plain = name.replace("_", "").casefold()
    alike = {
        id(entry): entry
        for kind in kinds
        for known in _names(kind)
        if known.replace("_", "").casefold() == plain and (entry := _find(kind, known)) is not None
    }
    return list(alike.values()) if len(alike) == 1 else []


def _names(kind: str) -> Iterable[str]:
    from mtg.catalog import catalog

    return catalog().names(kind)


def _unknown(name: str, kinds: list[str]) -> str:
    from mtg.catalog import catalog
    from mtg.catalog.modules import LEFT_OUT
    from mtg.text.suggest import nearest

    for kind in kinds:
        if (kind, name) in LEFT_OUT:
            return f"`{name}` of Keras cannot be used in a program: {LEFT_OUT[kind, name]}"
    words = [kind for kind in kinds if name in catalog().identifiers(kind)]
    if words:
        named = " and ".join(kind.replace("_", " ") for kind in words)
        return f'"{name}" is the name of an object ({named}); see `--kind {words[0]}`'
    last = name.rpartition(".")[2]
    known = [known for kind in kinds for known in catalog().names(kind)]
    meant = nearest(last, known)
    return f"Keras has no `{name}`" + (f"; did you mean `{meant}`?" if meant else "")


def has_rule(entry: Entry) -> bool | None:
    """Return whether mtg knows the types of a layer or function; None for other kinds."""
    from mtg.types.rules.apply import ops_with_rules, rule_for

    if entry.kind == "layer":
        return rule_for(entry.name) is not None
    return entry.name in ops_with_rules() if entry.kind == "op" else None


# ---- lists ---------------------------------------------------------------------------------------


def _listing(entries: list[Entry]) -> str:
    """Every entry in a line: how it is written, and its other names."""
    from mtg.catalog import catalog

    lines: list[str] = []
    section = ""
    for entry in entries:
        heading = KINDS[entry.kind] + (f": {entry.family}" if entry.family else "")
        if heading != section:
            lines += ["", heading] if lines else [heading]
            section = heading
        others = catalog().aliases(entry.kind, entry.name)
        line = f"  {entry.name}({', '.join(entry.required)})"
        # Names of submodules (`nn.relu`) and the lower-case ones of configs are no news.
        others = [name for name in others if "." not in name and name[0].isupper()]
        lines.append(f"{line:<48}  also {', '.join(others)}" if others else line)
    return "\n".join(lines)


def _json(entries: list[Entry]) -> str:
    from mtg.catalog import catalog
    from mtg.text.documents import document

    data = {
        "keras_version": catalog().keras_version,
        "entries": [_entry(entry) for entry in entries],
    }
    return document(data)


def _entry(entry: Entry) -> dict[str, Any]:
    from mtg.catalog import catalog

    return {
        "kind": entry.kind,
        "name": entry.name,
        "aliases": catalog().aliases(entry.kind, entry.name),
        "family": entry.family,
        "parameters": [_parameter(parameter) for parameter in entry.parameters],
        "positional": entry.positional,
        "variadic": entry.variadic,
        "call": [_parameter(parameter) for parameter in entry.call],
        "tensors": entry.tensors,
        "results": entry.results,
        "rule": has_rule(entry),
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    from mtg.catalog.kinds import words

    return {
        "name": parameter.name,
        "required": parameter.required,
        "default": parameter.default,
        "kinds": parameter.kinds,
        "choices": parameter.choices,
        "any_case": parameter.any_case,
        "takes": parameter.takes,
        "words": words(parameter),
    }
