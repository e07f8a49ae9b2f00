"""Flows as statements of Python: pipelines on a variable."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.backends.python.layout import Atom, Expression, literal
from mtg.backends.python.loop_unroll import without_last_iteration
from mtg.backends.python.loops import LoopWriter
from mtg.backends.python.variables import last_stage
from mtg.outline.ir import (
    Apply,
    BindFamily,
    BlockCall,
    Flow,
    OutputLoop,
    OutputResult,
    Repeat,
    Stage,
    Statement,
)


class FunctionWriter(LoopWriter):
    """Writes flows as the statements of one function."""

    def statements(self, body: Sequence[Statement]) -> None:
        for each in body:
            if isinstance(each, OutputResult):
                self.flow(each.flow, each.name, self.own_name(each))
            elif isinstance(each, BindFamily):
                self.bind_family(each.name, each.family)
            elif isinstance(each, OutputLoop):
                self.output_loop(each)
            else:
                self.flow(each.flow, ", ".join(name or "_" for name in each.names), None)

    def own_name(self, result: OutputResult) -> Expression | None:
        """Return what the layer that ends an output's flow is called."""
        return Atom(literal(result.output.name))

    def flow(self, flow: Flow, target: str, name: Expression | None) -> None:
        """Return the statements after which `target` is the tensor that a flow makes."""
        if self.is_constant(flow):
            self.constants.add(target)
        between = self.between or target
        if _takes_list(flow) or _is_loop(flow):
            between = target  # which it carries
        elif "," in between:
            between = self.names.take("x")
        self.assign(target, self.steps(flow, between, name))

    def returned(self, flow: Flow, name: Expression | None) -> None:
        """Return the statements that return the tensor that a flow makes."""
        between = self.between or self.names.take("x")
        self.emit("return ", self.steps(flow, between, name))

    def steps(self, flow: Flow, between: str, name: Expression | None) -> Expression:
        """Return all but the last step of a flow as statements on `between`, the last as value."""
        stages = list(flow.stages)
        if name is not None and stages and isinstance(stages[-1], Repeat):
            stages[-1:] = without_last_iteration(stages[-1])
        if isinstance(flow.source, str):
            found: Expression = Atom(flow.source)
        else:
            found = self.apply(flow.source, between, name if not stages else None)
        for number, stage in enumerate(stages):
            final = number == len(stages) - 1
            found = self.step(stage, found, between, name if final else None)
        return found

    def step(
        self, stage: Stage, taken: Expression, between: str, name: Expression | None
    ) -> Expression:
        """One stage, applied to the tensor `taken`."""
        if not isinstance(taken, Atom):
            self.assign(between, taken)
            taken = Atom(between)
        if isinstance(stage, Repeat):
            self.assign(between, taken)
            self.loop(stage, [between], {})
            return Atom(between)
        return self.called(stage, (taken,), name)


def _is_loop(flow: Flow) -> bool:
    """Return whether a flow is a loop, and no more."""
    calls = len(flow.stages) + (not isinstance(flow.source, str))
    return calls == 1 and isinstance(last_stage(flow), Repeat)


def _takes_list(flow: Flow) -> bool:
    """Return whether a flow begins with a block, or a loop, that takes a list alone."""
    source = flow.source
    if not isinstance(source, Apply) or not isinstance(source.stage, (BlockCall, Repeat)):
        return False
    return len(source.args) == 1 and isinstance(source.args[0], list)
