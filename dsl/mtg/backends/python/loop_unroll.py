"""The last iteration of a loop apart from the others: its last layer is to have a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mtg.graph.values import map_leaves
from mtg.outline.ir import BlockCall, New, Param, Repeat, Stage


def without_last_iteration(loop: Repeat) -> list[Stage]:
    """Split off the last iteration of a loop, whose last layer is to have a name."""
    if isinstance(loop.count, Param):
        return [loop]
    stages = list(loop.stages)
    if loop.variable is not None:
        stages = [_with(stage, {loop.variable: loop.values[-1]}) for stage in stages]
    if isinstance(stages[-1], Repeat):
        stages[-1:] = without_last_iteration(stages[-1])
    rest: list[Stage] = []
    if loop.count > 2:
        rest = [replace(loop, count=loop.count - 1, values=loop.values[:-1])]
    elif loop.count == 2:
        first = {} if loop.variable is None else {loop.variable: loop.values[0]}
        rest = [_with(stage, first) for stage in loop.stages]
    return [*rest, *stages]


def _with(stage: Stage, values: Mapping[str, Any]) -> Stage:
    """Return a stage with the value of the loop's variable in an iteration."""
    if not values:
        return stage
    if isinstance(stage, BlockCall):
        given = {name: _put(value, values) for name, value in stage.arguments.items()}
        return BlockCall(stage.block, given, stage.name)
    if isinstance(stage, Repeat):
        inner = tuple(_with(each, values) for each in stage.stages)
        return replace(stage, stages=inner, count=_put(stage.count, values))
    if isinstance(stage, New):
        given = {name: _put(value, values) for name, value in stage.arguments.items()}
        return replace(stage, arguments=given)
    return stage


def _put(value: object, values: Mapping[str, Any]) -> Any:
    return map_leaves(
        lambda leaf: (
            leaf.value(values) if isinstance(leaf, Param) and leaf.name in values else leaf
        ),
        value,
    )
