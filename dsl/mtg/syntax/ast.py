"""The syntax tree: what a program says, before anything is known about what it means.

Every node is frozen and carries its span; nodes compare by identity. Lists are tuples. What a pass
learns about a node lives in a table of that pass, never on the node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mtg.text.source import Span


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """Anything that stands in a source."""

    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Identifier(Node):
    """A name where it is declared, or named as such: not an expression."""

    name: str


# Expressions: compile-time values, tensors and layers alike.


@dataclass(frozen=True, slots=True, eq=False)
class Expression(Node):
    """Something with a value."""


@dataclass(frozen=True, slots=True, eq=False)
class Name(Expression):
    """A bare name."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Expression):
    """A number, a string, `True`, `False`, `None`, or `...` (in a subscript)."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class UnknownLength(Expression):
    """`?` among the lengths of an input."""


@dataclass(frozen=True, slots=True, eq=False)
class ListDisplay(Expression):
    """`[a, b]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DictDisplay(Expression):
    """`{key: value}`."""

    items: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Argument(Node):
    """One argument of a call or a group; `name` is None for a positional one."""

    name: Identifier | None
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Group(Expression):
    """Several things in parentheses: a tuple of values, or the tensors a layer takes."""

    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Operation(Expression):
    """A unary operator (one operand) or a binary one (two): Python's, by its spelling."""

    operator: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison(Expression):
    """`a < b <= c`: one operator fewer than operands."""

    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Conditional(Expression):
    """`then if test else otherwise`."""

    test: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Attribute(Expression):
    """`value.name`."""

    value: Expression
    name: Identifier


@dataclass(frozen=True, slots=True, eq=False)
class Call(Expression):
    """`callee(arguments)`; `brackets` spans the parentheses."""

    callee: Expression
    arguments: tuple[Argument, ...]
    brackets: Span


@dataclass(frozen=True, slots=True, eq=False)
class Slice(Expression):
    """`start:stop:step` in a subscript; what is left out is None."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class Subscript(Expression):
    """`value[items]`."""

    value: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Flow(Expression):
    """`source -> stage -> stage`."""

    source: Expression
    stages: tuple[Stage, ...]


# Stages that are not expressions.


@dataclass(frozen=True, slots=True, eq=False)
class Repeat(Node):
    """`repeat count { stages }`."""

    count: Expression
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class For(Node):
    """`for name in values { stages }`."""

    name: Identifier
    values: Expression
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class If(Node):
    """`if test { then } else { otherwise }`; an `else if` is an `If` in `otherwise`."""

    test: Expression
    then: tuple[Stage, ...]
    otherwise: tuple[Stage, ...]


Stage = Expression | Repeat | For | If


# Declarations.


@dataclass(frozen=True, slots=True, eq=False)
class Import(Node):
    """`from "path" import names`."""

    path: Literal
    names: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PythonImport(Node):
    """`from python "module" import names`."""

    module: Literal
    names: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Let(Node):
    """`let name = value`."""

    name: Identifier
    value: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Dim(Node):
    """`dim name`."""

    name: Identifier


@dataclass(frozen=True, slots=True, eq=False)
class Input(Node):
    """`input name(arguments): dtype[dims]`."""

    name: Identifier
    arguments: tuple[Argument, ...]
    dtype: Identifier
    dims: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bind(Node):
    """`name = flow`, or `name, name = flow`."""

    names: tuple[Identifier, ...]
    flow: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Shared(Node):
    """`shared name = stages`."""

    name: Identifier
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Output(Node):
    """`output name(arguments) = flow`."""

    name: Identifier
    arguments: tuple[Argument, ...]
    flow: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Train(Node):
    """`train(arguments)`."""

    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Return(Node):
    """`return results`."""

    results: tuple[Expression, ...]


Statement = Let | Dim | Input | Bind | Shared | Output | Train | Return


@dataclass(frozen=True, slots=True, eq=False)
class Parameter(Node):
    """`name` or `name=default` of a block or model."""

    name: Identifier
    default: Expression | None


@dataclass(frozen=True, slots=True, eq=False)
class Block(Node):
    """`block heads -> name(parameters) { … return … }`."""

    name: Identifier
    heads: tuple[Identifier, ...]
    parameters: tuple[Parameter, ...]
    doc: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Model(Node):
    """`model name(parameters) { … }`."""

    name: Identifier
    parameters: tuple[Parameter, ...]
    doc: str
    body: tuple[Statement, ...]


Item = Import | PythonImport | Let | Dim | Block | Model


@dataclass(frozen=True, slots=True, eq=False)
class Program(Node):
    """A whole file."""

    doc: str
    items: tuple[Item, ...]
