"""The state of an expansion, which every function of this folder is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mtg.graph.graph import Call, Graph
from mtg.graph.places import where
from mtg.graph.values import DataArray
from mtg.semantics.budget import Budget
from mtg.semantics.expansion.replay import Replay
from mtg.semantics.naming import ExplicitNames
from mtg.semantics.scope import Scopes
from mtg.semantics.values import Frame, SharedLayer, Value
from mtg.text.diagnostics import Diagnostics, Report
from mtg.text.source import Span

if TYPE_CHECKING:
    from mtg.semantics.expansion.ends import ModelEnds

#: Returns the shapes of the results of a call, batch axis first; None where they are not known.
Measure = Callable[[Graph, Call], "list[tuple[Any, ...] | None] | None"]


#: Adds the tensor that an array of a data file is to the graph, where one is needed.
AddConstant = Callable[[DataArray, Span, "Context", Frame], Value]


@dataclass(eq=False, slots=True)
class Context:
    """What is made, known and counted while one model is expanded.

    Where an expression stands, and what its names mean, is said by a `Frame`.

    Attributes:
        graph: The graph of the model, which grows.
        scopes: The names of every file, block and model, and the order of their declarations.
        diagnostics: What is wrong.
        budget: How far the program has grown, all its models together.
        top_levels: The values of `let` and `dim` at the top of files, by the `id` of the program;
            each file is evaluated once.
        models: This model and those around it, outermost first, but for the outermost.
        explicit_names: What `name=` calls a layer, and where it does.
        shared: What `shared` declares, in the order it is met.
        replays: The uses of shared chains that are being expanded, innermost last.
        loops: How many loops are being gone through.
        depth: How many expressions are being evaluated, each inside the one before.
        ends: The inputs and outputs of the model by name.
        measure: Tells the shapes of the results of a call of the graph.
        add_constant: Adds the tensor of an array to the graph.
    """

    graph: Graph
    scopes: Scopes
    diagnostics: Diagnostics
    budget: Budget
    add_constant: AddConstant
    top_levels: dict[int, dict[str, Value]] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    explicit_names: ExplicitNames = field(default_factory=dict)
    shared: list[SharedLayer] = field(default_factory=list)
    replays: list[Replay] = field(default_factory=list)
    loops: int = 0
    depth: int = 0
    measure: Measure | None = None
    ends: ModelEnds | None = None

    def within(self, model: str) -> Context:
        """Return the context of a model that is used as a layer of this one."""
        return Context(
            Graph(model),
            self.scopes,
            self.diagnostics,
            self.budget,
            self.add_constant,
            self.top_levels,
            (*self.models, model),
            measure=self.measure,
        )

    def shapes_of(self, call: Call) -> list[tuple[Any, ...] | None] | None:
        """Return the shapes of the results of a call; that they are read is noted."""
        self.graph.measured.add(call.id)
        return None if self.measure is None else self.measure(self.graph, call)

    def reporter(self, frame: Frame) -> Report:
        """`Diagnostics.report` that adds the block uses that led to a place."""
        if not frame.uses and not frame.rounds:
            return self.diagnostics.report
        return Report(
            self.diagnostics.add_once if frame.rounds else self.diagnostics.add,
            lambda: where(frame.uses, frame.rounds),
        )
