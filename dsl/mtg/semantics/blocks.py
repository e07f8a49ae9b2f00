"""Uses of blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mtg.graph.graph import Use
from mtg.limits import MAX_USES
from mtg.semantics.budget import TooLarge
from mtg.semantics.calls import Callee
from mtg.semantics.flows import Flows
from mtg.semantics.modules import Declared
from mtg.semantics.naming import BlockUse, NamedStatement
from mtg.semantics.order import declared_by
from mtg.semantics.values import (
    ERROR,
    Frame,
    Tensor,
    TensorGroup,
    TensorTuple,
    Value,
    is_error,
)
from mtg.syntax import ast
from mtg.text.diagnostics import Label
from mtg.text.source import Span


class Blocks(Flows):
    """Expands blocks where they are used."""

    # What the class above this one knows

    def declare_parameters(
        self,
        declared: ast.BlockDecl | ast.ModelDecl,
        given: Mapping[str, Any],
        frame: Frame,
        place: Span,
    ) -> None:
        """Give the parameters of a block or model their values."""
        raise NotImplementedError

    def statement(self, statement: ast.Statement, frame: Frame, naming: NamedStatement) -> Value:
        """Expand one declaration; gives what a `return` returns."""
        raise NotImplementedError

    # Uses

    def use_block(self, node: ast.CallExpr, found: Declared, thing: Value, frame: Frame) -> Value:
        """Expand a block on what flows into it."""
        block = found.node
        assert isinstance(block, ast.BlockDecl)
        if self.scopes.is_broken(block):
            return ERROR  # reported when the names were resolved
        if len(frame.uses) >= MAX_USES:
            self.reporter(frame)(
                "MTG605", f"blocks are nested more than {MAX_USES} deep", node.span
            )
            raise TooLarge
        matched = self.match_parameters(node, block, frame)
        if matched is None:
            return ERROR
        values, given = matched
        settings = self.settings(given, frame)
        heads = self._heads(block, thing, node.span, frame)
        if settings is None or heads is None:
            return ERROR
        self.budget.spend(node.span)
        results = sum(len(s.results) for s in block.body[-1:] if isinstance(s, ast.ReturnDecl))
        self.budget.step(node.span, len(block.body) + len(block.parameters) + results)
        explicit, trainable = settings
        use = Use(block.name.name, "", node.span)
        named = BlockUse(block.name.name, explicit[0] if explicit else None, use)
        frame.naming.parts.append(named)
        inner = Frame(
            dict(heads),
            None,
            found.module.names,
            (*frame.uses, use),
            frame.trainable if trainable is None else trainable,
            NamedStatement(""),
        )
        self.declare_parameters(block, values, inner, node.brackets)
        namings = namings_of(block.body)
        named.statements = list(namings.values())
        for name in self.scopes[block].doubled:
            inner.names[name] = ERROR
        result: Value = ERROR
        for statement in self.scopes[block].order:
            returned = self.statement(statement, inner, namings[id(statement)])
            if isinstance(statement, ast.ReturnDecl):
                result = returned
        return result

    def _heads(
        self, block: ast.BlockDecl, thing: Value, span: Span, frame: Frame
    ) -> dict[str, Tensor] | None:
        """Return the tensors that the names in the block's head stand for."""
        names = [head.name for head in block.heads]
        if is_error(thing):
            return None
        if isinstance(thing, TensorTuple) and len(names) > 1:
            thing = TensorGroup(thing.tensors, {})
        elif not isinstance(thing, TensorGroup):
            thing = TensorGroup((thing,), {})
        taker = Callee(
            block.name.name,
            f"the block `{block.name.name}`",
            "takes no tensor",
            labels=(Label(block.name.span, f"its tensors are {', '.join(names)}"),),
        )
        given = self.tensors_by_name(names, thing, taker, span, frame)
        if given is None:
            return None
        found: dict[str, Tensor] = {}
        for name in names:
            ref = self.tensor(given[name], span, frame)
            if ref is None:
                return None
            found[name] = Tensor(ref)
        return found


def namings_of(body: Sequence[ast.Statement]) -> dict[int, NamedStatement]:
    """Return a place for the names of the layers of every statement, in the order of the text."""
    namings: dict[int, NamedStatement] = {}
    for statement in body:
        names = [name.name for name in declared_by(statement) if name.name != "_"]
        namings[id(statement)] = NamedStatement(names[0] if names else "")
    return namings
