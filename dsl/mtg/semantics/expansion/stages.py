"""Stages: the one way through a flow, whatever kind of node a stage is.

What a kind of node does after `->` is registered with `run_stage` by the file that knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from mtg.catalog import catalog
from mtg.semantics import hints
from mtg.semantics.expansion.context import Context
from mtg.semantics.modules import Declared
from mtg.semantics.values import ERROR, MISSING, Frame, SharedLayer, Value
from mtg.syntax import ast
from mtg.syntax.visit import attribute_path


@singledispatch
def run_stage(stage: ast.SyntaxNode, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through one stage; a file registers this function for each kind it knows.

    What is no stage of any kind is reported. It is called by `run_stages`: call that.
    """
    if (
        isinstance(stage, ast.ComparisonExpr)
        and is_stage(stage.operands[0], frame)
        and report_half_arrow(stage, context, frame, stage=True)
    ):
        return ERROR
    help = ""
    if isinstance(stage, ast.OperationExpr):
        help = "name the tensors, and merge them: `add(a, b)`"
    if isinstance(stage, ast.SubscriptExpr):
        if isinstance(stage.value, ast.NameExpr) and frame.find(stage.value.name) is MISSING:
            return ERROR  # reported when the names were resolved
        help = "name the tensor first, then slice it: `y = …`, then `y[…]`"
    context.reporter(frame)("MTG210", "expected a layer after `->`", stage.span, help=help)
    return ERROR


def run_stages(stages: Sequence[ast.Stage], value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through stages."""
    for stage in stages:
        # Not by a call of `run_stage`, which takes C's stack wherever stages nest.
        meaning = run_stage.registry.get(type(stage), run_stage)
        value = meaning(stage, value, context, frame)
    return value


def is_stage(node: ast.Expression, frame: Frame) -> bool:
    """Return whether an operand may stand after `->`."""
    if isinstance(node, ast.NameExpr):
        return isinstance(frame.find(node.name), SharedLayer)
    if not isinstance(node, ast.CallExpr):
        return False
    if not isinstance(node.callee, ast.NameExpr):
        return attribute_path(node.callee)[:1] == ["applications"]
    found = frame.find(node.callee.name)
    if isinstance(found, Declared):
        return isinstance(found.node, (ast.BlockDecl, ast.ModelDecl, ast.PythonImportDecl))
    return found is MISSING and catalog().find("layer", node.callee.name) is not None


def report_half_arrow(
    node: ast.OperationExpr | ast.ComparisonExpr,
    context: Context,
    frame: Frame,
    *,
    stage: bool = False,
) -> bool:
    """Report `x > Dense(1)`, where an arrow is meant, and return whether it is."""
    found = hints.half_arrow(node, lambda operand: is_stage(operand, frame), stage=stage)
    if found is None:
        return False
    context.reporter(frame)(
        "MTG210" if stage else "MTG406",
        f"expected `->`, found `{found.sign}`",
        found.span,
        label="a layer follows",
        help="write `->`",
        fix=found.fix,
    )
    return True
