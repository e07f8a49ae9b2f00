"""Imports point one way: from text to the command line."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest
from mtg.graph.layers import LayerBase

#: Every room may import those before it.
ORDER = [
    "limits",
    "records",
    "gc_pause",
    "process",
    "stopping",
    "results",
    "text",
    "report",
    "errors",
    "lengths",
    "catalog",
    "graph",
    "refusal",
    "files",
    "archives",
    "model_files",
    "weight_files",
    "named_files",
    "data_files",
    "syntax",
    "semantics",
    "trust",
    "types",
    "config",
    "compare",
    "outline",
    "backends",
    "compiler",
    "decompiler",
    "program_input",
    "api",
    "cli",
    "__main__",
]

#: What turns text into a graph.
FRONT = {"mtg.syntax", "mtg.semantics"}
#: What works on graphs, and on what there is before them.
BACK = {
    "lengths",
    "catalog",
    "graph",
    "types",
    "config",
    "compare",
    "outline",
    "backends",
    "decompiler",
}

HEAVY = {"keras", "tensorflow", "jax", "torch", "numpy"}


@cache
def _imports(tree: ast.AST, *, inside: bool = True) -> list[str]:
    """The modules a file imports, those for type checkers left out."""
    return [module for module, _ in _imported(tree, inside)]


def _imported(tree: ast.AST, inside: bool) -> Iterator[tuple[str, str]]:
    """Each module that is imported, and the name that is taken from it, if one is."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.expr):
            continue
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif inside or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _imported(node, inside)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _files(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    """The Python files of some folders, by their paths from the root."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix(), _parsed(path)


def _sources(root: Path) -> Iterator[tuple[str, str, ast.Module]]:
    """The files of the package, each with its room."""
    for path, tree in _files(root, "dsl/mtg"):
        name = path.removeprefix("dsl/mtg/")
        yield name, name.split("/")[0].removesuffix(".py"), tree


def test_imports_point_one_way(root: Path) -> None:
    for name, room, tree in _sources(root):
        if room == "__init__":
            continue  # the public names, which are imported when they are used
        for module in _imports(tree):
            package, _, rest = module.partition(".")
            other = rest.split(".")[0]
            if package != "mtg" or not other or other == room:
                continue
            assert ORDER.index(other) < ORDER.index(room), f"{name} imports {module}"


def test_what_works_on_graphs_has_not_heard_of_the_text(root: Path) -> None:
    """The wall: a graph says all that is asked of it, wherever it came from."""
    for name, room, tree in _sources(root):
        for module in _imports(tree) if room in BACK else ():
            assert ".".join(module.split(".")[:2]) not in FRONT, f"{name} imports {module}"


def test_no_files_import_each_other_in_a_cycle(root: Path) -> None:
    """Imports in functions count too: what two files need of each other belongs in a third."""
    trees = {_module(name): tree for name, _, tree in _sources(root)}
    imports = nx.DiGraph()
    for module, tree in trees.items():
        for other, name in _imported(tree, inside=True):
            imported = f"{other}.{name}" if f"{other}.{name}" in trees else other
            if imported in trees and imported != module:
                imports.add_edge(module, imported)
    assert ("mtg.compiler", "mtg.syntax.ast") in imports.edges
    cycles = [
        sorted(files) for files in nx.strongly_connected_components(imports) if len(files) > 1
    ]
    assert cycles == []


def _module(name: str) -> str:
    """The dotted name of a file of the package."""
    dotted = f"mtg/{name.removesuffix('.py')}".replace("/", ".")
    return dotted.removesuffix(".__init__")


def test_a_private_name_is_used_in_its_file_alone(root: Path) -> None:
    for path, tree in _files(root, "dsl"):
        for module, name in _imported(tree, inside=True):
            private = name.startswith("_") and not name.endswith("__")
            assert not private, f"{path} imports {name} of {module}"


def test_no_two_public_classes_have_one_name(root: Path) -> None:
    """A name that is searched for leads to one place; a private one is private to its file."""
    names = Counter(
        node.name
        for _, tree in _files(root, "dsl")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, number in names.items() if number > 1] == []


def test_every_kind_of_layer_is_met(root: Path) -> None:
    """A `match` over the kinds ends in `assert_never`: mypy asks it what becomes of a new one."""
    kinds = {kind.__name__ for kind in LayerBase.__subclasses__()}
    met = 0
    for path, tree in _files(root, "dsl"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Match):
                continue
            patterns = [each for case in node.cases for each in ast.walk(case.pattern)]
            classes = {ast.unparse(p.cls) for p in patterns if isinstance(p, ast.MatchClass)}
            if classes & kinds:
                met += 1
                end = f"case _:\n    assert_never({ast.unparse(node.subject)})"
                assert ast.unparse(node.cases[-1]) == end, f"{path}:{node.lineno}"
    assert met


def test_the_kind_of_a_layer_is_its_class(root: Path) -> None:
    """Its word, `layer.kind`, is for what is written out: mypy knows nothing of a comparison."""
    for path, tree in _files(root, "dsl"):
        for node in ast.walk(tree):
            for each in [node.left, *node.comparators] if isinstance(node, ast.Compare) else ():
                assert not ast.unparse(each).endswith("layer.kind"), f"{path}:{node.lineno}"


@pytest.mark.parametrize("package", sorted(HEAVY | {"networkx", "graphviz", "pygraphviz"}))
def test_heavy_packages_are_imported_where_they_are_used(root: Path, package: str) -> None:
    for name, _, tree in _sources(root):
        for module in _imports(tree, inside=False):
            assert module.split(".")[0] != package, f"{name} imports {module}"


CLOCKS = {"perf_counter", "process_time", "monotonic", "thread_time", "timeout", "timeit"}


def test_no_test_goes_by_the_clock(root: Path) -> None:
    """A machine that is slow or busy changes no verdict: `tests/steps.py` counts instead."""
    for path, tree in _files(root, "tests"):
        for node in ast.walk(tree):
            names = {getattr(node, "id", None), getattr(node, "attr", None)}
            names |= {node.arg} if isinstance(node, ast.keyword) else set()
            assert not names & CLOCKS, f"{path}:{node.lineno}"


def test_text_is_read_and_written_as_utf_8(root: Path) -> None:
    """Python goes by the locale unless it is told, and so would a verdict."""
    for path, tree in _files(root, "dsl", "tests", "benchmarks", "docs", "tools"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            wanted = {"read_text": 1, "write_text": 2}.get(node.func.attr, 0)
            told = len(node.args) >= wanted or any(k.arg == "encoding" for k in node.keywords)
            assert told, f"{path}:{node.lineno}"


def test_no_two_files_of_tests_have_one_name(root: Path) -> None:
    """pytest imports them by their names alone."""
    names = Counter(path.name for path in (root / "tests").rglob("test_*.py"))
    assert [name for name, number in names.items() if number > 1] == []


def test_every_package_is_in_the_wheel(root: Path) -> None:
    """setuptools is told them one by one, since `grammar/` stands elsewhere."""
    listed = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    dsl = root / "dsl"
    folders = {path.parent.relative_to(dsl) for path in dsl.rglob("*.py")}
    assert {".".join(folder.parts) for folder in folders} | {"mtg.grammar"} == set(
        listed["packages"]
    )
