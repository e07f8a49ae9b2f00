"""Names: what each scope declares, whether every name is declared, and the order of declarations.

A name may be used before the line that declares it, so this pass finds an order in which every
declaration stands after those it needs. A cycle has no such order, and is an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mtg.catalog import catalog
from mtg.semantics.mentions import (
    STAGE,
    VALUE,
    Mention,
    mentioned_in,
    mentions,
)
from mtg.semantics.modules import Module
from mtg.semantics.order import declared_by, find_recursion, in_order
from mtg.semantics.unresolved import Unknown
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Fix, Label
from mtg.text.edits import whole_line
from mtg.text.source import Span


@dataclass(eq=False, slots=True)
class Scope:
    """One scope: its names, and its statements so that each follows those it needs.

    `shared` are the names of shared instances. `doubled` are the names declared twice: which is
    meant is not known, and nothing follows from what is made of them.
    """

    names: dict[str, ast.Identifier] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    order: list[ast.Statement] = field(default_factory=list)
    doubled: set[str] = field(default_factory=set)


class Scopes:
    """What `resolve` found out, for every block, model and file."""

    def __init__(self) -> None:
        self._of: dict[int, Scope] = {}
        #: Blocks and models that use themselves, directly or through others, or do not parse.
        self.recursive: set[int] = set()

    def is_broken(self, node: ast.BlockDecl | ast.ModelDecl) -> bool:
        """Return whether a block or model cannot be expanded; why is reported."""
        heads = node.heads if isinstance(node, ast.BlockDecl) else ()
        names = {name.name for name in (*heads, *(p.name for p in node.parameters))}
        return id(node) in self.recursive or bool(names & self[node].doubled)

    def __getitem__(self, node: ast.BlockDecl | ast.ModelDecl | ast.Program) -> Scope:
        return self._of[id(node)]

    def __setitem__(self, node: ast.BlockDecl | ast.ModelDecl | ast.Program, scope: Scope) -> None:
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
        #: Every name that the file mentions: of these the declaration is spelt as a use is.
        self.mentioned: set[str] = set()
        self.undeclared = Unknown(module, self.mentioned, diagnostics)
        #: How many names were found that nothing declares.
        self.unknown = int(module.partial)

    def run(self) -> None:
        items = self.module.program.items
        declared: list[ast.BlockDecl | ast.ModelDecl] = [*self.module.blocks, *self.module.models]
        for made in declared:
            for statement in made.body:
                self.mentioned |= {mention.name.name for mention in mentioned_in(statement)}
        lets = [item for item in items if isinstance(item, ast.LetDecl)]
        top = Scope(names={item.name.name: item.name for item in lets})
        for item in lets:
            self._check(mentioned_in(item), Scope())
        top.order = in_order(lets, top.doubled, self.diagnostics)
        self.scopes[self.module.program] = top
        for made in declared:
            if catalog().find("layer", made.name.name) is not None:
                self.diagnostics.report(
                    "MTG106",
                    f"`{made.name.name}` shadows the Keras layer of the same name",
                    made.name.span,
                    help="choose another name",
                )
        for block in self.module.blocks:
            self._scope(block, block.heads)
        for model in self.module.models:
            self._scope(model, ())
        self.scopes.recursive |= self.module.broken
        self.scopes.recursive |= find_recursion(
            self.module, lambda made: self.scopes[made].names, self.diagnostics
        )
        if self.main and not self.unknown:
            self._unused_at_top()

    # One scope

    def _scope(
        self, node: ast.BlockDecl | ast.ModelDecl, heads: tuple[ast.Identifier, ...]
    ) -> None:
        scope = Scope()
        for name in heads:
            self._add(scope, name)
        for parameter in node.parameters:
            self._add(scope, parameter.name)
        trained: ast.TrainDecl | None = None
        for statement in node.body:
            for name in declared_by(statement):
                self._add(scope, name)
            if isinstance(statement, ast.TrainDecl):
                if trained is not None:
                    self.diagnostics.report(
                        "MTG103",
                        "a model can have only one `train`",
                        statement.span,
                        labels=(Label(trained.span, "the first"),),
                        help="put all settings into one",
                    )
                trained = statement
            if isinstance(node, ast.BlockDecl) and id(node) not in self.module.broken:
                self._misplaced(node, statement)
        broken = id(node) in self.module.broken
        returns = any(isinstance(statement, ast.ReturnDecl) for statement in node.body)
        counts: dict[str, int] = {}
        unknown = self.unknown
        earlier = Scope()
        for parameter in node.parameters:
            if parameter.default is not None:
                self._check(mentions(parameter.default), earlier, counts)
            earlier.names[parameter.name.name] = parameter.name
        scope.shared = {each.name.name for each in node.body if isinstance(each, ast.SharedDecl)}
        for statement in node.body:
            self._check(mentioned_in(statement), scope, counts)
        if isinstance(node, ast.BlockDecl) and not returns and not broken:
            self._returns_nothing(node, counts)
        # A name that is misspelt where it is used is not unused.
        if (
            self.unknown == unknown
            and not self.module.partial
            and (returns or isinstance(node, ast.ModelDecl))
        ):
            self._unused(node, counts)
        scope.order = in_order(node.body, scope.doubled, self.diagnostics)
        self.scopes[node] = scope

    def _returns_nothing(self, block: ast.BlockDecl, counts: dict[str, int]) -> None:
        last = block.body[-1] if block.body else None
        name, fix = "FLOW", None
        if isinstance(last, ast.TensorDecl) and last.names[-1].name != "_":
            name = ", ".join(each.name for each in last.names)
            text, start = last.span.source.text, last.span.start
            lead = text[text.rfind("\n", 0, start) + 1 : start]
            gap = f"\n{lead}" if not lead.strip() else " "
            place = Span(last.span.source, last.span.end, last.span.end)
            # What is made last, and not used, is what the block is for.
            safe = not any(counts.get(each.name) for each in last.names)
            fix = Fix.replace(place, f"{gap}return {name}", f"add `return {name}`", safe=safe)
        self.diagnostics.report(
            "MTG208",
            f"the block `{block.name.name}` returns nothing",
            block.name.span,
            help=f"end it with `return {name}`",
            fix=fix,
        )

    def _add(self, scope: Scope, name: ast.Identifier) -> None:
        if name.name == "_":
            return
        first = scope.names.setdefault(name.name, name)
        if first is not name:
            scope.doubled.add(name.name)
            self.diagnostics.report(
                "MTG103",
                f"`{name.name}` is declared twice",
                name.span,
                label="declared again here",
                labels=(Label(first.span, "first declared here"),),
            )

    def _misplaced(self, block: ast.BlockDecl, statement: ast.Statement) -> None:
        words = {ast.InputDecl: "input", ast.OutputDecl: "output", ast.TrainDecl: "train"}
        word = words.get(type(statement))
        if word is not None:
            help = "declare the tensors of the block in its head: `block (a, b) -> name() { … }`"
            self.diagnostics.report(
                "MTG006",
                f"`{word}` is only allowed in a model, not in a block",
                statement.span,
                labels=(Label(block.name.span, "in this block"),),
                help={"input": help, "output": "end the block with `return FLOW`"}.get(word, ""),
            )

    def _unused(self, node: ast.BlockDecl | ast.ModelDecl, counts: dict[str, int]) -> None:
        for parameter in node.parameters:
            if not counts.get(parameter.name.name):
                word = "block" if isinstance(node, ast.BlockDecl) else "model"
                self.diagnostics.report(
                    "MTG105",
                    f"unused parameter `{parameter.name.name}`",
                    parameter.name.span,
                    help=f"use it, or remove it from the {word} `{node.name.name}` and its uses",
                )
        for statement in node.body:
            if isinstance(statement, (ast.LetDecl, ast.DimDecl)):
                name = statement.name
                if not counts.get(name.name):
                    word = "let" if isinstance(statement, ast.LetDecl) else "dim"
                    self._report_unused(word, name, whole_line(statement.span))
            elif isinstance(statement, ast.TensorDecl):
                names = [name for name in statement.names if name.name != "_"]
                if not names:
                    self.diagnostics.report(
                        "MTG204",
                        "unused flow: `_` discards its result",
                        statement.names[0].span,
                        help="remove it, or give it a name and use that",
                        fix=Fix.replace(whole_line(statement.span), "", "remove it", safe=False),
                    )
                elif isinstance(node, ast.ModelDecl):
                    pass  # the graph knows better, which shows what leads to an output
                elif not any(counts.get(name.name) for name in names):
                    self.diagnostics.report(
                        "MTG204",
                        f"unused tensor `{names[0].name}`",
                        names[0].span,
                        help=f"use it, or remove it from the block `{node.name.name}`",
                        fix=Fix.replace(whole_line(statement.span), "", "remove it", safe=False),
                    )

    def _report_unused(self, word: str, name: ast.Identifier, removed: Span) -> None:
        self.diagnostics.report(
            "MTG105",
            f"unused {word} `{name.name}`",
            name.span,
            help="remove it",
            fix=Fix.replace(removed, "", "remove it", safe=False),
        )

    def _unused_at_top(self) -> None:
        for item in self.module.program.items:
            # The lets and dims of a file without models are there for other files to import.
            if isinstance(item, (ast.LetDecl, ast.DimDecl)) and self.module.models:
                if item.name.name not in self.used:
                    word = "let" if isinstance(item, ast.LetDecl) else "dim"
                    self._report_unused(word, item.name, whole_line(item.span))
            elif isinstance(item, (ast.ImportDecl, ast.PythonImportDecl)):
                for name in item.names:
                    if name.name not in self.used and name.name not in self.module.failed:
                        self._report_unused("import", name, _imported(item, name))

    # Names

    def _check(
        self,
        found: Iterable[Mention],
        scope: Scope,
        counts: dict[str, int] | None = None,
    ) -> None:
        for mention in found:
            name = mention.name.name
            if name in mention.loops:
                continue
            if name in scope.names:
                if counts is not None:
                    counts[name] = counts.get(name, 0) + 1
            elif name in self.module.names or name in self.module.failed:
                self.used.add(name)
            elif self.module.nameless and mention.role in (VALUE, STAGE):
                pass  # what does not parse may declare it
            elif self.undeclared.report(mention, scope.names, scope.shared):
                self.unknown += 1


def _imported(item: ast.ImportDecl | ast.PythonImportDecl, name: ast.Identifier) -> Span:
    """Return what to remove of an import that brings `name`: all of it, or the name alone."""
    if len(item.names) == 1:
        return whole_line(item.span)
    at = item.names.index(name)
    if at:
        return Span(name.span.source, item.names[at - 1].span.end, name.span.end)
    return Span(name.span.source, name.span.start, item.names[1].span.start)
