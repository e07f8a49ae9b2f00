"""Comprehensions: lists and dicts of values, tensors or objects, one for each round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mtg.semantics import constant_evaluation as compute
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import (
    evaluate,
    evaluate_node,
    evaluate_test,
    evaluate_value,
)
from mtg.semantics.expansion.iteration import items_of, walk
from mtg.semantics.expansion.tensors import note_end
from mtg.semantics.naming import NamedStatement
from mtg.semantics.values import ERROR, Frame, SharedLayer, Value
from mtg.syntax import ast


@evaluate_node.register(ast.ComprehensionExpr)
def evaluate_comprehension(
    node: ast.ComprehensionExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the list or the dict of what the item stands for in every round."""

    def evaluate_item(inner: Frame) -> Value:
        value = evaluate(node.item, context, inner, kinds)
        note_end(value, context, inner)
        return value

    return each_round(node, evaluate_item, context, frame)


def each_round(
    node: ast.ComprehensionExpr,
    make: Callable[[Frame], Value],
    context: Context,
    frame: Frame,
) -> Value:
    """Return the list or the dict of what `make` makes in every round, or `ERROR`."""
    found: list[tuple[Any, Value]] = []
    context.loops += 1
    correct = _walk(node, 0, (), found, make, context, frame)
    context.loops -= 1
    if not correct:
        return ERROR
    if node.key is None:
        return compute.sized([item for _, item in found])
    return compute.sized(dict(found))


def _walk(
    node: ast.ComprehensionExpr,
    depth: int,
    keys: tuple[str, ...],
    found: list[tuple[Any, Value]],
    make: Callable[[Frame], Value],
    context: Context,
    frame: Frame,
) -> bool:
    """Go through the rounds of a clause and of those after it; return whether all is right."""
    if depth == len(node.clauses):
        return _add_item(node, keys, found, make, context, frame)
    clause = node.clauses[depth]
    values = evaluate(clause.values, context, frame)
    items = items_of(values, clause.values.span, context, frame, "a comprehension")
    if items is None:
        return False
    correct = True
    count = 0
    for key, names, round_ in walk(
        clause.target, clause.values, items, clause.span, context, frame
    ):
        count += 1
        inner = frame.within(names)
        inner.rounds = (*frame.rounds, round_)
        if clause.test is not None:
            test = evaluate_test(clause.test, context, inner)
            if test is None:
                return False
            if not test:
                continue
        if not _walk(node, depth + 1, (*keys, key), found, make, context, inner):
            correct = False
    return correct and count == len(items)


def _add_item(
    node: ast.ComprehensionExpr,
    keys: tuple[str, ...],
    found: list[tuple[Any, Value]],
    make: Callable[[Frame], Value],
    context: Context,
    frame: Frame,
) -> bool:
    """Add what the item stands for in one round; return whether it is right."""
    naming = NamedStatement("", key="_".join(keys))
    inner = frame.within({}, naming)
    inner.rounds = frame.rounds
    frame.naming.parts.append(naming)
    key: Any = len(found)
    if node.key is not None:
        key = evaluate_value(node.key, context, inner)
        if key is ERROR:
            return False
        key = compute.as_key(key)
    value = make(inner)
    # A shared chain makes its layers where it is first used, and they are named by this round.
    waits = isinstance(value, SharedLayer) and value.layer is None
    if not naming.parts and not waits and frame.naming.parts[-1] is naming:
        frame.naming.parts.pop()
    if value is ERROR:
        return False
    found.append((key, value))
    return True
