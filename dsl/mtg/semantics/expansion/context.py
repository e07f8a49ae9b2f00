"""The state of an expansion, which every function of this folder is given."""

from __future__ import annotations

from dataclasses import dataclass, field

from mtg.graph.graph import Graph
from mtg.semantics.budget import Budget
from mtg.semantics.expansion.replay import Replay
from mtg.semantics.naming import ExplicitNames
from mtg.semantics.scope import Scopes
from mtg.semantics.values import Frame, SharedLayer, Value
from mtg.text.diagnostics import Diagnostics, Label, Report


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
    """

    graph: Graph
    scopes: Scopes
    diagnostics: Diagnostics
    budget: Budget
    top_levels: dict[int, dict[str, Value]] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    explicit_names: ExplicitNames = field(default_factory=dict)
    shared: list[SharedLayer] = field(default_factory=list)
    replays: list[Replay] = field(default_factory=list)
    loops: int = 0
    depth: int = 0

    def within(self, model: str) -> Context:
        """Return the context of a model that is used as a layer of this one."""
        return Context(
            Graph(model),
            self.scopes,
            self.diagnostics,
            self.budget,
            self.top_levels,
            (*self.models, model),
        )

    def reporter(self, frame: Frame) -> Report:
        """`Diagnostics.report` that adds the block uses that led to a place."""
        if not frame.uses:
            return self.diagnostics.report
        return Report(
            self.diagnostics.add,
            lambda: tuple(
                Label(use.span, f"in this use of `{use.block}`") for use in reversed(frame.uses)
            ),
        )
