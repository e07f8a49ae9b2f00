"""What is written of one function so far, and what its parts ask of each other."""

from __future__ import annotations

import abc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from mtg.backends.python.layout import Expression, Item, statement
from mtg.backends.python.values import PythonValues
from mtg.graph.graph import OutputForm
from mtg.outline.ir import Apply, FamilyList, Flow, Outline, Stage, Statement
from mtg.outline.names import PYTHON_RESERVED, Names

#: How long a call may be that stands as an argument, and an operation anywhere.
SHORT, LONG = 44, 64


class File(Protocol):
    """What a body needs to know of the file around it.

    `functions` are those that make models, by the outline's names; `named` are the blocks that
    take the name of their last layer; `crowded` are the models in which `free_names` is called;
    `chain` makes one callable of a shared chain; `blocks` are the names of blocks, and `around` of
    all that functions see; `has_constants` says whether some tensor comes from no input; `form` is
    what the model of the file gives.
    """

    outline: Outline
    names: Names
    functions: dict[str, str]
    values: PythonValues
    named: set[str]
    crowded: set[str]
    form: OutputForm
    free_names: str
    chain: str
    blocks: frozenset[str]
    around: frozenset[str]
    has_constants: bool


class Writer(abc.ABC):
    """Holds the lines of a function, and the names in it."""

    def __init__(self, module: File, names: set[str]) -> None:
        self.module = module
        self.values = module.values
        self.scope = names
        self.names = Names(names | module.around, PYTHON_RESERVED)
        self.lines: list[str] = []
        self.indent = 4
        #: Names of loops that are written otherwise, since a tensor has that name.
        self.renamed: dict[str, str] = {}
        #: What holds a tensor between the steps of a pipeline.
        self.between: str | None = None
        #: What flows are called that are arguments of the call at hand.
        self.roles: dict[int, str] = {}
        #: Whether what is written is an item of a comprehension, which holds no statements.
        self.in_item = False
        #: The dict of the outputs that loops declare, where there is one.
        self.outputs = ""
        #: Whether a name that is asked for may be None: in the function of a block.
        self.may_be_unnamed = False
        #: What may hold a tensor that comes from no input.
        self.constants: set[str] = set()

    def line(self, text: str) -> None:
        self.lines.append(" " * self.indent + text)

    def emit(self, prefix: str, value: Item, suffix: str = "") -> None:
        self.lines += statement(prefix, value, suffix, self.indent)

    def assign(self, name: str, value: Expression) -> None:
        if value.flat != name:
            self.emit(f"{name} = ", value)

    @contextmanager
    def indented(self) -> Iterator[None]:
        """Write the body of a loop, whose rounds cannot all name a model."""
        named, self.values.names_models = self.values.names_models, False
        self.indent += 4
        try:
            yield
        finally:
            self.indent -= 4
            self.values.names_models = named

    # ---- what a part asks of those behind it ----------------------------------------------------

    @abc.abstractmethod
    def flow(self, flow: Flow, target: str, name: Expression | None) -> None:
        """Write the statements after which `target` is the tensor that a flow makes."""

    @abc.abstractmethod
    def steps(self, flow: Flow, between: str, name: Expression | None) -> Expression:
        """Write all but the last step of a flow as statements on `between`; return the last."""

    @abc.abstractmethod
    def step(
        self, stage: Stage, taken: Expression, between: str, name: Expression | None
    ) -> Expression:
        """Return one stage, applied to the tensor `taken`."""

    @abc.abstractmethod
    def statements(self, body: Sequence[Statement]) -> None:
        """Write statements."""

    @abc.abstractmethod
    def loop_on(self, apply: Apply, between: str, name: Expression | None) -> Expression:
        """Return what a loop gives that is called on several tensors."""

    @abc.abstractmethod
    def bind_family(self, name: str, family: FamilyList) -> None:
        """Make a list of the tensors of a family."""

    @abc.abstractmethod
    def family(self, family: FamilyList, word: str) -> Expression:
        """Return the tensors of a family as a list, or the name of one."""

    @abc.abstractmethod
    def nested(self, flow: Flow) -> Expression:
        """Return a flow as one expression, calls within calls."""
