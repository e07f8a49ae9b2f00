"""Names: what each scope declares, whether every name is declared, and the order of declarations.

A name may be used before the line that declares it, so this pass finds an order in which every
declaration stands after those it needs. A cycle has no such order, and is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from mtg.catalog import catalog
from mtg.semantics.mentions import (
    OWNER,
    STAGE,
    VALUE,
    Mention,
    bound_by,
    declared_by,
    laid_out,
    mentioned_in,
    mentions,
    whens_in,
)
from mtg.semantics.modules import Module
from mtg.semantics.order import Branches, Unit, find_recursion, in_order
from mtg.semantics.unresolved import Unknown
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Fix, Label
from mtg.text.edits import whole_line
from mtg.text.source import Span

#: What has a scope of its own.
Scoped: TypeAlias = ast.BlockDecl | ast.ModelDecl | ast.Program | ast.ForDecl

#: The names that every model has, where it declares none of the same.
PREDEFINED = ("inputs", "outputs")


@dataclass(eq=False, slots=True)
class Scope:
    """One scope: its names, and its statements so that each follows those it needs.

    `shared` are the names of shared instances, those of the scopes around it included, and
    `counts` tells how often each name is used. `doubled` are the names declared twice: which is
    meant is not known, and nothing follows from what is made of them.
    """

    names: dict[str, ast.Identifier] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    order: list[Unit] = field(default_factory=list)
    doubled: set[str] = field(default_factory=set)
    outer: Scope | None = None
    counts: dict[str, int] = field(default_factory=dict)
    predefined: Sequence[str] = ()

    def find(self, name: str) -> Scope | None:
        """Return the innermost scope, this or one around it, that declares a name."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names:
            scope = scope.outer
        return scope

    def all_names(self) -> Iterator[str]:
        """Yield the names of this scope and of those around it."""
        yield from self.names
        if self.outer is not None:
            yield from self.outer.all_names()


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

    def __getitem__(self, node: Scoped) -> Scope:
        return self._of[id(node)]

    def __setitem__(self, node: Scoped, scope: Scope) -> None:
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
        #: Those that stand for themselves somewhere, as a value: a block in a table, an argument.
        self.handed: set[str] = set()
        #: What loops declare, and where: it is seen there alone.
        self.in_loops: dict[str, ast.Identifier] = {}
        self.undeclared = Unknown(module, self.mentioned, diagnostics)
        #: How many names were found that nothing declares.
        self.unknown = int(module.partial)

    def run(self) -> None:
        items = self.module.program.items
        declared: list[ast.BlockDecl | ast.ModelDecl] = [*self.module.blocks, *self.module.models]
        for made in declared:
            self.in_loops |= {name.name: name for name in _declared_in_loops(made.body, False)}
        lets = [item for item in items if isinstance(item, ast.LetDecl)]
        top = Scope(names={item.name.name: item.name for item in lets})
        found = {id(item): list(mentioned_in(item)) for item in lets}
        for made in declared:
            within = [mention for statement in made.body for mention in mentioned_in(statement)]
            self.mentioned |= {mention.name.name for mention in within}
            usual = (each.default for each in made.parameters if each.default is not None)
            for mention in (*within, *mentions(*usual)):
                if mention.call is None and mention.role == VALUE:
                    self.handed.add(mention.name.name)
        for each in found.values():
            self.handed |= {m.name.name for m in each if m.call is None and m.role == VALUE}
        for item in lets:
            self._check(found[id(item)], Scope())
        top.order = in_order(lets, found, (), top.doubled, self.diagnostics)
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
        for statement, _ in laid_out(node.body):
            if isinstance(node, ast.BlockDecl) and id(node) not in self.module.broken:
                self._misplaced(node, statement)
        broken = id(node) in self.module.broken
        returns = any(isinstance(statement, ast.ReturnDecl) for statement in node.body)
        unknown = self.unknown
        earlier = Scope(counts=scope.counts)
        for parameter in node.parameters:
            if parameter.default is not None:
                self._check(mentions(parameter.default), earlier)
            earlier.names[parameter.name.name] = parameter.name
        scope.predefined = PREDEFINED if isinstance(node, ast.ModelDecl) else ()
        self._body(node.body, scope)
        if isinstance(node, ast.BlockDecl) and not returns and not broken:
            self._returns_nothing(node, scope.counts)
        # A name that is misspelt where it is used is not unused.
        if (
            self.unknown == unknown
            and not self.module.partial
            and (returns or isinstance(node, ast.ModelDecl))
        ):
            self._unused_parameters(node, scope.counts)
            self._unused(node, node.body, scope)
        self.scopes[node] = scope

    def _body(self, body: Sequence[ast.Statement], scope: Scope) -> list[Mention]:
        """Declare the names of a body, check those it mentions, and put it in order.

        Returns:
            What it mentions and does not declare itself.
        """
        statements = list(laid_out(body))
        branches: dict[str, Branches] = {}
        trained: ast.TrainDecl | None = None
        trains = Branches()
        for statement, whens in statements:
            for name in declared_by(statement):
                first = name.name not in branches
                alone = branches.setdefault(name.name, Branches()).add(whens)
                of_loop = first and scope.outer is not None and name.name in scope.names
                if of_loop and isinstance(statement, (ast.InputDecl, ast.OutputDecl)):
                    scope.doubled.add(name.name)
                    self._report_plain_name(scope.names[name.name], name, statement)
                elif first or not alone:  # else the other branch declares it too
                    self._add(scope, name)
            if isinstance(statement, ast.TrainDecl) and scope.outer is not None:
                self.diagnostics.report(
                    "MTG103",
                    "a model has one `train`, not one for each round of a loop",
                    statement.span,
                    help="put it after the loop",
                )
            elif isinstance(statement, ast.TrainDecl):
                if not trains.add(whens) and trained is not None:
                    self.diagnostics.report(
                        "MTG103",
                        "a model can have only one `train`",
                        statement.span,
                        labels=(Label(trained.span, "the first"),),
                        help="put all settings into one",
                    )
                trained = statement
        scope.shared |= {
            each.name.name for each, _ in statements if isinstance(each, ast.SharedDecl)
        }
        found: dict[int, list[Mention]] = {}
        for when in whens_in(body):
            found[id(when)] = list(mentions(when.test))
            self._check(found[id(when)], scope)
        for statement, _ in statements:
            if isinstance(statement, ast.ForDecl):
                found[id(statement)] = self._loop(statement, scope)
            else:
                found[id(statement)] = list(mentioned_in(statement))
                self._check(found[id(statement)], scope)
        scope.order = in_order(body, found, scope.predefined, scope.doubled, self.diagnostics)
        return [
            mention
            for every in found.values()
            for mention in every
            if mention.name.name not in scope.names and mention.name.name not in mention.loops
        ]

    def _loop(self, loop: ast.ForDecl, outer: Scope) -> list[Mention]:
        """Check a `for` among declarations, which is a scope of its own."""
        found = list(mentions(loop.values))
        self._check(found, outer)
        scope = Scope(outer=outer, shared=set(outer.shared), predefined=outer.predefined)
        for name in bound_by(loop.target):
            self._add(scope, name)
        found += self._body(loop.body, scope)
        self.scopes[loop] = scope
        return found

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
        around = scope.outer.find(name.name) if scope.outer is not None else None
        if around is not None:
            scope.doubled.add(name.name)
            self._report_rebound(around.names[name.name], name)
        first = scope.names.setdefault(name.name, name)
        if first is not name:
            scope.doubled.add(name.name)
            self.diagnostics.report(
                "MTG103",
                f"`{name.name}` is declared twice",
                name.span,
                label="declared again here",
                labels=(Label(first.span, "first declared here"),),
                help=_how_to_rebind(name),
            )

    def _report_plain_name(
        self,
        bound: ast.Identifier,
        name: ast.Identifier,
        statement: ast.InputDecl | ast.OutputDecl,
    ) -> None:
        """Report `for t in tasks { output t = … }`, which does not take the name from `t`."""
        word = "input" if isinstance(statement, ast.InputDecl) else "output"
        text = f'f"{{{name.name}}}"'
        self.diagnostics.report(
            "MTG103",
            f"this {word} is named `{name.name}` in every round, and not what `{name.name}` holds",
            name.span,
            label=f"the {word}",
            labels=(Label(bound.span, "the name of the loop"),),
            help=f"write `{word} {text}`: a string is a name that is computed",
            fix=Fix.replace(name.span, text, safe=False),
        )

    def _report_rebound(self, first: ast.Identifier, name: ast.Identifier) -> None:
        """Report a name that a loop declares, and a scope around it too."""
        self.diagnostics.report(
            "MTG103",
            f"`{name.name}` is declared outside of this loop already",
            name.span,
            label="declared again here",
            labels=(Label(first.span, "first declared here"),),
            notes=("each name stands for one thing, and a round of a loop changes none",),
            help="choose another name; to lead a tensor through every round, write the loop as a "
            f"stage: `y = {name.name} -> for item in items {{ … }}`",
        )

    def _misplaced(self, block: ast.BlockDecl, statement: ast.Statement) -> None:
        words = {
            ast.InputDecl: "input",
            ast.OutputDecl: "output",
            ast.TrainDecl: "train",
            ast.ForDecl: "for",
        }
        word = words.get(type(statement))
        if word is not None:
            help = "declare the tensors of the block in its head: `block (a, b) -> name() { … }`"
            self.diagnostics.report(
                "MTG006",
                f"`{word}` is only allowed in a model, not in a block",
                statement.span,
                labels=(Label(block.name.span, "in this block"),),
                help={
                    "input": help,
                    "output": "end the block with `return FLOW`",
                    "for": "what its rounds make is seen in them alone: write a comprehension, "
                    "or a stage `x -> for item in items { … }`",
                }.get(word, ""),
            )

    def _unused_parameters(
        self, node: ast.BlockDecl | ast.ModelDecl, counts: dict[str, int]
    ) -> None:
        """Report parameters that a body does not need.

        A block that is a value is used as its neighbours are, which may need what it does not.
        """
        if isinstance(node, ast.BlockDecl) and node.name.name in self.handed:
            return
        for parameter in node.parameters:
            if not counts.get(parameter.name.name):
                word = "block" if isinstance(node, ast.BlockDecl) else "model"
                self.diagnostics.report(
                    "MTG105",
                    f"unused parameter `{parameter.name.name}`",
                    parameter.name.span,
                    help=f"use it, or remove it from the {word} `{node.name.name}` and its uses",
                )

    def _unused(
        self, node: ast.BlockDecl | ast.ModelDecl, body: Sequence[ast.Statement], scope: Scope
    ) -> None:
        counts = scope.counts
        for statement, _ in laid_out(body):
            if isinstance(statement, ast.ForDecl):
                self._unused(node, statement.body, self.scopes[statement])
            elif isinstance(statement, (ast.LetDecl, ast.DimDecl)):
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
        open_to = self._open_to_blocks()
        for item in self.module.program.items:
            # The lets and dims of a file without models are there for other files to import.
            if isinstance(item, (ast.LetDecl, ast.DimDecl)) and self.module.models:
                if item.name.name not in self.used:
                    word = "let" if isinstance(item, ast.LetDecl) else "dim"
                    self._report_unused(word, item.name, whole_line(item.span))
            elif isinstance(item, (ast.ImportDecl, ast.DataImportDecl, ast.PythonImportDecl)):
                for name in item.names:
                    if open_to and self._is_block(name.name):
                        continue
                    if name.name not in self.used and name.name not in self.module.failed:
                        self._report_unused("import", name, _imported(item, name))

    def _open_to_blocks(self) -> bool:
        """Return whether a model has a parameter that may be given a block by its name."""
        defaults = [each.default for model in self.module.models for each in model.parameters]
        names = [each.name for each in defaults if isinstance(each, ast.NameExpr)]
        return any(map(self._is_block, names))

    def _is_block(self, name: str) -> bool:
        declared = self.module.names.get(name)
        return declared is not None and isinstance(declared.node, ast.BlockDecl)

    # Names

    def _check(self, found: Iterable[Mention], scope: Scope) -> None:
        for mention in found:
            name = mention.name.name
            if name in mention.loops:
                continue
            declaring = scope.find(name)
            if declaring is not None:
                declaring.counts[name] = declaring.counts.get(name, 0) + 1
            elif name in self.module.names or name in self.module.failed:
                self.used.add(name)
            elif name in scope.predefined or mention.role == OWNER:
                pass  # what has an attribute may be a module of Keras
            elif self.module.nameless and mention.role in (VALUE, STAGE):
                pass  # what does not parse may declare it
            elif name in self.in_loops and mention.role == VALUE:
                self.unknown += 1
                self.diagnostics.report(
                    "MTG101",
                    f"`{name}` is declared in a loop, and is not known outside of it",
                    mention.name.span,
                    label="not known here",
                    labels=(Label(self.in_loops[name].span, "declared in every round"),),
                    help="collect what the rounds make in a list: "
                    f"`{name} = [… for item in items]`",
                )
            elif self.undeclared.report(mention, list(scope.all_names()), scope.shared):
                self.unknown += 1


def _declared_in_loops(body: Iterable[ast.Statement], within: bool) -> Iterator[ast.Identifier]:
    """Yield the names that the loops of a body declare; `within` says that the body is one's."""
    for statement, _ in laid_out(body):
        if isinstance(statement, ast.ForDecl):
            yield from bound_by(statement.target)
            yield from _declared_in_loops(statement.body, True)
        elif within:
            yield from declared_by(statement)


def _imported(
    item: ast.ImportDecl | ast.DataImportDecl | ast.PythonImportDecl, name: ast.Identifier
) -> Span:
    """Return what to remove of an import that brings `name`: all of it, or the name alone."""
    if len(item.names) == 1:
        return whole_line(item.span)
    at = item.names.index(name)
    if at:
        return Span(name.span.source, item.names[at - 1].span.end, name.span.end)
    return Span(name.span.source, name.span.start, item.names[1].span.start)


def _how_to_rebind(name: ast.Identifier) -> str:
    """Return what to write where a name is bound again to what goes on from it: `h = h -> …`."""
    text = name.span.source.text
    if not re.match(rf"\s*=\s*{re.escape(name.name)}\s*->", text[name.span.end :][:400]):
        return ""
    return (
        f"give it a second name, such as `{name.name}_2`; to apply layers again and again write "
        f"`{name.name} -> repeat N {{ … }}`"
    )
