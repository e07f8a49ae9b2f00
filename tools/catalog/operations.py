"""Make `operations.json`: which operation each function of `keras.ops` becomes in a config.

Run `python -m tools.catalog.operations` with the Keras of the catalogue installed; with
`--check` nothing is written and the exit status says whether the file is up to date.

A function of `keras.ops` that is given a symbolic tensor makes one operation,
`Mean(axis=axis).symbolic_call(x)` or `Pad(width)(x)`; which, and what of the function's arguments
goes where, is read from its source.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Callable
from typing import Any

from mtg.catalog import catalog

from tools.catalog.script import DATA, write

TARGET = DATA / "operations.json"


def operations() -> dict[str, dict[str, Any]]:
    """Each function that makes one operation: its module and class, and where its arguments go."""
    import keras

    found: dict[str, dict[str, Any]] = {}
    for name in catalog().names("op"):
        entry = catalog().find("op", name)
        if entry is None or entry.name != name:
            continue
        function: Any = keras.ops
        for part in name.split("."):
            function = getattr(function, part)
        described = _operation(function)
        if described is not None:
            found[name] = described
    return found


def _operation(function: Callable[..., Any]) -> dict[str, Any] | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError):
        return None
    for node in ast.walk(tree):
        made = _made(node, vars(inspect.getmodule(function)))
        if made is None:
            continue
        cls, first, second = made
        names = list(inspect.signature(cls).parameters)
        args, kwargs = _arguments(second)
        init = dict(zip(names, _arguments(first)[0], strict=False)) | _arguments(first)[1]
        return {
            "module": cls.__module__,
            "class": cls.__name__,
            "init": init,
            "args": args,
            "kwargs": kwargs,
        }
    return None


def _made(node: ast.AST, names: dict[str, Any]) -> tuple[type, ast.Call, ast.Call] | None:
    """The class of `X(…).symbolic_call(…)` or `X(…)(…)`, and both calls."""
    from keras import Operation

    if not isinstance(node, ast.Call):
        return None
    inner = node.func
    if isinstance(inner, ast.Attribute) and inner.attr == "symbolic_call":
        inner = inner.value
    if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Name):
        return None
    cls = names.get(inner.func.id)
    if not isinstance(cls, type) or not issubclass(cls, Operation):
        return None
    return cls, inner, node


def _arguments(call: ast.Call) -> tuple[list[str], dict[str, str]]:
    args = [ast.unparse(argument) for argument in call.args]
    return args, {keyword.arg or "**": ast.unparse(keyword.value) for keyword in call.keywords}


def text() -> str:
    """The content of ``operations.json`` for the installed Keras: one function a line."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(facts, separators=(',', ':'))}"
        for name, facts in sorted(operations().items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` compare it; the exit status is 1 where they differ."""
    return write(TARGET, text(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
