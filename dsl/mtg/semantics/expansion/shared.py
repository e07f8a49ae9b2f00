"""Shared instances and chains, where they are declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from mtg.catalog import catalog
from mtg.graph.layers import Layer
from mtg.semantics.constant_evaluation import CannotCompute, as_key
from mtg.semantics.expansion.comprehensions import each_round
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_names
from mtg.semantics.expansion.evaluation import evaluate, evaluate_value
from mtg.semantics.expansion.iteration import as_name
from mtg.semantics.expansion.layers import make_instance
from mtg.semantics.modules import Declared
from mtg.semantics.naming import NamedStatement
from mtg.semantics.values import ERROR, MISSING, Error, Frame, SharedLayer, Value, is_error
from mtg.syntax import ast


@declare_names.register(ast.SharedDecl)
def declare_shared(
    statement: ast.SharedDecl, context: Context, frame: Frame
) -> Mapping[str, Value]:
    """Return the instance that a `shared` declares, or the chain, which its first use makes."""
    name, stages = statement.name, statement.stages
    if len(stages) == 1 and isinstance(stages[0], _FAMILIES):
        return {name.name: _declare_family(name, stages[0], context, frame)}
    return {name.name: _declare_instance(name, stages, context, frame)}


#: What declares several instances at once.
_FAMILIES = (ast.ListExpr, ast.DictExpr, ast.ComprehensionExpr)


def _declare_family(
    name: ast.Identifier, node: ast.Expression, context: Context, frame: Frame
) -> Value:
    """Return a list or dict of shared instances, or `ERROR`."""
    try:
        return _family(name, node, context, frame)
    except CannotCompute as error:
        context.reporter(frame)(
            "MTG406", str(error), node.span, label="has no value", help=error.help
        )
        return ERROR


def _family(name: ast.Identifier, node: ast.Expression, context: Context, frame: Frame) -> Value:
    """Return a list or dict of shared instances, or `ERROR`.

    Raises:
        CannotCompute: A key of a dict can be none, or there are too many items.
    """
    if isinstance(node, ast.ListExpr):
        items = [
            _declare_item(name, item, str(number), context, frame)
            for number, item in enumerate(node.items)
        ]
        return ERROR if is_error(items) else items
    if isinstance(node, ast.DictExpr):
        found: dict[Any, Value] = {}
        for number, (key_node, item) in enumerate(node.items):
            key = ERROR if key_node is None else evaluate_value(key_node, context, frame)
            value = _declare_item(name, item, as_name(key, number), context, frame)
            if is_error(key) or is_error(value):
                return ERROR
            found[as_key(key)] = value
        return found
    if isinstance(node, ast.ComprehensionExpr):
        return each_round(
            node,
            lambda inner: _declare_family(name, node.item, context, inner),
            context,
            frame,
        )
    return _declare_instance(name, (node,), context, frame, family=True)


def _declare_item(
    name: ast.Identifier, node: ast.Expression, key: str, context: Context, frame: Frame
) -> Value:
    """Return an item that is written out; the names of its layers carry its key."""
    naming = NamedStatement("", key=key)
    frame.naming.parts.append(naming)
    return _declare_family(name, node, context, frame.within({}, naming))


def _declare_instance(
    name: ast.Identifier,
    stages: tuple[ast.Stage, ...],
    context: Context,
    frame: Frame,
    *,
    family: bool = False,
) -> Value:
    """Return one shared instance, or chain."""
    shared = SharedLayer(name, stages, frame, level=len(context.replays), family=family)
    context.shared.append(shared)
    if len(stages) == 1:
        layer = _make_one_layer(stages[0], context, frame)
        if isinstance(layer, Layer):
            layer.shared = True
            frame.naming.last = layer
            shared.layer = layer
        elif layer is ERROR:
            return ERROR  # and is no fault of the places that use it
    return shared


def _make_one_layer(stage: ast.Stage, context: Context, frame: Frame) -> Layer | Error | None:
    """Return the layer that a single stage makes; None where it is no single layer."""
    if isinstance(stage, ast.ConditionalExpr):
        test = evaluate_value(stage.test, context, frame)
        if is_error(test):
            return ERROR
        return _make_one_layer(stage.then if test else stage.otherwise, context, frame)
    if not isinstance(stage, ast.CallExpr):
        return None
    callee = stage.callee
    if isinstance(callee, ast.SubscriptExpr):
        held = evaluate(callee, context, frame)
        if isinstance(held, Declared) and isinstance(held.node, ast.BlockDecl):
            return None
    if isinstance(callee, ast.NameExpr):
        found = frame.find(callee.name)
        if isinstance(found, Declared) and isinstance(found.node, ast.BlockDecl):
            return None
        if found is MISSING and catalog().find("layer", callee.name) is None:
            return None
    # What else a call may stand for, such as a tensor, is no layer: its uses report it.
    made: object = make_instance(
        lambda: cast("Layer | Error", evaluate(stage, context, frame, ("layer",))), context, frame
    )
    return made if isinstance(made, (Layer, Error)) else None
