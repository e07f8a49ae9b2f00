"""The syntax tree: what a program says, before anything is known about what it means.

Every node is frozen and carries its span; nodes compare by identity. Lists are tuples. What a pass
learns about a node lives in a table of that pass, never on the node.

The end of a name says what kind of node it is: expressions end in `Expr`, stages of a flow in
`Stage`, declarations in `Decl`. What is a part of these, or holds all of them, has a plain name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mtg.text.source import Span


@dataclass(frozen=True, slots=True, eq=False)
class SyntaxNode:
    """Anything that stands in a source."""

    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Identifier(SyntaxNode):
    """A name where it is declared, or named as such: not an expression."""

    name: str


# Expressions: compile-time values, tensors and layers alike.


@dataclass(frozen=True, slots=True, eq=False)
class Expression(SyntaxNode):
    """Something with a value."""


@dataclass(frozen=True, slots=True, eq=False)
class NameExpr(Expression):
    """A bare name."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class LiteralExpr(Expression):
    """A number, a string, `True`, `False`, `None`, or `...` (in a subscript)."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class UnknownLengthExpr(Expression):
    """`?` among the lengths of an input."""


@dataclass(frozen=True, slots=True, eq=False)
class ListExpr(Expression):
    """`[a, b]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DictExpr(Expression):
    """`{key: value}`."""

    items: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Argument(SyntaxNode):
    """One argument of a call or a group; `name` is None for a positional one."""

    name: Identifier | None
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class GroupExpr(Expression):
    """Several things in parentheses: a tuple of values, or the tensors a layer takes."""

    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OperationExpr(Expression):
    """A unary operator (one operand) or a binary one (two): Python's, by its spelling."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonExpr(Expression):
    """`a < b <= c`: one operator fewer than operands."""

    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalExpr(Expression):
    """`then if test else otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True, eq=False)
class AttributeExpr(Expression):
    """`value.name`."""

    value: Expression
    name: Identifier


@dataclass(frozen=True, slots=True, eq=False)
class CallExpr(Expression):
    """`callee(arguments)`; `brackets` spans the parentheses."""

    callee: Expression
    arguments: tuple[Argument, ...]
    brackets: Span


@dataclass(frozen=True, slots=True, eq=False)
class SliceExpr(Expression):
    """`start:stop:step` in a subscript; what is left out is None."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class SubscriptExpr(Expression):
    """`value[items]`."""

    value: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FlowExpr(Expression):
    """`source -> stage -> stage`."""

    source: Expression
    stages: tuple[Stage, ...]


# Stages that are not expressions.


@dataclass(frozen=True, slots=True, eq=False)
class RepeatStage(SyntaxNode):
    """`repeat count { stages }`."""

    count: Expression
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ForStage(SyntaxNode):
    """`for name in values { stages }`."""

    name: Identifier
    values: Expression
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class IfStage(SyntaxNode):
    """`if test { then } else { otherwise }`; an `else if` is an `If` in `otherwise`."""

    test: Expression
    then: tuple[Stage, ...]
    otherwise: tuple[Stage, ...]


Stage = Expression | RepeatStage | ForStage | IfStage


# Declarations.


@dataclass(frozen=True, slots=True, eq=False)
class ImportDecl(SyntaxNode):
    """`from "path" import names`."""

    path: LiteralExpr
    names: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PythonImportDecl(SyntaxNode):
    """`from python "module" import names`."""

    module: LiteralExpr
    names: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LetDecl(SyntaxNode):
    """`let name = value`."""

    name: Identifier
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class DimDecl(SyntaxNode):
    """`dim name`."""

    name: Identifier


@dataclass(frozen=True, slots=True, eq=False)
class InputDecl(SyntaxNode):
    """`input name(arguments): dtype[dims]`."""

    name: Identifier
    arguments: tuple[Argument, ...]
    dtype: Identifier
    dims: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TensorDecl(SyntaxNode):
    """`name = flow`, or `name, name = flow`."""

    names: tuple[Identifier, ...]
    flow: Expression


@dataclass(frozen=True, slots=True, eq=False)
class SharedDecl(SyntaxNode):
    """`shared name = stages`."""

    name: Identifier
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OutputDecl(SyntaxNode):
    """`output name(arguments) = flow`."""

    name: Identifier
    arguments: tuple[Argument, ...]
    flow: Expression


@dataclass(frozen=True, slots=True, eq=False)
class TrainDecl(SyntaxNode):
    """`train(arguments)`."""

    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ReturnDecl(SyntaxNode):
    """`return results`."""

    results: tuple[Expression, ...]


Statement = (
    LetDecl | DimDecl | InputDecl | TensorDecl | SharedDecl | OutputDecl | TrainDecl | ReturnDecl
)


@dataclass(frozen=True, slots=True, eq=False)
class ParameterDecl(SyntaxNode):
    """`name` or `name=default` of a block or model."""

    name: Identifier
    default: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class BlockDecl(SyntaxNode):
    """`block heads -> name(parameters) { … return … }`."""

    name: Identifier
    heads: tuple[Identifier, ...]
    parameters: tuple[ParameterDecl, ...]
    doc: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ModelDecl(SyntaxNode):
    """`model name(parameters) { … }`."""

    name: Identifier
    parameters: tuple[ParameterDecl, ...]
    doc: str
    body: tuple[Statement, ...]


Item = ImportDecl | PythonImportDecl | LetDecl | DimDecl | BlockDecl | ModelDecl


@dataclass(frozen=True, slots=True, eq=False)
class Program(SyntaxNode):
    """A whole file."""

    doc: str
    items: tuple[Item, ...]
