"""Shared instances and chains, where they are declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from mtg.catalog import catalog
from mtg.graph.layers import Layer
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.declarations import declare_names
from mtg.semantics.expansion.evaluation import evaluate, evaluate_value
from mtg.semantics.expansion.layers import make_instance
from mtg.semantics.modules import Declared
from mtg.semantics.values import ERROR, MISSING, Error, Frame, SharedLayer, Value, is_error
from mtg.syntax import ast


@declare_names.register(ast.SharedDecl)
def declare_shared(
    statement: ast.SharedDecl, context: Context, frame: Frame
) -> Mapping[str, Value]:
    """Return the instance that a `shared` declares, or the chain, which its first use makes."""
    name, stages = statement.name, statement.stages
    shared = SharedLayer(name, stages, frame, level=len(context.replays))
    context.shared.append(shared)
    if len(stages) == 1:
        layer = _make_one_layer(stages[0], context, frame)
        if isinstance(layer, Layer):
            layer.shared = True
            frame.naming.last = layer
            shared.layer = layer
        elif layer is ERROR:
            return {name.name: ERROR}  # and is no fault of the places that use it
    return {name.name: shared}


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
