"""Repeats of stages, and loops over outputs, as loops of Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mtg.backends.python.families import FamilyWriter
from mtg.backends.python.layout import Atom, Expression
from mtg.backends.python.loop_unroll import without_last_iteration
from mtg.backends.python.variables import word_of
from mtg.outline.ir import Apply, Flow, OutputLoop, Param, Repeat, Stage


class LoopWriter(FamilyWriter):
    """Writes loops."""

    def loop_on(self, apply: Apply, between: str, name: Expression | None) -> Expression:
        """Return what a loop gives that is called on several tensors.

        Those that it holds stand in variables that nothing in it changes.
        """
        loop = apply.stage
        assert isinstance(loop, Repeat)
        held = {number: self.kept(apply.args[number]) for number in loop.held}
        flows = [flow for number, flow in enumerate(apply.args) if number not in held]
        kept = {"_", *(each.flat for each in held.values())}
        carried = [self.names.take("x") if each in kept else each for each in between.split(", ")]
        for variable, flow in zip(carried, flows, strict=True):
            if isinstance(flow, Flow):
                self.flow(flow, variable, None)
            else:
                self.assign(variable, self.written(flow))
        *rest, last = [loop] if name is None else without_last_iteration(loop)
        for stage in rest:
            self.iterate(stage, carried, held)
        if isinstance(last, Repeat):
            self.loop(last, carried, held)
            return Atom(between if len(carried) > 1 else carried[0])
        return self.called(last, _placed(carried, held), name)

    def kept(self, flow: Flow) -> Atom:
        """Return the name of a tensor that is taken again and again."""
        if isinstance(flow.source, str) and not flow.stages:
            return Atom(flow.source)
        name = self.names.take(word_of(flow, self.module.blocks))
        self.flow(flow, name, None)
        return Atom(name)

    def loop(self, loop: Repeat, carried: Sequence[str], held: Mapping[int, Atom]) -> None:
        """Return a loop whose iterations carry variables, and take those held at their places."""
        before = dict(self.renamed)
        if loop.variable is None:
            if isinstance(loop.count, Param):
                count = self.values.value(loop.count, self.renamed).flat
            else:
                count = str(loop.count)
            self.line(f"for _ in range({count}):")
        else:
            variable = loop.variable
            if variable in self.names.taken:
                variable = self.names.take(variable)
            self.renamed[loop.variable] = variable
            values = self.values.value(list(loop.values), before)
            self.emit(f"for {variable} in ", values, ":")
        with self.indented():
            if len(carried) > 1 or held:
                for stage in loop.stages:
                    self.iterate(stage, carried, held)
            else:
                (between,) = carried
                found: Expression = Atom(between)
                for stage in loop.stages:
                    found = self.step(stage, found, between, None)
                self.assign(between, found)
        self.renamed = before

    def iterate(self, stage: Stage, carried: Sequence[str], held: Mapping[int, Atom]) -> None:
        """Write a stage of a loop that is called on several tensors."""
        if isinstance(stage, Repeat):
            self.loop(stage, carried, held)
        else:
            self.assign(", ".join(carried), self.called(stage, _placed(carried, held), None))

    def output_loop(self, loop: OutputLoop) -> None:
        """Write a loop whose rounds put an output each into a dict."""
        if not self.outputs:
            # No variable has the name, but for an input or output that is called so.
            free = "outputs" not in self.names.taken
            self.outputs = "outputs" if free else self.names.take("outputs")
            self.names.taken.add(self.outputs)
            self.line(f"{self.outputs} = {{}}")
        clause = self.clause(loop.rounds)
        self.line(f"{clause}:")
        with self.indented():
            self.statements(loop.body)
            between = self.between or self.names.take("x")
            for each in loop.results:
                before, variable, behind = each.name
                plain = not before and not behind
                name = variable if plain else f'f"{before}{{{variable}}}{behind}"'
                last = self.steps(each.flow, between, Atom(name))
                self.assign(f"{self.outputs}[{name}]", last)


def _placed(carried: Sequence[str], held: Mapping[int, Atom]) -> tuple[Atom, ...]:
    """Return the arguments of an iteration: those held at their places, the others between."""
    rest = iter(carried)
    count = len(carried) + len(held)
    return tuple(held[n] if n in held else Atom(next(rest)) for n in range(count))
