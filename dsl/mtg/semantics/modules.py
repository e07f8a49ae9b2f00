"""Files and what they import from each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from mtg.graph.values import DataArray
from mtg.limits import MAX_FILES
from mtg.refusal import Refusal
from mtg.syntax import ast
from mtg.syntax.parse_errors import PartialTree
from mtg.syntax.parser import read
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Source, Span
from mtg.text.suggest import nearest, suggest_spelling

if TYPE_CHECKING:
    from mtg.data_files import DataFile


#: Reads the file that a program names in `from "path"`, given the source that names it. It
#: returns the same object for the same file, and raises `Refusal`.
Reader = Callable[[Source, str], Source]


#: Reads the arrays of the file that a program names in `from data "path"`, at that place, by their
#: names. It raises `Refusal`.
DataReader: TypeAlias = "Callable[[str, Span, list[str]], DataFile]"


@dataclass(eq=False, slots=True)
class Declared:
    """A name at the top of a file: the declaration, and the file it stands in."""

    module: Module
    node: (
        ast.BlockDecl
        | ast.ModelDecl
        | ast.LetDecl
        | ast.DimDecl
        | ast.DataImportDecl
        | ast.PythonImportDecl
    )
    span: Span
    name: str
    #: What `from data` brings in.
    array: DataArray | None = None


@dataclass(eq=False)
class Module:
    """One file: its syntax tree, and the names seen everywhere in it.

    `failed` are names it imports in vain, and words of declarations that do not parse: why is
    reported, and nothing follows from them. `partial` says that it does not parse as a whole;
    then `broken` are the models and blocks of which something is missing, by `id`, and `nameless`
    says that a declaration may be among it whose name is not known.
    """

    source: Source
    program: ast.Program
    names: dict[str, Declared] = field(default_factory=dict)
    imports: list[tuple[ast.Identifier, str]] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    partial: bool = False
    broken: frozenset[int] = frozenset()
    nameless: bool = False

    @cached_property
    def models(self) -> list[ast.ModelDecl]:
        return [item for item in self.program.items if isinstance(item, ast.ModelDecl)]

    @cached_property
    def blocks(self) -> list[ast.BlockDecl]:
        return [item for item in self.program.items if isinstance(item, ast.BlockDecl)]


class Modules:
    """Loads a file and, through it, every file it imports; each once."""

    def __init__(
        self,
        read: Reader,
        diagnostics: Diagnostics,
        *,
        read_data: DataReader,
        max_tokens: int | None = None,
    ) -> None:
        self._read = read
        self._read_data = read_data
        self._max_tokens = max_tokens
        self._diagnostics = diagnostics
        self._loaded: dict[Source, Module | None] = {}
        self._loading: list[tuple[Source, Span | None]] = []

    def __iter__(self) -> object:
        return iter([module for module in self._loaded.values() if module is not None])

    @property
    def loaded(self) -> list[Module]:
        """Every file that could be read, in the order in which they were finished."""
        return [module for module in self._loaded.values() if module is not None]

    def load(self, source: Source, importing: Span | None = None) -> Module | None:
        """Return the module of a source, or None where it cannot be read; faults are reported."""
        if source in self._loaded:
            return self._loaded[source]
        if any(source is loading for loading, _ in self._loading):
            self._report_cycle(source, importing)
            return None
        found = read(source, self._diagnostics, max_tokens=self._max_tokens)
        if found is None:
            self._loaded[source] = None
            return None
        self._loading.append((source, importing))
        unnamed: frozenset[int] = frozenset()
        if isinstance(found, PartialTree):
            module = Module(source, found.program, partial=True, broken=found.incomplete)
            module.failed |= found.skipped_words
            module.nameless = found.skips_nameless
            unnamed = found.unnamed
        else:
            module = Module(source, found)
        for item in module.program.items:
            if id(item) not in unnamed:
                self._declare(module, item)
        self._loading.pop()
        self._loaded[source] = module
        return module

    def _declare(self, module: Module, item: ast.Item) -> None:
        if isinstance(item, ast.ImportDecl):
            self._import(module, item)
        elif isinstance(item, ast.DataImportDecl):
            self._import_data(module, item)
        elif isinstance(item, ast.PythonImportDecl):
            for name in item.names:
                self._add(module, name, Declared(module, item, name.span, name.name))
        else:
            self._add(module, item.name, Declared(module, item, item.name.span, item.name.name))

    def _add(self, module: Module, name: ast.Identifier, declared: Declared) -> None:
        if name.name not in module.names:
            module.names[name.name] = declared
            return
        # The first declaration counts. An imported name stands where it was imported.
        first = next(
            (imported.span for imported, _ in module.imports if imported.name == name.name),
            module.names[name.name].span,
        )
        self._diagnostics.report(
            "MTG103",
            f"`{name.name}` is declared twice in this file",
            name.span,
            label="declared again here",
            labels=(Label(first, "first declared here"),),
        )

    def _import(self, module: Module, item: ast.ImportDecl) -> None:
        path = item.path.value
        imported = self._imported(module, item)
        if imported is None or imported.partial:
            module.failed |= {name.name for name in item.names}
            return
        for name in item.names:
            declared = imported.names.get(name.name)
            if declared is None:
                module.failed.add(name.name)
                if name.name in imported.failed:
                    continue
                self._fail_meant(module, name.name, imported.names, item)
                self._diagnostics.report(
                    "MTG601",
                    f"`{path}` declares no `{name.name}`",
                    name.span,
                    **suggest_spelling(name.name, imported.names, name.span),
                    notes=()
                    if not imported.names
                    else (f"it declares {', '.join(f'`{n}`' for n in sorted(imported.names))}",),
                )
                continue
            self._add(module, name, declared)
            module.imports.append((name, path))

    def _import_data(self, module: Module, item: ast.DataImportDecl) -> None:
        path, report = item.path.value, self._diagnostics.report
        try:
            found = self._read_data(path, item.path.span, [name.name for name in item.names])
        except Refusal as refusal:
            module.failed |= {name.name for name in item.names}
            report(refusal.code, refusal.message, item.path.span, help=refusal.help)
            return
        for name in item.names:
            array = found.arrays.get(name.name)
            if isinstance(array, DataArray):
                self._add(module, name, Declared(module, item, name.span, name.name, array))
                continue
            module.failed.add(name.name)
            if array is not None:
                report(array.code, array.message, name.span, help=array.help)
                continue
            self._fail_meant(module, name.name, found.names, item)
            some = sorted(found.names)[:20]
            report(
                "MTG601",
                f"`{path}` has no array `{name.name}`",
                name.span,
                **suggest_spelling(name.name, found.names, name.span),
                notes=(f"it has {', '.join(f'`{each}`' for each in some)}",) if some else (),
            )

    def _fail_meant(
        self,
        module: Module,
        name: str,
        known: Iterable[str],
        item: ast.ImportDecl | ast.DataImportDecl,
    ) -> None:
        """Note that a name is not known which may be spelt right where it is used."""
        meant = nearest(name, known)
        if meant is not None and meant not in {each.name for each in item.names}:
            module.failed.add(meant)

    def _imported(self, module: Module, item: ast.ImportDecl) -> Module | None:
        """Return the file that an import names, or None where there is none; why is reported."""
        if len(self._loaded) + len(self._loading) > MAX_FILES:
            self._diagnostics.report(
                "MTG605", f"the program imports more than {MAX_FILES} files", item.path.span
            )
            return None
        try:
            source = self._read(module.source, item.path.value)
        except Refusal as error:
            self._diagnostics.report(error.code, error.message, item.path.span, help=error.help)
            return None
        return self.load(source, item.path.span)

    def _report_cycle(self, source: Source, importing: Span | None) -> None:
        if importing is None:
            return
        names = [loading.name for loading, _ in self._loading]
        round_ = [*names[names.index(source.name) :], source.name]
        self._diagnostics.report(
            "MTG603",
            "these files import each other in a cycle",
            importing,
            notes=(" -> ".join(round_),),
            help="move what both need into a third file",
        )
