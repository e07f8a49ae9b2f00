"""What a call takes: tensors by name, calls of functions in place, lists, dicts, operators."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mtg.backends.python.calls import CallWriter
from mtg.backends.python.layout import (
    Atom,
    Bracketed,
    Called,
    Expression,
    Item,
    Keyword,
    Operated,
    literal,
)
from mtg.backends.python.variables import roles_in, word_of
from mtg.backends.python.writer import LONG, SHORT
from mtg.catalog.operators import CALL, COMPARED, NEGATIVE
from mtg.graph.layers import Op
from mtg.graph.values import leaves, tupled
from mtg.outline.ir import (
    Apply,
    Argument,
    BlockCall,
    FamilyList,
    Flow,
    Members,
    New,
    Reference,
    Repeat,
)
from mtg.outline.operators import OperatorCall, operator_call


class ArgumentWriter(CallWriter):
    """Writes calls on arguments of their own."""

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
        if len(text) > LONG:
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
                "{}", tuple(Keyword(f"{literal(k)}: ", self.written(v)) for k, v in value.items())
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
            if len(found.flat) <= SHORT:
                return found
            name = self.names.take(word_of(flow, self.module.blocks))
            self.assign(name, found)
            return Atom(name)
        if isinstance(source, str) and len(flow.stages) == 1:
            # A function of a tensor is read where it stands.
            (stage,) = flow.stages
            if isinstance(stage, (BlockCall, Reference)):
                found = self.called(stage, (Atom(source),), None)
                if len(found.flat) <= SHORT:
                    return found
        name = self.names.take(self.roles.pop(id(flow), "") or word_of(flow, self.module.blocks))
        outer = self.between, self.roles
        self.between = None
        self.flow(flow, name, None)
        self.between, self.roles = outer
        return Atom(name)


def _settled(value: Argument) -> Argument:
    """Return a setting of an op, lists in it as tuples; what holds tensors stays as it is."""
    return value if any(isinstance(leaf, Flow) for leaf in leaves(value)) else tupled(value)


def _is_op(apply: Apply) -> bool:
    return isinstance(apply.stage, New) and isinstance(apply.stage.layer, Op)


def _is_simple(operand: str) -> bool:
    """Return whether `ruff format` writes `**` without spaces beside an operand."""
    return re.fullmatch(r"-?[\w.]+", operand) is not None


def _index(key: object, body: ArgumentWriter) -> str:
    """Return what stands between the brackets of a slice."""
    parts = key if isinstance(key, (list, tuple)) else (key,)
    return ", ".join(_part(part, body) for part in parts)


def _part(part: object, body: ArgumentWriter) -> str:
    if not isinstance(part, slice):
        return body.written(part).flat
    ends = ["" if end is None else body.written(end).flat for end in (part.start, part.stop)]
    text = ":".join(ends)
    return text if part.step is None else f"{text}:{body.written(part.step).flat}"
