"""Blocks and models as functions of Python, inputs and shared instances as their first lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mtg.backends.python.body import FunctionWriter
from mtg.backends.python.layout import (
    WIDTH,
    Atom,
    Bracketed,
    Called,
    Comprehension,
    Expression,
    Item,
    Keyword,
    docstring,
    literal,
    statement,
)
from mtg.backends.python.values import plain
from mtg.graph.layers import NestedModel
from mtg.graph.values import tupled
from mtg.outline.ir import Block, Flow, InputLoop, ModelOutline, New, OutputLoop, Reference, Stage


class Function(FunctionWriter):
    """Writes one function."""

    def block(self, block: Block) -> Iterator[str]:
        """Yield the lines of a block's function, which takes tensors and gives tensors."""
        arguments: list[Item] = [Atom(head) for head in block.heads]
        for parameter in block.parameters:
            if parameter.has_default:
                # A list as a default would be one list for all calls.
                default = self.values.value(tupled(parameter.default), {})
                arguments.append(Keyword(f"{parameter.name}=", default))
            else:
                arguments.append(Atom(parameter.name))
        named = self.may_be_unnamed = block.name in self.module.named
        if named:
            arguments.append(Atom("name=None"))
        yield from statement("def ", Called(Atom(block.name), tuple(arguments)), ":")
        self.values.names_models = False
        if self.module.has_constants:
            self.constants |= set(block.heads)
        self.statements(block.body)
        name = Atom("name") if named else None
        first = block.returns[0]
        if len(block.returns) == 1 and isinstance(first, Flow):
            # After the last statement the head itself may change.
            self.between = block.heads[0] if len(block.heads) == 1 else None
            self.returned(first, name)
        else:
            found = tuple(self.written(each) for each in block.returns)
            flat = f"return {', '.join(each.flat for each in found)}"
            if len(flat) + self.indent <= WIDTH:
                self.line(flat)
            else:
                self.emit("return ", Bracketed("()", found))
        yield from self.lines

    def model(self, model: ModelOutline, *, main: bool) -> Iterator[str]:
        """Yield the lines of the function that makes a model; `main` is the model of the file."""
        function = self.module.functions[model.name]
        taken: list[Item] = [
            Keyword(f"{parameter.name}=", self.values.value(tupled(parameter.default), {}))
            for parameter in model.parameters
        ]
        if not main:
            taken.append(Atom("name=None"))
        yield from statement("def ", Called(Atom(function), tuple(taken)), ":")
        if not main:
            yield from docstring(model.graph.doc)
        self.values.names_models = True
        free = self.names.take("x")
        self.between = free if free == "x" else None
        for entrance, loop in model.entrances:
            if loop is None:
                self.assign(entrance.name, self.entrance(entrance.layer))
            else:
                self.columns(entrance.layer, loop, first=loop is model.columns[0])
        outputs = {output.name for output in model.graph.outputs}
        for shared in model.shared:
            self.shared(shared.name, shared.stages, outputs)
        self.statements(model.body)
        self.values.uses_keras = True
        inputs: list[Item] = [
            Atom(each.name) if loop is None else Keyword("*", Atom(self.column_values(loop, model)))
            for each, loop in model.entrances
        ]
        results = list(self.results(model, as_dict=False))
        ends = [self.tensors(inputs), self.tensors(results)]
        if main and self.module.form == "dict":
            ends[1] = Bracketed("{}", tuple(self.results(model, as_dict=True)))
        if model.name in self.module.crowded:
            lists = Bracketed("[]", tuple(inputs)), Bracketed("[]", tuple(results))
            self.emit("", Called(Atom(self.module.free_names), lists))
        name = Atom(literal(model.graph.name)) if main else Atom("name")
        made = Called(Atom("keras.Model"), (*ends, Keyword("name=", name)))
        self.emit("return ", made)
        yield from self.lines

    def results(self, model: ModelOutline, *, as_dict: bool) -> Iterator[Item]:
        """Yield the outputs in declared order, as items of a list or of a dict.

        Those of loops stand in a dict; where nothing else is between them they are taken at once.
        """
        looped = [
            id(output)
            for loop in model.body
            if isinstance(loop, OutputLoop)
            for output in loop.outputs
        ]
        order = [id(result.output) for result in model.results]
        first = order.index(looped[0]) if looped else 0
        at_once = order[first : first + len(looped)] == looped
        done = False
        for result in model.results:
            key = literal(result.output.name)
            if id(result.output) not in looped:
                yield Keyword(f"{key}: ", Atom(result.name)) if as_dict else Atom(result.name)
            elif not at_once:
                item = Atom(f"{self.outputs}[{key}]")
                yield Keyword(f"{key}: ", item) if as_dict else item
            elif not done:
                done = True
                values = Atom(self.outputs if as_dict else f"{self.outputs}.values()")
                yield Keyword("**" if as_dict else "*", values)

    def tensors(self, items: Sequence[Item]) -> Expression:
        """One tensor by its name, several as a list."""
        if len(items) > 1:
            return Bracketed("[]", tuple(items))
        (item,) = items
        if isinstance(item, Keyword):
            return Called(Atom("list"), (item.value,))
        return item

    def columns(self, layer: Any, loop: InputLoop, *, first: bool) -> None:
        """Write the table of the inputs of a loop, and the dict that has them by name."""
        if loop.rows[0]:
            items: list[Item] = []
            for name, row in zip(loop.names, loop.rows, strict=True):
                value = self.values.value(row[0] if len(row) == 1 else row, {})
                items.append(Keyword(f"{literal(name)}: ", value))
            self.assign(loop.table, Bracketed("{}", tuple(items)))
        else:
            self.assign(loop.table, self.table([(name,) for name in loop.names]))
        made = self.entrance(layer, Atom(loop.variable))
        item = Keyword(f"{loop.variable}: ", made)
        clause = f"for {loop.variable} in {loop.table}"
        self.emit("inputs = " if first else "inputs |= ", Comprehension(item, clause, "{}"))

    def column_values(self, loop: InputLoop, model: ModelOutline) -> str:
        """Return what has the inputs of a loop in order."""
        if len(model.columns) == 1:
            return "inputs.values()"
        return f"[inputs[{loop.variable}] for {loop.variable} in {loop.table}]"

    def entrance(self, layer: Any, name: Atom | None = None) -> Called:
        """Return the `keras.Input` of an input; `name` is its name, where that is computed."""
        self.values.uses_keras = True
        given = dict(layer.arguments)
        shape = given.pop("shape")
        found: list[Item] = []
        if shape is not None:
            lengths = tuple(Atom(literal(plain(length))) for length in shape)
            found.append(Bracketed("()", lengths))
        if given.get("dtype") == "float32":
            del given["dtype"]
        found += [Keyword(f"{key}=", self.values.value(v, {})) for key, v in given.items()]
        found.append(Keyword("name=", name or Atom(literal(layer.name))))
        return Called(Atom("keras.Input"), tuple(found))

    def shared(self, name: str, stages: Sequence[Stage], outputs: set[str]) -> None:
        """Make a shared instance a variable; of a chain of them, one that calls them all."""
        made: list[Expression] = []
        for stage in stages:
            if isinstance(stage, Reference):
                made.append(Atom(stage.name))
                continue
            assert isinstance(stage, New)
            fixed = stage.layer.name in outputs or isinstance(stage.layer, NestedModel)
            own = Atom(literal(stage.layer.name)) if fixed else None
            made.append(self.instance(stage, own, name if len(stages) == 1 else None))
        if len(made) == 1:
            self.assign(name, made[0])
            return
        # One a line, as a pipeline reads.
        self.line(f"{name} = {self.module.chain}(")
        for each in made:
            self.lines += statement("", each, ",", self.indent + 4, alone=False)
        self.line(")")
