"""Imports as Python writes them."""

from __future__ import annotations

from mtg.syntax.recovery.context import ErrorContext, Mistake


def find_foreign_import(context: ErrorContext) -> Mistake | None:
    """Find an import as Python writes it, or without one of its parts."""
    here, before = context.here, context.before
    if (mistake := _find_library(context)) is not None:
        return mistake
    if here.text == "import" and context.error.kind == "IMPORT" and here.first:
        return Mistake(
            "an import begins with `from`",
            here,
            here,
            help='write `from "path.mtg" import NAME`, or `from python "module" import NAME`',
        )
    if here.text == "as" and context.keyword == "from":
        return Mistake("an import cannot be renamed", here, context.after, help="remove this")
    if here.text == "*" and before.text == "import":
        return Mistake("an import must list its names", here, here, help="write the names")
    return _find_import_path(context)


#: What a program in Python imports to build models.
_LIBRARIES = {"keras", "tensorflow", "tf_keras", "numpy"}


def _find_library(context: ErrorContext) -> Mistake | None:
    """Find `import keras`, `from keras import layers`."""
    here, before = context.here, context.before
    name = context.after if here.text == "import" else here
    if name.text not in _LIBRARIES or (here.text != "import" and before.text != "from"):
        return None
    return Mistake(
        f"mtg needs no import of `{name.text}`: the names of Keras are built in",
        here if here.text == "import" else before,
        name,
        help="remove this line",
    )


def _find_import_path(context: ErrorContext) -> Mistake | None:
    """Find `from std.vision import …`: the path of an import must be a string, with slashes."""
    here, before = context.here, context.before
    if before.text != "from" or here.kind != "word" or here.text in ("python", "import"):
        return None
    last, at = here, 1
    while context.token(at).text in (".", "/") and context.token(at + 1).kind == "word":
        last = context.token(at + 1)
        at += 2
    name = context.structure.source.text[here.start : last.end]
    path = name.replace(".", "/")
    if here.text == "std":
        return Mistake(
            "the path of an import must be a string",
            here,
            last,
            help=f'write `from "{path}" import …`',
            edits=((here.start, last.end, f'"{path}"'),),
        )
    module = name.replace("/", ".")
    return Mistake(
        "the path of an import must be a string",
        here,
        last,
        help=f'write `from "{path}.mtg" import …`, or `from python "{module}" import …` for a '
        "module of Python",
    )
