"""Stages that hold stages: `repeat`, `for`, `if`, conditionals, and flows in parentheses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mtg.graph.describe import describe
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate_value
from mtg.semantics.expansion.stages import run_stage, run_stages
from mtg.semantics.values import ERROR, Frame, Value
from mtg.syntax import ast


@run_stage.register(ast.RepeatStage)
def run_repeat(stage: ast.RepeatStage, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through stages as often as it is said."""
    count = evaluate_value(stage.count, context, frame)
    if count is ERROR:
        return ERROR
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        context.reporter(frame)(
            "MTG404",
            f"`repeat` takes a whole number, zero or more, not {describe(count)}",
            stage.count.span,
        )
        return ERROR
    return _run_iterations(
        stage, [{}] * min(count, context.budget.limit + 1), count, value, context, frame
    )


@run_stage.register(ast.ForStage)
def run_for(stage: ast.ForStage, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through stages once for each item, which a name stands for."""
    values = evaluate_value(stage.values, context, frame)
    if values is ERROR:
        return ERROR
    if not isinstance(values, (list, tuple, range, str, dict)):
        context.reporter(frame)(
            "MTG404",
            f"`for` iterates over a list or a range, not {describe(values)}",
            stage.values.span,
        )
        return ERROR
    scopes = (
        [{stage.name.name: item} for item in values[: context.budget.limit + 1]]
        if not isinstance(values, dict)
        else [{stage.name.name: key} for key in values]
    )
    return _run_iterations(stage, scopes, len(values), value, context, frame)


def _run_iterations(
    stage: ast.RepeatStage | ast.ForStage,
    scopes: Sequence[dict[str, Any]],
    count: int,
    value: Value,
    context: Context,
    frame: Frame,
) -> Value:
    """Lead a tensor through the stages of a loop; `scopes` has the names of each iteration."""
    if count > context.budget.limit - context.budget.spent:
        context.budget.spend(stage.span, count)
    before = context.budget.spent
    context.loops += 1
    for index, names in enumerate(scopes):
        context.budget.spend(stage.span)
        value = run_stages(stage.stages, value, context, frame.within(names) if names else frame)
        if index == 0 and (context.budget.spent - before) * count > 4 * context.budget.limit:
            # The first iteration tells how the rest will end: say so before the time is spent.
            context.budget.spend(stage.span, context.budget.limit)
    context.loops -= 1
    return value


@run_stage.register(ast.IfStage)
def run_if(stage: ast.IfStage, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through the branch that is taken; without one it passes through."""
    test = evaluate_value(stage.test, context, frame)
    if test is ERROR:
        return ERROR
    return run_stages(stage.then if test else stage.otherwise, value, context, frame)


@run_stage.register(ast.ConditionalExpr)
def run_conditional(
    stage: ast.ConditionalExpr, value: Value, context: Context, frame: Frame
) -> Value:
    """Lead a tensor through the side that is taken."""
    test = evaluate_value(stage.test, context, frame)
    if test is ERROR:
        return ERROR
    return run_stages((stage.then if test else stage.otherwise,), value, context, frame)


@run_stage.register(ast.FlowExpr)
def run_flow(stage: ast.FlowExpr, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through stages in parentheses, all of which are stages of the flow."""
    return run_stages((stage.source, *stage.stages), value, context, frame)
