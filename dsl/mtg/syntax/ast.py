"""The syntax tree: what a program says, before anything is known about what it means.

Every node is frozen and carries its span; nodes compare by identity. Lists are tuples. What a pass
learns about a node lives in a table of that pass, never on the node.

The end of a name says what kind of node it is: expressions end in `Expr`, stages of a flow in
`Stage`, declarations in `Decl`. What is a part of these, or holds all of them, has a plain name.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar, dataclass_transform

from mtg.text.source import Span

N = TypeVar("N")


@dataclass_transform(eq_default=False, frozen_default=True)
def node(cls: type[N]) -> type[N]:
    """Return a class as a dataclass that the type checker holds to be frozen.

    What `frozen=True` adds at run time, thirty times, is a tenth of the start of `mtg check`.
    """
    return dataclass(slots=True, eq=False, repr=False)(cls)


@node
class SyntaxNode:
    """Anything that stands in a source."""

    __slots__: ClassVar[tuple[str, ...]]

    span: Span

    def __repr__(self) -> str:
        values = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self))
        return f"{type(self).__name__}({values})"


@node
class Identifier(SyntaxNode):
    """A name where it is declared, or named as such: not an expression."""

    name: str


# Expressions: compile-time values, tensors and layers alike.


@node
class Expression(SyntaxNode):
    """Something with a value."""


@node
class NameExpr(Expression):
    """A bare name."""

    name: str


@node
class LiteralExpr(Expression):
    """A number, a string, `True`, `False`, `None`, or `...` (in a subscript)."""

    value: Any


@node
class FormattedExpr(Expression):
    """`f"stage{i}"`: the parts in order, literal strings among them."""

    parts: tuple[Expression, ...]


@node
class UnpackedExpr(Expression):
    """`*value` among arguments, items and lengths, or `**value` among arguments and in dicts."""

    stars: int
    value: Expression


@node
class UnknownLengthExpr(Expression):
    """`?` among the lengths of an input."""


@node
class ListExpr(Expression):
    """`[a, b]`."""

    items: tuple[Expression, ...]


@node
class DictExpr(Expression):
    """`{key: value}`; the key of a `**value` is None, and its value an `UnpackedExpr`."""

    items: tuple[tuple[Expression | None, Expression], ...]


@node
class TargetGroup(SyntaxNode):
    """What a loop binds, where that is more than one name: `name, (low, high)`."""

    items: tuple[Target, ...]


Target = Identifier | TargetGroup


@node
class Clause(SyntaxNode):
    """`for target in values if test` of a comprehension; without `if`, `test` is None."""

    target: Target
    values: Expression
    test: Expression | None


@node
class ComprehensionExpr(Expression):
    """`[item for target in values]`, or with a key `{key: item for target in values}`."""

    key: Expression | None
    item: Expression
    clauses: tuple[Clause, ...]


@node
class Argument(SyntaxNode):
    """One argument of a call or a group; `name` is None for a positional one."""

    name: Identifier | None
    value: Expression


@node
class GroupExpr(Expression):
    """Several things in parentheses: a tuple of values, or the tensors a layer takes."""

    arguments: tuple[Argument, ...]


@node
class OperationExpr(Expression):
    """A unary operator (one operand) or a binary one (two): Python's, by its spelling."""

    operator: str
    operands: tuple[Expression, ...]


@node
class ComparisonExpr(Expression):
    """`a < b <= c`: one operator fewer than operands."""

    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


@node
class ConditionalExpr(Expression):
    """`then if test else otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression


@node
class AttributeExpr(Expression):
    """`value.name`."""

    value: Expression
    name: Identifier


@node
class CallExpr(Expression):
    """`callee(arguments)`; `brackets` spans the parentheses."""

    callee: Expression
    arguments: tuple[Argument, ...]
    brackets: Span


@node
class SliceExpr(Expression):
    """`start:stop:step` in a subscript; what is left out is None."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None


@node
class SubscriptExpr(Expression):
    """`value[items]`."""

    value: Expression
    items: tuple[Expression, ...]


@node
class FlowExpr(Expression):
    """`source -> stage -> stage`."""

    source: Expression
    stages: tuple[Stage, ...]


# Stages that are not expressions.


@node
class RepeatStage(SyntaxNode):
    """`repeat count { stages }`."""

    count: Expression
    stages: tuple[Stage, ...]


@node
class ForStage(SyntaxNode):
    """`for target in values { stages }`."""

    target: Target
    values: Expression
    stages: tuple[Stage, ...]


@node
class IfStage(SyntaxNode):
    """`if test { then } else { otherwise }`; an `else if` is an `If` in `otherwise`."""

    test: Expression
    then: tuple[Stage, ...]
    otherwise: tuple[Stage, ...]


Stage = Expression | RepeatStage | ForStage | IfStage


# Declarations.


@node
class ImportDecl(SyntaxNode):
    """`from "path" import names`."""

    path: LiteralExpr
    names: tuple[Identifier, ...]


@node
class DataImportDecl(SyntaxNode):
    """`from data "path.npz" import names`."""

    path: LiteralExpr
    names: tuple[Identifier, ...]


@node
class PythonImportDecl(SyntaxNode):
    """`from python "module" import names`."""

    module: LiteralExpr
    names: tuple[Identifier, ...]


@node
class LetDecl(SyntaxNode):
    """`let name = value`."""

    name: Identifier
    value: Expression


@node
class DimDecl(SyntaxNode):
    """`dim name`."""

    name: Identifier


@node
class InputDecl(SyntaxNode):
    """`input name(arguments): dtype[dims]`; the name may be a string that is computed."""

    name: Identifier | LiteralExpr | FormattedExpr
    arguments: tuple[Argument, ...]
    dtype: Identifier
    dims: tuple[Expression, ...]


@node
class TensorDecl(SyntaxNode):
    """`name = flow`, or `name, name = flow`."""

    names: tuple[Identifier, ...]
    flow: Expression


@node
class SharedDecl(SyntaxNode):
    """`shared name = stages`."""

    name: Identifier
    stages: tuple[Stage, ...]


@node
class OutputDecl(SyntaxNode):
    """`output name(arguments) = flow`; the name may be a string that is computed."""

    name: Identifier | LiteralExpr | FormattedExpr
    arguments: tuple[Argument, ...]
    flow: Expression


@node
class TrainDecl(SyntaxNode):
    """`train(arguments)`."""

    arguments: tuple[Argument, ...]


@node
class ReturnDecl(SyntaxNode):
    """`return results`."""

    results: tuple[Expression, ...]


@node
class ForDecl(SyntaxNode):
    """`for target in values { body }` among declarations."""

    target: Target
    values: Expression
    body: tuple[Statement, ...]

    @property
    def head(self) -> Span:
        """Where `for target in values` stands."""
        return self.span.to(self.values.span)


@node
class WhenDecl(SyntaxNode):
    """`when test { then } else { otherwise }`; `else when` is a `WhenDecl` in `otherwise`."""

    test: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


Statement = (
    LetDecl
    | DimDecl
    | InputDecl
    | TensorDecl
    | SharedDecl
    | OutputDecl
    | TrainDecl
    | ReturnDecl
    | ForDecl
    | WhenDecl
)


@node
class ParameterDecl(SyntaxNode):
    """`name` or `name=default` of a block or model."""

    name: Identifier
    default: Expression | None


@node
class BlockDecl(SyntaxNode):
    """`block heads -> name(parameters) { … return … }`."""

    name: Identifier
    heads: tuple[Identifier, ...]
    parameters: tuple[ParameterDecl, ...]
    doc: str
    body: tuple[Statement, ...]


@node
class ModelDecl(SyntaxNode):
    """`model name(parameters) { … }`."""

    name: Identifier
    parameters: tuple[ParameterDecl, ...]
    doc: str
    body: tuple[Statement, ...]


Item = ImportDecl | DataImportDecl | PythonImportDecl | LetDecl | DimDecl | BlockDecl | ModelDecl


@node
class Program(SyntaxNode):
    """A whole file."""

    doc: str
    items: tuple[Item, ...]
