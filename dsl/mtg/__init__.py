"""mtg: multi-task networks as graphs, in text.

`check`, `diff`, `load`, `render`, `summary`, `to_json` and `to_python` need neither Keras nor
TensorFlow; `compile` and `fit_arguments` import Keras when they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtg.api import (
        check,
        compile,
        decompile,
        diff,
        fit_arguments,
        load,
        render,
        summary,
        to_json,
        to_python,
    )
    from mtg.compare.difference import Difference
    from mtg.errors import MtgError
    from mtg.graph.graph import Graph
    from mtg.text.diagnostics import Diagnostic

__version__ = "0.1.0"

#: Where each public name stands. They are imported when they are first used, so that
#: `mtg --help`, which imports this package too, is quick.
_HOMES = {
    "Diagnostic": "mtg.text.diagnostics",
    "Difference": "mtg.compare.difference",
    "Graph": "mtg.graph.graph",
    "MtgError": "mtg.errors",
    "check": "mtg.api",
    "compile": "mtg.api",
    "decompile": "mtg.api",
    "diff": "mtg.api",
    "fit_arguments": "mtg.api",
    "load": "mtg.api",
    "render": "mtg.api",
    "summary": "mtg.api",
    "tasks": "mtg.api",
    "to_json": "mtg.api",
    "to_python": "mtg.api",
}

__all__ = [
    "Diagnostic",
    "Difference",
    "Graph",
    "MtgError",
    "__version__",
    "check",
    "compile",
    "decompile",
    "diff",
    "fit_arguments",
    "load",
    "render",
    "summary",
    "tasks",
    "to_json",
    "to_python",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
