"""Arguments, with those written out that `*` and `**` unpack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.records import record
from mtg.semantics import constant_evaluation as compute
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate, evaluate_node
from mtg.semantics.expansion.iteration import items_of
from mtg.semantics.values import Frame, Value, is_error, kind_of
from mtg.syntax import ast


@record
class UnpackedItem(ast.Expression):
    """What one argument or item stands for that is no text of its own: it comes out of `*value`."""

    value: Value


@evaluate_node.register(UnpackedItem)
def evaluate_item(
    node: UnpackedItem, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return what was unpacked."""
    return node.value


@evaluate_node.register(ast.UnpackedExpr)
def evaluate_unpacked(
    node: ast.UnpackedExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Report `*` where nothing can be unpacked."""
    raise compute.CannotCompute(f"`{'*' * node.stars}` cannot stand here")


def unpack(
    arguments: tuple[ast.Argument, ...], context: Context, frame: Frame
) -> tuple[ast.Argument, ...] | None:
    """Return arguments with what they unpack written out; None where that fails."""
    if not any(isinstance(argument.value, ast.UnpackedExpr) for argument in arguments):
        return arguments
    found: list[ast.Argument] = []
    for argument in arguments:
        value = argument.value
        if not isinstance(value, ast.UnpackedExpr):
            found.append(argument)
        elif value.stars == 1:
            items = unpacked_items(value, context, frame)
            if items is None:
                return None
            found += [
                ast.Argument(argument.span, None, UnpackedItem(value.value.span, item))
                for item in items
            ]
        else:
            entries = unpacked_dict(value, context, frame)
            if entries is None:
                return None
            for name, item in entries.items():
                if not isinstance(name, str):
                    context.reporter(frame)(
                        "MTG404",
                        f"the keys of what `**` unpacks must be strings, not {kind_of(name)}",
                        value.span,
                    )
                    return None
                identifier = ast.Identifier(argument.span, name)
                given = UnpackedItem(value.value.span, item)
                found.append(ast.Argument(argument.span, identifier, given))
    return tuple(found)


def unpacked_items(
    node: ast.UnpackedExpr, context: Context, frame: Frame, kinds: Sequence[str] = ()
) -> Sequence[Value] | None:
    """Return the items that `*value` stands for; None where it has none, which is reported."""
    value = evaluate(node.value, context, frame, kinds)
    if is_error(value):
        return None
    items = items_of(value, node.value.span, context, frame, "`*`")
    if items is not None:
        context.budget.step(node.span, len(items))
    return items


def unpacked_dict(
    node: ast.UnpackedExpr, context: Context, frame: Frame, kinds: Sequence[str] = ()
) -> dict[Any, Value] | None:
    """Return the dict that `**value` stands for; None where it is none, which is reported."""
    value = evaluate(node.value, context, frame, kinds)
    if isinstance(value, dict) and not is_error(value):
        context.budget.step(node.span, len(value))
        return dict(value)
    if not is_error(value):
        context.reporter(frame)(
            "MTG404",
            f"`**` unpacks a dict, not {kind_of(value)}",
            node.value.span,
            label=f"this is {kind_of(value)}",
        )
    return None
