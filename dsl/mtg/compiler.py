"""The driver: the staged results of one program, each made once, when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property, partial, wraps
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mtg.data_files import file_of, read_data
from mtg.errors import MtgError
from mtg.files import CannotRead, Library, current_folder, decode, read_bytes, shown
from mtg.gc_pause import held_collection
from mtg.graph.graph import Graph
from mtg.graph.validate import validate
from mtg.graph.walk import graphs_in
from mtg.limits import (
    CALLS_OF_A_MODEL,
    MAX_CALLS,
    MAX_FRAMES,
    MAX_TOKENS,
    TOKENS_OF_A_LAYER,
)
from mtg.process import deep_recursion
from mtg.refusal import Refusal
from mtg.semantics.budget import Steps
from mtg.semantics.expand import expand
from mtg.semantics.given import with_given
from mtg.semantics.mentions import mentioned_in
from mtg.semantics.modules import Module, Modules
from mtg.semantics.scope import Scopes, resolve
from mtg.semantics.values import ERROR
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, TooMany
from mtg.text.source import Source, Span
from mtg.text.suggest import did_you_mean
from mtg.trust import Vocabularies, files_of
from mtg.types.carriers import settle
from mtg.types.checks import check_types
from mtg.types.infer import Growing, infer
from mtg.types.lints import lint
from mtg.types.types import Types

if TYPE_CHECKING:
    from mtg.graph.written import WrittenValues
    from mtg.text.diagnostics import Diagnostic
    from mtg.types.oracle import Ask


T = TypeVar("T")


def _bounded(compute: Callable[[Compiler], T]) -> Callable[[Compiler], T | None]:
    """Make a stage return None where the program has too many errors, or nests too deep."""

    @wraps(compute)
    def bounded(self: Compiler) -> T | None:
        try:
            with deep_recursion(MAX_FRAMES), held_collection():
                return compute(self)
        except TooMany:
            return None
        except RecursionError:
            if self.source is not None:
                self.diagnostics.report(
                    "MTG606", "the program is nested too deep", Span(self.source, 0, 0)
                )
            return None

    return bounded


def _written(modules: Modules, graph: Graph) -> WrittenValues:
    """Return how the program writes the values of its graph; few ask."""
    from mtg.semantics.written import written_in

    return written_in(modules.loaded, graph)


class Compiler:
    """One program on its way from text to a graph with types.

    Args:
        program: A path, or the text of a program: a string with a line break or a brace is text.
        model: Which model of the file is meant; by default the one that no other uses.
        parameters: Values for the parameters of that model.
        include: Folders, besides that of the file, that imports may reach.
        trust: Whether the caller trusts the program: its Python may run, and the files that it
            names may be anywhere.
        read: Whether vocabularies in files are read, where the program may read them.
        data: The bytes of the program, where they are read already; `program` is then their name,
            or the `Path` that they take the place of.
        ask: What is asked of calls that no rule knows, such as `mtg.backends.keras.oracle.Asker`.
        max_layers: Layer calls and loop iterations that a model may grow to, instead of
            `mtg.limits.MAX_CALLS`; the text that is read may be longer with it.
    """

    def __init__(
        self,
        program: str | PathLike[str],
        *,
        model: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        include: Iterable[str | PathLike[str]] = (),
        trust: bool = False,
        read: bool = True,
        data: bytes | None = None,
        ask: Ask | None = None,
        max_layers: int | None = None,
    ) -> None:
        self._program = program
        self._ask = ask
        self._model = model
        # A search over hyper-parameters gives NumPy's numbers; `item` is Python's of that value.
        self._parameters = {
            name: value.item() if getattr(value, "shape", None) == () else value
            for name, value in (parameters or {}).items()
        }
        self._include = [Path(folder) for folder in include]
        self._trust = trust
        self._vocabularies = Vocabularies() if read else None
        self._max_layers = max_layers
        self._data = data
        self.diagnostics = Diagnostics()
        #: Whether the program itself could not be read.
        self.unreadable = False
        #: Where calls stand whose results mtg does not know, though it knows what they are given.
        self.unknown: set[Span] = set()

    # Stages

    @cached_property
    def source(self) -> Source | None:
        """The program's text, or None where it cannot be read."""
        text = fspath(self._program)
        if self._data is not None and not isinstance(self._program, Path):
            source = decode(text, self._data, self.diagnostics)
            self._library(current_folder()).add(source or Source(text, ""), None)
            return source
        if isinstance(self._program, str) and ("\n" in text or "{" in text):
            source = Source("<text>", text.removeprefix("\ufeff"))
            self._library(current_folder()).add(source, None)
            return source
        path = Path(text)
        try:
            data = read_bytes(path) if self._data is None else self._data
        except CannotRead as error:
            self.unreadable = True
            self.diagnostics.report(
                "MTG609", f"cannot read `{text}`: {error}", Span(Source(text, ""), 0, 0)
            )
            return None
        source = decode(shown(path), data, self.diagnostics)
        if source is not None:
            self._library(path.resolve().parent).add(source, path.resolve())
        return source

    def _library(self, root: Path) -> Library:
        if not hasattr(self, "library"):
            self.library = Library(root, self._include, self.diagnostics, trust=self._trust)
        return self.library

    @cached_property
    @_bounded
    def module(self) -> Module | None:
        """The program's file, with what it imports loaded."""
        if self.source is None:
            return None
        self.modules = Modules(
            self.library.read,
            self.diagnostics,
            read_data=partial(read_data, trust=self._trust),
            max_tokens=self._max_layers and max(MAX_TOKENS, TOKENS_OF_A_LAYER * self._max_layers),
        )
        module = self.modules.load(self.source)
        if module is not None and not module.program.items and not module.partial:
            self.diagnostics.report(
                "MTG004",
                "the file declares no model",
                Span(self.source, 0, 0),
                help="a model is written `model Name { input … output … }`",
            )
        return module

    @cached_property
    @_bounded
    def scopes(self) -> Scopes | None:
        """Names, resolved."""
        if self.module is None:
            return None
        return resolve(self.modules.loaded, self.module, self.diagnostics)

    @cached_property
    def chosen(self) -> ast.ModelDecl | None:
        """The model that is meant."""
        module = self.module
        if module is None:
            return None
        if module.partial:  # the model that is meant may be the one that does not parse
            return None
        models = {model.name.name: model for model in module.models}
        place = Span(module.source, 0, 0)
        if self._model is not None:
            if self._model not in models:
                self.diagnostics.report(
                    "MTG608",
                    f"the file has no model `{self._model}`",
                    place,
                    notes=(f"it has {', '.join(f'`{name}`' for name in models)}",)
                    if models
                    else (),
                    help=did_you_mean(self._model, models),
                )
                return None
            return models[self._model]
        used = {
            mention.name.name
            for other in module.models
            for statement in other.body
            for mention in mentioned_in(statement)
            if mention.name.name != other.name.name
        }
        mains = [model for name, model in models.items() if name not in used]
        if len(mains) == 1:
            return mains[0]
        if not models:
            if module.program.items:
                self.diagnostics.report(
                    "MTG608",
                    "the file declares no model",
                    place,
                    help="it can be imported by a file that does",
                )
        elif not self.diagnostics.has_errors:
            names = ", ".join(f"`{model.name.name}`" for model in mains or models.values())
            self.diagnostics.report(
                "MTG608",
                f"the file has several models; choose one: {names}",
                (mains or module.models)[-1].name.span,
                help='choose one with `--model NAME`, or in Python `model="NAME"`',
            )
        return None

    @cached_property
    @_bounded
    def graph(self) -> Graph | None:
        """The graph of the model that is meant, or None where there is none."""
        if self.scopes is None or self.chosen is None or self.module is None:
            return None
        self._check_parameters(self.chosen)
        graph = self._expand(self.chosen, self._parameters)
        if graph is not None:
            graph.written = partial(_written, self.modules, graph)
        return graph

    @cached_property
    @_bounded
    def types(self) -> Types | None:
        """The types of that graph."""
        return None if self.graph is None else self._infer(self.graph)

    # Results

    @property
    def files(self) -> list[Path]:
        """The files that the model that is meant is made of: texts, and what its layers read."""
        texts = self.library.files if hasattr(self, "library") else []
        read = [] if self.graph is None else files_of(self.graph, self._trust)
        return texts + self._data_files() + read

    def _data_files(self) -> list[Path]:
        loaded = self.modules.loaded if hasattr(self, "modules") else []
        named = (declared.array for module in loaded for declared in module.names.values())
        found: dict[Path, None] = {}
        for array in named:
            if array is not None:
                with suppress(Refusal):
                    found[file_of(array, self._trust)] = None
        return list(found)

    def check(self) -> list[Diagnostic]:
        """Return the diagnostics of the file, all its models included."""
        partial = self.module is not None and self.module.partial
        if (self._model is not None or self._parameters) and not partial:
            _ = self.types
        else:
            self._check_all()
        return self.told()

    def told(self) -> list[Diagnostic]:
        """Return what was reported so far, by file, then by place."""
        found = self.diagnostics.sorted()
        if not found or not self._parameters or self.chosen is None:
            return found
        return with_given(found, self.chosen, self._parameters)

    @_bounded
    def _check_all(self) -> None:
        if self.scopes is None or self.module is None:
            return
        calls, steps = 0, Steps()
        for model in self.module.models:
            # Of a model that needs values all is checked that does not depend on them; the rest is
            # where it is used, or with `--set`.
            needed = [p.name.name for p in model.parameters if p.default is None]
            several = len(self.module.models) > 1
            graph = self._expand(model, dict.fromkeys(needed, ERROR) if several else {}, steps)
            if graph is None:  # past a limit, as every model that uses it would be
                break
            if self.module.partial:
                graph.complete = False
            self._infer(graph)
            calls += len(graph.calls) + CALLS_OF_A_MODEL
            if calls > (self._max_layers or MAX_CALLS) and model is not self.module.models[0]:
                self.diagnostics.report(
                    "MTG605",
                    f"the models so far have more than {calls - 1:,} layer calls together",
                    model.name.span,
                    help="check single models with `--model NAME`, or raise the limit with "
                    "`--max-layers N`",
                )
                break

    def checked_graph(self) -> tuple[Graph, Types]:
        """Return the graph and its types.

        Raises:
            MtgError: The program has errors.
        """
        types = self.types
        self.raise_errors()
        assert self.graph is not None
        assert types is not None
        return self.graph, types

    def raise_errors(self) -> None:
        """Raise what was reported, if an error is among it.

        Raises:
            MtgError: The program has errors.
        """
        if self.diagnostics.has_errors:
            raise MtgError(self.told())

    # Passes

    def _check_parameters(self, model: ast.ModelDecl) -> None:
        names = [parameter.name.name for parameter in model.parameters]
        for name in self._parameters:
            if name not in names:
                self.diagnostics.report(
                    "MTG401",
                    f"the model `{model.name.name}` has no parameter `{name}`",
                    model.name.span,
                    notes=(f"its parameters are {', '.join(names)}",) if names else (),
                    help=did_you_mean(name, names),
                )

    def _expand(
        self, model: ast.ModelDecl, parameters: Mapping[str, Any], steps: Steps | None = None
    ) -> Graph | None:
        assert self.module is not None
        assert self.scopes is not None
        graph = expand(
            self.module,
            model,
            parameters,
            self.scopes,
            self.diagnostics,
            self._max_layers,
            steps,
            Growing(),
        )
        if graph is not None and self._vocabularies is not None:
            self._vocabularies.fill(graph)
        return None if graph is None else settle(graph)

    def _infer(self, graph: Graph) -> Types:
        for nested in graphs_in(graph):
            validate(nested, self.diagnostics)
        types = infer(graph, self.diagnostics, self._ask)
        if self.diagnostics.has_errors:
            from mtg.types.repair.remedies import propose  # only what is wrong can be mended

            propose(types, self.diagnostics)
        for call in graph.calls:
            before = all(types.of(ref).shape is not None for ref in call.tensors())
            given = types.outputs.get(call.id)
            if before and (given is None or any(each.shape is None for each in given)):
                self.unknown.add(call.span)
        check_types(graph, types, self.diagnostics)
        lint(graph, types, self.diagnostics)
        return types
