"""Stages that hold stages: `repeat`, `for`, `if`, conditionals, and flows in parentheses."""

from __future__ import annotations

from collections.abc import Sequence

from mtg.graph.describe import describe
from mtg.semantics.expansion.context import Context
from mtg.semantics.expansion.evaluation import evaluate, evaluate_test, evaluate_value
from mtg.semantics.expansion.iteration import bind, items_of
from mtg.semantics.expansion.stages import run_stage, run_stages
from mtg.semantics.source_text import shown_text
from mtg.semantics.values import ERROR, Frame, Value, is_error, is_tensor
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
    values = evaluate(stage.values, context, frame)
    if is_error(values):
        return ERROR
    items = items_of(values, stage.values.span, context, frame, "`for`")
    if items is None:
        return ERROR
    scopes: list[dict[str, Value]] = []
    for item in items[: context.budget.limit + 1]:
        names = bind(stage.target, item, context, frame)
        if names is None:
            return ERROR
        scopes.append(names)
    return _run_iterations(stage, scopes, len(items), value, context, frame)


def _run_iterations(
    stage: ast.RepeatStage | ast.ForStage,
    scopes: Sequence[dict[str, Value]],
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
    test = evaluate_test(stage.test, context, frame)
    if test is None:
        return ERROR
    return run_stages(stage.then if test else stage.otherwise, value, context, frame)


@run_stage.register(ast.ConditionalExpr)
def run_conditional(
    stage: ast.ConditionalExpr, value: Value, context: Context, frame: Frame
) -> Value:
    """Lead a tensor through the side that is taken."""
    if is_flow_as_side(stage, frame):
        report_flow_as_side(stage, context, frame)
        return ERROR
    test = evaluate_test(stage.test, context, frame)
    if test is None:
        return ERROR
    return run_stages((stage.then if test else stage.otherwise,), value, context, frame)


def is_flow_as_side(stage: ast.ConditionalExpr, frame: Frame) -> bool:
    """Return whether a stage is that of `x -> A() if c else x -> B()`, whose sides are stages."""
    side = stage.otherwise
    return isinstance(side, ast.NameExpr) and is_tensor(frame.find(side.name))


def report_flow_as_side(
    stage: ast.ConditionalExpr, context: Context, frame: Frame, meant: str = ""
) -> None:
    """Report a tensor where the stage after `else` stands; `meant` is the flow as it was meant."""
    side = stage.otherwise
    assert isinstance(side, ast.NameExpr)
    then, test = shown_text(stage.then.span), shown_text(stage.test.span)
    help_ = "a tensor passes through as it is where there is no `else`"
    if meant:
        help_ = f"put flows that are sides in parentheses: `{meant}`"
    elif then and test:
        help_ = f"to pass the tensor on as it is, write `if {test} {{ {then} }}`"
    context.reporter(frame)(
        "MTG210",
        f"expected a layer after `else`, but `{side.name}` is a tensor",
        side.span,
        label="a tensor",
        notes=("`->` is looser than `if`: both sides are stages here",),
        help=help_,
    )


@run_stage.register(ast.FlowExpr)
def run_flow(stage: ast.FlowExpr, value: Value, context: Context, frame: Frame) -> Value:
    """Lead a tensor through stages in parentheses, all of which are stages of the flow."""
    return run_stages((stage.source, *stage.stages), value, context, frame)
