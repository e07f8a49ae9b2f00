"""Names: what each scope declares, whether every name is declared, and the order of declarations.

A name may be used before the line that declares it, so this pass finds an order in which every
declaration stands after those it needs. A circle has no such order, and is an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

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
from mtg.semantics.order import declared_by, find_recursion, in_order
from mtg.semantics.vocabulary import MERGES, kinds_of, meant_merge, source_names
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.suggest import did_you_mean, nearest

#: Words of Python and of configuration files for what mtg writes otherwise.
_OTHER_SPELLINGS = {"true": "True", "false": "False", "none": "None", "null": "None"}

#: Words that arguments of Keras take, besides the names of its objects.
_WORDS = {"same", "valid", "causal", "channels_first", "channels_last", "auto"}


@dataclass(eq=False, slots=True)
class Scope:
    """One scope: its names, and its statements so that each follows those it needs.

    `doubled` are the names declared twice: which is meant is not known, and nothing follows from
    what is made of them.
    """

    names: dict[str, ast.Identifier] = field(default_factory=dict)
    order: list[ast.Statement] = field(default_factory=list)
    doubled: set[str] = field(default_factory=set)


class Scopes:
    """What `resolve` found out, for every block, model and file."""

    def __init__(self) -> None:
        self._of: dict[int, Scope] = {}
        #: Blocks and models that use themselves, directly or through others.
        self.recursive: set[int] = set()

    def is_broken(self, node: ast.Block | ast.Model) -> bool:
        """Whether a block or model cannot be expanded; why is reported."""
        heads = node.heads if isinstance(node, ast.Block) else ()
        names = {name.name for name in (*heads, *(p.name for p in node.parameters))}
        return id(node) in self.recursive or bool(names & self[node].doubled)

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
        #: How many names were found that nothing declares.
        self.unknown = 0

    def run(self) -> None:
        items = self.module.program.items
        lets = [item for item in items if isinstance(item, ast.Let)]
        top = Scope(names={item.name.name: item.name for item in lets})
        for item in lets:
            self._check(mentioned_in(item), {})
        top.order = in_order(lets, top.doubled, self.diagnostics)
        self.scopes[self.module.program] = top
        declared: list[ast.Block | ast.Model] = [*self.module.blocks, *self.module.models]
        for made in declared:
            if catalog().find("layer", made.name.name) is not None:
                self.diagnostics.report(
                    "MTG106",
                    f"`{made.name.name}` is a layer of Keras too, and this hides it",
                    made.name.span,
                    help="choose another name",
                )
        for block in self.module.blocks:
            self._scope(block, block.heads)
        for model in self.module.models:
            self._scope(model, ())
        self.scopes.recursive |= find_recursion(
            self.module, lambda made: self.scopes[made].names, self.diagnostics
        )
        if self.main and not self.unknown:
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
        returns = any(isinstance(statement, ast.Return) for statement in node.body)
        if isinstance(node, ast.Block) and not returns:
            self.diagnostics.report(
                "MTG208",
                f"the block `{node.name.name}` returns nothing",
                node.name.span,
                help="end it with `return FLOW`",
            )
        counts: dict[str, int] = {}
        unknown = self.unknown
        earlier: dict[str, ast.Identifier] = {}
        for parameter in node.parameters:
            if parameter.default is not None:
                self._check(mentions(parameter.default), earlier, counts)
            earlier[parameter.name.name] = parameter.name
        for statement in node.body:
            self._check(mentioned_in(statement), scope.names, counts)
        # A name that is misspelt where it is used is not unused.
        if self.unknown == unknown and (returns or isinstance(node, ast.Model)):
            self._unused(node, counts)
        scope.order = in_order(node.body, scope.doubled, self.diagnostics)
        self.scopes[node] = scope

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

    def _unused(self, node: ast.Block | ast.Model, counts: dict[str, int]) -> None:
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
            elif name in self.module.names or name in self.module.failed:
                self.used.add(name)
            elif self._unknown(mention, local):
                self.unknown += 1

    def _unknown(self, mention: Mention, local: dict[str, ast.Identifier]) -> bool:
        """Report a name that nothing declares, unless Keras or the language knows it."""
        name, span = mention.name.name, mention.name.span
        if mention.role == CALL_STAGE:
            if name in MERGES or name in FUNCTIONS or catalog().find("layer", name):
                return False
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
                return False
            self._unknown_function(mention, [*local, *self.module.names, *mention.loops])
        elif name == "_":
            self.diagnostics.report(
                "MTG101",
                "`_` stands for a result that is not wanted, and cannot be used",
                span,
                help="give the result a name",
            )
        elif name in MERGES:
            self.diagnostics.report(
                "MTG210" if mention.role == STAGE else "MTG101",
                f"`{name}` needs the tensors it joins, in parentheses",
                span,
                help=f"write `{name}(a, b)` where a flow begins",
            )
        elif kinds_of(name):
            self.diagnostics.report(
                "MTG210" if mention.role == STAGE else "MTG101",
                f"`{name}` needs parentheses",
                span,
                label="a bare name reuses what `shared` declared" if mention.role == STAGE else "",
                help=f"write `{name}(…)` to make one",
            )
        else:
            self.diagnostics.report(
                "MTG101",
                f"`{name}` is not declared",
                span,
                label="not known here",
                help=self._meant(mention, [*local, *self.module.names, *mention.loops]),
            )
        return True

    def _meant(self, mention: Mention, visible: list[str]) -> str:
        """What somebody may mean by a bare name that nothing declares."""
        name = mention.name.name
        spelling = _OTHER_SPELLINGS.get(name.lower())
        if spelling:
            return f"did you mean `{spelling}`?"
        if mention.role == STAGE:
            return did_you_mean(name, visible)
        words = {word for kind in catalog().kinds() for word in catalog().identifiers(kind)}
        if name in words | _WORDS:
            return f'a word of Keras stands in quotes: `"{name}"`'
        return did_you_mean(name, visible)

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
            help=did_you_mean(name, [*known, *visible, *FUNCTIONS]),
        )


def _is_made(declared: Declared) -> bool:
    return isinstance(declared.node, (ast.Block, ast.Model, ast.PythonImport))
