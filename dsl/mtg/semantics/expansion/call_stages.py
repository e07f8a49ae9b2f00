"""Calls after `->`: each makes a layer of its own, or expands a block."""

from __future__ import annotations

from mtg.catalog import catalog
from mtg.catalog.names import MERGES
from mtg.graph.values import PythonObject
from mtg.semantics import constant_evaluation as compute
from mtg.semantics import hints
from mtg.semantics.expansion.attributes import report_unreachable
from mtg.semantics.expansion.blocks import use_block
from mtg.semantics.expansion.calls import apply_layer
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate
from mtg.semantics.expansion.layers import (
    make_application,
    make_instance,
    make_layer,
    make_python_layer,
)
from mtg.semantics.expansion.models import make_nested_model
from mtg.semantics.expansion.stages import run_stage
from mtg.semantics.modules import Declared
from mtg.semantics.source_text import shown_text
from mtg.semantics.values import ERROR, MISSING, Frame, LayerClass, Value, is_error
from mtg.syntax import ast
from mtg.syntax.visit import attribute_path
from mtg.text.diagnostics import Fix


@run_stage.register(ast.CallExpr)
def run_call(stage: ast.CallExpr, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through a new layer, or a block; report a call of anything else."""
    callee = stage.callee
    if isinstance(callee, ast.SubscriptExpr):
        made = evaluate(callee, context, frame)
        if isinstance(made, (Declared, LayerClass)):
            return _run_class(stage, made, value, context, frame)
        if not is_error(made):
            evaluate(stage, context, frame)  # reports that it takes no parentheses
        return ERROR
    if not isinstance(callee, ast.NameExpr):
        path = attribute_path(callee)
        if path[:1] != ["applications"] or len(path) != 2:
            _report_no_layer(stage, path, context, frame)
            return ERROR
        layer = make_instance(
            lambda: make_application(stage, path[1], context, frame), context, frame
        )
        return apply_layer(layer, value, stage.span, context, frame)
    found = frame.find(callee.name)
    if isinstance(found, (Declared, LayerClass)):
        return _run_class(stage, found, value, context, frame)
    if isinstance(found, PythonObject) and found.arguments is None:
        layer = make_instance(
            lambda: make_python_layer(stage, found.module, found.name, context, frame),
            context,
            frame,
        )
        return apply_layer(layer, value, stage.span, context, frame)
    if found is not MISSING:
        evaluate(stage, context, frame)  # reports that it takes no parentheses
        return ERROR
    if callee.name in MERGES or callee.name in compute.FUNCTIONS:
        context.reporter(frame)(
            "MTG210",
            f"expected a layer after `->`, but `{callee.name}` is a function",
            stage.span,
            help=f"write `{callee.name}(a, b)` where a flow begins"
            if callee.name in MERGES
            else "",
        )
        return ERROR
    entry = catalog().find("layer", callee.name)
    if entry is None:
        return ERROR  # reported when the names were resolved
    layer = make_instance(lambda: make_layer(stage, entry, context, frame), context, frame)
    return apply_layer(layer, value, stage.span, context, frame)


def _run_class(
    stage: ast.CallExpr,
    made: Declared | LayerClass,
    value: Value,
    context: Context,
    frame: Frame,
) -> Value:
    """Lead a tensor through a new instance of a class, a block or a model."""
    if isinstance(made, Declared):
        return _run_declared(stage, made, value, context, frame)
    entry = catalog().find("layer", made.name)
    assert entry is not None
    layer = make_instance(lambda: make_layer(stage, entry, context, frame), context, frame)
    return apply_layer(layer, value, stage.span, context, frame)


def _run_declared(
    stage: ast.CallExpr, declared: Declared, value: Value, context: Context, frame: Frame
) -> Value:
    """Lead a tensor through what a name at the top of the file makes: a block or an instance."""
    if isinstance(declared.node, ast.BlockDecl):
        return use_block(stage, declared, value, context, frame)
    if isinstance(declared.node, ast.ModelDecl):
        layer = make_instance(
            lambda: make_nested_model(stage, declared, context, frame), context, frame
        )
    elif isinstance(declared.node, ast.PythonImportDecl):
        module = declared.node.module.value
        layer = make_instance(
            lambda: make_python_layer(stage, module, declared.name, context, frame),
            context,
            frame,
        )
    else:
        context.reporter(frame)(
            "MTG104", f"`{declared.name}` is a value and cannot be called", stage.span
        )
        return ERROR
    return apply_layer(layer, value, stage.span, context, frame)


def _report_no_layer(stage: ast.CallExpr, path: list[str], context: Context, frame: Frame) -> None:
    """Report a call after `->` whose callee is no name, and is not in `applications`."""
    callee = stage.callee
    report = context.reporter(frame)
    if path[:1] == ["ops"]:
        op = hints.op_of(path)
        settings = shown_text(stage.brackets)[1:-1].strip()
        named = settings and all(each.name for each in stage.arguments)
        given = f"(x, {settings})" if named else "(x)"
        report(
            "MTG210",
            f"expected a layer after `->`, but `{'.'.join(path)}` is a function",
            stage.span,
            help=f"write `{known}`"
            if (known := hints.activation(path[-1]))
            else f"write `ops.{op[0] if op else '.'.join(path[1:])}{given}` where a flow begins",
        )
    elif path:
        report_unreachable(stage, path, context, frame, stage=True)
    elif isinstance(callee, ast.CallExpr) and (name := hints.layer_name(callee.callee)):
        made = shown_text(callee.brackets) or "(…)"
        report(
            "MTG210",
            "tensors are passed to layers with `->`",
            stage.span,
            help=f"write `{name}{made}`: its tensor comes before `->`",
            fix=Fix.replace(stage.span, f"{name}{made}", safe=False) if made != "(…)" else None,
        )
    else:
        evaluate(stage, context, frame)
