"""Which tests are marked how, and what a run of some of them may import.

- `keras`: the test imports Keras, or what it calls does. A module that imports Keras at its top is
  marked as a whole, also where another file of the tests does it on its behalf; a test that comes
  to Keras by what it calls is marked by hand.
- `browser`, `jax` and `torch` need what `pip install -e ".[dev]"` does not bring: they run only
  where `-m` names them.

`-m "not keras"` leaves marked modules unread, and puts `tests/without_keras/` before everything
else on the path, also for the processes that tests start, so that a mark that is missing fails.
"""

from __future__ import annotations

import ast
import itertools
import os
import sys
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression

TESTS = Path(__file__).parent
WITHOUT_KERAS = TESTS / "without_keras"
MARKERS = {
    "keras": "imports Keras, directly or by what it calls",
    "slow": "takes more than ten seconds",
    "browser": "needs a browser",
    "jax": "needs JAX",
    "torch": "needs PyTorch",
}
#: They run only where `-m` names them.
ON_REQUEST = {"browser", "jax", "torch"}
HEAVY = {"keras", "tensorflow", "jax", "torch"}


def selected(expression: str, marks: set[str]) -> bool:
    """Return whether `-m EXPRESSION` selects a test that has exactly these marks."""
    return Expression.compile(expression).evaluate(lambda name, **_: name in marks)


@cache
def leaves_out_keras(expression: str) -> bool:
    """Return whether `-m EXPRESSION` selects no test that is marked `keras`, whatever else is."""
    others = sorted(set(MARKERS) - {"keras"})
    return bool(expression) and not any(
        selected(expression, {"keras", *more})
        for count in range(len(others) + 1)
        for more in itertools.combinations(others, count)
    )


@cache
def helpers() -> dict[str, Path]:
    """Return the modules of the tests by name; no two share one."""
    return {path.stem: path for path in TESTS.rglob("*.py") if path.parent != WITHOUT_KERAS}


@cache
def imports_keras(path: Path) -> bool:
    """Return whether importing this file of the tests imports Keras, a backend of it included."""
    names = set()
    text = path.read_text(encoding="utf-8")
    asks = "importorskip" in text  # few do; to write each statement anew takes a second
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Import):
            names |= {alias.name.split(".")[0] for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            parts = statement.module.split(".")
            names |= {parts[0], parts[-1]} if (TESTS / parts[0]).is_dir() else {parts[0]}
            names |= {alias.name for alias in statement.names if statement.module == "twins"}
        elif asks and "importorskip" in (code := ast.unparse(statement)):
            names |= {name for name in HEAVY if f"importorskip('{name}')" in code}
    return bool(names & HEAVY) or any(
        imports_keras(helpers()[name]) for name in sorted(names & helpers().keys() - {path.stem})
    )


def keep_keras_out() -> None:
    """Make every import of Keras fail, here and in the processes that tests start."""
    sys.path.insert(0, str(WITHOUT_KERAS))
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(WITHOUT_KERAS), *([before] if before else [])])


def mark(items: list[pytest.Item]) -> None:
    """Mark the tests of the modules that import Keras."""
    for item in items:
        if imports_keras(item.path):
            item.add_marker("keras")


def on_request(items: list[pytest.Item], expression: str) -> list[pytest.Item]:
    """Return the tests that need what this run does not ask for."""
    asked = {name for name in ON_REQUEST if name in expression}
    return [
        item for item in items if {mark.name for mark in item.iter_markers()} & (ON_REQUEST - asked)
    ]
