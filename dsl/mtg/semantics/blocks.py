"""Uses of blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mtg.catalog import Entry, Parameter, catalog
from mtg.graph.graph import Graph, Layer, Use
from mtg.graph.values import KerasObject, PythonObject, TensorRef
from mtg.limits import MAX_CALLS, MAX_NESTING, MAX_USES
from mtg.semantics import evaluate as compute
from mtg.semantics.arguments import check_value, match, match_entry
from mtg.semantics.modules import Declared
from mtg.semantics.naming import BlockUse, Names, NamedStatement, snake_case
from mtg.semantics.things import (
    POISON,
    Frame,
    Grouped,
    Poison,
    Results,
    Reusable,
    Several,
    Tensor,
    Thing,
    holds_tensor,
    is_poisoned,
    is_tensor,
    sort_of,
)
from mtg.semantics.flows import Flows
from mtg.semantics.values import TooLarge
from mtg.semantics.vocabulary import MERGES, OBJECT_KINDS, kinds_of
from mtg.syntax import ast
from mtg.text.diagnostics import Diagnostics, Label
from mtg.text.source import Span
from mtg.text.suggest import did_you_mean


class Blocks(Flows):
    """Expands blocks where they are used."""

    def use_block(self, node: ast.Call, found: Declared, thing: Thing, frame: Frame) -> Thing:
        """Expand a block on what flows into it."""
        block = found.node
        assert isinstance(block, ast.Block)
        if id(block) in self.scopes.recursive:
            return POISON  # reported when the names were resolved
        if len(frame.uses) >= MAX_USES:
            self.reporter(frame)(
                "MTG605", f"blocks are nested more than {MAX_USES} deep", node.span
            )
            raise TooLarge
        matched = self.match_parameters(node, block, frame)
        if matched is None:
            return POISON
        values, given = matched
        settings = self.settings(given, frame)
        heads = self._heads(block, thing, node.span, frame)
        if settings is None or heads is None:
            return POISON
        self.budget.spend(node.span)
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
        self._parameters(block, values, inner, node.brackets)
        namings = self._namings(block.body)
        named.statements = list(namings.values())
        result: Thing = POISON
        self._depth += 1
        for statement in self.scopes[block].order:
            returned = self._statement(statement, inner, namings[id(statement)])
            if isinstance(statement, ast.Return):
                result = returned
        self._depth -= 1
        return result

    def _heads(
        self, block: ast.Block, thing: Thing, span: Span, frame: Frame
    ) -> dict[str, Tensor] | None:
        names = [head.name for head in block.heads]
        if is_poisoned(thing):
            return None
        if len(names) == 1 and not isinstance(thing, (Grouped, Several)):
            ref = self.tensor(thing, span, frame)
            return None if ref is None else {names[0]: Tensor(ref)}
        given: dict[str, Thing] = {}
        items: Sequence[Thing] = (thing,)
        if isinstance(thing, Several):
            items = thing.tensors
        elif isinstance(thing, Grouped):
            items = thing.args
            if len(items) == 1 and isinstance(items[0], list):
                items = items[0]
            given = dict(thing.kwargs)
        given = {**dict(zip(names, items, strict=False)), **given}
        if set(given) != set(names) or len(items) + len(given) != len(names) + len(
            [name for name in names[: len(items)]]
        ):
            count = max(len(items), len(given))
            self.reporter(frame)(
                "MTG307",
                f"the block `{block.name.name}` takes {len(names)} "
                f"tensor{'s' * (len(names) != 1)}, and {count} {'is' if count == 1 else 'are'} "
                "given",
                span,
                labels=(Label(block.name.span, f"its tensors are {', '.join(names)}"),),
            )
            return None
        found: dict[str, Tensor] = {}
        for name in names:
            ref = self.tensor(given[name], span, frame)
            if ref is None:
                return None
            found[name] = Tensor(ref)
        return found
