"""Imports point one way: from text to the command line, with the few exceptions named here."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

#: Every room may import those before it.
ORDER = [
    "limits",
    "garbage",
    "process",
    "stopping",
    "results",
    "text",
    "report",
    "errors",
    "syntax",
    "catalog",
    "graph",
    "semantics",
    "files",
    "model_files",
    "named_files",
    "trust",
    "types",
    "outline",
    "backends",
    "compiler",
    "decompiler",
    "given",
    "api",
    "cli",
    "__main__",
]

#: What imports against the order, and why.
EXCEPTIONS = {
    ("text/diagnostics.py", "report"): "a diagnostic prints itself",
    ("semantics/declarations.py", "types"): "lengths are values of the language",
    ("semantics/evaluate.py", "types"): "lengths are values of the language",
    ("semantics/expand.py", "types"): "lengths are values of the language",
    ("semantics/values.py", "types"): "lengths are values of the language",
    ("graph/canonical.py", "types"): "lengths, and the order of Keras",
    ("graph/config_values.py", "types"): "lengths",
    ("graph/items.py", "types"): "lengths, and the order of Keras",
    ("catalog/applications_generate.py", "graph"): "a script, which reads what Keras builds",
    ("catalog/applications_generate.py", "types"): "a script, which reads what Keras builds",
}

HEAVY = {"keras", "tensorflow", "jax", "torch", "numpy"}


def _imports(tree: ast.AST, *, inside: bool = True) -> Iterator[str]:
    """The modules a file imports, those for type checkers left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif inside or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _imports(node, inside=inside)


def _sources(root: Path) -> Iterator[tuple[str, str, ast.Module]]:
    package = root / "dsl" / "mtg"
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        yield name, name.split("/")[0].removesuffix(".py"), ast.parse(path.read_text("utf-8"))


def test_imports_point_one_way(root: Path) -> None:
    used = set()
    for name, room, tree in _sources(root):
        if room == "__init__":
            continue  # the public names, which are imported when they are used
        for module in _imports(tree):
            package, _, rest = module.partition(".")
            other = rest.split(".")[0]
            if package != "mtg" or not other or other == room:
                continue
            if ORDER.index(other) > ORDER.index(room):
                assert (name, other) in EXCEPTIONS, f"{name} imports {module}"
                used.add((name, other))
    assert used == set(EXCEPTIONS), "an exception that nothing needs"


@pytest.mark.parametrize("package", sorted(HEAVY | {"networkx", "graphviz", "pygraphviz"}))
def test_heavy_packages_are_imported_where_they_are_used(root: Path, package: str) -> None:
    for name, _, tree in _sources(root):
        for module in _imports(tree, inside=False):
            generates = name.startswith("catalog/") and package in HEAVY
            assert generates or module.split(".")[0] != package, f"{name} imports {module}"


CLOCKS = {"perf_counter", "process_time", "monotonic", "thread_time", "timeout", "timeit"}


def test_no_test_goes_by_the_clock(root: Path) -> None:
    """A machine that is slow or busy changes no verdict: `tests/steps.py` counts instead."""
    for path in sorted((root / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = {getattr(node, "id", None), getattr(node, "attr", None)}
            names |= {node.arg} if isinstance(node, ast.keyword) else set()
            assert not names & CLOCKS, f"{path.relative_to(root)}:{node.lineno}"


def test_text_is_read_and_written_as_utf_8(root: Path) -> None:
    """Python goes by the locale unless it is told, and so would a verdict."""
    for folder in ("dsl", "tests", "benchmarks", "docs"):
        for path in sorted((root / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                wanted = {"read_text": 1, "write_text": 2}.get(node.func.attr, 0)
                told = len(node.args) >= wanted or any(k.arg == "encoding" for k in node.keywords)
                assert told, f"{path.relative_to(root)}:{node.lineno}"


def test_no_two_files_of_tests_have_one_name(root: Path) -> None:
    """pytest imports them by their names alone."""
    names = Counter(path.name for path in (root / "tests").rglob("test_*.py"))
    assert [name for name, number in names.items() if number > 1] == []
