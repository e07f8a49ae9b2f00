"""Calls of layers, blocks and functions, and the layers that they make."""

from __future__ import annotations

from dataclasses import replace

from mtg.backends.python.layout import Atom, Called, Expression, Item, Keyword
from mtg.backends.python.writer import Writer
from mtg.graph.layers import Application, KerasLayer
from mtg.graph.values import leaves, map_leaves
from mtg.outline.ir import BlockCall, Flow, New, Reference, Stage, Value
from mtg.outline.names import class_words, short_word


class CallWriter(Writer):
    """Writes what is called."""

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

    def is_constant(self, flow: Flow) -> bool:
        """Return whether a flow comes from no input, as far as this function tells."""
        if isinstance(flow.source, str):
            return flow.source in self.constants
        return all(map(self.is_constant, flow.source.flows()))


def is_frozen(stage: New) -> bool:
    """Return whether `trainable` is said of what takes no such argument."""
    return stage.trainable is not None and not isinstance(stage.layer, KerasLayer)


def has_frozen(value: object) -> bool:
    """Return whether a layer is frozen that stands in a value, a wrapped one included."""
    return any(
        is_frozen(leaf) or has_frozen(leaf.arguments)
        for leaf in leaves(value)
        if isinstance(leaf, New)
    )
