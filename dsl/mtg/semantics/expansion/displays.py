"""Values that are written out: literals, lists, dicts and groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.lengths.dims import UNKNOWN
from mtg.semantics import constant_evaluation as compute
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate, evaluate_node, evaluate_value
from mtg.semantics.expansion.unpacking import unpack, unpacked_dict, unpacked_items
from mtg.semantics.values import ERROR, Frame, TensorGroup, Value, holds_tensor
from mtg.syntax import ast
from mtg.text.source import Span


@evaluate_node.register(ast.LiteralExpr)
def evaluate_literal(
    node: ast.LiteralExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the value of a literal."""
    value: Value = node.value
    return value


@evaluate_node.register(ast.UnknownLengthExpr)
def evaluate_unknown_length(
    node: ast.UnknownLengthExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return the length that `?` stands for."""
    return UNKNOWN


@evaluate_node.register(ast.ListExpr)
def evaluate_list(
    node: ast.ListExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return a list of values, tensors or objects."""
    items: list[Value] = []
    for item in node.items:
        if isinstance(item, ast.UnpackedExpr):
            several = unpacked_items(item, context, frame, kinds)
            items.extend([ERROR] if several is None else several)
        else:
            items.append(evaluate(item, context, frame, kinds))
    # What is written out, such as a vocabulary, is as long as the text, which has limits.
    written = all(isinstance(item, ast.LiteralExpr) for item in node.items)
    return items if written else compute.sized(items)


@evaluate_node.register(ast.DictExpr)
def evaluate_dict(
    node: ast.DictExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return a dict of values, tensors or objects."""
    found: dict[Any, Value] = {}
    for key_node, value_node in node.items:
        if key_node is None:
            assert isinstance(value_node, ast.UnpackedExpr)
            entries = unpacked_dict(value_node, context, frame, kinds)
            if entries is None:
                return ERROR
            found |= entries
            continue
        key = evaluate_value(key_node, context, frame)
        value = evaluate(value_node, context, frame, kinds)
        if key is ERROR:
            return ERROR
        found[compute.as_key(key)] = value
    return compute.sized(found)


@evaluate_node.register(ast.GroupExpr)
def evaluate_group(
    node: ast.GroupExpr, context: Context, frame: Frame, kinds: Sequence[str]
) -> Value:
    """Return a tuple of values, or the tensors that a layer takes."""
    arguments = unpack(node.arguments, context, frame)
    if arguments is None:
        return ERROR
    values = [(a.name, evaluate(a.value, context, frame, kinds)) for a in arguments]
    if any(value is ERROR for _, value in values):
        return ERROR
    if all(name is None and not holds_tensor(value) for name, value in values):
        return compute.sized(tuple(value for _, value in values))
    kwargs: dict[str, Value] = {}
    args: list[Value] = []
    spans: dict[str, Span] = {}
    for argument, (name, value) in zip(arguments, values, strict=True):
        if name is None:
            if kwargs:
                context.reporter(frame)(
                    "MTG401",
                    "positional tensor after a named tensor",
                    argument.span,
                    help="put positional tensors first",
                )
                return ERROR
            args.append(value)
        elif name.name in kwargs:
            context.reporter(frame)("MTG403", f"the group has `{name.name}` twice", argument.span)
            return ERROR
        else:
            kwargs[name.name] = value
            spans[name.name] = name.span
    return TensorGroup(tuple(args), kwargs, spans)
