"""mtg: multi-task networks as graphs, in text.

`check`, `load`, `render` and `summary` need neither Keras nor TensorFlow; `compile` and
`fit_arguments` import Keras when they are called.
"""

from __future__ import annotations

from mtg.api import check, compile, fit_arguments, load, render, summary
from mtg.errors import MtgError
from mtg.graph.graph import Graph
from mtg.text.diagnostics import Diagnostic

__version__ = "0.1.0"

__all__ = [
    "Diagnostic",
    "Graph",
    "MtgError",
    "__version__",
    "check",
    "compile",
    "fit_arguments",
    "load",
    "render",
    "summary",
]
