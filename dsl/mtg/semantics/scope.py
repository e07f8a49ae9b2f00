"""Names: what each scope declares, whether every name is declared, and the order of declarations.

A name may be used before the line that declares it, so this pass finds an order in which every
declaration stands after those it needs. A circle has no such order, and is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from mtg.catalog import catalog
from mtg.semantics.evaluate import FUNCTIONS
from mtg.semantics.mentions import (
    CALL_ARGUMENT,
    CALL_SOURCE,
    CALL_STAGE,
    STAGE,
    Mention,
    mentioned_in,
    mentions,
)
from mtg.semantics.modules import Declared, Module
from mtg.semantics.vocabulary import MERGES, kinds_of, meant_merge, source_names
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.suggest import did_you_mean, nearest

S = TypeVar("S", bound=ast.Statement)

#: Words of Python and of configuration files for what mtg writes otherwise.
_OTHER_SPELLINGS = {"true": "True", "false": "False", "none": "None", "null": "None"}


@dataclass(eq=False, slots=True)
class Scope:
    """One scope: its names, and its statements so that each follows those it needs."""

    names: dict[str, ast.Identifier] = field(default_factory=dict)
    order: list[ast.Statement] = field(default_factory=list)


class Scopes:
    """What `resolve` found out, for every block, model and file."""

    def __init__(self) -> None:
        self._of: dict[int, Scope] = {}
        #: Blocks and models that use themselves, directly or through others.
        self.recursive: set[int] = set()

    def __getitem__(self, node: ast.Block | ast.Model | ast.Program) -> Scope:
        return self._of[id(node)]

    def __setitem__(self, node: ast.Block | ast.Model | ast.Program, scope: Scope) -> None:
        self._of[id(node)] = scope


def resolve(modules: Iterable[Module], main: Module | None, diagnostics: Diagnostics) -> Scopes:
    """Check the names of every file, and order the declarations of every scope."""
    scopes = Scopes()
    for module in modules:
        _Resolver(module, scopes, diagnostics, main=module is main).run()
    return scopes


class _Resolver:
    def __init__(
        self, module: Module, scopes: Scopes, diagnostics: Diagnostics, *, main: bool
    ) -> None:
        self.module = module
        self.scopes = scopes
        self.diagnostics = diagnostics
        self.main = main
        self.used: set[str] = set()

    def run(self) -> None:
        items = self.module.program.items
        lets = [item for item in items if isinstance(item, ast.Let)]
        top = Scope(names={item.name.name: item.name for item in lets})
        for item in lets:
            self._check(mentioned_in(item), {})
        top.order = self._ordered(lets, top.names)
        self.scopes[self.module.program] = top
        for block in self.module.blocks:
            self._scope(block, block.heads)
        for model in self.module.models:
            self._scope(model, ())
        self._recursion()
        if self.main:
            self._unused_at_top()

    # One scope

    def _scope(self, node: ast.Block | ast.Model, heads: tuple[ast.Identifier, ...]) -> None:
        scope = Scope()
        for name in heads:
            self._add(scope, name)
        for parameter in node.parameters:
            self._add(scope, parameter.name)
        trained: ast.Train | None = None
        for statement in node.body:
            for name in declared_by(statement):
                self._add(scope, name)
            if isinstance(statement, ast.Train):
                if trained is not None:
                    self.diagnostics.report(
                        "MTG103",
                        "a model has one `train`, and this is the second",
                        statement.span,
                        labels=(Label(trained.span, "the first"),),
                        help="put all settings into one",
                    )
                trained = statement
            if isinstance(node, ast.Block):
                self._misplaced(node, statement)
        if isinstance(node, ast.Block) and not any(
            isinstance(statement, ast.Return) for statement in node.body
        ):
            self.diagnostics.report(
                "MTG208",
                f"the block `{node.name.name}` returns nothing",
                node.name.span,
                help="end it with `return FLOW`",
            )
        counts: dict[str, int] = {}
        for parameter in node.parameters:
            if parameter.default is not None:
                self._check(mentions(parameter.default), scope.names, counts)
        for statement in node.body:
            self._check(mentioned_in(statement), scope.names, counts)
        self._unused(node, scope, counts)
        scope.order = self._ordered(node.body, scope.names)
        self.scopes[node] = scope

    def _add(self, scope: Scope, name: ast.Identifier) -> None:
        if name.name == "_":
            return
        first = scope.names.setdefault(name.name, name)
        if first is not name:
            self.diagnostics.report(
                "MTG103",
                f"`{name.name}` is declared twice",
                name.span,
                label="declared again here",
                labels=(Label(first.span, "first declared here"),),
            )

    def _misplaced(self, block: ast.Block, statement: ast.Statement) -> None:
        words = {ast.Input: "input", ast.Output: "output", ast.Train: "train"}
        word = words.get(type(statement))
        if word is not None:
            help = "name the block's tensors in its head: `block (a, b) -> name() { … }`"
            self.diagnostics.report(
                "MTG006",
                f"`{word}` stands in a model, not in a block",
                statement.span,
                labels=(Label(block.name.span, "in this block"),),
                help={"input": help, "output": "end the block with `return FLOW`"}.get(word, ""),
            )

    def _unused(self, node: ast.Block | ast.Model, scope: Scope, counts: dict[str, int]) -> None:
        for statement in node.body:
            if isinstance(statement, (ast.Let, ast.Dim)):
                name = statement.name
                if not counts.get(name.name):
                    word = "let" if isinstance(statement, ast.Let) else "dim"
                    self._report_unused(word, name)
            elif isinstance(statement, ast.Bind) and isinstance(node, ast.Block):
                names = [name for name in statement.names if name.name != "_"]
                if names and not any(counts.get(name.name) for name in names):
                    self.diagnostics.report(
                        "MTG204",
                        f"nothing uses `{names[0].name}`",
                        names[0].span,
                        help=f"use it, or remove it from the block `{node.name.name}`",
                    )

    def _report_unused(self, word: str, name: ast.Identifier) -> None:
        self.diagnostics.report(
            "MTG105",
            f"nothing uses the {word} `{name.name}`",
            name.span,
            help="remove it",
        )

    def _unused_at_top(self) -> None:
        for item in self.module.program.items:
            # The lets and dims of a file without models are there for other files to import.
            if isinstance(item, (ast.Let, ast.Dim)) and self.module.models:
                if item.name.name not in self.used:
                    word = "let" if isinstance(item, ast.Let) else "dim"
                    self._report_unused(word, item.name)
            elif isinstance(item, (ast.Import, ast.PythonImport)):
                for name in item.names:
                    if name.name not in self.used:
                        self._report_unused("import", name)

    # Names

    def _check(
        self,
        found: Iterable[Mention],
        local: dict[str, ast.Identifier],
        counts: dict[str, int] | None = None,
    ) -> None:
        for mention in found:
            name = mention.name.name
            if name in mention.loops:
                continue
            if name in local:
                if counts is not None:
                    counts[name] = counts.get(name, 0) + 1
            elif name in self.module.names:
                self.used.add(name)
            else:
                self._unknown(mention, local)

    def _unknown(self, mention: Mention, local: dict[str, ast.Identifier]) -> None:
        name, span = mention.name.name, mention.name.span
        if mention.role == CALL_STAGE:
            if name in MERGES or name in FUNCTIONS or catalog().find("layer", name):
                return
            made = [n for n, d in self.module.names.items() if _is_made(d)]
            known = [*catalog().names("layer"), *made]
            self.diagnostics.report(
                "MTG102",
                f"there is no layer, block or model `{name}`",
                span,
                label="not known",
                help=did_you_mean(name, known),
            )
        elif mention.role in (CALL_SOURCE, CALL_ARGUMENT):
            if name in MERGES or name in FUNCTIONS or kinds_of(name):
                return
            self._unknown_function(mention, [*local, *self.module.names, *mention.loops])
        elif name == "_":
            self.diagnostics.report(
                "MTG101",
                "`_` stands for a result that is not wanted, and cannot be used",
                span,
                help="give the result a name",
            )
        elif kinds_of(name) or name in MERGES:
            self.diagnostics.report(
                "MTG210" if mention.role == STAGE else "MTG101",
                f"`{name}` needs parentheses",
                span,
                label="a bare name reuses what `shared` declared",
                help=f"write `{name}(…)` to make one",
            )
        else:
            spelling = _OTHER_SPELLINGS.get(name.lower())
            visible = [*local, *self.module.names, *mention.loops]
            self.diagnostics.report(
                "MTG101",
                f"`{name}` is not declared",
                span,
                label="not known here",
                help=f"did you mean `{spelling}`?" if spelling else did_you_mean(name, visible),
            )

    def _unknown_function(self, mention: Mention, visible: list[str]) -> None:
        name, span = mention.name.name, mention.name.span
        if mention.role == CALL_SOURCE:
            merge = meant_merge(name)
            found = merge or nearest(name, [*source_names(), *visible])
            if found is None:
                found = nearest(name, catalog().names("layer"))
            self.diagnostics.report(
                "MTG102",
                f"there is no merge or function `{name}`",
                span,
                label="not known",
                help=f"did you mean `{found}`?" if found else "",
                notes=(f"merges are {', '.join(f'`{m}`' for m in MERGES)}",),
            )
            return
        known = [n for kind in catalog().kinds() for n in catalog().names(kind) if n[0].isupper()]
        self.diagnostics.report(
            "MTG407",
            f"Keras has no `{name}`",
            span,
            label="not known",
            help=did_you_mean(name, [*known, *visible]),
        )

    # Order

    def _ordered(self, statements: Sequence[S], names: dict[str, ast.Identifier]) -> list[S]:
        position: dict[str, int] = {}
        for index, statement in enumerate(statements):
            for name in declared_by(statement):
                position.setdefault(name.name, index)
        needs: list[list[int]] = []
        ordered = True
        for index, statement in enumerate(statements):
            found = {
                position[mention.name.name]
                for mention in mentioned_in(statement)
                if mention.name.name in position and mention.name.name not in mention.loops
            }
            ordered = ordered and all(other < index for other in found)
            needs.append(sorted(found))
        if ordered:
            return list(statements)

        import networkx as nx

        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(len(statements)))
        graph.add_edges_from((other, index) for index, found in enumerate(needs) for other in found)
        for component in list(nx.strongly_connected_components(graph)):
            if len(component) > 1 or graph.has_edge(*(tuple(component) * 2)):
                circle = [edge[0] for edge in nx.find_cycle(graph.subgraph(component))]
                self._report_cycle([statements[index] for index in circle])
                graph.remove_nodes_from(component)
        return [statements[i] for i in nx.lexicographical_topological_sort(graph)]

    def _report_cycle(self, circle: Sequence[ast.Statement]) -> None:
        # The edges run from what is needed to what needs it; people read the other way round.
        backwards = list(reversed(circle))
        start = min(range(len(backwards)), key=lambda i: backwards[i].span.start)
        backwards = backwards[start:] + backwards[:start]
        names = [declared_by(statement)[0] for statement in backwards]
        round_ = " -> ".join(name.name for name in (*reversed(names), names[-1]))
        if len(names) == 1:
            self.diagnostics.report(
                "MTG201",
                f"`{names[0].name}` is made from itself",
                names[0].span,
                help="give the result a name of its own",
            )
            return
        self.diagnostics.report(
            "MTG201",
            f"`{names[0].name}` depends on itself",
            names[0].span,
            label=f"needs `{names[1].name}`",
            labels=tuple(
                Label(name.span, f"needs `{names[(i + 1) % len(names)].name}`")
                for i, name in enumerate(names)
                if i
            ),
            notes=(f"the way round: {round_}",),
        )

    def _recursion(self) -> None:
        made = {id(item): item for item in self.module.program.items if _is_block_or_model(item)}
        edges: list[tuple[int, int]] = []
        for item in made.values():
            assert isinstance(item, (ast.Block, ast.Model))
            local = self.scopes[item].names
            for statement in item.body:
                for mention in mentioned_in(statement):
                    name = mention.name.name
                    declared = self.module.names.get(name)
                    if declared is not None and name not in local and id(declared.node) in made:
                        edges.append((id(item), id(declared.node)))
        if not edges:
            return

        import networkx as nx

        graph: nx.DiGraph[int] = nx.DiGraph(edges)
        for component in nx.strongly_connected_components(graph):
            if len(component) > 1 or graph.has_edge(*(tuple(component) * 2)):
                circle = [made[edge[0]] for edge in nx.find_cycle(graph.subgraph(component))]
                start = min(range(len(circle)), key=lambda i: circle[i].span.start)
                circle = circle[start:] + circle[:start]
                first = circle[0]
                assert isinstance(first, (ast.Block, ast.Model))
                word = "block" if isinstance(first, ast.Block) else "model"
                names = [
                    node.name.name
                    for node in circle
                    if not isinstance(node, ast.Import) and isinstance(node, (ast.Block, ast.Model))
                ]
                self.diagnostics.report(
                    "MTG607",
                    f"the {word} `{first.name.name}` uses itself",
                    first.name.span,
                    notes=(f"the way round: {' -> '.join([*names, names[0]])}",),
                    help="use `repeat` or `for` to repeat layers",
                )
                self.scopes.recursive |= set(component)


def _is_block_or_model(item: ast.Item) -> bool:
    return isinstance(item, (ast.Block, ast.Model))


def _is_made(declared: Declared) -> bool:
    return isinstance(declared.node, (ast.Block, ast.Model, ast.PythonImport))


def declared_by(statement: ast.Statement) -> tuple[ast.Identifier, ...]:
    """The names a statement declares."""
    if isinstance(statement, ast.Bind):
        return statement.names
    if isinstance(statement, (ast.Train, ast.Return)):
        return ()
    return (statement.name,)
