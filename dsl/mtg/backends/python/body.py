"""Flows as statements of Python: pipelines on a variable, loops as loops."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from mtg.backends.python.layout import (
    Atom,
    Bracketed,
    Called,
    Comprehension,
    Expression,
    Item,
    Keyword,
    Operated,
    literal,
    statement,
)
from mtg.backends.python.loop_unroll import without_last_iteration
from mtg.backends.python.values import PythonValues
from mtg.backends.python.variables import last_stage, roles_in, word_of
from mtg.catalog.operators import CALL, COMPARED, NEGATIVE
from mtg.graph.graph import OutputForm
from mtg.graph.layers import Application, KerasLayer, Op
from mtg.graph.values import leaves, map_leaves, tupled
from mtg.outline.ir import (
    Apply,
    Argument,
    BindFamily,
    BlockCall,
    FamilyList,
    Flow,
    Members,
    New,
    Outline,
    OutputLoop,
    OutputResult,
    Param,
    Reference,
    Repeat,
    Rounds,
    Stage,
    Statement,
    Value,
)
from mtg.outline.names import PYTHON_RESERVED, Names, class_words, counted, plural, short_word
from mtg.outline.operators import OperatorCall, operator_call


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


class FunctionWriter:
    """Writes flows as the statements of one function."""

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

    # ---- statements ------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        self.lines.append(" " * self.indent + text)

    def emit(self, prefix: str, value: Item, suffix: str = "") -> None:
        self.lines += statement(prefix, value, suffix, self.indent)

    def assign(self, name: str, value: Expression) -> None:
        if value.flat != name:
            self.emit(f"{name} = ", value)

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

    def called(self, stage: Stage, arguments: tuple[Item, ...], name: Expression | None) -> Called:
        """Return a stage, called on these arguments."""
        if isinstance(stage, Reference):
            return Called(Atom(stage.name), arguments)
        if isinstance(stage, BlockCall):
            return self.use(stage, arguments, name)
        assert isinstance(stage, New)
        return Called(self.instance(stage, name), arguments)

    def use(self, use: BlockCall, arguments: tuple[Item, ...], name: Expression | None) -> Called:
        """Return a use of a block: a call of its function."""
        block = self.module.outline.block(use.block)
        given: list[Item] = list(arguments)
        position = True
        for parameter in block.parameters:
            if parameter.name not in use.arguments:
                position = False
                continue
            value = self.values.value(use.arguments[parameter.name], self.renamed)
            by_position = position and not parameter.has_default and len(given) < 3
            position = by_position
            given.append(value if by_position else Keyword(f"{parameter.name}=", value))
        if name is not None and use.block in self.module.named:
            given.append(Keyword("name=", name))
        return Called(Atom(use.block), tuple(given))

    def instance(
        self, stage: New, name: Expression | None, variable: str | None = None
    ) -> Called | Atom:
        """Return what makes a layer; where more is said of it, a variable that holds it."""
        stage = self.with_variables(stage)
        made = self.values.made(stage, self.renamed, name)
        said: list[str] = []
        if isinstance(stage.layer, Application):
            found = self.values.name_of(stage, self.renamed, name)
            if found is not None:
                said.append(f"name = {found.flat}")
        if is_frozen(stage):
            said.append(f"trainable = {stage.trainable}")
        if not said:
            return made
        variable = variable or self.names.take(short_word(class_words(stage.cls)))
        self.assign(variable, made)
        for each in said:
            rest = f" or {variable}.name" if self.may_be_unnamed and each == "name = name" else ""
            self.line(f"{variable}.{each}{rest}")
        return Atom(variable)

    def with_variables(self, stage: New) -> New:
        """Return a stage with variables for the layers in its arguments that are frozen."""

        def settled(leaf: Value) -> Value:
            if not isinstance(leaf, New):
                return leaf
            if is_frozen(leaf):
                return Reference(self.instance(leaf, None).flat)
            return self.with_variables(leaf)

        return replace(stage, arguments=map_leaves(settled, stage.arguments))

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
        self.indent += 4
        named, self.values.names_models = self.values.names_models, False
        if len(carried) > 1 or held:
            for stage in loop.stages:
                self.iterate(stage, carried, held)
        else:
            (between,) = carried
            found: Expression = Atom(between)
            for stage in loop.stages:
                found = self.step(stage, found, between, None)
            self.assign(between, found)
        self.indent -= 4
        self.values.names_models = named
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
        self.indent += 4
        named, self.values.names_models = self.values.names_models, False
        self.statements(loop.body)
        between = self.between or self.names.take("x")
        for each in loop.results:
            before, variable, behind = each.name
            plain = not before and not behind
            name = variable if plain else f'f"{before}{{{variable}}}{behind}"'
            last = self.steps(each.flow, between, Atom(name))
            self.assign(f"{self.outputs}[{name}]", last)
        self.values.names_models = named
        self.indent -= 4

    # ---- families ----------------------------------------------------------------------------

    def bind_family(self, name: str, family: FamilyList) -> None:
        """Make a list of the tensors of a family: a comprehension where an item is short."""
        clause = self.clause(family.rounds)
        item = self.inline(family.item, _LINE)
        if item is not None:
            self.assign(name, Comprehension(item, clause))
            return
        self.line(f"{name} = []")
        self.line(f"{clause}:")
        self.indent += 4
        between, self.between = self.between, None
        named, self.values.names_models = self.values.names_models, False
        made = self.names.take(word_of(family.item, self.module.blocks))
        self.flow(family.item, made, None)
        self.line(f"{name}.append({made})")
        self.values.names_models = named
        self.between = between
        self.indent -= 4

    def family(self, family: FamilyList, word: str) -> Expression:
        """Return the tensors of a family as a list, or the name of one."""
        lines = len(self.lines)
        item = self.inline(family.item, _LONG)
        if item is not None:
            clause = self.clause(family.rounds)
            if len(clause) < _SHORT:
                return Comprehension(item, clause)
        del self.lines[lines:]
        name = self.names.take(plural(word))
        self.bind_family(name, family)
        return Atom(name)

    def clause(self, rounds: Rounds) -> str:
        """Return what stands behind the item of a comprehension; a long table has a name."""
        if rounds.said is not None:
            return f"for {rounds.said}"
        if not rounds.variables:
            count = self.values.value(rounds.count, self.renamed).flat
            return f"for _ in range({count})"
        names = ", ".join(rounds.variables)
        if rounds.members is not None and len(rounds.variables) == 1:
            return f"for {names} in {rounds.members}"
        table = self.table(rounds.values)
        if len(table.flat) > _SHORT:
            # The name of a table says what its values are, not that tensors stand beside them.
            row, beside = rounds.values[0], rounds.members is not None
            own = (n for n, value in enumerate(row, beside) if not isinstance(value, Flow))
            short = self.names.take(plural(rounds.variables[next(own, 0)]))
            self.assign(short, table)
            table = Atom(short)
        if rounds.members is None:
            return f"for {names} in {table.flat}"
        if len(rounds.variables) > 2:
            names = f"{rounds.variables[0]}, ({', '.join(rounds.variables[1:])})"
        return f"for {names} in zip({rounds.members}, {table.flat})"

    def table(self, rows: Sequence[tuple[Any, ...]]) -> Expression:
        """Return a list of values or of tuples of them, or a `range` of numbers that count."""
        short = counted([row[0] if len(row) == 1 else None for row in rows])
        if short is not None and all(isinstance(row[0], str) for row in rows):
            return Atom(short)
        numbers = [row[0] for row in rows if len(row) == 1 and type(row[0]) is int]
        if len(numbers) == len(rows) > 2 and numbers == list(range(len(rows))):
            return Called(Atom("range"), (Atom(str(len(rows))),))
        items = [tuple(map(self.written, row)) for row in rows]
        return Bracketed(
            "[]", tuple(row[0] if len(row) == 1 else Bracketed("()", row) for row in items)
        )

    def inline(self, flow: Flow, most: int) -> Expression | None:
        """Return a flow as one expression of so many letters; None where it is none."""
        lines, taken = len(self.lines), set(self.names.taken)
        outer, self.in_item = self.in_item, True
        try:
            found = self.nested(flow)
        except _NotShort:
            found = None
        self.in_item = outer
        if found is None or len(found.flat) > most:
            del self.lines[lines:]
            self.names.taken = taken
            return None
        return found

    def nested(self, flow: Flow) -> Expression:
        """Return a flow as one expression, calls within calls.

        Raises:
            _NotShort: There is a loop in it, or more calls than are read so.
        """
        calls = (not isinstance(flow.source, str)) + len(flow.stages)
        stages = [*flow.stages, *([] if isinstance(flow.source, str) else [flow.source.stage])]
        if calls > _NESTED or any(isinstance(stage, Repeat) for stage in stages):
            raise _NotShort
        if any(map(_has_frozen, stages)):
            raise _NotShort
        source = flow.source
        found = Atom(source) if isinstance(source, str) else self.apply(source, "", None)
        for stage in flow.stages:
            found = self.called(stage, (found,), None)
        return found

    # ---- calls -----------------------------------------------------------------------------------

    def apply(self, apply: Apply, between: str, name: Expression | None) -> Expression:
        """Return a call on arguments of its own."""
        stage = apply.stage
        if isinstance(stage, Repeat):
            return self.loop_on(apply, between, name)
        said = self.operation(apply)
        if said is not None:
            return said
        self.roles = roles_in(apply)
        given = apply.args, dict(apply.kwargs)
        if isinstance(stage, New) and isinstance(stage.layer, Op):
            # A config has lists where people write tuples, and JAX wants axes that can be keys.
            given = tuple(map(_settled, given[0])), {k: _settled(v) for k, v in given[1].items()}
        items: list[Item] = [self.written(value) for value in given[0]]
        if isinstance(stage, New) and isinstance(stage.layer, Op) and stage.cls == "getitem":
            tensor = self.operand(items[0], CALL)
            return Atom(f"{tensor}[{_index(apply.args[1], self)}]")
        for key, value in given[1].items():
            items.append(Keyword(f"{key}=", self.written(value)))
        if isinstance(stage, New) and isinstance(stage.layer, Op):
            self.values.keras.add("ops")
            return Called(Atom(f"ops.{stage.cls}"), tuple(items))
        return self.called(stage, tuple(items), name)

    def operation(self, apply: Apply) -> Expression | None:
        """Return a call of an op as an operator says it, where Python makes the same op of it."""
        said = operator_call(apply)
        if said is None or not self.is_symbolic(said):
            return None
        written = [(self.written(value), binding) for value, binding in said.operands]
        if len(written) == 1:
            return Operated(said.symbol + self.operand(written[0][0], CALL), said.binding)
        operands = [self.operand(value, binding) for value, binding in written]
        tight = said.symbol == "**" and all(map(_is_simple, operands))
        text = (said.symbol if tight else f" {said.symbol} ").join(operands)
        if len(text) > _LONG:
            # A call is broken between its arguments, an operation is not.
            self.values.keras.add("ops")
            stage = apply.stage
            assert isinstance(stage, New)
            return Called(Atom(f"ops.{stage.cls}"), tuple(value for value, _ in written))
        return Operated(text, said.binding)

    def is_symbolic(self, said: OperatorCall) -> bool:
        """Return whether the first operand decides that the operator is one of Keras's tensors.

        A constant is an array, which asks its own operators first; a comparison with a number
        before it is turned round, and `==` compares objects.
        """
        first = said.operands[0][0]
        if not isinstance(first, Flow):
            return said.binding > COMPARED
        return said.symbol != "==" and not self.is_constant(first)

    def is_constant(self, flow: Flow) -> bool:
        """Return whether a flow comes from no input, as far as this function tells."""
        if isinstance(flow.source, str):
            return flow.source in self.constants
        return all(map(self.is_constant, flow.source.flows()))

    def operand(self, value: Item, binding: int) -> str:
        """Return an operand, in brackets where it binds less tightly than it must."""
        bound = value.binding if isinstance(value, Operated) else CALL
        if isinstance(value, Atom) and value.flat.startswith("-"):
            bound = NEGATIVE
        return value.flat if bound >= binding else f"({value.flat})"

    def written(self, value: Argument) -> Expression:
        """Return an argument of a call: a tensor's name, a value, or lists and dicts of them."""
        if isinstance(value, Flow):
            return self.argument(value)
        if isinstance(value, (list, tuple)):
            return self.listed(value)
        if isinstance(value, dict):
            return Bracketed(
                "{}",
                tuple(Keyword(f"{literal(k)}: ", self.written(v)) for k, v in value.items()),
            )
        if isinstance(value, slice):
            return Atom(repr(value))
        return self.values.value(value, self.renamed)

    def listed(self, value: Sequence[Argument]) -> Expression:
        """Return a list of arguments; a family alone is the list."""
        if len(value) == 1 and isinstance(value[0], Members):
            return Atom(value[0].name)
        if len(value) == 1 and isinstance(value[0], FamilyList):
            return self.family(value[0], "branch")
        items: list[Item] = []
        for each in value:
            if isinstance(each, Members):
                items.append(Keyword("*", Atom(each.name)))
            elif isinstance(each, FamilyList) and each.item.is_name:
                items.append(Keyword("*", self.family(each, "column")))
            elif isinstance(each, FamilyList):
                name = self.names.take("branches")
                self.bind_family(name, each)
                items.append(Keyword("*", Atom(name)))
            else:
                items.append(self.written(each))
        return Bracketed("[]" if isinstance(value, list) else "()", tuple(items))

    def argument(self, flow: Flow) -> Expression:
        """Return a flow as an argument: its name, a call of an op, or a variable that holds it."""
        if self.in_item:
            return self.nested(flow)
        if isinstance(flow.source, str) and not flow.stages:
            return Atom(flow.source)
        source = flow.source
        if not flow.stages and isinstance(source, Apply) and _is_op(source):
            found = self.apply(source, "", None)
            if len(found.flat) <= _SHORT:
                return found
            name = self.names.take(word_of(flow, self.module.blocks))
            self.assign(name, found)
            return Atom(name)
        if isinstance(source, str) and len(flow.stages) == 1:
            # A function of a tensor is read where it stands.
            (stage,) = flow.stages
            if isinstance(stage, (BlockCall, Reference)):
                found = self.called(stage, (Atom(source),), None)
                if len(found.flat) <= _SHORT:
                    return found
        name = self.names.take(self.roles.pop(id(flow), "") or word_of(flow, self.module.blocks))
        outer = self.between, self.roles
        self.between = None
        self.flow(flow, name, None)
        self.between, self.roles = outer
        return Atom(name)


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


def _placed(carried: Sequence[str], held: Mapping[int, Atom]) -> tuple[Atom, ...]:
    """Return the arguments of an iteration: those held at their places, the others between."""
    rest = iter(carried)
    count = len(carried) + len(held)
    return tuple(held[n] if n in held else Atom(next(rest)) for n in range(count))


def is_frozen(stage: New) -> bool:
    """Return whether `trainable` is said of what takes no such argument."""
    return stage.trainable is not None and not isinstance(stage.layer, KerasLayer)


def _has_frozen(value: object) -> bool:
    """Return whether a layer is frozen that stands in a value, a wrapped one included."""
    return any(
        is_frozen(leaf) or _has_frozen(leaf.arguments)
        for leaf in leaves(value)
        if isinstance(leaf, New)
    )


class _NotShort(Exception):
    """A flow that no one would write as one expression."""


#: How many calls within calls an item of a comprehension may have.
_NESTED = 3

#: How long a call may be that stands as an argument, and an operation anywhere.
_SHORT, _LONG = 44, 64
#: How long an item of a comprehension may be that has a line of its own.
_LINE = 76


def _settled(value: Argument) -> Argument:
    """Return a setting of an op, lists in it as tuples; what holds tensors stays as it is."""
    return value if any(isinstance(leaf, Flow) for leaf in leaves(value)) else tupled(value)


def _is_op(apply: Apply) -> bool:
    return isinstance(apply.stage, New) and isinstance(apply.stage.layer, Op)


def _is_simple(operand: str) -> bool:
    """Return whether `ruff format` writes `**` without spaces beside an operand."""
    return re.fullmatch(r"-?[\w.]+", operand) is not None


def _index(key: object, body: FunctionWriter) -> str:
    """Return what stands between the brackets of a slice."""
    parts = key if isinstance(key, (list, tuple)) else (key,)
    return ", ".join(_part(part, body) for part in parts)


def _part(part: object, body: FunctionWriter) -> str:
    if not isinstance(part, slice):
        return body.written(part).flat
    ends = ["" if end is None else body.written(end).flat for end in (part.start, part.stop)]
    text = ":".join(ends)
    return text if part.step is None else f"{text}:{body.written(part.step).flat}"
